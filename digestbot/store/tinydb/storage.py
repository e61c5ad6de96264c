"""TinyDB on files that survive: its Storage over snapshot and journal, and its Table writing only changes.

TinyDB's own storages write the whole file for every change and lose it when a write is cut off. Here a
table's change becomes one small journal record, and `write` (the whole state) a new generation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import orjson
from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Table

from digestbot.model.errors import Problem, StoreError
from digestbot.model.garbage import uncollected
from digestbot.store.codec import storable
from digestbot.store.tinydb import generations
from digestbot.store.tinydb.journal import Journal
from digestbot.store.tinydb.snapshot import Tables

# A journal is folded into the next snapshot when it has outgrown both: the cost per byte stays the same.
_FOLD_AT_LEAST = 1024 * 1024

_Document = dict[str, Any]


class JournaledStorage(Storage):
    """One TinyDB file: read whole when opened, then kept in memory and on the disk alike.

    `folder` holds its files, which begin with `name`. With `create` a file that is not there is made.
    """

    def __init__(self, folder: Path, name: str, *, create: bool = False, read_only: bool = False) -> None:
        self.name = name
        self._paths = generations.Paths.of(folder, name)
        self._read_only = read_only
        self._staged: dict[str, dict[str, _Document | None]] | None = None
        if create and (not self._paths.present() or generations.unfinished(self._paths, name)):
            state = generations.BLANK if read_only else generations.create(self._paths, name, {})
        else:
            with uncollected():
                state = generations.read(self._paths, name)
        self._take(state)
        if state.outdated and not read_only:
            self.write(state.tables)

    def read(self) -> Tables:
        """All tables, as they stand. The documents are the store's own: they are not to be changed."""
        return self._tables

    def write(self, data: Tables) -> None:
        """Replace everything by `data`, in a new generation. Raises StoreError with nothing changed."""
        journal = self._writable()
        with self._guarded():
            state = generations.advance(self._paths, self.name, self._state.generation + 1, journal.mark, data)
        journal.close()
        self._take(state)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Changes of all tables within become one record: all or nothing. What is read stays as before."""
        self._staged = {}
        try:
            yield
            staged = self._staged
        finally:
            self._staged = None
        self._commit(staged)

    def staged(self, table: str) -> Mapping[str, _Document | None]:
        """What `together` has gathered for a table so far."""
        return (self._staged or {}).get(table, {})

    def change(self, table: str, documents: dict[str, _Document | None]) -> None:
        """Put documents into a table, or take those of None out. Raises StoreError with nothing changed."""
        if self._staged is None:
            self._commit({table: documents})
        else:
            self._staged.setdefault(table, {}).update(documents)

    def close(self) -> None:
        """Let go of the files. Closing twice is fine."""
        if self._journal is not None:
            self._journal.close()

    def fold(self) -> None:
        """Fold the journal into a new generation, where there is room for one."""
        self._fold(self._writable())

    def _take(self, state: generations.GenerationState) -> None:
        self._state = state
        self._tables = state.tables
        self._fold_at = max(_FOLD_AT_LEAST, state.snapshot_bytes)
        self._journal = None
        if state.journal is not None and not self._read_only:
            self._journal = Journal(self._paths.journal, state.journal)

    def _writable(self) -> Journal:
        if self._read_only:
            raise StoreError(Problem("was opened for reading only", place=str(self._paths.snapshot)))
        if self._state.journal is None:
            self._take(generations.begin_journal(self._paths, self.name, self._state))
        if self._journal is None:
            raise StoreError(
                Problem("was interrupted while writing", place=str(self._paths.journal), way_out="open it anew")
            )
        return self._journal

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """After anything but success or a StoreError, memory may lag behind the disk: no more writing."""
        journal, self._journal = self._journal, None
        try:
            yield
        except StoreError:
            self._journal = journal
            raise
        self._journal = journal

    def _commit(self, staged: dict[str, dict[str, _Document | None]]) -> None:
        record = {}
        for name, documents in staged.items():
            known = self._tables.get(name, {})
            changed = {place: doc for place, doc in documents.items() if known.get(place) != doc}
            if changed:
                record[name] = changed
        if not record:
            return
        journal = self._writable()
        clean, encoded = storable(record)
        with self._guarded():
            journal.append(encoded)
            generations.apply(self._tables, clean)
        if journal.end > self._fold_at:
            self._fold(journal)

    def _fold(self, journal: Journal) -> None:
        try:
            self.write(self._tables)
        except StoreError:
            # The journal has it all: no reason to fail what is done. Tried again when it has grown by half.
            self._fold_at = journal.end + journal.end // 2


class _Changes(MutableMapping[int, _Document]):
    """A table as TinyDB's updaters see it: what they touch is copied, and only that is kept as changed."""

    def __init__(self, known: Mapping[str, _Document], staged: Mapping[str, _Document | None]) -> None:
        self._known = known
        self.made: dict[str, _Document | None] = dict(staged)

    def __getitem__(self, place: int) -> _Document:
        key = str(place)
        if key not in self.made:
            self.made[key] = orjson.loads(orjson.dumps(self._known[key]))
        document = self.made[key]
        if document is None:
            raise KeyError(place)
        return document

    def __contains__(self, place: object) -> bool:
        key = str(place)
        return self.made[key] is not None if key in self.made else key in self._known

    def __setitem__(self, place: int, document: _Document) -> None:
        self.made[str(place)] = document

    def __delitem__(self, place: int) -> None:
        if place not in self:
            raise KeyError(place)
        self.made[str(place)] = None

    def __iter__(self) -> Iterator[int]:
        added = (key for key in self.made if key not in self._known)
        return (int(key) for key in (*self._known, *added) if int(key) in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class JournaledTable(Table):
    """A TinyDB table that hands its storage the documents an operation changed, not the whole table."""

    def _update_table(self, updater: Callable[[dict[int, Mapping[str, Any]]], None]) -> None:
        storage = cast(JournaledStorage, self._storage)
        changes = _Changes(storage.read().get(self.name, {}), storage.staged(self.name))
        # TinyDB names a dict; its operations use nothing that other mutable mappings lack.
        updater(cast(dict[int, Mapping[str, Any]], changes))
        storage.change(self.name, changes.made)
        self.clear_cache()

    def at(self, place: int) -> _Document | None:
        """A document as it stands, not to be changed. TinyDB's `get` copies it, which takes ten times as long."""
        found: _Document | None = cast(JournaledStorage, self._storage).read().get(self.name, {}).get(str(place))
        return found

    def put(self, documents: Mapping[int, _Document]) -> None:
        """Put documents under these ids. TinyDB's own ways copy each twice, or look through all."""
        cast(JournaledStorage, self._storage).change(self.name, {str(place): each for place, each in documents.items()})
        self.clear_cache()

    def take_out(self, places: Iterable[int]) -> None:
        """Take the documents with these ids out."""
        cast(JournaledStorage, self._storage).change(self.name, dict.fromkeys(map(str, places)))
        self.clear_cache()


class Database(TinyDB):
    """One TinyDB database on a `JournaledStorage`, whose arguments it takes."""

    table_class = JournaledTable
    default_storage_class = JournaledStorage  # type: ignore[assignment]  # TinyDB narrows it to its own

    def together(self) -> Any:
        """A context in which changes of all tables become one record: all or nothing."""
        return cast(JournaledStorage, self.storage).together()

    def fold(self) -> None:
        """Fold the journal into a new generation, where there is room for one."""
        cast(JournaledStorage, self.storage).fold()
