"""What readers like, in TinyDB beside the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tinydb.table import Document

from digestbot.model.papers import Paper
from digestbot.store.codec import storable_text
from digestbot.store.libraries import from_library, to_library
from digestbot.store.tinydb.storage import Database


class LibraryTable:
    """The table ``libraries`` of one database, with its index."""

    def __init__(self, database: Database) -> None:
        self._libraries = database.table("libraries")
        self.index()

    def index(self) -> None:
        """Make the index anew."""
        self._place_of = {entry["id"]: entry.doc_id for entry in self._libraries}

    def put(self, name: str, papers: Sequence[Paper]) -> None:
        """Keep it, in the place of what was there; without papers take it out."""
        name = storable_text(name)
        if papers:
            place = self._place_of.get(name) or max(self._place_of.values(), default=0) + 1
            self._libraries.upsert(Document(from_library(name, papers), place))
        else:
            self.remove([name])
        self.index()

    def remove(self, names: Iterable[str]) -> None:
        """Take these out; the index lags behind until `index`."""
        self._libraries.remove(doc_ids=[self._place_of[name] for name in names if name in self._place_of])

    def papers(self, name: str) -> list[Paper]:
        """Its papers; none where it is not there."""
        entry = self._entry(name)
        return to_library(entry["papers"]) if entry else []

    def mark(self, name: str) -> str:
        """Its mark; empty where it is not there."""
        entry = self._entry(name)
        return str(entry["mark"]) if entry else ""

    def _entry(self, name: str) -> Document | None:
        place = self._place_of.get(storable_text(name))
        entry = self._libraries.get(doc_id=place) if place else None
        return entry if isinstance(entry, Document) else None
