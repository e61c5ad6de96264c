"""The PostgreSQL store: the contract for many processes that write at once; the server keeps them apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Self

from digestbot.model.audit import AuditEntry
from digestbot.model.deliveries import Delivery, Outcome
from digestbot.model.digests import DigestRecord, OpenedTurn
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.model.subscribers import Membership, SubscriberRecord, Suppression, fits
from digestbot.store.base import Cursor, Merged, Opening
from digestbot.store.codec import from_time, storable_text
from digestbot.store.erasing import Erasure, Keys, asked_for, under_their_addresses
from digestbot.store.postgres import audit_log, digest_book, gists, membership, outbox, paper_log
from digestbot.store.postgres.connection import Connection, Held, Pooled, Server, Together
from digestbot.store.postgres.reports import Reports
from digestbot.store.postgres.schema import refuse_marked, refuse_older, upgrade


class PostgresStore(Reports):
    """The store in the database that `url` names, whose tables are made or brought forward.

    With `read_only` it is the state of this moment. Raises UsageError for a URL that is none, StoreError as the
    contract says.
    """

    def __init__(self, url: str, *, read_only: bool = False, keys: Keys = tuple) -> None:
        self._keys = keys
        self._server = server = Server(url)
        self.place = server.place
        with server.naming(), server.connect() as connection:
            if read_only:
                refuse_older(server, connection)
            upgrade(server, connection)
            if not read_only:
                refuse_marked(server, connection)
        self._connections = Held(server) if read_only else Pooled(server)

    # the life of a paper

    def merge(self, papers: Sequence[Paper], *, now: datetime) -> Merged:
        """One dump at a time, whoever merges."""
        from_time(now)
        cleaned = [paper_log.clean(paper) for paper in papers]
        with self._connections.writing() as connection:
            return paper_log.merge(connection, cleaned, now)

    def head(self) -> int:
        with self._connections.reading() as connection:
            return paper_log.head(connection)

    def window(self, after: int, upto: int, *, newest_first: bool = False) -> Iterator[LoggedPaper]:
        """What is merged meanwhile does not come into it."""
        with self._connections.reading() as connection:
            places = paper_log.last_places(connection, after, upto)
        return self._at(places[::-1], newest_first=True) if newest_first else self._at(places)

    def logged(self, sequences: Iterable[int]) -> dict[int, LoggedPaper]:
        return {each.sequence: each for each in self._at(list(sequences))}

    def _at(self, places: Sequence[int], *, newest_first: bool = False) -> Iterator[LoggedPaper]:
        for page in paper_log.pages(places):
            with self._connections.reading() as connection:
                found = paper_log.at(connection, page)
            yield from reversed(found) if newest_first else found

    def find(self, reference: str) -> LoggedPaper | None:
        with self._connections.reading() as connection:
            return paper_log.find(connection, storable_text(reference))

    # the life of a digest

    def register(self, subscriptions: Iterable[str], *, now: datetime) -> None:
        with self._connections.writing() as connection:
            digest_book.register(connection, subscriptions, now)

    def register_subscribers(self, *, now: datetime) -> None:
        with self._connections.writing() as connection:
            digest_book.register_subscribers(connection, now)

    def cursor(self, subscription: str) -> Cursor | None:
        return self.cursors([subscription]).get(subscription)

    def cursors(self, subscriptions: Iterable[str]) -> dict[str, Cursor]:
        with self._connections.reading() as connection:
            return digest_book.cursors(connection, subscriptions)

    def delivered(self, subscription: str) -> Set[str]:
        with self._connections.reading() as connection:
            return digest_book.delivered(connection, subscription)

    def delivered_of(self, subscriptions: Iterable[str], works: Set[str]) -> dict[str, Set[str]]:
        with self._connections.reading() as connection:
            return digest_book.delivered_of(connection, subscriptions, works)

    def open_digest(self, record: DigestRecord, deliveries: Sequence[Delivery]) -> bool:
        (opened,) = self.open_digests([Opening(record, deliveries)])
        return opened

    def open_digests(self, openings: Sequence[Opening], *, together: Together | None = None) -> list[bool]:
        """`together` takes part in the transaction: what it does with the connection it is handed, for the keys of
        the digests that are opened, is done if and only if they are opened."""
        with self._connections.writing() as connection:
            opened = digest_book.Book(connection, openings).open()
            if together is not None:
                keys = [each.record.key for each, taken in zip(openings, opened, strict=True) if taken]
                together(connection, keys)
            return opened

    def digest(self, key: str) -> DigestRecord | None:
        with self._connections.reading() as connection:
            return digest_book.digest(connection, key)

    def digests(self, subscription: str | None = None, *, newest: int | None = None) -> list[DigestRecord]:
        with self._connections.reading() as connection:
            if subscription is None:
                return digest_book.digests(connection, newest)
            return [record for _, record in digest_book.digests_of(connection, [subscription], newest)]

    def last_turn(self, subscription: str) -> OpenedTurn | None:
        found = self.digests(subscription, newest=1)
        return OpenedTurn(found[0].slot, found[0].opened_at) if found else None

    def earlier(self, subscriptions: Iterable[str], *, newest: int) -> dict[str, list[DigestRecord]]:
        found: dict[str, list[DigestRecord]] = {}
        with self._connections.reading() as connection:
            for name, record in digest_book.digests_of(connection, subscriptions, newest):
                found.setdefault(name, []).append(record)
        return found

    # the life of a delivery

    def claim(self, *, now: datetime, lease: timedelta, limit: int, digests: Set[str] | None = None) -> list[Delivery]:
        """Two who claim at once never get the same, and neither waits."""
        with self._connections.writing() as connection:
            return outbox.claim(connection, now, lease, limit, digests)

    def claim_of_kind(self, kind: str, *, now: datetime, lease: timedelta, limit: int) -> list[Delivery]:
        """As `claim`, of the deliveries to one kind of channel."""
        with self._connections.writing() as connection:
            return outbox.claim_of_kind(connection, kind, now, lease, limit)

    def patience_of_kind(self, kind: str, *, now: datetime) -> list[Delivery]:
        """Deliveries of a kind that ended their destination for good, or wait because it asked for patience."""
        with self._connections.reading() as connection:
            return outbox.patience_of_kind(connection, kind, now)

    def abandon(self) -> int:
        """Nothing is given up: others may be sending."""
        with self._connections.writing():
            return 0

    def record(self, outcomes: Sequence[Outcome]) -> int:
        with self._connections.writing() as connection:
            return outbox.record(connection, outcomes)

    # the life of a subscriber

    def put_subscribers(self, records: Iterable[SubscriberRecord], *, noting: Iterable[AuditEntry] = ()) -> None:
        with self._connections.writing() as connection:
            membership.put(connection, records)
            audit_log.note(connection, noting)

    def remove_subscribers(self, ids: Iterable[str], *, noting: Iterable[AuditEntry] = ()) -> int:
        with self._connections.writing() as connection:
            audit_log.note(connection, noting)
            return membership.remove(connection, ids)

    def subscribers(
        self, ids: Iterable[str] | None = None, *, buckets: range | None = None, address: str | None = None
    ) -> Iterator[SubscriberRecord]:
        """Fetched page by page."""
        if ids is None and address is None and buckets is None:
            yield from self._all_subscribers()
            return
        with self._connections.reading() as connection:
            names = membership.names(connection, ids, buckets, address)
        for start in range(0, len(names), membership.PAGE):
            with self._connections.reading() as connection:
                found = list(membership.these(connection, names[start : start + membership.PAGE]))
            yield from (each for each in found if fits(each, buckets, address))

    def _all_subscribers(self) -> Iterator[SubscriberRecord]:
        last = ""
        while True:
            with self._connections.reading() as connection:
                page = membership.page(connection, last)
            yield from page
            if len(page) < membership.PAGE:
                return
            last = page[-1].id

    def count_subscribers(self, buckets: range | None = None) -> dict[Membership, int]:
        with self._connections.reading() as connection:
            return membership.count(connection, buckets)

    def subscribers_mark(self, buckets: range) -> str:
        with self._connections.reading() as connection:
            return membership.mark(connection, buckets)

    def suppress(self, suppressions: Sequence[Suppression], *, noting: Iterable[AuditEntry] = ()) -> None:
        with self._connections.writing() as connection:
            membership.suppress(connection, suppressions)
            audit_log.note(connection, noting)

    def release(self, addresses: Iterable[str], *, noting: Iterable[AuditEntry] = ()) -> int:
        with self._connections.writing() as connection:
            audit_log.note(connection, noting)
            return membership.release(connection, asked_for(addresses, self._keys()))

    def suppressions(self, addresses: Iterable[str] | None = None) -> dict[str, Suppression]:
        asked = None if addresses is None else asked_for(addresses, self._keys())
        with self._connections.reading() as connection:
            found = membership.suppressions(connection, asked)
        return found if asked is None else under_their_addresses(found.values(), asked)

    def erase(self, address: str, *, now: datetime, noting: Iterable[AuditEntry] = ()) -> int:
        with self._connections.writing() as connection:
            erasure = Erasure.of(address, self._keys())
            from_time(now)
            places = audit_log.erase(connection, erasure, now)
            audit_log.note(connection, map(erasure.entry, noting))
            return places

    # what a model wrote of papers

    def take_gists(self, ids: Iterable[str], *, day: date, most: int) -> list[str]:
        with self._connections.writing() as connection:
            return gists.take(connection, ids, day, most)

    def put_gists(self, texts: Mapping[str, str]) -> None:
        with self._connections.writing() as connection:
            gists.put(connection, texts)

    def gists(self, ids: Iterable[str]) -> dict[str, str]:
        with self._connections.reading() as connection:
            return gists.of(connection, ids)

    # what the workers of a cluster keep beside

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection for statements of the caller's own; what goes wrong with them is a StoreError."""
        return self._connections.reading()

    def writing(self) -> AbstractContextManager[Connection]:
        """The same as one transaction."""
        return self._connections.writing()

    def session(self) -> Connection:
        """A connection of the caller's own, to be closed by it."""
        return self._server.connect()

    # the audit log

    def note(self, entries: Iterable[AuditEntry]) -> int:
        with self._connections.writing() as connection:
            return audit_log.note(connection, entries)

    def audit(
        self, about: str | None = None, *, ids: Iterable[str] | None = None, newest: int | None = None
    ) -> list[AuditEntry]:
        with self._connections.reading() as connection:
            return audit_log.entries(connection, about, ids, newest)

    def close(self) -> None:
        """Let go of all connections. Closing twice is fine."""
        self._connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
