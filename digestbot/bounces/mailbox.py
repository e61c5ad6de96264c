"""Where mail that came back lies: a maildir, a mailbox in one file, or a single mail; marked only when it is done."""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from digestbot.model.errors import DigestbotError, Problem
from digestbot.platform import system

MOST = 32 * 1024 * 1024
"""Bytes of one mail that are taken; of a larger one the rest is left out, and nothing that counts stands there."""
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail: what people call it, its bytes, and the file it stands alone in, if it does."""

    name: str
    data: bytes
    path: Path | None = None


class Maildir:
    """A maildir (https://cr.yp.to/proto/maildir.html): mails that were read bear the flag S and are passed over."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @staticmethod
    def is_one(folder: Path) -> bool:
        """Whether a folder is a maildir."""
        return (folder / "new").is_dir() and (folder / "cur").is_dir()

    def unread(self) -> Iterator[Mail]:
        """Mails nobody has read, the oldest first. Raises DigestbotError."""
        try:
            found = [
                each for part in ("new", "cur") for each in os.scandir(self.folder / part) if not _is_seen(each.name)
            ]
            waiting = sorted(found, key=lambda each: (each.stat().st_mtime_ns, each.name))
        except OSError as error:
            raise _unusable(self.folder, error) from None
        for each in waiting:
            path = Path(each.path)
            try:
                with path.open("rb") as file:
                    yield Mail(path.name, file.read(MOST), path)
            except FileNotFoundError:
                continue  # somebody else took it away
            except OSError as error:
                raise _unusable(path, error) from None

    def done(self, mail: Mail) -> None:
        """Mark a mail as read. Raises DigestbotError."""
        if mail.path is None:
            return
        name, _, flags = mail.path.name.partition(system.maildir_info())
        try:
            mail.path.rename(self.folder / "cur" / f"{name}{system.maildir_info()}{''.join(sorted({*flags, 'S'}))}")
        except FileNotFoundError:
            pass  # somebody else took it away
        except OSError as error:
            raise _unusable(mail.path, error) from None

    def put(self, data: bytes) -> None:
        """Add a mail, which is on the disk when this returns. Raises DigestbotError."""
        try:
            for part in ("tmp", "new", "cur"):
                (self.folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
            name = f"{time.time_ns()}.{os.getpid()}_{os.urandom(6).hex()}.{socket.gethostname().replace('/', '_')}"
            aside = self.folder / "tmp" / name
            descriptor = system.open_file(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                system.sync(file.fileno())
            aside.rename(self.folder / "new" / name)
            system.sync_folder(self.folder / "new")
        except OSError as error:
            raise _unusable(self.folder, error) from None


def mails_in(stream: BinaryIO, name: str) -> Iterator[Mail]:
    """The mails in a stream: one, or the many of a mailbox in one file, each as it was before it was put there."""
    lines: list[bytes] = []
    size = number = 0
    several = blank = False
    for place, line in enumerate(stream):
        if line.startswith(b"From ") and (place == 0 or (several and blank)):
            if several:
                number += 1
                yield Mail(f"{name}, mail {number}", _unquoted(lines))
            several, lines, size = True, [], 0
        elif size < MOST:
            lines.append(line)
            size += len(line)
        blank = not line.strip()
    if any(lines):
        yield Mail(f"{name}, mail {number + 1}" if several else name, _unquoted(lines) if several else b"".join(lines))


def _unquoted(lines: list[bytes]) -> bytes:
    return _QUOTED.sub(rb"\1", b"".join(lines))


def _is_seen(name: str) -> bool:
    return name.startswith(".") or "S" in name.partition(system.maildir_info())[2]


def _unusable(path: Path, error: OSError) -> DigestbotError:
    hint = "it must be readable and writable for the user who runs digestbot"
    return DigestbotError(Problem(f"cannot be used: {error.strerror or error}", str(path), way_out=hint))
