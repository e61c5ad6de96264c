"""Dumps from files, folders and standard input."""

from __future__ import annotations

import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from digestbot.ingest.sources.base import Dump
from digestbot.ingest.sources.guarded import damaged, guarded, spooled
from digestbot.ingest.sources.unpacking import unpacked
from digestbot.model.errors import DumpError, Problem, UsageError

# what browsers, download tools and editors call a file they are still writing
_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".tmp", ".temp", ".swp", ".filepart", "~")


def read_dumps(
    name: str,
    *,
    watch: Callable[[int], object] | None = None,
    settled_for: float = 0.0,
    at: Path | None = None,
) -> Iterator[Dump]:
    """The dumps in the file or folder `name`, or on standard input for ``-``; archives are unpacked.

    A folder is every file in it and its folders, sorted; hidden files, files still being written (by their
    name) and those changed within the last `settled_for` seconds are left out. `watch` hears the number of
    bytes when they are first read from the disk. `at` is where it is, if not where its name says. Raises UsageError
    for a name that is nothing, or a folder without a file; all else is raised by the dump it concerns, when it is
    opened.
    """
    if name == "-" and at is None:
        yield from unpacked(Dump(name, lambda: spooled(sys.stdin.buffer, name)))
        return
    path = at or Path(name)
    if path.is_dir():
        files = list(files_in(path, settled_for))
        if not files:
            raise UsageError(Problem("no file in this folder", name, way_out="put dumps into it, or name another"))
        for file in files:
            yield from unpacked(_dump(file, str(Path(name) / file.relative_to(path)), watch))
        return
    if not path.exists():
        raise UsageError(Problem("no such file", name, way_out="check the path"))
    yield from unpacked(_dump(path, name if at else str(path), watch))


def bytes_on_disk(name: str) -> int:
    """The size of a file, or of all dumps in a folder; 0 for what has none to tell."""
    path = Path(name)
    try:
        if path.is_dir():
            return sum(file.stat().st_size for file in files_in(path))
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0


def files_in(folder: Path, settled_for: float = 0.0) -> Iterator[Path]:
    """The files in a folder and its folders that may be dumps, sorted; see `read_dumps` for those left out."""
    now = time.time()
    for path in sorted(folder.rglob("*")):
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        if path.name.lower().endswith(_UNFINISHED) or not path.is_file():
            continue
        if settled_for and now - path.stat().st_mtime < settled_for:
            continue
        yield path


def _dump(path: Path, name: str, watch: Callable[[int], object] | None) -> Dump:
    def open_file() -> BinaryIO:
        try:
            stream = path.open("rb")
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise DumpError(Problem(f"cannot be read: {reason}", name, way_out="check its permissions")) from None
        try:
            if stat.S_ISREG(path.stat().st_mode):
                return guarded(stream, name, watch=watch)
            with stream:  # a pipe
                return spooled(stream, name)
        except OSError as error:
            stream.close()
            raise damaged(error, name) from None

    return Dump(name, open_file)
