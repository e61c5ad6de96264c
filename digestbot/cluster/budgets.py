"""Budgets that all workers share: turns at a pace, and so many places at once, kept by the database itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from digestbot.channels.base import Channel, Receipt
from digestbot.core.deliveries import Part
from digestbot.core.subscriptions import Destination
from digestbot.delivery.destinations import pace
from digestbot.store.postgres.connection import Connection
from digestbot.store.postgres.statements import load
from digestbot.store.postgres.store import PostgresStore

_SQL = load("budgets.sql", __file__)
_GLANCE = 0.05  # seconds between two looks for a free place


class Turns:
    """Turns at a pace, whoever takes them: the database hands out moments that are an interval apart."""

    def __init__(self, store: PostgresStore, pause: Callable[[float], None] = time.sleep) -> None:
        self._store = store
        self._pause = pause

    def wait(self, budget: str, interval: timedelta) -> None:
        """Wait for the next turn of a budget. Raises StoreError."""
        with self._store.reading() as connection:
            (seconds,) = connection.execute(_SQL["next_turn"], {"budget": budget, "interval": interval}).fetchone() or (
                0.0,
            )
        if seconds > 0:
            self._pause(seconds)


class Places:
    """So many at once in the whole cluster: a place is a lock of one session, which ends with its process."""

    def __init__(
        self, store: PostgresStore, budget: str, most: int, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._store = store
        self._budget = budget
        self._most = most
        self._pause = pause
        self._turn = threading.Lock()
        self._ours: dict[int, Connection] = {}
        self._session: Connection | None = None

    @contextmanager
    def one(self) -> Iterator[None]:
        """Within, one of the places is taken. Raises StoreError."""
        while (place := self._taken()) is None:
            self._pause(_GLANCE)
        try:
            yield
        finally:
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


class Budgeted(Channel):
    """A channel whose every message keeps to the budgets: the pace of its destination, the mail server's limits."""

    def __init__(self, channel: Channel, turns: Turns, mail: timedelta | None, places: Places | None) -> None:
        self.kind = channel.kind
        self._channel = channel
        self._turns = turns
        self._mail = mail
        self._places = places

    def send(self, part: Part, to: Destination, *, key: str) -> Receipt:
        """As the contract says, when its turn has come."""
        if self.kind != "email":
            interval = pace(to).interval
            if interval:
                self._turns.wait(to.name, interval)
            return self._channel.send(part, to, key=key)
        if self._mail:
            self._turns.wait("smtp", self._mail)
        if self._places is None:
            return self._channel.send(part, to, key=key)
        with self._places.one():
            return self._channel.send(part, to, key=key)

    def close(self) -> None:
        """The channel is kept open by whoever opened it."""
