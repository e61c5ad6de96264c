"""How the cluster stands: its workers, and the jobs that wait, are being done, or failed, queue by queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digestbot.runtime.cluster.jobs import STALLED
from digestbot.store.postgres.statements import load
from digestbot.store.postgres.store import PostgresStore

_SQL = load("status.sql", __file__)


@dataclass(frozen=True, slots=True)
class Queue:
    """Jobs of one queue by their state, and since when the oldest of those not done is there."""

    name: str
    waiting: int
    doing: int
    failed: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class ClusterStanding:
    """``alive`` workers were heard of within half a minute; ``silent`` ones were not, and others take their jobs."""

    alive: int
    silent: int
    queues: tuple[Queue, ...]


def cluster_status(store: PostgresStore) -> ClusterStanding:
    """How it stands now. Raises StoreError."""
    with store.reading() as connection:
        ((alive, silent),) = connection.execute(_SQL["workers"], {"stalled": STALLED})
        queues = tuple(Queue(*row) for row in connection.execute(_SQL["jobs"]))
    return ClusterStanding(alive, silent, queues)
