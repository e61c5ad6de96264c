"""Delivering a shard: some hundreds of the deliveries of one kind that may leave now."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager
from datetime import datetime, timedelta

from digestbot.bootstrap import App
from digestbot.channels.base import Channel, LeaseLost, Stopped
from digestbot.delivery.destinations import pace
from digestbot.delivery.dispatcher import IN_FLIGHT, Dispatcher
from digestbot.delivery.notices import Trouble, trouble_of
from digestbot.model.deliveries import Delivery, DeliveryState, Outcome
from digestbot.runtime.cluster.budgets import Places, SharedTurns, jobs_in_hand
from digestbot.store.postgres.store import PostgresStore

DELIVERIES = 200
"""So many deliveries are one job at the most."""
_AHEAD = timedelta(minutes=1)
"""Mails that wait for their turn at a pace are claimed so long before at the most: far less than a lease."""


class _OfKind:
    """The ledger as a dispatcher sees it that has one kind of channel to serve, and so many deliveries to take."""

    def __init__(self, store: PostgresStore, kind: str, at_once: int, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._kind = kind
        self._at_once = at_once
        self._left = DELIVERIES
        self._now = clock()

    def abandon(self) -> int:
        """Others may be sending."""
        return 0

    def claim(self, *, now: datetime, lease: timedelta, limit: int, digests: Set[str] | None = None) -> list[Delivery]:
        """Some of those that are left of this dispatcher's share."""
        limit = min(limit, self._left, self._at_once)
        found = self._store.claim_of_kind(self._kind, now=now, lease=lease, limit=limit) if limit else []
        self._left -= len(found)
        return found

    def record(self, outcomes: Sequence[Outcome]) -> int:
        """As the store does."""
        return self._store.record(outcomes)

    def deliveries(self, *, states: Set[DeliveryState]) -> list[Delivery]:
        """What tells of destinations that are gone or asked for patience. What others are sending is theirs."""
        return self._store.patience_of_kind(self._kind, now=self._now)


class Deliverer:
    """Delivers shards for one process, in any of its threads."""

    def __init__(self, app: App, store: PostgresStore) -> None:
        self._app = app
        self._store = store
        self._turns = SharedTurns(store, app.stopping.wait)
        settings = app.settings
        self._mail = timedelta(seconds=1 / settings.smtp_rate) if settings.smtp_rate else timedelta(0)
        connections = settings.smtp_connections
        self._places = Places(store, "smtp", connections, app.stopping.wait) if connections else None
        self._opening = threading.Lock()

    def deliver(self, kind: str) -> int:
        """Send up to `DELIVERIES` of this kind that may leave now; how many had an outcome. Raises StoreError."""
        with self._opening:
            ours = self._app.dispatcher
        if kind != "email" or self._places is None:
            return self._delivered(ours, kind, ours.per_kind)
        # Nothing is claimed before there is a place for it: leases do not run out in a queue.
        with self._places.some(ours.per_kind, self._app.stopping) as places:
            return self._delivered(ours, kind, places) if places else 0

    def _delivered(self, ours: Dispatcher, kind: str, places: int) -> int:
        ledger = _OfKind(self._store, kind, self._at_once(kind), self._app.clock)
        dispatcher = ours.beside(ledger, channel=self._channel, turn=self._turn, per_kind=places)
        done = 0
        for delivery, outcome in dispatcher.run():
            done += outcome.state is not DeliveryState.PLANNED
            self._tell(trouble_of(delivery, outcome))
        for why in dispatcher.broken.values():
            self._tell(Trouble(f"channel {kind}", f"{kind}: {why.reason}"))
        return done

    def _at_once(self, kind: str) -> int:
        """How many are claimed at a time: where mails go at a pace, what all who deliver send within `_AHEAD`."""
        if kind != "email" or not self._mail:
            return IN_FLIGHT
        return max(1, int(_AHEAD / self._mail / max(1, jobs_in_hand(self._store, kind))))

    @contextmanager
    def _turn(self, delivery: Delivery) -> Iterator[None]:
        """Within, it is the delivery's turn: at the pace of its destination or of the mail server, and in its lease."""
        to = delivery.destination
        budget, interval = ("smtp", self._mail) if to.channel == "email" else (to.name, pace(to).interval)
        if interval and not self._turns.came(budget, interval):
            raise Stopped
        # It waited, or this process was stopped, for so long that another may have sent it meanwhile.
        if delivery.lease_until is not None and self._app.clock() >= delivery.lease_until:
            raise LeaseLost
        yield

    def _channel(self, kind: str) -> Channel:
        with self._opening:
            return self._app.channel(kind)

    def _tell(self, trouble: Trouble | None) -> None:
        if trouble is not None:
            with self._opening:
                self._app.report(trouble)

    def close(self) -> None:
        """Leave what is held in the database."""
        if self._places is not None:
            self._places.close()


@contextmanager
def delivering(app: App, store: PostgresStore) -> Iterator[Deliverer]:
    """A deliverer, closed at the end."""
    deliverer = Deliverer(app, store)
    try:
        yield deliverer
    finally:
        deliverer.close()
