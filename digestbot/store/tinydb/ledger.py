"""The ledger in TinyDB: how far subscriptions have come, their digests, and every delivery's state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any, cast

from digestbot.model.deliveries import OPEN_STATES, Delivery, DeliveryState, Outcome
from digestbot.model.digests import DigestRecord, OpenedTurn
from digestbot.store.base import Cursor, Opening
from digestbot.store.codec import from_delivery, from_digest, from_time, to_delivery, to_digest, to_time, to_turn
from digestbot.store.erasing import Erasure, goes_to, kept
from digestbot.store.opening import moved
from digestbot.store.tinydb.agenda import Agenda
from digestbot.store.tinydb.documents import abandon, apply, from_cursor
from digestbot.store.tinydb.storage import Database, JournaledTable

_ANY_TIME = datetime.min.replace(tzinfo=UTC)


class Ledger:
    """The tables ``cursors``, ``digests`` and ``deliveries`` of one database, with their indexes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cursors, self._digests, self._deliveries = (
            cast(JournaledTable, database.table(name)) for name in ("standings", "digests", "deliveries")
        )
        self._cursor_of = {entry["subscription"]: entry.doc_id for entry in self._cursors}
        self._digest_of: dict[str, int] = {}
        self._digests_of: dict[str, list[int]] = {}
        self._delivery_of: dict[str, int] = {}
        self._deliveries_of: dict[str, list[int]] = {}
        self._unsent: set[int] = set()
        self._agenda = self._new_agenda()
        self._agenda_of: dict[str, Agenda] = {}
        for entry in self._digests:
            self._index_digest(entry.doc_id, entry["key"], entry["subscription"])
        for entry in self._deliveries:
            self._index_delivery(entry.doc_id, entry["id"], entry["digest"])

    # subscriptions

    def register(self, subscriptions: Iterable[str], head: int, now: datetime) -> None:
        """Note the head for those not yet known, in one record."""
        new = [each for each in dict.fromkeys(subscriptions) if each not in self._cursor_of]
        if new:
            fresh = Cursor(head, now, None, ())
            places = self._cursors.insert_multiple([from_cursor(each, fresh) for each in new])
            self._cursor_of.update(zip(new, places, strict=True))

    def cursor(self, subscription: str) -> Cursor | None:
        """How far it has come."""
        place = self._cursor_of.get(subscription)
        entry = self._cursors.at(place) if place is not None else None
        if entry is None:
            return None
        return Cursor(entry["first_head"], to_time(entry["first_seen"]), entry["cursor"], tuple(entry["carry"]))

    # digests

    def open_digests(self, openings: Sequence[Opening]) -> list[bool]:
        """Digests, cursors, carries and deliveries in one record; which digests were opened."""
        after: dict[str, Cursor] = {}
        taken: dict[str, Opening] = {}
        planned: dict[str, Delivery] = {}
        opened = []
        for opening in openings:
            record = opening.record
            before = after.get(record.subscription) or self.cursor(record.subscription)
            known = record.key in self._digest_of or record.key in taken
            cursor = None if known else moved(before, record)
            opened.append(cursor is not None)
            if cursor is not None:
                taken[record.key], after[record.subscription] = opening, cursor
                planned |= {each.id: each for each in opening.deliveries if each.id not in self._delivery_of}
        if taken:
            self._write([each.record for each in taken.values()], planned, after)
        return opened

    def _write(
        self, records: Sequence[DigestRecord], planned: Mapping[str, Delivery], after: Mapping[str, Cursor]
    ) -> None:
        begun = [name for name in after if name not in self._cursor_of]
        with self._database.together():
            digests = self._digests.insert_multiple([from_digest(each) for each in records])
            places = self._deliveries.insert_multiple([from_delivery(each) for each in planned.values()])
            cursors = self._cursors.insert_multiple([from_cursor(name, after[name]) for name in begun])
            for name, cursor in after.items():
                if name in self._cursor_of:
                    self._cursors.update(from_cursor(name, cursor), doc_ids=[self._cursor_of[name]])
        self._cursor_of.update(zip(begun, cursors, strict=True))
        for place, record in zip(digests, records, strict=True):
            self._index_digest(place, record.key, record.subscription)
        for place, each in zip(places, planned.values(), strict=True):
            self._index_delivery(place, each.id, each.digest)

    def digest(self, key: str) -> DigestRecord | None:
        """The digest with this key."""
        entry = self._digests.at(self._digest_of.get(key, 0))  # no document is number 0
        return to_digest(entry) if entry is not None else None

    def digests(self, subscription: str | None, newest: int | None) -> list[DigestRecord]:
        """Digests in the order they were opened, the last `newest` of them."""
        known = self._digest_of.values() if subscription is None else self._digests_of.get(subscription, [])
        entries = map(self._digests.at, islice(known, max(len(known) - newest, 0) if newest is not None else 0, None))
        return [to_digest(entry) for entry in entries if entry is not None]

    def last_turn(self, subscription: str) -> OpenedTurn | None:
        """That of its last digest."""
        entry = self._digests.at(self._digests_of.get(subscription, [0])[-1])  # as above
        return to_turn(entry) if entry is not None else None

    def count_digests(self) -> int:
        """How many there are."""
        return len(self._digest_of)

    # deliveries

    def claim(self, now: datetime, lease: timedelta, limit: int, digests: Set[str] | None) -> list[Delivery]:
        """Take deliveries that may leave, in one record; those whose lease is over become unknown first."""
        if digests is None:
            agendas = [self._agenda]
        else:
            agendas = [self._agenda_of[each] for each in digests if each in self._agenda_of]
        dues = [agenda.take(now, limit) for agenda in agendas]
        ready = sorted(place for due in dues for place in due.taken)
        taken = ready[:limit]
        abandoned = [place for due in dues for place in due.abandoned]
        until = from_time(now + lease)

        def claim(entry: Any) -> None:
            if entry["state"] == DeliveryState.SENDING.value:
                abandon(entry)
            fence, attempts = entry["fence"] + 1, entry["attempts"] + 1
            entry.update(state=DeliveryState.SENDING.value, lease_until=until, fence=fence, attempts=attempts)

        try:
            with self._database.together():
                self._deliveries.update(abandon, doc_ids=abandoned)
                self._deliveries.update(claim, doc_ids=taken)
        finally:
            for place in {*ready, *abandoned}:
                self._put(place)
        return self._at(taken)

    def abandon(self) -> int:
        """Make unknown what is left in sending, in one record; the number."""
        places = [place for place in self._delivery_of.values() if self._leased(place)]
        if places:
            try:
                self._deliveries.update(abandon, doc_ids=places)
            finally:
                for place in places:
                    self._put(place)
        return len(places)

    def record(self, outcomes: Sequence[Outcome]) -> int:
        """Write outcomes down, in one record; the number taken."""
        by_delivery: dict[str, list[Outcome]] = {}
        for outcome in outcomes:
            place = self._delivery_of.get(outcome.delivery)
            if place is not None:
                entry, before = self._entry(place), by_delivery.get(outcome.delivery)
                state = before[-1].state if before else DeliveryState(entry["state"])
                late = outcome.state is DeliveryState.SENDING and state is not DeliveryState.SENDING
                if entry["fence"] == outcome.fence and not late:
                    by_delivery.setdefault(outcome.delivery, []).append(outcome)

        def taken(entry: Any) -> None:
            for outcome in by_delivery[entry["id"]]:
                apply(entry, outcome)

        places = [self._delivery_of[each] for each in by_delivery]
        self._deliveries.update(taken, doc_ids=places)
        for place in places:
            self._put(place)
        return sum(len(each) for each in by_delivery.values())

    def deliveries(
        self,
        digest: str | None,
        subscriptions: Set[str] | None,
        address: str | None,
        states: Set[DeliveryState] | None,
        ids: Set[str] | None,
    ) -> list[Delivery]:
        """Deliveries in the order they were planned."""
        narrowed: list[set[int]] = []
        if digest is not None:
            narrowed.append(set(self._deliveries_of.get(digest, [])))
        if subscriptions is not None:
            of_them = (place for each in subscriptions for place in self._digests_of.get(each, []))
            keys = (self._digests.at(place) for place in of_them)
            narrowed.append({place for each in keys if each for place in self._deliveries_of.get(each["key"], [])})
        if ids is not None:
            narrowed.append({self._delivery_of[each] for each in ids if each in self._delivery_of})
        if states is not None and DeliveryState.SENT not in states:
            narrowed.append(self._unsent)
        places: Iterable[int] = self._delivery_of.values()
        if narrowed:
            places = sorted(set.intersection(*narrowed))
        if states is not None:
            names = {state.value for state in states}
            places = (place for place in places if self._entry(place)["state"] in names)
        if address is not None:
            asked = kept(address)
            places = (place for place in places if goes_to(self._entry(place)["destination"]["options"], asked))
        return self._at(places)

    def count_deliveries(self, states: Set[DeliveryState]) -> dict[DeliveryState, int]:
        """How many stand in each of these states."""
        places = self._delivery_of.values() if DeliveryState.SENT in states else self._unsent
        counted = Counter(DeliveryState(self._entry(place)["state"]) for place in places)
        return {state: count for state, count in counted.items() if state in states}

    def latest(self, states: Set[DeliveryState], newest: int) -> list[Delivery]:
        """The last planned of those in these states."""
        names = {state.value for state in states}
        places = (
            reversed(self._delivery_of.values()) if DeliveryState.SENT in states else sorted(self._unsent, reverse=True)
        )
        return self._at(islice((place for place in places if self._entry(place)["state"] in names), newest))

    def tally(self, since: datetime) -> dict[tuple[date, DeliveryState], int]:
        """How many were done with, by day and state."""
        start = from_time(since)
        entries = map(self._entry, self._delivery_of.values())
        done = ((entry["done_at"], entry["state"]) for entry in entries if entry["done_at"])
        counted = Counter((at[:10], state) for at, state in done if at >= start)
        return {(date.fromisoformat(day), DeliveryState(state)): count for (day, state), count in counted.items()}

    def erase(self, erasure: Erasure, gone: Set[str]) -> int:
        """Take an address out of the deliveries that went to it, and the names people gave to the digests of the
        subscriptions that are gone; the number of those deliveries.
        """

        def erase(entry: Any) -> None:
            entry["destination"]["options"]["address"] = erasure.instead
            for said in ("reason", "answer"):
                entry[said] = entry[said] and erasure.text(entry[said])

        places = [
            place for place in self._delivery_of.values() if erasure.is_of(self._entry(place)["destination"]["options"])
        ]
        self._deliveries.update(erase, doc_ids=places)
        named = [place for each in gone for place in self._digests_of.get(each, [])]
        self._digests.update({"name": erasure.instead}, doc_ids=named)
        return len(places)

    # indexes

    def _at(self, places: Iterable[int]) -> list[Delivery]:
        return [to_delivery(self._entry(place)) for place in places]

    def _entry(self, place: int) -> dict[str, Any]:
        entry = self._deliveries.at(place)
        assert entry is not None  # the indexes point at what is there
        return entry

    def _index_digest(self, place: int, key: str, subscription: str) -> None:
        self._digest_of[key] = place
        self._digests_of.setdefault(subscription, []).append(place)

    def _index_delivery(self, place: int, name: str, digest: str) -> None:
        self._delivery_of[name] = place
        self._deliveries_of.setdefault(digest, []).append(place)
        self._put(place)

    def _put(self, place: int) -> None:
        (self._unsent.discard if self._entry(place)["state"] == DeliveryState.SENT.value else self._unsent.add)(place)
        due = self._due_at(place)
        if due is not None:
            self._agenda.put(place, due)
            digest = self._entry(place)["digest"]
            agenda = self._agenda_of.get(digest)
            if agenda is None:
                agenda = self._agenda_of[digest] = self._new_agenda()
            agenda.put(place, due)

    def _new_agenda(self) -> Agenda:
        return Agenda(self._due_at, self._leased)

    def _due_at(self, place: int) -> datetime | None:
        """From when on a delivery may be claimed; None for one that may not."""
        entry = self._entry(place)
        if entry["state"] not in _OPEN:
            return None
        due = entry["lease_until"] if entry["state"] == _SENDING else entry["not_before"]
        return to_time(due) if due is not None else _ANY_TIME

    def _leased(self, place: int) -> bool:
        return bool(self._entry(place)["state"] == _SENDING)


_SENDING = DeliveryState.SENDING.value
_OPEN = frozenset(state.value for state in OPEN_STATES)
