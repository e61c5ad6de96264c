"""Files that survive a crash: written aside, synced, renamed; and the operating system's errors in words."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from digestbot.model.errors import Problem, StoreError
from digestbot.platform.system import open_file, sync

_FULL = "make room on the disk and try again: nothing was changed"
_LOCKED_OUT = "make it readable and writable for the user who runs digestbot"
_WAYS_OUT = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EROFS: _LOCKED_OUT,
    errno.EACCES: _LOCKED_OUT,
    errno.EPERM: _LOCKED_OUT,
    errno.EIO: "look at the disk's health: nothing was changed",
}


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turn an OSError within into a StoreError that names `path` and the way out."""
    try:
        yield
    except OSError as error:
        way_out = _WAYS_OUT.get(error.errno or 0, "nothing was changed")
        raise StoreError(
            Problem(f"cannot be used: {error.strerror or error}", place=str(path), way_out=way_out)
        ) from error


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte at the descriptor's place, however many the system takes at a time."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def aside(path: Path) -> Path:
    """Where a file is written before it takes the place of `path`."""
    return path.with_name(path.name + ".new")


def write_aside(path: Path, pieces: Iterable[bytes]) -> None:
    """Write `pieces` beside `path`, readable by its owner only, synced; nothing is left when it fails."""
    new = aside(path)
    descriptor = open_file(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    try:
        try:
            for piece in pieces:
                write_all(descriptor, piece)
            sync(descriptor)
        finally:
            os.close(descriptor)
    except BaseException:
        with suppress(OSError):
            new.unlink()
        raise


def keep_as(path: Path, kept: Path) -> None:
    """Give the file at `path` a second name `kept`, in one step, so that it outlives being replaced."""
    new = aside(kept)
    with suppress(FileNotFoundError):
        new.unlink()
    try:
        os.link(path, new)
    except OSError:  # a file system without second names
        write_aside(kept, [path.read_bytes()])
    # POSIX leaves both names where they are one file already: nothing is to be done then.
    os.replace(new, kept)
    with suppress(FileNotFoundError):
        new.unlink()
