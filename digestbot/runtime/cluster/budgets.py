"""Budgets that all workers share: turns at a pace, and so many places at once, kept by the database itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from digestbot.store.postgres.connection import Connection
from digestbot.store.postgres.statements import load
from digestbot.store.postgres.store import PostgresStore

_SQL = load("budgets.sql", __file__)
_GLANCE = 0.05  # seconds between two looks for a free place


def jobs_in_hand(store: PostgresStore, queue: str) -> int:
    """How many jobs of a queue workers have in hand. Raises StoreError."""
    with store.reading() as connection:
        (count,) = connection.execute(_SQL["jobs_in_hand"], {"queue": queue}).fetchone() or (0,)
    return int(count)


class SharedTurns:
    """Turns at a pace, whoever takes them: the database hands out moments that are an interval apart.

    ``wait`` waits some seconds, or less and says True when it is time to stop.
    """

    def __init__(self, store: PostgresStore, wait: Callable[[float], bool]) -> None:
        self._store = store
        self._wait = wait

    def came(self, budget: str, interval: timedelta) -> bool:
        """Wait for the next turn of a budget; False where it is time to stop before. Raises StoreError."""
        with self._store.reading() as connection:
            asked = {"budget": budget, "interval": interval}
            (seconds,) = connection.execute(_SQL["next_turn"], asked).fetchone() or (0.0,)
        return seconds <= 0 or not self._wait(seconds)


class Places:
    """So many at once in the whole cluster: a place is a lock of one session, which ends with its process."""

    def __init__(self, store: PostgresStore, budget: str, most: int, wait: Callable[[float], object]) -> None:
        self._store = store
        self._budget = budget
        self._most = most
        self._wait = wait
        self._turn = threading.Lock()
        self._ours: dict[int, Connection] = {}
        self._session: Connection | None = None

    @contextmanager
    def some(self, wanted: int, stopping: threading.Event) -> Iterator[int]:
        """Within, so many places are taken: those that are free, up to `wanted`, one is waited for.

        None when it is time to stop. Raises StoreError.
        """
        places: list[int] = []
        try:
            while not places and not stopping.is_set():
                while len(places) < wanted and (place := self._taken()) is not None:
                    places.append(place)
                if not places:
                    self._wait(_GLANCE)
            yield len(places)
        finally:
            for place in places:
                self._left(place)

    def _taken(self) -> int | None:
        with self._turn:
            if self._session is None or self._session.broken or self._session.closed:
                # The locks of a session that was lost are free again: what is in hand here counts no more.
                self._session = self._store.session()
                self._ours.clear()
            for place in range(self._most):
                asked = {"budget": self._budget, "place": place}
                # A session may take its own lock twice: that is no second place.
                if place not in self._ours and self._session.execute(_SQL["take_place"], asked).fetchone() == (True,):
                    self._ours[place] = self._session
                    return place
            return None

    def _left(self, place: int) -> None:
        with self._turn:
            session = self._ours.get(place)
            if session is not None and session is self._session and not session.closed:
                del self._ours[place]
                session.execute(_SQL["leave_place"], {"budget": self._budget, "place": place})

    def close(self) -> None:
        """Leave all places."""
        with self._turn:
            if self._session is not None:
                self._session.close()
