"""The folder of files: each part becomes one file, whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path, PurePosixPath

from digestbot.channels.base import Channel, Permanent, Receipt, Temporary
from digestbot.channels.settings import ChannelSettings
from digestbot.model.deliveries import Part
from digestbot.model.subscriptions import Destination
from digestbot.platform import system

# What waiting does not mend; a full disk, a quota or a failing mount may be well again in an hour.
_LASTING = frozenset(
    {
        errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST,
        errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL, errno.EFBIG,
    }
)  # fmt: skip


_DAY = re.compile(r"\d{4}-\d\d-\d\d\..+")


class FileChannel(Channel):
    """Writes ``<home>/<path>/<part name>``. The same part again gives the same file again.

    A name that is but a day (a send by hand) gets a number where there is another file of that name.
    """

    kind = "file"

    def __init__(self, settings: ChannelSettings) -> None:
        self._home = settings.home

    def send(self, part: Part, to: Destination, *, key: str) -> Receipt:
        """Write one part. Raises Permanent (a name that leaves the folder, no permission) or Temporary."""
        folder = self._home / _inside(to.options.get("path", ""), "the path of a file destination")
        target = folder / _inside(part.name, f"the file name for {to.name}")
        if not Path(os.path.realpath(target.parent)).is_relative_to(os.path.realpath(folder)):
            raise Permanent(f"{target}: a symbolic link leads out of the folder {folder}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.is_dir():
                raise Permanent(f"{target}: is a folder, and a file should go there")
            if _DAY.fullmatch(target.name):
                target = _free(target, part.body)
            _write(target, part.body, key)
        except OSError as error:
            reason = f"{target}: {error.strerror or error}"
            raise (Permanent if error.errno in _LASTING else Temporary)(reason) from error
        return Receipt(f"written to {target}", str(target))

    def close(self) -> None:
        """Nothing is kept open."""


def _free(target: Path, body: bytes) -> Path:
    """The path, or the first with a number behind the day, where no file stands, or one with these bytes."""
    numbered, number = target, 1
    while numbered.is_file() and numbered.read_bytes() != body:
        number += 1
        numbered = target.with_name(f"{target.name[:10]}-{number}{target.name[10:]}")
    return numbered


def _inside(name: str, what: str) -> PurePosixPath:
    """A relative path that stays below where it starts. Raises Permanent."""
    path = PurePosixPath(name)
    # A backslash separates folders on other systems; control characters and lone surrogates name no file.
    odd = any(c < " " or c == "\\" or "\ud800" <= c <= "\udfff" for c in name)
    if not name or odd or path.is_absolute() or ".." in path.parts or system.leads_elsewhere(name):
        raise Permanent(f"{what}, {name!r}, must be relative and stay in its folder")
    return path


def _write(target: Path, body: bytes, key: str) -> None:
    """Write aside, sync, rename: a reader sees the old file or the new one, never half of one."""
    # The name comes from the key, so that a crash leaves at most one such file, which the retry takes over.
    aside = target.parent / f".{hashlib.sha256(f'{key}/{target.name}'.encode()).hexdigest()[:16]}.part"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | system.NO_FOLLOW
    try:
        with open(system.open_file(aside, flags, 0o666), "wb") as file:
            file.write(body)
            file.flush()
            system.sync(file.fileno())
        os.replace(aside, target)
    except OSError:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise
    system.sync_folder(target.parent)
