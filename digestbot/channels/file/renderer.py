"""The renderer for a folder of files: the digest in several formats, each in a file named after its slot."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace

from digestbot.channels.file.formats import DEFAULT_FORMATS, EXTENSIONS
from digestbot.model.deliveries import Message
from digestbot.model.digests import Digest, Slot
from digestbot.model.errors import Problem, UsageError
from digestbot.model.subscriptions import Destination
from digestbot.platform.system import RESERVED_NAMES
from digestbot.rendering.base import Envelope, Renderer

_LONGEST = 60  # characters of a name; in UTF-8 they stay under the 255 bytes file systems take
_NO_ADDRESS = "reader@localhost"  # whom a message is written to that goes to a folder


class FileRenderer:
    """A digest as files; `make` gives the renderer of each format."""

    name = "file"

    def __init__(self, make: Callable[[str], Renderer]) -> None:
        self._make = make

    def write(self, digest: Digest, to: Destination, envelope: Envelope) -> Message:
        """One part per format of ``options["formats"]``, named ``<subscription>/<day>-<time>.<extension>``,
        of a send by hand ``<subscription>/<day>.<extension>``.

        Raises UsageError for a format that is none, and what the formats' own renderers raise.
        """
        stem = file_stem(digest.record.subscription, digest.record.slot)
        addressed = replace(to, options={"address": _NO_ADDRESS, **to.options})
        parts, subject = [], ""
        for name in formats(to.options.get("formats", DEFAULT_FORMATS)):
            message = self._make(name).write(digest, addressed, envelope)
            parts += [replace(part, name=f"{stem}.{EXTENSIONS[name]}") for part in message.parts]
            subject = message.subject
        return Message(tuple(parts), subject)


def formats(written: str) -> list[str]:
    """The formats in a comma-separated list, each once. Raises UsageError."""
    names = list(dict.fromkeys(name.strip().lower() for name in written.split(",") if name.strip()))
    unknown = [name for name in names if name not in EXTENSIONS]
    if unknown or not names:
        what = f"no file format {unknown[0]!r}" if unknown else "no file format is named"
        raise UsageError(Problem(what, place="formats", way_out=f"write some of {', '.join(EXTENSIONS)}"))
    return names


def file_stem(subscription: str, slot: Slot) -> str:
    """``<subscription>/2025-03-05-0800``, of a send by hand without the time: safe on every file system.

    No two slots have the same but those of one day by hand: there the channel tells the files apart.
    """
    day, label = slot.day.isoformat(), slot.label
    if re.fullmatch(rf"{day}T[0-9]{{2}}:[0-9]{{2}}", label):
        turn = label[11:13] + label[14:]
    elif re.fullmatch(rf"{day}-to-[0-9]{{1,12}}(?:-waiting)?", label):
        return f"{_folder(subscription)}/{day}"
    else:
        turn = _with_hash(label.removeprefix(day), label)
    return f"{_folder(subscription)}/{day}-{turn}"


def _folder(name: str) -> str:
    safe = _safe(name)
    return name if safe == name != "" and not RESERVED_NAMES.fullmatch(name) else _with_hash(name, name)


def _safe(text: str) -> str:
    """What of a text every file system takes: letters, digits, dots, dashes and underscores."""
    return "".join(char if char.isalnum() or char in "._-" else "-" for char in text[:_LONGEST]).strip(".-_")


def _with_hash(text: str, identity: str) -> str:
    """A safe name that a hash tells apart from all others, however much it lost."""
    digits = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    safe = _safe(text)
    return f"{'x' if not safe or RESERVED_NAMES.fullmatch(safe) else safe}_{digits}"
