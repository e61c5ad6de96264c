"""The snapshot: all tables of one TinyDB file as JSON in one generation, with its length and checksum."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import orjson

from digestbot.model.errors import Problem, StoreError
from digestbot.store.tinydb import files
from digestbot.store.tinydb.version import SCHEMA, refuse_unless_ours

_HEAD_IS_CHECKED = 3  # the version of the files since which a head has its own checksum

Tables: TypeAlias = dict[str, dict[str, dict[str, Any]]]
"""What a TinyDB storage holds: table name, document id (digits), document."""


class Snapshot(NamedTuple):
    """One generation. ``follows`` is the last checksum of the journal folded into it ("" for the first), ``schema``
    the version of the files it was written in."""

    generation: int
    checksum: str
    follows: str
    tables: Tables
    bytes: int
    schema: int


class EncodedSnapshot(NamedTuple):
    """A snapshot ready to be written: its checksum, and its pieces."""

    checksum: str
    pieces: list[bytes]
    bytes: int


def encode(name: str, generation: int, follows: str, tables: Tables) -> EncodedSnapshot:
    """The snapshot's file: one JSON object of two lines, the head and the tables."""
    body = orjson.dumps(tables)
    checksum = sha256(body).hexdigest()
    said = {
        "schema": SCHEMA,
        "name": name,
        "generation": generation,
        "follows": follows,
        "bytes": len(body),
        "checksum": checksum,
    }
    head = orjson.dumps({**said, "head": _head_checksum(said)})
    return EncodedSnapshot(checksum, [b'{"digestbot":', head, b',\n"tables":', body, b"}\n"], len(body))


def _head_checksum(said: dict[str, Any]) -> str:
    return sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def read(path: Path, name: str) -> Snapshot:
    """The snapshot at `path`. Raises StoreError saying what is wrong with it."""
    with files.naming(path):
        if not path.exists():
            raise StoreError(Problem("is missing", place=str(path)))
        data = path.read_bytes()
    if not data.strip(b"\0"):
        raise StoreError(Problem("holds nothing but NUL bytes" if data else "is empty", place=str(path)))
    first, _, rest = data.partition(b"\n")
    head = _checked_head(path, refuse_unless_ours(path, first.removesuffix(b",") + b"}", name))
    body = rest.removeprefix(b'"tables":').removesuffix(b"}\n")
    if len(rest) != len(body) + len(b'"tables":}\n') or len(body) != head.bytes:
        raise StoreError(Problem(f"was cut off or edited: {head.bytes} bytes of tables were written", place=str(path)))
    if sha256(body).hexdigest() != head.checksum:
        raise StoreError(Problem("is damaged or edited: the checksum is wrong", place=str(path)))
    return head._replace(tables=orjson.loads(body))


def _checked_head(path: Path, said: dict[str, Any]) -> Snapshot:
    """What a snapshot's head says, without its tables. Raises StoreError unless it is as it was written."""
    checksum = said.pop("head", None)
    try:
        head = Snapshot(
            int(said["generation"]),
            str(said["checksum"]),
            str(said["follows"]),
            {},
            int(said["bytes"]),
            int(said["schema"]),
        )
    except (KeyError, TypeError, ValueError):
        head = None
    if head is None or ((checksum or head.schema >= _HEAD_IS_CHECKED) and checksum != _head_checksum(said)):
        raise StoreError(Problem("is damaged or edited: its first line is not as it was written", str(path), 1))
    return head
