"""Subscribers and suppressed addresses in TinyDB, beside the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tinydb.table import Document

from digestbot.core.subscribers import SubscriberRecord, Suppression, fits, folded_address
from digestbot.store.codec import (
    JsonObject,
    from_subscriber,
    from_suppression,
    storable,
    storable_text,
    to_subscriber,
    to_suppression,
)
from digestbot.store.tinydb.storage import Database


class Members:
    """The tables ``subscribers`` and ``suppressions`` of one database, with their indexes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._subscribers = database.table("subscribers")
        self._suppressions = database.table("suppressions")
        self._revisions = database.table("revisions")
        self._place_of = {entry["id"]: entry.doc_id for entry in self._subscribers}
        self._suppressed = {entry["address"]: entry.doc_id for entry in self._suppressions}

    def put(self, records: Sequence[SubscriberRecord]) -> None:
        """Add them, or put them in the place of those with the same ids, in one record."""
        given = [storable(from_subscriber(each))[0] for each in records]
        revision = self._revision()
        place = max(self._place_of.values(), default=0)
        documents: dict[str, Document] = {}
        for entry in given:
            revision += 1
            name = entry["id"]
            known = documents[name].doc_id if name in documents else self._place_of.get(name)
            place += known is None
            documents[name] = Document({**entry, "revision": revision}, known or place)
        if not documents:
            return
        with self._database.together():
            for document in documents.values():
                self._subscribers.upsert(document)
            # Never given twice, also when the subscriber who had the last one is taken out.
            self._revisions.upsert(Document({"last": revision}, 1))
        self._place_of.update((name, document.doc_id) for name, document in documents.items())

    def _revision(self) -> int:
        entry = self._revisions.get(doc_id=1)
        return int(entry["last"]) if isinstance(entry, Document) else 0

    def remove(self, ids: Iterable[str]) -> int:
        """Take them out, in one record; how many were there."""
        gone = [name for name in dict.fromkeys(map(storable_text, ids)) if name in self._place_of]
        self._subscribers.remove(doc_ids=[self._place_of[name] for name in gone])
        for name in gone:
            del self._place_of[name]
        return len(gone)

    def select(self, ids: Iterable[str] | None, buckets: range | None, address: str | None) -> list[SubscriberRecord]:
        """Those that fit everything given, in the order of their ids."""
        names = self._place_of if ids is None else {each for each in map(storable_text, ids) if each in self._place_of}
        entries = (self._subscribers.get(doc_id=self._place_of[name]) for name in sorted(names))
        found = (to_subscriber(entry) for entry in entries if isinstance(entry, Document))
        return [each for each in found if fits(each, buckets, address)]

    def suppress(self, suppressions: Sequence[Suppression]) -> None:
        """Note the addresses, in one record; the first reason of each stays."""
        new: dict[str, JsonObject] = {}
        for each in suppressions:
            entry, _ = storable(from_suppression(each))
            if entry["address"] not in self._suppressed:
                new.setdefault(entry["address"], entry)
        if new:
            places = self._suppressions.insert_multiple(new.values())
            self._suppressed.update(zip(new, places, strict=True))

    def release(self, addresses: Iterable[str]) -> int:
        """Forget the addresses, in one record; how many were noted."""
        gone = [each for each in self._folded(addresses) if each in self._suppressed]
        self._suppressions.remove(doc_ids=[self._suppressed[each] for each in gone])
        for each in gone:
            del self._suppressed[each]
        return len(gone)

    def suppressions(self, addresses: Iterable[str] | None) -> dict[str, Suppression]:
        """What is suppressed, all or of these."""
        names = self._suppressed if addresses is None else self._folded(addresses)
        places = (self._suppressed[each] for each in sorted(names) if each in self._suppressed)
        entries = (self._suppressions.get(doc_id=place) for place in places)
        return {each["address"]: to_suppression(each) for each in entries if isinstance(each, Document)}

    def _folded(self, addresses: Iterable[str]) -> list[str]:
        return list(dict.fromkeys(storable_text(folded_address(each)) for each in addresses))
