"""The jobs: what the engine is told of each story, and how they are deferred with what they follow from."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import psycopg
from procrastinate import App as Engine
from procrastinate import PsycopgConnector, RetryStrategy, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import QUEUEING_LOCK_CONSTRAINT, JobManager

from digestbot.model.deliveries import Delivery
from digestbot.model.errors import DigestbotError, StoreError
from digestbot.runtime.cluster.agenda import Shard
from digestbot.runtime.cluster.delivering import DELIVERIES
from digestbot.store.postgres.connection import Connection
from digestbot.store.postgres.store import PostgresStore

HEARTBEAT = timedelta(seconds=5)
STALLED = timedelta(seconds=30)
"""A worker that has not been heard of for so long has lost its jobs to others; what it sends late is refused."""
_PATIENCE = 60  # seconds in which the end of a job is told again while the server is away

log = logging.getLogger(__name__)


class JobStopped(DigestbotError):
    """The worker was told to stop before the job was done: the rest is for another."""


class _Manager(JobManager):
    """Says the end of a job again when the server was away: a job that nobody ends would hold its lock."""

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        await _patiently(lambda: JobManager.finish_job(self, job, status, delete_job))

    async def retry_job(self, job: Job, *args: Any, **options: Any) -> None:
        """Where the next of its name waits already, that one does all there is to do, and this one ends.

        It could not wait beside it; left as it is it would hold its lock, and the next would wait for ever.
        """
        try:
            await _patiently(lambda: JobManager.retry_job(self, job, *args, **options))
        except UniqueViolation as error:
            if error.constraint_name != QUEUEING_LOCK_CONSTRAINT:
                raise
            await self.finish_job(job, Status.FAILED, delete_job=True)


async def _patiently(tell: Callable[[], Awaitable[None]]) -> None:
    for second in range(_PATIENCE):
        try:
            await tell()
            return
        except ConnectorException as error:
            if not isinstance(error.__cause__, psycopg.OperationalError) or second == _PATIENCE - 1:
                raise
            await asyncio.sleep(1)


def engine(url: str) -> Engine:
    """The engine on the store's own database, without any job yet."""
    connector = PsycopgConnector(conninfo=url, min_size=1, max_size=4, kwargs={"application_name": "digestbot worker"})
    made = Engine(
        connector=connector,
        worker_defaults={
            "update_heartbeat_interval": HEARTBEAT.total_seconds(),
            "stalled_worker_timeout": STALLED.total_seconds(),
            "fetch_job_polling_interval": 2.0,
            "delete_jobs": "successful",
            "install_signal_handlers": False,
        },
    )
    made.job_manager = _Manager(connector)
    return made


async def reap(made: Engine) -> None:
    """Give the jobs of workers that are gone to others, and forget those workers."""
    manager = made.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED.total_seconds()):
        log.warning("the worker of %s is gone: anybody's now", job.call_string)
        try:
            await manager.retry_job(job)
        except ConnectorException as error:  # it ended after all, or another worker was quicker
            log.warning("%s could not be given to others: %s", job.call_string, error.__cause__ or error)
    await manager.prune_stalled_workers(STALLED.total_seconds())
    await manager.delete_old_jobs(nb_hours=7 * 24, include_failed=True, include_cancelled=True, include_aborted=True)


# The ledger knows what is left to do, whatever becomes of a job: what fails for good is found by the next tick.
AGAIN = RetryStrategy(max_attempts=10, exponential_wait=2, retry_exceptions=[StoreError])
AT_ONCE = RetryStrategy(retry_exceptions=[JobStopped])


class Retry(RetryStrategy):
    """A job that was cut short is anybody's at once; one that met a store in trouble waits a little."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> Any:
        """As the engine asks."""
        chosen = AT_ONCE if isinstance(exception, JobStopped) else AGAIN
        return chosen.get_retry_decision(exception=exception, job=job)


_MANAGER = JobManager(SyncPsycopgConnector())
"""Defers jobs through connections it is handed; it has none of its own."""


def defer_deliveries(connection: Connection, planned: Sequence[Delivery]) -> None:
    """Defer the jobs of deliveries that are planned in this very transaction: one for some hundreds of a kind."""
    kinds = Counter(each.destination.channel for each in planned)
    jobs = [
        _job("deliver", kind, {"kind": kind}, f"deliver {kind} {planned[0].id} {number}")
        for kind, count in kinds.items()
        for number in range(-(-count // DELIVERIES))
    ]
    if jobs:
        _MANAGER.batch_defer_jobs(jobs, connection=connection)


def defer_sweep(store: PostgresStore, kind: str) -> bool:
    """Defer a job for deliveries of this kind that may leave: retries, and what a lost job left. One waits at most."""
    return _defer(store, _job("deliver", kind, {"kind": kind}, f"sweep {kind}"))


def defer_plan(store: PostgresStore, shard: Shard, head: int, now: str) -> bool:
    """Defer the planning of a shard as of a moment; False where it waits already."""
    key = f"plan {shard.first}-{shard.stop} {shard.slice}/{shard.slices}"
    asked = {**asdict(shard), "head": head, "now": now}
    return _defer(store, _job("plan", "plan", asked, key, lock=key))


def defer_enrolling(store: PostgresStore, number: int, head: int, now: str) -> bool:
    """Defer a look at who came or changed in a stretch of buckets; False where it waits already."""
    key = f"enroll {number}"
    return _defer(store, _job("enroll", "plan", {"number": number, "head": head, "now": now}, key, lock=key))


def _job(task: str, queue: str, arguments: dict[str, Any], key: str, lock: str | None = None) -> Job:
    return Job(queue=queue, lock=lock, queueing_lock=key, task_name=task, task_kwargs=arguments)


def _defer(store: PostgresStore, job: Job) -> bool:
    try:
        with store.writing() as connection:
            _MANAGER.batch_defer_jobs([job], connection=connection)
    except AlreadyEnqueued:
        return False
    except ConnectorException as error:
        raise StoreError(f"a job could not be deferred: {error.__cause__ or error}") from error
    return True
