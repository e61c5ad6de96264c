"""The audit log in TinyDB, beside the ledger: entries in the order they came."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from tinydb.table import Document

from digestbot.model.audit import AuditEntry
from digestbot.model.subscribers import folded_address
from digestbot.store.codec import from_audit, storable, storable_text, to_audit
from digestbot.store.erasing import Erasure
from digestbot.store.tinydb.storage import Database


class AuditLog:
    """The table ``audit`` of one database, with its indexes."""

    def __init__(self, database: Database) -> None:
        self._entries = database.table("audit")
        self.index()

    def index(self) -> None:
        """Make the indexes anew."""
        self._place_of: dict[str, int] = {}
        self._places_about: dict[str, list[int]] = {}
        self.known(list(self._entries))

    def prepared(self, entries: Iterable[AuditEntry]) -> list[Document]:
        """The documents of those entries that are new."""
        new: dict[str, Document] = {}
        place = max(self._place_of.values(), default=0)
        for each in entries:
            said = storable(from_audit(each))[0]
            said["id"] = said["id"] or uuid4().hex
            if said["id"] not in self._place_of and said["id"] not in new:
                new[said["id"]] = Document(said, place + len(new) + 1)
        return list(new.values())

    def write(self, documents: Iterable[Document]) -> None:
        """Append them."""
        self._entries.insert_multiple(documents)

    def known(self, documents: Iterable[Document]) -> None:
        """Take what was appended into the indexes."""
        for each in documents:
            self._place_of[each["id"]] = each.doc_id
            self._places_about.setdefault(each["about"], []).append(each.doc_id)

    def select(self, about: str | None, ids: Iterable[str] | None, newest: int | None) -> list[AuditEntry]:
        """Those that fit everything given."""
        places: list[int] = list(self._place_of.values())
        if about is not None:
            places = self._places_about.get(storable_text(folded_address(about)), [])
        if ids is not None:
            wanted = {self._place_of[each] for each in map(storable_text, ids) if each in self._place_of}
            places = [place for place in places if place in wanted]
        if newest is not None:
            places = places[max(len(places) - newest, 0) :]
        return [to_audit(self._entry(place)) for place in places]

    def _entry(self, place: int) -> dict[str, Any]:
        entry = self._entries.get(doc_id=place)
        assert isinstance(entry, Document)  # the indexes point at what is there
        return entry

    def erase(self, erasure: Erasure) -> int:
        """Take an address out of the entries about it, and those that refer to it; their number. The indexes lag
        behind until `index`.
        """

        def erase(entry: Any) -> None:
            entry.update(storable(from_audit(erasure.entry(to_audit(entry))))[0])

        referring = (each.doc_id for each in self._entries if each["reference"] == erasure.address)
        places = {*self._places_about.get(erasure.address, ()), *referring}
        self._entries.update(erase, doc_ids=places)
        return len(places)
