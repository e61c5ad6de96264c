"""A segment: a stretch of the paper log in a file that is written once and never changes.

Its records are compressed in blocks, each with its checksum; the head, the file's first line, names all blocks, and
whoever lists the segment has the head's checksum. One record is read by one block, and nothing is believed unchecked.
"""

from __future__ import annotations

import os
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from digestbot.model.errors import Problem, StoreError
from digestbot.platform.system import open_file, read_at, sync_folder
from digestbot.store.tinydb import files
from digestbot.store.tinydb.version import SCHEMA, refuse_unless_ours

_BLOCK = 64 * 1024  # zlib looks back 32 KB: larger blocks are hardly smaller, and cost more to read one record of
_LEVEL = 1  # half the time of the usual one, for a tenth more bytes
_NAME = "papers"
_MARK = 16
WAY_OUT = "put the whole folder back from a backup, or let it be mended as far as it can be: digestbot restore"


class _Block(NamedTuple):
    first: int
    start: int
    length: int
    crc: int


class SegmentRecords(NamedTuple):
    """What a segment holds: its log entries by place, from ``first`` on without a gap (None for one that is lost), and
    what is known of works besides. ``before`` tells of a place where its work was logged last before it; ``merged`` are
    works that are others by now: key, the other's key, last place.
    """

    first: int
    entries: Sequence[dict[str, Any] | None]
    works: Sequence[dict[str, Any]]
    before: Mapping[int, int]
    merged: Sequence[tuple[str, str, int]]

    def sections(self) -> dict[str, Iterable[bytes]]:
        """The same as lines, in the file's order."""
        return {
            "log": map(orjson.dumps, self.entries),
            "works": map(orjson.dumps, self.works),
            "keys": [orjson.dumps([each and each["key"] for each in self.entries])],
            "before": [orjson.dumps(sorted(self.before.items()))],
            "merged": [orjson.dumps(self.merged)],
        }


class Segment:
    """A segment in `folder`, as the list of segments describes it. Raises StoreError unless it is there."""

    def __init__(self, folder: Path, entry: Mapping[str, Any]) -> None:
        self.entry = dict(entry)
        self.first, self.last = int(entry["first"]), int(entry["last"])
        self.path = folder / file_name(self.first, self.last, "segment")
        refuse_unless_sized(self.path, int(entry["bytes"]))

    def lines(self, section: str, number: int) -> list[bytes]:
        """The records of one block. Raises StoreError where they are not as they were written."""
        block = self._sections[section][number]
        data = self._read(int(self.entry["head"]) + block.start, block.length)
        if zlib.crc32(data) != block.crc:
            raise damaged(self.path)
        return zlib.decompress(data).split(b"\n")

    def find(self, section: str, record: int) -> tuple[int, int]:
        """In which block a record is, and where in there."""
        blocks = self._sections[section]
        number = bisect_right(blocks, record, key=lambda block: block.first) - 1
        return number, record - blocks[number].first

    def whole(self, section: str) -> Any:
        """A section of one record."""
        return orjson.loads(self.lines(section, 0)[0])

    def blocks(self, section: str) -> range:
        """The numbers of a section's blocks."""
        return range(len(self._sections[section]))

    def first_record(self, section: str, number: int) -> int:
        """The first record of a block."""
        return self._sections[section][number].first

    def prove(self) -> None:
        """Read all of it. Raises StoreError where it is damaged."""
        for section, blocks in self._sections.items():
            for number in range(len(blocks)):
                self.lines(section, number)

    def readable(self, section: str) -> Iterator[tuple[int, bytes]]:
        """The records of a section that can be read, by their numbers."""
        try:
            numbers = self.blocks(section)
        except StoreError:
            return
        for number in numbers:
            with suppress(StoreError):
                yield from enumerate(self.lines(section, number), self.first_record(section, number))

    @cached_property
    def _sections(self) -> dict[str, list[_Block]]:
        line = self._read(0, int(self.entry["head"]))
        said, mark = line[_MARK + 1 : -1], line[:_MARK].decode("latin-1")
        if mark != self.entry["checksum"] or mark != checksum(said):
            raise damaged(self.path, line=1)
        head = refuse_unless_ours(self.path, said, _NAME)
        return {name: [_Block(*each) for each in blocks] for name, blocks in head["sections"].items()}

    def _read(self, start: int, length: int) -> bytes:
        with files.naming(self.path):
            descriptor = open_file(self.path, os.O_RDONLY)
            try:
                return read_at(descriptor, length, start)
            finally:
                os.close(descriptor)


def write(folder: Path, records: SegmentRecords) -> dict[str, Any]:
    """Write a segment, which is whole or not there; its entry for the list of segments. Raises StoreError."""
    pieces: list[bytes] = []
    start, sections = 0, dict[str, list[_Block]]()
    for name, lines in records.sections().items():
        sections[name] = []
        for first, body in _bodies(lines):
            data = zlib.compress(body, _LEVEL)
            sections[name].append(_Block(first, start, len(data), zlib.crc32(data)))
            pieces.append(data)
            start += len(data)
    last = records.first + len(records.entries) - 1
    plain = {name: list(map(tuple, blocks)) for name, blocks in sections.items()}
    said = orjson.dumps({"digestbot": {"schema": SCHEMA, "name": _NAME, "sections": plain}})
    mark = checksum(said)
    head = b"%s %s\n" % (mark.encode(), said)
    put(folder / file_name(records.first, last, "segment"), [head, *pieces])
    return {"first": records.first, "last": last, "head": len(head), "bytes": len(head) + start, "checksum": mark}


def unlisted(folder: Path, first: int, last: int) -> dict[str, Any]:
    """The entry of a segment that nobody lists, as its own head tells it. Raises StoreError."""
    path = folder / file_name(first, last, "segment")
    with files.naming(path), path.open("rb") as file:
        line = file.readline()
        size = os.fstat(file.fileno()).st_size
    mark = line[:_MARK].decode("latin-1")
    return {"first": first, "last": last, "head": len(line), "bytes": size, "checksum": mark}


def _bodies(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines in blocks, each with the number of its first."""
    some: list[bytes] = []
    size = first = 0
    for line in lines:
        if some and size + len(line) > _BLOCK:
            yield first, b"\n".join(some)
            first, size, some = first + len(some), 0, []
        some.append(line)
        size += len(line) + 1
    if some:
        yield first, b"\n".join(some)


def file_name(first: int, last: int, kind: str) -> str:
    """The name of the file with these places."""
    return f"{_NAME}.{first}-{last}.{kind}"


def checksum(said: bytes) -> str:
    """What a head is known by."""
    return sha256(said).hexdigest()[:_MARK]


def put(path: Path, pieces: Sequence[bytes]) -> None:
    """Write a file that is whole or not there, whatever happens meanwhile. Raises StoreError."""
    with files.naming(path):
        files.write_aside(path, pieces)
        os.replace(files.aside(path), path)
        sync_folder(path.parent)


def refuse_unless_sized(path: Path, size: int) -> None:
    """Raises StoreError where the file is missing, or not as long as it was written."""
    with files.naming(path):
        try:
            there = os.stat(path).st_size
        except FileNotFoundError:
            raise StoreError(Problem("is missing", place=str(path), way_out=WAY_OUT)) from None
    if there != size:
        raise StoreError(
            Problem(f"was cut off or edited: {size} bytes were written, {there} are there", str(path), way_out=WAY_OUT)
        )


def damaged(path: Path, line: int | None = None) -> StoreError:
    """The error of a file that is not as it was written."""
    return StoreError(Problem("is damaged: the checksum is wrong", str(path), line, way_out=WAY_OUT))
