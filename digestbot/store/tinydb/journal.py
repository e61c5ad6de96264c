"""The journal: an append-only file of small changes, one checksummed record a line, synced once a record.

The file always ends in NUL bytes, reserved ahead of the records, so that one that was cut off shows it; a record's
checksum covers the one before it, so that none can go missing in between; and the file's first line says where the
records end, so that none can go missing there: a power cut may turn what was written last into NUL bytes.

That line is written when the record is on the disk, and reaches the disk with the next: it never promises too much.
"""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from digestbot.model.errors import Problem, StoreError
from digestbot.platform import system
from digestbot.store.tinydb import files
from digestbot.store.tinydb.version import SCHEMA, refuse_unless_ours

_LEAST_RESERVE = 64 * 1024
_MOST_RESERVE = 1024 * 1024
_MARK = 16
_END = "end {end:012d} {mark} "
_END_BYTES = len(_END.format(end=0, mark="0" * _MARK)) + _MARK + 1
_KNOWS_ITS_END = 3  # the version of the files since which a journal says where it ends
_BACKUP = "put it back from a backup of the whole folder"


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


class _Records(NamedTuple):
    """The records' JSON, where each ends and the checksum there, and whether a torn one follows."""

    payloads: list[bytes]
    ends: dict[int, str]
    torn: bool

    @property
    def end(self) -> int:
        return next(reversed(self.ends))


class Readable(NamedTuple):
    """What can be read of a journal that may be damaged."""

    contents: JournalContents
    whole: bool


def _mark(before: str, payload: bytes) -> str:
    return sha256(before.encode() + payload).hexdigest()[:_MARK]


def _line(before: str, payload: bytes) -> tuple[bytes, str]:
    mark = _mark(before, payload)
    return b"%s %s\n" % (mark.encode(), payload), mark


def _end_line(end: int, mark: str) -> bytes:
    said = _END.format(end=end, mark=mark)
    return f"{said}{_mark(said, b'')}\n".encode()


def first_lines(header: Header) -> tuple[bytes, str]:
    """A new journal's bytes up to where its changes begin, and its last checksum."""
    line, mark = _line("", orjson.dumps({"digestbot": {"schema": SCHEMA, **header._asdict()}}))
    return _end_line(_END_BYTES + len(line), mark) + line, mark


def blank(header: Header) -> bytes:
    """The bytes of a journal without changes."""
    lines, _ = first_lines(header)
    return lines + bytes(_LEAST_RESERVE - len(lines))


def read(path: Path, name: str) -> JournalContents:
    """The journal at `path`. Raises StoreError where it is missing, damaged, cut off or not ours.

    A last record that was being written when the power went is left out: nobody was told it is there.
    """
    with files.naming(path):
        if not path.exists():
            raise _damaged(path, "is missing")
        data = path.read_bytes()
    body = data.rstrip(b"\0")
    if not body:
        raise _damaged(path, "holds nothing but NUL bytes" if data else "is empty")
    known = _known_end(path, body)
    records = _records(path, body, _END_BYTES if known else 0)
    head = refuse_unless_ours(path, records.payloads[0], name)
    _refuse_unless_at_its_end(path, records, known, head["schema"])
    if len(body) == len(data):
        raise _damaged(path, "was cut off")
    changes = [orjson.loads(each) for each in records.payloads[1:]]
    end = records.end
    return JournalContents(_header(path, head), changes, end, records.ends[end], len(data), records.torn)


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
    lines = body.split(b"\n")
    for line in lines[0 if _is_record(lines[0], "") else 1 :]:
        if not _is_record(line, mark):
            break
        payloads.append(line[_MARK + 1 :])
        mark = line[:_MARK].decode()
    if not payloads:
        return None
    header = _header(path, refuse_unless_ours(path, payloads[0], name))
    records = [orjson.loads(each) for each in payloads[1:]]
    return Readable(JournalContents(header, records, 0, mark, 0, torn=True), whole=False)


def _is_record(line: bytes, before: str) -> bool:
    return line[: _MARK + 1] == b"%s " % _mark(before, line[_MARK + 1 :]).encode()


