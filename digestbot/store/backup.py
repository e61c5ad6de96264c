"""Backups: a store's rows and a working directory's files packed into one file with the sum of each, and read back.

The rows are in the spelling in which stores are moved: a backup of one kind of store fills any other.
"""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from gzip import BadGzipFile
from hashlib import sha256
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import orjson

from digestbot.model.errors import Problem, StoreError
from digestbot.platform import system
from digestbot.store.codec import from_time, to_time
from digestbot.store.moving import BACKUP, TABLES, Mark, MovableStore, MovedTable, MoveSource, Row, move
from digestbot.store.older import row_brought_forward
from digestbot.store.tinydb.files import naming

_VERSION = 2
_MANIFEST = "manifest.json"


class BackupContents(NamedTuple):
    """What a backup says of itself: when it was made, by which digestbot, of which store; the rows and sha256 of each
    table, and the sha256 of each file.
    """

    made_at: datetime
    by: str
    place: str
    tables: Mapping[str, tuple[int, str]]
    files: Mapping[str, str]


class Backup:
    """A backup unpacked into `folder`, whose rows are those of the store it was made of."""

    def __init__(self, path: Path, folder: Path, contents: BackupContents) -> None:
        self.place = f"{BACKUP}{path.resolve()}"
        self.contents = contents
        self.folder = folder

    def rows(self, table: MovedTable) -> Iterator[Row]:
        """All rows in the table's order; none of a table that came later than the backup."""
        if table.name not in self.contents.tables:
            return
        with (self.folder / _row_file(table.name)).open("rb") as lines:
            yield from (row_brought_forward(table.name, orjson.loads(line)) for line in lines)

    def summed(self, table: str) -> tuple[int, str]:
        """The number of a table's rows, and the sum of them as they were written."""
        rows, digest = 0, sha256()
        with (self.folder / _row_file(table)).open("rb") as lines:
            for line in lines:
                rows += 1
                digest.update(line)
        return rows, digest.hexdigest()

    def file(self, name: str) -> bytes:
        """What the working directory's file of that name held."""
        return (self.folder / "files" / name).read_bytes()


def write_backup(
    path: Path, movable: MovableStore, files: Mapping[str, bytes], *, by: str, now: datetime
) -> BackupContents:
    """Pack the movable's rows and `files` (name in the working directory -> contents) into a new file at `path`.

    It is readable by its owner only, and there whole or not at all. Raises StoreError, also where `path` is there.
    """
    if path.exists():
        raise StoreError(Problem("is there already", place=str(path), way_out="name a new file"))
    with naming(path), _room(path.parent) as folder:
        tables = {table.name: _spool(folder, movable, table) for table in TABLES}
        contents = BackupContents(now, by, movable.place, tables, {name: _sum(data) for name, data in files.items()})
        packed = folder / "packed"
        with open(packed, "xb", opener=system.open_file) as target:
            with tarfile.open(fileobj=target, mode="w:gz", compresslevel=6) as tar:
                _add(tar, _MANIFEST, _to_json(contents), now)
                for name in tables:
                    tar.add(folder / _row_file(name), _row_file(name), filter=_plain)
                for name, data in files.items():
                    _add(tar, f"files/{name}", data, now)
            target.flush()
            system.sync(target.fileno())
        os.close(system.open_file(path, os.O_CREAT | os.O_EXCL))  # nobody else's file is replaced
        os.replace(packed, path)
        system.sync_folder(path.parent)
    return contents


def _spool(folder: Path, movable: MoveSource, table: MovedTable) -> tuple[int, str]:
    """Write a table's rows into a file of their own; their number, and the file's sum."""
    path, rows, digest = folder / _row_file(table.name), 0, sha256()
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as lines:
        for row in movable.rows(table):
            line = orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
            digest.update(line)
            lines.write(line)
            rows += 1
    return rows, digest.hexdigest()


def _row_file(table: str) -> str:
    return f"store/{table}.jsonl"


def _add(tar: tarfile.TarFile, name: str, data: bytes, now: datetime) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = len(data), 0o600, int(now.timestamp())
    tar.addfile(info, BytesIO(data))


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mode = 0o600
    return info


