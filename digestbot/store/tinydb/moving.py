"""The embedded store opened for being moved: its documents as rows, without the indexes that daily work needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tinydb.table import Document

from digestbot.store.codec import storable
from digestbot.store.moving import TABLES, Mark, MovedTable, Row
from digestbot.store.tinydb import files, sealing
from digestbot.store.tinydb.lock import WriterLock
from digestbot.store.tinydb.marks import put_mark, read_mark
from digestbot.store.tinydb.sealed_log import BESIDE
from digestbot.store.tinydb.store import whole

_OF_PAPERS = ("log", "works", "gists")
_NOTHING_BESIDE: Row = {"into": None, "ids": [], "titles": [], "late": None}


class TinyShelf:
    """The store in `folder`, which is made where it is missing, under the lock of whoever writes.

    With `read_only` it is the state of this moment, taken without the lock.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.place = f"tinydb:{folder}"
        self._lock: WriterLock | None = None
        if not read_only:
            with files.naming(folder):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = WriterLock(folder)
        try:
            papers, ledger, self._sealed = whole(folder, read_only=read_only)
        except BaseException:
            self._let_go()
            raise
        self._databases = (papers, ledger)
        self._tables = {each.name: (papers if each.name in _OF_PAPERS else ledger).table(each.name) for each in TABLES}
        self._places = {
            each.name: {entry[each.key]: entry.doc_id for entry in self._tables[each.name]}
            for each in TABLES
            if each.name != "log"
        }
        self._newest = {name: max(places.values(), default=0) for name, places in self._places.items()}

    def mark(self) -> Mark | None:
        """The mark it carries."""
        return read_mark(self._databases[1])

    def put_mark(self, mark: Mark | None) -> None:
        """Give it a mark, or take it off; its lock keeps others out meanwhile."""
        put_mark(self._databases[1], mark)

    def count(self, table: MovedTable) -> int:
        """The number of rows."""
        sealed = self._sealed.count() if table.name == "log" else 0
        return sealed + sum(1 for _ in self._documents(table))

    def rows(self, table: MovedTable) -> Iterator[Row]:
        """All rows in the table's order."""
        documents = self._documents(table)
        if table.name == "log":
            in_order = chain(self._sealed.entries(), ((entry.doc_id, entry) for entry in documents))
            return ({"place": place, **entry} for place, entry in in_order)
        if table.name == "works":
            into = {entry["key"]: entry["into"] for entry in documents}
            return ({**entry, "into": _last(into, entry["into"])} for entry in documents)
        return map(dict, documents)

    def _documents(self, table: MovedTable) -> list[Document]:
        """All of a table, in its order; of the log, those that are not sealed."""
        entries: list[Document] = list(self._tables[table.name])
        if table.name == "works":
            newer = self._places["works"]
            entries += [Document(entry, 0) for entry in self._sealed.works() if entry["key"] not in newer]
            entries = [entry for entry in entries if any(entry[name] for name in BESIDE)]
        if table.name == "log" or not table.sorted:
            return sorted(entries, key=lambda entry: entry.doc_id)
        return sorted(entries, key=lambda entry: str(entry[table.key]))

    def take_in(self, table: MovedTable, rows: Sequence[Row]) -> None:
        """Write rows, as one record."""
        documents = [self._document(table, storable(row)[0]) for row in rows]
        database = self._databases[0 if table.name in _OF_PAPERS else 1]
        with database.together():
            for document in documents:
                self._tables[table.name].upsert(document)
            if table.name == "subscribers":
                last = max(entry["revision"] for entry in (*self._tables["subscribers"], *documents))
                database.table("revisions").upsert(Document({"last": last}, 1))
        if table.name == "log" and len(self._tables["log"]) >= sealing.SEGMENT:
            self._sealed = sealing.sealed_further(database, self._sealed)
            sealing.settle(database, self._sealed)

    def _document(self, table: MovedTable, row: Row) -> Document:
        if table.name == "log":
            place = row.pop("place")
            return Document(row, place)
        places = self._places[table.name]
        key = row[table.key]
        if key not in places:
            self._newest[table.name] += 1
            places[key] = self._newest[table.name]
        return Document(row, places[key])

    def take_out(self, table: MovedTable, rows: Sequence[Row]) -> None:
        """Remove rows, as one record."""
        places = self._places[table.name]
        if table.name == "works":  # what is sealed is not removed: something newer says that there is nothing
            self.take_in(table, [{"key": row["key"], **_NOTHING_BESIDE} for row in rows])
        else:
            self._tables[table.name].remove(doc_ids=[places.pop(row[table.key]) for row in rows])

    def close(self) -> None:
        """Let go of it. Closing twice is fine."""
        for database in self._databases:
            database.close()
        self._let_go()

    def _let_go(self) -> None:
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _last(into: dict[str, Any], key: str | None) -> str | None:
    """What a work turned out to be in the end."""
    while key is not None and into.get(key):
        key = into[key]
    return key
