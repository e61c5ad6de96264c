"""What people look at and say, in PostgreSQL: how deliveries went, opinions about papers, and what is liked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from datetime import date, datetime

from psycopg.rows import dict_row

from digestbot.model.deliveries import OPEN_STATES, Delivery, DeliveryState
from digestbot.model.feedback import Feedback, Liking
from digestbot.model.papers import Paper
from digestbot.store.codec import from_opinion, from_time, storable, storable_text
from digestbot.store.libraries import from_library, to_library
from digestbot.store.postgres import digest_book, outbox
from digestbot.store.postgres.connection import Connections
from digestbot.store.postgres.statements import load

_SQL = load("reports.sql")


class Reports:
    """These methods of the contract."""

    _connections: Connections

    def count_digests(self) -> int:
        with self._connections.reading() as connection:
            return digest_book.count(connection)

    def deliveries(
        self,
        *,
        digest: str | None = None,
        subscriptions: Set[str] | None = None,
        address: str | None = None,
        states: Set[DeliveryState] | None = None,
        ids: Set[str] | None = None,
    ) -> list[Delivery]:
        with self._connections.reading() as connection:
            return outbox.deliveries(connection, digest, subscriptions, address, states, ids)

    def count_deliveries(self, states: Set[DeliveryState]) -> dict[DeliveryState, int]:
        with self._connections.reading() as connection:
            return outbox.count(connection, states)

    def pending(self, *, now: datetime) -> tuple[int, datetime | None]:
        arguments = {"states": [each.value for each in OPEN_STATES], "now": now}
        with self._connections.reading() as connection:
            ((number, since),) = connection.execute(_SQL["pending"], arguments)
            return number, since

    def latest(self, states: Set[DeliveryState], *, newest: int) -> list[Delivery]:
        arguments = {"states": [each.value for each in states], "newest": newest}
        with self._connections.reading() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return [outbox.delivery(row) for row in cursor.execute(_SQL["latest"], arguments)]

    def tally(self, *, since: datetime) -> dict[tuple[date, DeliveryState], int]:
        with self._connections.reading() as connection:
            rows = connection.execute(_SQL["tally"], (from_time(since),))
            return {(day, DeliveryState(state)): count for day, state, count in rows}

    def put_opinions(self, opinions: Iterable[Feedback]) -> None:
        said = {entry["id"]: entry for entry in (storable(from_opinion(each))[0] for each in opinions)}
        with self._connections.writing() as connection, connection.cursor() as cursor:
            # In one order for everybody, so that two who write never wait for each other in a ring.
            cursor.executemany(_SQL["put_opinion"], [said[name] for name in sorted(said)])

    def opinions(self, subscription: str) -> list[Feedback]:
        with self._connections.reading() as connection:
            rows = connection.execute(_SQL["opinions"], (storable_text(subscription),))
            return [Feedback(name, place, Liking(liking), at) for name, place, liking, at in rows]

    def put_library(self, name: str, papers: Sequence[Paper]) -> None:
        with self._connections.writing() as connection:
            if papers:
                connection.execute(_SQL["put_library"], from_library(storable_text(name), papers))
            else:
                connection.execute(_SQL["remove_library"], (storable_text(name),))

    def library(self, name: str) -> list[Paper]:
        return to_library(packed) if (packed := self._library("library", name)) else []

    def library_mark(self, name: str) -> str:
        return self._library("library_mark", name)

    def _library(self, statement: str, name: str) -> str:
        with self._connections.reading() as connection:
            row = connection.execute(_SQL[statement], (storable_text(name),)).fetchone()
        return str(row[0]) if row else ""