def _header(path: Path, head: dict[str, Any]) -> Header:
    try:
        return Header(head["name"], int(head["generation"]), str(head["snapshot"]), str(head["follows"]))
    except (KeyError, TypeError, ValueError):
        raise _damaged(path, "does not begin as a journal") from None


def _known_end(path: Path, body: bytes) -> tuple[int, str] | None:
    """Where the records end by the file's first line, and the last checksum; None in one of an earlier version."""
    if _is_record(body.partition(b"\n")[0], ""):
        return None
    try:
        end, mark = int(body[4:16]), body[17 : 17 + _MARK].decode("ascii")
        if body[:_END_BYTES] == _end_line(end, mark):
            return end, mark
    except ValueError:
        pass  # as damaged as where the checksum is wrong
    raise _damaged(path, "is damaged: the checksum is wrong", line=1)


def _refuse_unless_at_its_end(path: Path, records: _Records, known: tuple[int, str] | None, schema: int) -> None:
    """Raises StoreError where records have gone from the end, or may have."""
    if known is None:
        if schema >= _KNOWS_ITS_END:
            raise _damaged(path, "lacks its first line, which says where it ends")
        if records.torn:  # by a crash, or all after it by a power cut: an earlier version did not keep which
            raise _damaged(path, "ends within a record: more may be lost", line=len(records.payloads) + 1)
    elif records.ends.get(known[0]) != known[1]:
        what = f"lacks its last changes: {known[0]} bytes were written, {records.end} can be read"
        raise _damaged(path, what, line=len(records.payloads) + 2)


def _records(path: Path, body: bytes, start: int) -> _Records:
    """The records from `start` on, one at least."""
    payloads: list[bytes] = []
    ends: dict[int, str] = {}
    mark, above = "", body.count(b"\n", 0, start)
    while start < len(body):
        stop = body.find(b"\n", start)
        line = body[start : stop if stop >= 0 else len(body)]
        if stop < 0 or not _is_record(line, mark):
            last = stop < 0 or stop == len(body) - 1
            # What a crash tore still shows the reserved bytes it had not reached; else a hand was here.
            if payloads and last and (stop < 0 or b"\0" in line):
                return _Records(payloads, ends, torn=True)
            raise _damaged(path, "is damaged: the checksum is wrong", line=above + len(payloads) + 1)
        payloads.append(line[_MARK + 1 :])
        mark, start = line[:_MARK].decode(), stop + 1
        ends[start] = mark
    if not payloads:
        raise _damaged(path, "does not begin as a journal")
    return _Records(payloads, ends, torn=False)


def _damaged(path: Path, what: str, line: int | None = None) -> StoreError:
    return StoreError(Problem(what, place=str(path), line=line, way_out=_BACKUP))


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
                system.sync_data(descriptor)
            except BaseException:
                with suppress(OSError):
                    self._wipe(descriptor)
                raise
        self.end = self._soiled
        self.mark = mark
        with suppress(OSError):  # the record is there all the same, and the next one's end covers it
            system.write_at(descriptor, _end_line(self.end, mark), 0)

    def close(self) -> None:
        """Let go of the file. Closing twice is fine."""
        if self._descriptor is not None:
            with suppress(OSError):  # of where it ends; all records are on the disk
                system.sync_data(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = system.open_file(self.path, os.O_RDWR)
        return self._descriptor

    def _wipe(self, descriptor: int) -> None:
        if self._soiled > self.end:
            os.lseek(descriptor, self.end, os.SEEK_SET)
            files.write_all(descriptor, bytes(self._soiled - self.end))
            system.sync_data(descriptor)
            self._soiled = self.end

    def _reserve(self, descriptor: int, length: int) -> None:
        """Make room for a record and a NUL after it, on the disk before the record is begun."""
        lacking = self.end + length + 1 - self._size
        if lacking <= 0:
            return
        more = max(lacking, _LEAST_RESERVE, min(self._size, _MOST_RESERVE))
        try:
            system.reserve(descriptor, self._size, more)
            system.sync_data(descriptor)
        except BaseException:
            with suppress(OSError):
                os.ftruncate(descriptor, self._size)
            raise
        self._size += more
