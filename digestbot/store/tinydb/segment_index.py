"""The index of segments: from hashed names of works to where they stand, sorted in a file that is mapped, not loaded.

A lookup reads the one block that can have the hash, which is checked before it is believed. Whoever looks something up
looks at what it finds, too: two names may have one hash.
"""

from __future__ import annotations

import mmap
import os
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeAlias

import orjson

from digestbot.model.errors import Problem, StoreError
from digestbot.platform.system import open_file
from digestbot.store.tinydb import files
from digestbot.store.tinydb.segments import checksum, damaged, file_name, put, refuse_unless_sized
from digestbot.store.tinydb.version import SCHEMA, refuse_unless_ours

_BLOCK = 256  # entries, 4 KB
_ENTRY = 16
_NAME = "index"
_MARK = 16

_Block: TypeAlias = tuple["memoryview[int]", "memoryview[int]"]


def hashed(kind: str, name: str) -> int:
    """What a name of a kind is looked up by."""
    return int.from_bytes(blake2b(f"{kind}{name}".encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class SegmentIndex:
    """The index of some segments in `folder`, as its entry in the list of indexes describes it.

    Raises StoreError unless it is there, and its head as it was written.
    """

    def __init__(self, folder: Path, entry: Mapping[str, Any]) -> None:
        self.entry = dict(entry)
        self.first, self.last, self.count = int(entry["first"]), int(entry["last"]), int(entry["entries"])
        self.path = folder / file_name(self.first, self.last, "index")
        refuse_unless_sized(self.path, int(entry["bytes"]))
        with files.naming(self.path):
            descriptor = open_file(self.path, os.O_RDONLY)
            try:
                # Nothing of it is written by whoever has it mapped, and it goes with its last user.
                self._view = memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ))
            finally:
                os.close(descriptor)
        self._blocks = -(-self.count // _BLOCK)
        start = int(entry["head"])
        fences, sums = self._view[start : start + 8 * self._blocks], start + 8 * self._blocks
        self._body = sums + 4 * self._blocks
        self._check_head(self._view[: int(entry["head"])].tobytes(), self._view[start : self._body])
        self._fences, self._sums = fences.cast("Q"), self._view[sums : self._body].cast("I")
        self._read: list[_Block | None] = [None] * self._blocks

    def _check_head(self, line: bytes, tables: memoryview) -> None:
        said, mark = line[_MARK + 1 : -1], line[:_MARK].decode("latin-1")
        if mark != self.entry["checksum"] or mark != checksum(said):
            raise damaged(self.path, line=1)
        head = refuse_unless_ours(self.path, said, _NAME)
        if head["order"] != sys.byteorder:
            hint = "restore it from digestbot backup, which any machine reads"
            raise StoreError(Problem("was written by another kind of processor", str(self.path), way_out=hint))
        if zlib.crc32(tables) != head["tables"]:
            raise damaged(self.path)

    def find(self, hash_: int) -> list[int]:
        """All that was put under a hash, in no order. Raises StoreError where it is damaged."""
        number = bisect_left(self._fences, hash_) - 1  # the last block that begins below it
        found: list[int] = []
        while True:
            if number >= 0:
                hashes, values = self._read[number] or self._block(number)
                at, count = bisect_left(hashes, hash_), len(hashes)
                while at < count and hashes[at] == hash_:
                    found.append(values[at])
                    at += 1
                if at < count:
                    return found
            number += 1
            if number >= self._blocks or self._fences[number] != hash_:
                return found

    def _block(self, number: int) -> _Block:
        count = min(_BLOCK, self.count - number * _BLOCK)
        start = self._body + number * _BLOCK * _ENTRY
        if zlib.crc32(self._view[start : start + count * _ENTRY]) != self._sums[number]:
            raise damaged(self.path)
        middle = start + 8 * count
        block = self._view[start:middle].cast("Q"), self._view[middle : middle + 8 * count].cast("Q")
        self._read[number] = block
        return block

    def columns(self) -> tuple[bytes, bytes]:
        """All hashes in order, and what was put under each. Raises StoreError where it is damaged."""
        blocks = [self._block(number) for number in range(self._blocks)]
        return b"".join(hashes for hashes, _ in blocks), b"".join(values for _, values in blocks)


def write(
    folder: Path, first: int, last: int, pairs: Iterable[tuple[int, int]], older: Sequence[SegmentIndex]
) -> dict[str, Any]:
    """Write an index of the segments from `first` to `last`: of new pairs, and of what `older` ones hold; its entry for
    the list of indexes. Raises StoreError.
    """
    hashes, values = array("Q"), array("Q")
    for hash_, value in sorted(pairs):
        hashes.append(hash_)
        values.append(value)
    columns = hashes.tobytes(), values.tobytes()
    if older:
        columns = _merged([*(each.columns() for each in older), columns])
    count = len(columns[0]) // 8
    blocks = [b"".join(column[at : at + 8 * _BLOCK] for column in columns) for at in range(0, 8 * count, 8 * _BLOCK)]
    fences = b"".join(block[:8] for block in blocks)
    tables = fences + array("I", map(zlib.crc32, blocks)).tobytes()
    about = {"schema": SCHEMA, "name": _NAME, "order": sys.byteorder, "tables": zlib.crc32(tables)}
    said = orjson.dumps({"digestbot": about})
    mark = checksum(said)
    head = b"%s %s\n" % (mark.encode(), said)
    put(folder / file_name(first, last, "index"), [head, tables, *blocks])
    size = len(head) + len(tables) + count * _ENTRY
    return {"first": first, "last": last, "entries": count, "head": len(head), "bytes": size, "checksum": mark}


def _merged(columns: Sequence[tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
    """Sorted columns as one."""
    import numpy as np

    hashes, values = (np.frombuffer(b"".join(each), np.uint64) for each in zip(*columns, strict=True))
    order = np.argsort(hashes, kind="stable")
    return hashes[order].tobytes(), values[order].tobytes()
