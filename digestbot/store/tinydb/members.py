"""Subscribers and suppressed addresses in TinyDB, beside the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from typing import cast

from tinydb.table import Document

from digestbot.model.subscribers import Membership, SubscriberRecord, Suppression, bucket, fits, folded_address
from digestbot.store.codec import (
    JsonObject,
    from_subscriber,
    from_suppression,
    storable,
    storable_text,
    to_subscriber,
    to_suppression,
)
from digestbot.store.tinydb.storage import Database, JournaledTable


class MemberTables:
    """The tables ``subscribers`` and ``suppressions`` of one database, with their indexes."""

    def __init__(self, database: Database) -> None:
        self._subscribers = cast(JournaledTable, database.table("subscribers"))
        self._suppressions = database.table("suppressions")
        self._revisions = database.table("revisions")
        self.index()

    def index(self) -> None:
        """Make the indexes anew."""
        self._place_of = {entry["id"]: entry.doc_id for entry in self._subscribers}
        self._names_at: dict[str, set[str]] | None = None
        self._suppressed = {entry["address"]: entry.doc_id for entry in self._suppressions}

    def active(self) -> Iterator[str]:
        """The ids of those who are."""
        return (entry["id"] for entry in self._subscribers if entry["state"] == Membership.ACTIVE)

    def prepared(self, records: Iterable[SubscriberRecord]) -> list[Document]:
        """Their documents, each with its place and a new revision."""
        revision = self._revision()
        place = max(self._place_of.values(), default=0)
        documents: dict[str, Document] = {}
        for entry in (storable(from_subscriber(each))[0] for each in records):
            revision += 1
            name = entry["id"]
            known = documents[name].doc_id if name in documents else self._place_of.get(name)
            place += known is None
            documents[name] = Document({**entry, "revision": revision}, known or place)
        return list(documents.values())

    def write(self, documents: Sequence[Document]) -> None:
        """Add them, or put them in the place of those with the same ids."""
        self._subscribers.put({document.doc_id: document for document in documents})
        if documents:
            # Never given twice, also when the subscriber who had the last one is taken out.
            last = max(document["revision"] for document in documents)
            self._revisions.upsert(Document({"last": last}, 1))

    def known(self, documents: Iterable[Document]) -> None:
        """Take what was written into the index."""
        written = list(documents)
        self._place_of.update((document["id"], document.doc_id) for document in written)
        if self._names_at is not None:
            self._place(self._names_at, written)

    def _place(self, names_at: dict[str, set[str]], documents: Iterable[Document]) -> None:
        for document in documents:
            for address in to_subscriber(document).addresses:
                names_at.setdefault(address, set()).add(document["id"])

    def _at(self, address: str) -> set[str]:
        """Who has, or had, this address. Made ready when it is first asked for: then no answer takes longer than
        another, whoever is asked about.
        """
        if self._names_at is None:
            names_at: dict[str, set[str]] = {}
            self._place(names_at, self._subscribers)
            self._names_at = names_at
        return self._names_at.get(folded_address(address), set())

    def _revision(self) -> int:
        entry = self._revisions.get(doc_id=1)
        return int(entry["last"]) if isinstance(entry, Document) else 0

    def known_of(self, ids: Iterable[str]) -> list[str]:
        """Those of the ids that are there."""
        return [name for name in dict.fromkeys(map(storable_text, ids)) if name in self._place_of]

    def remove(self, gone: Sequence[str]) -> None:
        """Take subscribers out who are there."""
        self._subscribers.remove(doc_ids=[self._place_of[name] for name in gone])

    def forget(self, gone: Iterable[str]) -> None:
        """Take them out of the index."""
        for name in gone:
            del self._place_of[name]

    def select(
        self, ids: Iterable[str] | None, buckets: range | None, address: str | None
    ) -> Iterator[SubscriberRecord]:
        """Those that fit everything given as they are now, in the order of their ids, read one by one."""
        there = self._place_of.keys()
        names: Set[str] = there if ids is None else there & set(map(storable_text, ids))
        names = names if address is None else names & self._at(address)
        entries = [self._subscribers.at(self._place_of[name]) for name in sorted(names)]
        found = (to_subscriber(entry) for entry in entries if entry is not None)
        return (each for each in found if fits(each, buckets, address))

    def count(self, buckets: range | None) -> dict[Membership, int]:
        """How many there are in each state."""
        names = (name for name in self._place_of if buckets is None or bucket(name) in buckets)
        entries = (self._subscribers.at(self._place_of[name]) for name in names)
        return {Membership(state): many for state, many in Counter(each["state"] for each in entries if each).items()}

    def unsuppressed(self, suppressions: Sequence[Suppression]) -> dict[str, JsonObject]:
        """Those of addresses that are not suppressed yet, the first of each."""
        known = self.as_new(suppressions)
        return {name: entry for name, entry in known.items() if name not in self._suppressed}

    def as_new(self, suppressions: Sequence[Suppression]) -> dict[str, JsonObject]:
        """As they are written down, the first of each address."""
        new: dict[str, JsonObject] = {}
        for each in suppressions:
            entry, _ = storable(from_suppression(each))
            new.setdefault(entry["address"], entry)
        return new

    def suppress(self, new: dict[str, JsonObject]) -> list[int]:
        """Note new ones; their places."""
        return self._suppressions.insert_multiple(new.values())

    def now_suppressed(self, new: Iterable[str], places: Iterable[int]) -> None:
        """Take them into the index."""
        self._suppressed.update(zip(new, places, strict=True))

    def suppressed_of(self, addresses: Iterable[str]) -> list[str]:
        """Those of the addresses that are suppressed."""
        return [each for each in self._folded(addresses) if each in self._suppressed]

    def release(self, gone: Sequence[str]) -> None:
        """Forget addresses that are suppressed."""
        self._suppressions.remove(doc_ids=[self._suppressed[each] for each in gone])

    def now_released(self, gone: Iterable[str]) -> None:
        """Take them out of the index."""
        for each in gone:
            del self._suppressed[each]

    def suppressions(self, addresses: Iterable[str] | None) -> dict[str, Suppression]:
        """What is suppressed, all or of these."""
        names = self._suppressed if addresses is None else self._folded(addresses)
        places = (self._suppressed[each] for each in sorted(names) if each in self._suppressed)
        entries = (self._suppressions.get(doc_id=place) for place in places)
        return {each["address"]: to_suppression(each) for each in entries if isinstance(each, Document)}

    def _folded(self, addresses: Iterable[str]) -> list[str]:
        return list(dict.fromkeys(storable_text(folded_address(each)) for each in addresses))
