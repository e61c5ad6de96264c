"""The side of the embedded store that is about people: who joined, who is suppressed, what is said, liked and noted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import suppress
from datetime import date, datetime

from digestbot.model.audit import AuditEntry
from digestbot.model.deliveries import Delivery, DeliveryState
from digestbot.model.errors import StoreError
from digestbot.model.feedback import Feedback
from digestbot.model.papers import Paper
from digestbot.model.subscribers import FORGOTTEN, Membership, SubscriberRecord, Suppression
from digestbot.store.erasing import Erasure, Keys, asked_for, under_their_addresses
from digestbot.store.tinydb.audit_log import AuditLog
from digestbot.store.tinydb.ledger import Ledger
from digestbot.store.tinydb.libraries import LibraryTable
from digestbot.store.tinydb.members import MemberTables
from digestbot.store.tinydb.opinions import Opinions
from digestbot.store.tinydb.storage import Database
from digestbot.store.tinydb.turns import ThreadTurns


class TinyPeople(ThreadTurns):
    """The contract's methods about people, each of them one record."""

    _keys: Keys

    def _open_people(self, database: Database, ledger: Ledger) -> None:
        self._people = database
        self._its_ledger = ledger
        self._members = MemberTables(database)
        self._audit = AuditLog(database)
        self._opinions = Opinions(database)
        self._libraries = LibraryTable(database)

    def put_subscribers(self, records: Iterable[SubscriberRecord], *, noting: Iterable[AuditEntry] = ()) -> None:
        with self._writing():
            prepared, entries = self._members.prepared(records), self._audit.prepared(noting)
            with self._people.together():
                self._members.write(prepared)
                self._audit.write(entries)
            self._members.known(prepared)
            self._audit.known(entries)

    def remove_subscribers(self, ids: Iterable[str], *, noting: Iterable[AuditEntry] = ()) -> int:
        with self._writing():
            gone, entries = self._members.known_of(ids), self._audit.prepared(noting)
            with self._people.together():
                self._members.remove(gone)
                self._opinions.remove(gone)
                self._libraries.remove(gone)
                self._audit.write(entries)
            self._members.forget(gone)
            self._opinions.index()
            self._libraries.index()
            self._audit.known(entries)
            return len(gone)

    def subscribers(
        self, ids: Iterable[str] | None = None, *, buckets: range | None = None, address: str | None = None
    ) -> Iterator[SubscriberRecord]:
        """As it is when the first is asked for."""
        with self._reading():
            found = self._members.select(ids, buckets, address)
        yield from found

    def count_subscribers(self, buckets: range | None = None) -> dict[Membership, int]:
        with self._reading():
            return self._members.count(buckets)

    def subscribers_mark(self, buckets: range) -> str:
        revisions = [each.revision for each in self.subscribers(buckets=buckets)]
        return f"{len(revisions)}-{sum(revisions)}"

    def suppress(self, suppressions: Sequence[Suppression], *, noting: Iterable[AuditEntry] = ()) -> None:
        with self._writing():
            new, entries = self._members.unsuppressed(suppressions), self._audit.prepared(noting)
            with self._people.together():
                places = self._members.suppress(new)
                self._audit.write(entries)
            self._members.now_suppressed(new, places)
            self._audit.known(entries)

    def release(self, addresses: Iterable[str], *, noting: Iterable[AuditEntry] = ()) -> int:
        with self._writing():
            names = asked_for(addresses, self._keys())
            gone, entries = self._members.suppressed_of(names), self._audit.prepared(noting)
            with self._people.together():
                self._members.release(gone)
                self._audit.write(entries)
            self._members.now_released(gone)
            self._audit.known(entries)
            return len(gone)

    def suppressions(self, addresses: Iterable[str] | None = None) -> dict[str, Suppression]:
        with self._reading():
            if addresses is None:
                return self._members.suppressions(None)
            asked = asked_for(addresses, self._keys())
            return under_their_addresses(self._members.suppressions(asked).values(), asked)

    def erase(self, address: str, *, now: datetime, noting: Iterable[AuditEntry] = ()) -> int:
        """The files of before are written anew, so that the address is in none of them."""
        with self._writing():
            erasure = Erasure.of(address, self._keys())
            here = list(self._members.select(None, None, address))
            kept = [each for each in map(erasure.subscriber, here) if each is not None]
            before = self._members.suppressions([erasure.address, erasure.instead])
            first = before.get(erasure.instead) or before.get(erasure.address)
            stays = erasure.suppression(first, Suppression(erasure.instead, FORGOTTEN, now))
            entries = self._audit.prepared(map(erasure.entry, noting))
            with self._people.together():
                self._members.remove([each.id for each in here])
                gone = {each.id for each in here} - {each.id for each in kept}
                self._opinions.remove(gone)
                self._libraries.remove(gone)
                self._members.write(self._members.prepared(kept))
                self._members.release(list(before))
                self._members.suppress(self._members.as_new([stays]))
                places = self._audit.erase(erasure) + self._its_ledger.erase(erasure, gone)
                self._audit.write(entries)
            for each in (self._members, self._opinions, self._libraries, self._audit):
                each.index()
            with suppress(StoreError):  # what is done is done; the old files go when the store grows
                for _ in range(_GENERATIONS):
                    self._people.storage.write(self._people.storage.read() or {})
            return len(here) + places + (erasure.address in before)

    def latest(self, states: Set[DeliveryState], *, newest: int) -> list[Delivery]:
        with self._reading():
            return self._its_ledger.latest(states, newest)

    def tally(self, *, since: datetime) -> dict[tuple[date, DeliveryState], int]:
        with self._reading():
            return self._its_ledger.tally(since)

    def put_opinions(self, opinions: Iterable[Feedback]) -> None:
        with self._writing():
            prepared = self._opinions.prepared(opinions)
            with self._people.together():
                self._opinions.write(prepared)
            self._opinions.known(prepared)

    def opinions(self, subscription: str) -> list[Feedback]:
        with self._reading():
            return self._opinions.of(subscription)

    def put_library(self, name: str, papers: Sequence[Paper]) -> None:
        with self._writing():
            self._libraries.put(name, papers)

    def library(self, name: str) -> list[Paper]:
        with self._reading():
            return self._libraries.papers(name)

    def library_mark(self, name: str) -> str:
        with self._reading():
            return self._libraries.mark(name)

    def note(self, entries: Iterable[AuditEntry]) -> int:
        with self._writing():
            new = self._audit.prepared(entries)
            with self._people.together():
                self._audit.write(new)
            self._audit.known(new)
            return len(new)

    def audit(
        self, about: str | None = None, *, ids: Iterable[str] | None = None, newest: int | None = None
    ) -> list[AuditEntry]:
        with self._reading():
            return self._audit.select(about, ids, newest)


_GENERATIONS = 2  # the last good one is kept beside the newest
