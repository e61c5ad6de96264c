"""Delivering a shard: some hundreds of the deliveries of one kind that may leave now."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from digestbot.app import App
from digestbot.channels.base import Channel, Temporary
from digestbot.cluster.budgets import Budgeted, Places, Turns
from digestbot.core.deliveries import Delivery, Message, Outcome, State
from digestbot.delivery.notices import Trouble, trouble_of
from digestbot.store.base import Store
from digestbot.store.postgres.store import PostgresStore

DELIVERIES = 200
"""So many deliveries are one job at the most."""


class _OfKind:
    """The ledger as a courier sees it that has one kind of channel to serve, and so many deliveries to take."""

    def __init__(self, store: PostgresStore, kind: str, most: int, now: datetime) -> None:
        self._store = store
        self._kind = kind
        self._left = most
        self._now = now

    def abandon(self) -> int:
        """Others may be sending."""
        return 0

    def claim(self, *, now: datetime, lease: timedelta, limit: int, digests: Set[str] | None = None) -> list[Delivery]:
        """Some of those that are left of this courier's share."""
        limit = min(limit, self._left)
        found = self._store.claim_of_kind(self._kind, now=now, lease=lease, limit=limit) if limit else []
        self._left -= len(found)
        return found

    def record(self, outcomes: Sequence[Outcome]) -> int:
        """As the store does."""
        return self._store.record(outcomes)

    def deliveries(self, *, states: Set[State]) -> list[Delivery]:
        """What tells of destinations that are gone or asked for patience. What others are sending is theirs."""
        return self._store.patience_of_kind(self._kind, now=self._now)


class Deliverer:
    """Delivers shards for one process, in any of its threads."""

    def __init__(self, app: App, store: PostgresStore) -> None:
        self._app = app
        self._store = store
        self._turns = Turns(store)
        settings = app.settings
        self._mail = timedelta(seconds=1 / settings.smtp_rate) if settings.smtp_rate else None
        self._places = Places(store, "smtp", settings.smtp_connections) if settings.smtp_connections else None
        self._opening = threading.Lock()

    def deliver(self, kind: str) -> int:
        """Send up to `DELIVERIES` of this kind that may leave now; how many had an outcome. Raises StoreError."""
        app, done = self._app, 0
        ledger = _OfKind(self._store, kind, DELIVERIES, app.clock())
        with self._opening:
            ours = app.courier
        courier = replace(
            ours,
            store=cast(Store, ledger),  # all of a store that a courier uses
            write=self._write,
            channel=self._channel,
            broken={},
            _destinations=None,
            _fences={},
        )
        for delivery, outcome in courier.run():
            done += outcome.state is not State.PLANNED
            self._tell(trouble_of(delivery, outcome))
        for why in courier.broken.values():
            self._tell(Trouble(f"channel {kind}", f"{kind}: {why.reason}"))
        return done

    def _write(self, delivery: Delivery) -> Message:
        """The message, unless this process was stopped for so long that another may have sent it meanwhile."""
        if delivery.lease_until is not None and self._app.clock() >= delivery.lease_until:
            raise Temporary("not sent: its lease was over, and another worker may have it")
        return self._app.write(delivery)

    def _channel(self, kind: str) -> Channel:
        with self._opening:
            channel = self._app.channel(kind)
        return Budgeted(channel, self._turns, self._mail, self._places)

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
