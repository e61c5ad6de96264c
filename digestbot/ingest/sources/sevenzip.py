"""The members of a 7z archive, by py7zr (the extra ``archives``): all are unpacked at once, its blocks being solid."""

from __future__ import annotations

import tempfile
from importlib import import_module
from typing import Any, BinaryIO

from digestbot.ingest.sources.guarded import Allowance, damaged, guarded
from digestbot.model.errors import DumpError, Problem

MAGIC = b"7z\xbc\xaf\x27\x1c"
_MOST_MEMBERS = 1_000  # each is a file set aside
_IN_MEMORY = 1024 * 1024


def members(stream: BinaryIO, name: str, allowance: Allowance) -> list[tuple[str, BinaryIO]]:
    """Name and content of each file in the archive, in its order; whoever reads one closes it.

    Raises DumpError where py7zr is missing, and for an archive that is damaged, locked, a trap or too full.
    """
    try:
        py7zr: Any = import_module("py7zr")
    except ImportError as error:
        way_out = 'pip install "digestbot[archives]", or unpack it by hand'
        raise DumpError(Problem("a 7z archive, which needs py7zr", name, way_out=way_out)) from error
    aside = _Aside(allowance)
    try:
        with py7zr.SevenZipFile(stream, "r") as archive:
            listed = [each for each in archive.list() if not each.is_directory and not each.is_symlink]
            if len(listed) > _MOST_MEMBERS:
                what = f"more than {_MOST_MEMBERS} files in one archive"
                raise DumpError(Problem(what, name, way_out="unpack it by hand"))
            archive.extractall(factory=aside)
    except DumpError:
        aside.close()
        raise
    except Exception as error:  # py7zr has a dozen errors of no one base for archives that are damaged
        aside.close()
        locked = type(error).__name__ == "PasswordRequired"
        raise damaged(OSError("password") if locked else OSError(str(error)), name) from error
    found = {each.filename: each for each in aside.files}
    return [(each.filename, guarded(found[each.filename].begun(), name)) for each in listed if each.filename in found]


class _Aside:
    """What py7zr asks for a place for each member."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self.files: list[_Member] = []

    def create(self, filename: str) -> _Member:
        member = _Member(filename, self._allowance)
        self.files.append(member)
        return member

    def close(self) -> None:
        for each in self.files:
            each.file.close()


class _Member:
    """One member as py7zr writes it, in memory while it is small."""

    def __init__(self, filename: str, allowance: Allowance) -> None:
        self.filename = filename
        self.file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by who reads it
        self._allowance, self._size = allowance, 0

    def begun(self) -> Any:
        self.file.seek(0)
        return self.file

    def write(self, data: bytes | bytearray) -> int:
        self._allowance.take(len(data))
        self._size += len(data)
        return self.file.write(data)

    def read(self, size: int | None = None) -> bytes:
        return self.file.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.file.seek(offset, whence)

    def flush(self) -> None:
        self.file.flush()

    def size(self) -> int:
        return self._size

    def close(self) -> None:
        """Nothing: py7zr is done with it, its reader is not."""
