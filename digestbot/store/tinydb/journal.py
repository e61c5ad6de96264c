"""The journal: an append-only file of small changes, one checksummed record a line, synced once a record.

The file always ends in NUL bytes, reserved ahead of the records, so that one that was cut off shows it;
and a record's checksum covers the one before it, so that none can go missing in between.
"""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from digestbot.model.errors import Problem, StoreError
from digestbot.store.tinydb import files
from digestbot.store.tinydb.version import SCHEMA, refuse_unless_ours

_LEAST_RESERVE = 64 * 1024
_MOST_RESERVE = 1024 * 1024
_MARK = 16


class Header(NamedTuple):
    """What a journal's first record says.

    ``generation`` and ``snapshot`` (checksum) are those of the snapshot it continues; ``follows`` is the
    last checksum of the journal before it.
    """

    name: str
    generation: int
    snapshot: str
    follows: str


class JournalContents(NamedTuple):
    """A journal as read: its header, its records, where they end, the last checksum, the file's size."""

    header: Header
    records: list[Any]
    end: int
    mark: str
    size: int
    torn: bool


class Readable(NamedTuple):
    """What can be read of a journal that may be damaged."""

    contents: JournalContents
    whole: bool


def _mark(before: str, payload: bytes) -> str:
    return sha256(before.encode() + payload).hexdigest()[:_MARK]


def _line(before: str, payload: bytes) -> tuple[bytes, str]:
    mark = _mark(before, payload)
    return b"%s %s\n" % (mark.encode(), payload), mark


def first_line(header: Header) -> tuple[bytes, str]:
    """A new journal's first record, and its checksum."""
    return _line("", orjson.dumps({"digestbot": {"schema": SCHEMA, **header._asdict()}}))


def blank(header: Header) -> bytes:
    """The bytes of a journal without changes."""
    line, _ = first_line(header)
    return line + bytes(_LEAST_RESERVE - len(line))


def read(path: Path, name: str) -> JournalContents:
    """The journal at `path`. Raises StoreError where it is missing, damaged, cut off or not ours.

    A last record that was being written when the power went is left out: nobody was told it is there.
    """
    with files.naming(path):
        if not path.exists():
            raise _damaged(path, "is missing", "put it back from a backup of the whole folder")
        data = path.read_bytes()
    body = data.rstrip(b"\0")
    if not body:
        what = "holds nothing but NUL bytes" if data else "is empty"
        raise _damaged(path, what, "put it back from a backup of the whole folder")
    payloads, end, mark, torn = _payloads(path, body)
    if not payloads:
        raise _damaged(path, "does not begin as a journal", "put it back from a backup of the whole folder")
    head = refuse_unless_ours(path, payloads[0], name)
    if len(body) == len(data):
        way_out = (
            f"put it back from a backup; or keep the {len(payloads) - 1} changes that are left, knowing that "
            f"what came after may be sent again: truncate -s +1 {path}"
        )
        raise _damaged(path, "was cut off", way_out)
    header = Header(head["name"], head["generation"], head["snapshot"], head["follows"])
    return JournalContents(header, [orjson.loads(each) for each in payloads[1:]], end, mark, len(data), torn)


def salvage(path: Path, name: str) -> Readable | None:
    """What stands in a journal before the place where it is damaged.

    None where not even its first record can be read. Raises StoreError for one of a newer version.
    """
    try:
        return Readable(read(path, name), whole=True)
    except StoreError:
        if not path.exists():
            return None
    with files.naming(path):
        body = path.read_bytes().rstrip(b"\0")
    payloads, mark = [], ""
    for line in body.split(b"\n"):
        payload = line[_MARK + 1 :]
        expected = _mark(mark, payload)
        if line[: _MARK + 1] != b"%s " % expected.encode():
            break
        payloads.append(payload)
        mark = expected
    if not payloads:
        return None
    head = refuse_unless_ours(path, payloads[0], name)
    header = Header(head["name"], head["generation"], head["snapshot"], head["follows"])
    records = [orjson.loads(each) for each in payloads[1:]]
    return Readable(JournalContents(header, records, 0, mark, 0, torn=True), whole=False)


def _payloads(path: Path, body: bytes) -> tuple[list[bytes], int, str, bool]:
    """The records' JSON, where they end, the last checksum, and whether a torn record follows."""
    payloads: list[bytes] = []
    start, mark = 0, ""
    while start < len(body):
        stop = body.find(b"\n", start)
        line = body[start : stop if stop >= 0 else len(body)]
        payload = line[_MARK + 1 :]
        expected = _mark(mark, payload)
        if stop < 0 or line[: _MARK + 1] != b"%s " % expected.encode():
            last = stop < 0 or stop == len(body) - 1
            # What a crash tore still shows the reserved bytes it had not reached; else a hand was here.
            if payloads and last and (stop < 0 or b"\0" in line):
                return payloads, start, mark, True
            number = len(payloads) + 1
            way_out = "put it back from a backup of the whole folder"
            if payloads:
                way_out += (
                    f"; or keep what stands before line {number}, knowing that what came after may be sent "
                    f"again: head -n {number - 1} {path} > {path}.mended && truncate -s +1 {path}.mended && "
                    f"mv {path}.mended {path}"
                )
            raise _damaged(path, "is damaged: the checksum is wrong", way_out, line=number)
        payloads.append(payload)
        mark, start = expected, stop + 1
    return payloads, start, mark, False


def _damaged(path: Path, what: str, way_out: str, line: int | None = None) -> StoreError:
    return StoreError(Problem(what, place=str(path), line=line, way_out=way_out))


class Journal:
    """A journal being written. A record is there when `append` returns, and not at all when it raises."""

    def __init__(self, path: Path, contents: JournalContents) -> None:
        self.path = path
        self.end = contents.end
        self.mark = contents.mark
        self._size = contents.size
        # Up to where bytes of a record that failed may stand; they are wiped before anything is written.
        self._soiled = contents.size if contents.torn else contents.end
        self._descriptor: int | None = None

    def append(self, payload: bytes) -> None:
        """Add one record (JSON) and wait until it is on the disk. Raises StoreError with nothing added."""
        line, mark = _line(self.mark, payload)
        with files.naming(self.path):
            descriptor = self._open()
            self._wipe(descriptor)
            self._reserve(descriptor, len(line))
            self._soiled = self.end + len(line)
            try:
                os.lseek(descriptor, self.end, os.SEEK_SET)
                files.write_all(descriptor, line)
                files.sync(descriptor)
            except BaseException:
                with suppress(OSError):
                    self._wipe(descriptor)
                raise
        self.end = self._soiled
        self.mark = mark

    def close(self) -> None:
        """Let go of the file. Closing twice is fine."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        return self._descriptor

    def _wipe(self, descriptor: int) -> None:
        if self._soiled > self.end:
            os.lseek(descriptor, self.end, os.SEEK_SET)
            files.write_all(descriptor, bytes(self._soiled - self.end))
            files.sync(descriptor)
            self._soiled = self.end

    def _reserve(self, descriptor: int, length: int) -> None:
        """Make room for a record and a NUL after it, on the disk before the record is begun."""
        lacking = self.end + length + 1 - self._size
        if lacking <= 0:
            return
        more = max(lacking, _LEAST_RESERVE, min(self._size, _MOST_RESERVE))
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(descriptor, self._size, more)
            else:
                os.lseek(descriptor, self._size, os.SEEK_SET)
                files.write_all(descriptor, bytes(more))
            files.sync(descriptor)
        except BaseException:
            with suppress(OSError):
                os.ftruncate(descriptor, self._size)
            raise
        self._size += more