@contextmanager
def open_backup(path: Path, room: Path) -> Iterator[Backup]:
    """The backup at `path`, looked through from its first byte to its last before anything is taken from it.

    It is unpacked in the folder `room` for the while. Raises StoreError for what is no backup, cut off, damaged, or
    of a newer version.
    """
    with naming(room), _room(room) as folder:
        try:
            with naming(path), tarfile.open(path, "r:gz") as tar:
                _unpack(tar, folder, path)
        except (tarfile.TarError, BadGzipFile, zlib.error, EOFError, ValueError) as error:
            raise _damaged(path, str(error) or type(error).__name__) from error
        backup = Backup(path, folder, _contents(path, folder / _MANIFEST))
        _prove(backup, path)
        yield backup


def _prove(backup: Backup, path: Path) -> None:
    """Raises StoreError where a sum is not that of the manifest."""
    for table in TABLES:
        said = backup.contents.tables.get(table.name)
        if said is not None and backup.summed(table.name) != said:
            raise _damaged(path, f"the sum of {_row_file(table.name)} is wrong")
    for name, digest in backup.contents.files.items():
        if _sum(backup.file(name)) != digest:
            raise _damaged(path, f"the sum of {name} is wrong")


def fill(target: MovableStore, source: MoveSource, place: str) -> None:
    """Make the empty `target` hold what `source` holds, which came from the backup at `place`.

    Nobody else writes to it before it is whole; interrupted, it goes on when it is begun again. Raises StoreError.
    """
    mark, there = Mark(place, left=False), target.mark()
    if there not in (None, mark):
        raise StoreError(there.problem(target.place))
    if there is None and any(target.count(table) for table in TABLES):
        hint = "a backup fills an empty store: rename that folder, or name an empty database in DIGESTBOT_STORE"
        raise StoreError(Problem("holds something already", place=target.place, way_out=hint))
    target.put_mark(mark)
    move(source, target)


def _unpack(tar: tarfile.TarFile, folder: Path, path: Path) -> None:
    for member in tar:
        parts = PurePosixPath(member.name).parts
        data = tar.extractfile(member) if member.isfile() else None
        if data is None or ".." in parts or member.name.startswith("/"):
            raise _damaged(path, f"{member.name!r} does not belong into one")
        target = folder.joinpath(*parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        with data, target.open("xb") as file:
            shutil.copyfileobj(data, file)


def _contents(path: Path, manifest: Path) -> BackupContents:
    try:
        said = orjson.loads(manifest.read_bytes())
        version = int(said["digestbot-backup"])
        if version > _VERSION:
            what = f"was written by a newer digestbot ({said['by']})"
            raise StoreError(Problem(what, place=str(path), way_out="upgrade digestbot"))
        tables = {name: (rows, digest) for name, (rows, digest) in said["tables"].items()}
        known = {table.name for table in TABLES}
        if not set(tables) <= known:
            what = f"holds what this digestbot does not know: {', '.join(sorted(set(tables) - known))}"
            raise StoreError(Problem(what, place=str(path), way_out="upgrade digestbot"))
        return BackupContents(to_time(said["made_at"]), said["by"], said["place"], tables, said["files"])
    except (FileNotFoundError, KeyError, TypeError, ValueError) as error:
        raise _damaged(path, f"{_MANIFEST} is not as digestbot writes it") from error


def _to_json(contents: BackupContents) -> bytes:
    said: dict[str, Any] = {
        "digestbot-backup": _VERSION,
        "made_at": from_time(contents.made_at),
        "by": contents.by,
        "place": contents.place,
        "tables": contents.tables,
        "files": contents.files,
    }
    return orjson.dumps(said, option=orjson.OPT_INDENT_2)


@contextmanager
def _room(parent: Path) -> Iterator[Path]:
    """A folder for a while, which only we can look into."""
    folder = Path(tempfile.mkdtemp(prefix=".backup-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _sum(data: bytes) -> str:
    return sha256(data).hexdigest()


def _damaged(path: Path, why: str) -> StoreError:
    return StoreError(Problem(f"is no whole backup: {why}", place=str(path), way_out="take an earlier one"))
