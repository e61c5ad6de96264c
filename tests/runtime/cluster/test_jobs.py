"""What becomes of the jobs of workers that are gone, whatever waits beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from procrastinate.jobs import Job

from digestbot.runtime.cluster import jobs
from digestbot.store.postgres.store import PostgresStore
from tests.delivery.kit import NOW
from tests.servers.postgres import PostgresServer


@pytest.fixture
def url(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store in which a worker counts as gone at once."""
    monkeypatch.setattr(jobs, "STALLED", timedelta(0))
    url = postgres.url()
    with PostgresStore(url) as store:
        store.register([], now=NOW)
    return url


def job(task: str, lock: str | None = None) -> Job:
    """A job as the tick and the sweeps are: one is at work, and one may wait."""
    return Job(queue="tick", lock=lock, queueing_lock=task, task_name=task, task_kwargs={})


def reaped(url: str, *left: Job, waiting: Sequence[Job] = ()) -> list[str]:
    """The tasks that are done next, where a worker died with some in hand while others waited."""

    async def run() -> list[str]:
        async with jobs.engine(url).open_async() as made:
            manager = made.job_manager
            gone = await manager.register_worker()
            for each in left:
                await manager.defer_job_async(each)
                assert await manager.fetch_job(queues=None, worker_id=gone)
            for each in waiting:
                await manager.defer_job_async(each)
            await jobs.reap(made)
            next_one = await manager.register_worker()
            found = []
            while (taken := await manager.fetch_job(queues=None, worker_id=next_one)) is not None:
                found.append(taken.task_name)
            return sorted(found)

    return asyncio.run(run())


def test_a06_the_tick_of_a_killed_worker_does_not_hold_up_every_tick_after_it(url: str) -> None:
    """The next tick waits for its lock: the dead one can neither wait beside it nor stay."""
    tick = job("tick", lock="tick")
    assert reaped(url, tick, waiting=[tick]) == ["tick"]


def test_a06_one_job_that_cannot_wait_again_keeps_no_other_from_its_turn(url: str) -> None:
    sweep, tick, deliver = job("sweep"), job("tick", lock="tick"), job("deliver")
    assert reaped(url, sweep, tick, deliver, waiting=[sweep, tick]) == ["deliver", "sweep", "tick"]
