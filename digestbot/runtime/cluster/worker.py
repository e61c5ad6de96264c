"""The worker: a process that does jobs until it is told to stop, beside any number of others on the same store."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
from procrastinate import App as Engine
from procrastinate.exceptions import ConnectorException
from psycopg_pool import PoolTimeout

from digestbot.bootstrap import App
from digestbot.delivery.dispatcher import GRACE
from digestbot.delivery.notices import Trouble, named
from digestbot.digests.base import Moment
from digestbot.model.errors import DigestbotError, Problem, StoreError, UsageError
from digestbot.platform.files.watching import Watched
from digestbot.platform.system import when_stopped_in
from digestbot.runtime.cluster import agenda, jobs
from digestbot.runtime.cluster.agenda import Shard
from digestbot.runtime.cluster.delivering import DELIVERIES, Deliverer, delivering
from digestbot.runtime.cluster.planning import Planner, plan_files
from digestbot.runtime.cluster.queues import KINDS, QUEUES
from digestbot.runtime.health.pulse import held_up
from digestbot.runtime.heartbeat import Heartbeat
from digestbot.runtime.reloader import Reloader
from digestbot.store.postgres.store import PostgresStore
from digestbot.subscribers.compiled import CompiledSubscription

FILES = Shard(-1, 0)
"""The shard of the subscriptions that stand in files."""
TICK = "* * * * * */10"  # every ten seconds; croniter's sixth column
REAP = "* * * * * */15"
_SWEEPS = 8  # jobs' worth of deliveries looked for when a tick sweeps
_BEAT = 60.0  # seconds between two heartbeats of one worker
_PAUSE = 2.0  # seconds before a worker that lost the server looks for it again

log = logging.getLogger(__name__)


class ClusterApp(App):
    """The parts, as one of many workers uses them: subscribers of the store are never read all at once."""

    def wants(self, ids: Sequence[str] = ()) -> list[CompiledSubscription]:
        """Those of files that are right; there may be none."""
        return self.folder.asked_for(ids) if ids else list(self.folder.wants)


def postgres(app: App) -> PostgresStore:
    """The app's store, which has to be one that many share. Raises UsageError."""
    store = app.store
    if not isinstance(store, PostgresStore):
        hint = "write postgresql://user:password@host/database, and move what there is with: digestbot migrate"
        problem = Problem("workers share a PostgreSQL store, and this is none", "DIGESTBOT_STORE", way_out=hint)
        raise UsageError(problem)
    return store


class Worker:
    """Does jobs of `queues` (all without any), `concurrency` at a time. ``tell`` says what happens, line by line."""

    def __init__(
        self, app: App, tell: Callable[[str], None], *, queues: Sequence[str] = (), concurrency: int = 2
    ) -> None:
        self._current = Reloader(app)
        self.tell = tell
        self._queues = list(queues or QUEUES)
        self._concurrency = concurrency
        self._store = postgres(app)
        self._gate = _Gate()
        self._heartbeat = Heartbeat(tell)
        self._well, self._beaten_at = True, -_BEAT
        self._held_up: list[str] = []
        self._looked_at = -_BEAT
        self._watched = Watched(app.settings.home)
        self._planning = threading.Lock()
        self._stack = ExitStack()
        self._made()

    @property
    def app(self) -> App:
        """The parts as the files are now."""
        return self._current.app

    def _made(self) -> None:
        """What is made anew when settings, topics or templates changed."""
        self._stack.close()
        told = self.app.topics, jobs.defer_deliveries, self.app.stopping.is_set, self.app.gist_asker
        self._planner = Planner(self._store, *told)
        self._deliverer: Deliverer = self._stack.enter_context(delivering(self.app, self._store))

    def serve(self) -> int:
        """Work until SIGTERM or SIGINT: what is in flight is finished, the rest is anybody's. A second ends at once."""
        # psycopg works in this kind of loop alone, which is not Windows' usual one
        with self._stack, asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            return runner.run(self._serve())

    async def _serve(self) -> int:
        loop = asyncio.get_running_loop()
        when_stopped_in(loop, self._told_to_stop)
        self._stop = asyncio.Event()
        while not self.app.stopping.is_set():
            try:
                await self._work()
            except (ConnectorException, PoolTimeout, psycopg.Error, StoreError) as error:
                self.tell(f"the store is out of reach, it is tried again: {type(error).__name__}")
                log.warning("the engine stopped", exc_info=error)
            if not self.app.stopping.is_set():
                await asyncio.sleep(_PAUSE)
        return 0

    async def _work(self) -> None:
        engine = self._engine()
        async with engine.open_async():
            running = asyncio.create_task(
                engine.run_worker_async(
                    queues=self._queues,
                    concurrency=self._concurrency,
                    name=f"{socket.gethostname()}:{os.getpid()}",
                    shutdown_graceful_timeout=GRACE + 10,
                )
            )
            told = asyncio.create_task(self._stop.wait())
            await asyncio.wait((running, told), return_when=asyncio.FIRST_COMPLETED)
            told.cancel()
            if not running.done():
                running.cancel()  # it ends in good order
            try:
                await running
            except asyncio.CancelledError:
                if not self.app.stopping.is_set():
                    raise

    def _told_to_stop(self) -> None:
        if self.app.stopping.is_set():
            os._exit(1)
        self.app.stopping.set()
        self._stop.set()

    def _engine(self) -> Engine:
        made = jobs.engine(self.app.settings.store.reveal())

        async def reap(timestamp: int) -> None:
            await jobs.reap(made)

        tick = made.task(name="tick", queue="tick", lock="tick", queueing_lock="tick", retry=jobs.Retry())
        made.periodic(cron=TICK)(tick(self._tick))
        # With no lock: the job of a reaper that was killed would keep the next one from its turn.
        made.periodic(cron=REAP)(made.task(name="reap", queue="tick", queueing_lock="reap")(reap))
        ingest = made.task(name="ingest", queue="ingest", lock="ingest", queueing_lock="ingest")
        made.periodic(cron=TICK)(ingest(self._ingest))
        made.task(name="enroll", queue="plan", retry=jobs.Retry())(self._enroll)
        made.task(name="plan", queue="plan", retry=jobs.Retry())(self._plan)
        made.task(name="deliver", queue="email", retry=jobs.Retry())(self._deliver)
        return made

    # the jobs, each in a thread of its own

    def _tick(self, timestamp: int) -> None:
        """One round of the cluster, which the heartbeat tells of."""
        good = False
        try:
            self._defer_due()
            good = True
        finally:
            self._beat(good)

    def _beat(self, good: bool) -> None:
        """Tell the heartbeat how the round went, once a minute and whenever that is another than it was."""
        settings, now = self.app.settings, time.monotonic()
        if settings.heartbeat_url is None:
            return
        out = [*agenda.kinds_out(self._store), *self._what_holds_up(now)] if good else []
        for each in out if self._well else ():
            self.tell(each)
        good = good and not out
        if good != self._well or now - self._beaten_at >= _BEAT:
            self._well, self._beaten_at = good, now
            network = self.app.channel_settings.network
            self._heartbeat.after_round(settings.heartbeat_url, network, good=good)

    def _what_holds_up(self, now: float) -> list[str]:
        """How the queue and the disk stand, looked at once a minute: the queue may have a million rows."""
        if now - self._looked_at >= _BEAT:
            data = self.app.settings.home / "data"
            self._held_up = list(held_up(lambda: self._store, data, self.app.clock()))
            self._looked_at = now
        return self._held_up

    def _defer_due(self) -> None:
        """Defer what is due: shards with somebody in it, kinds with deliveries that may leave and have no job."""
        with self._gate.open(self._reload):
            store, now = self._store, self.app.clock()
            store.register(self.app.folder.ids, now=now)
            moment = Moment(now, store.head())
            for number in agenda.unseen_buckets(store):
                jobs.defer_enrolling(store, number, moment.head, now.isoformat())
            files = [FILES] if self.app.folder.wants else []
            for shard in (*files, *agenda.due_shards(store, moment)):
                jobs.defer_plan(store, shard, moment.head, now.isoformat())
            for kind, ready in agenda.kinds_ready(store, KINDS, now, DELIVERIES * _SWEEPS).items():
                if ready and jobs.defer_sweep(store, kind):
                    log.info("%d deliveries of kind %s may leave", ready, kind)

    def _ingest(self, timestamp: int) -> None:
        """Poll the sources that are due."""
        with self._gate.open(self._reload):
            self._store.register_subscribers(now=self.app.clock())
            for trouble in self.app.source_poller(self.app.clock()):
                self._trouble(trouble)

    def _enroll(self, number: int, head: int, now: str) -> None:
        """Enter who came or changed into the agenda."""
        with self._gate.open(self._reload), self._planning:
            self._planner.enroll(number, _moment(head, now))
            self._unless_stopped()

    def _plan(self, first: int, stop: int, slice: int, slices: int, head: int, now: str) -> None:
        """Open the digests that are due in a shard."""
        with self._gate.open(self._reload), self._planning:  # one at a time: the rules are compiled once a process
            moment, store = _moment(head, now), self._store
            shard = Shard(first, stop, slice, slices)
            if shard == FILES:
                opened = plan_files(self.app.wants(), store, moment, self.app.gist_asker)
            else:
                opened = self._planner.plan(shard, moment)
            if opened:
                self.tell(f"{opened} digests opened in shard {first}-{stop}")
            self._unless_stopped()

    def _deliver(self, kind: str) -> None:
        """Send some of what may leave by a kind of channel."""
        with self._gate.open(self._reload):
            done = self._deliverer.deliver(kind)
            if done:
                self.tell(f"{done} deliveries by {kind}")
            self._unless_stopped()

    def _unless_stopped(self) -> None:
        if self.app.stopping.is_set():
            raise jobs.JobStopped(Problem("told to stop; the rest is for another worker"))

    def _reload(self) -> bool:
        """Take up changed files; whether there was anything to take up."""
        changed = self._watched.changed()
        if changed:
            problems = self._current.reload()
            self._made()
            self.tell(f"{', '.join(changed)} changed" + ("" if problems else " and is in use now"))
            if problems:
                told = "\n".join(map(str, problems))
                self._trouble(Trouble(named("configuration", told), f"{', '.join(changed)} cannot be used:\n{told}"))
        return bool(changed)

    def _trouble(self, trouble: Trouble) -> None:
        self.tell(trouble.text)
        self.app.report(trouble)


def _moment(head: int, now: str) -> Moment:
    return Moment(datetime.fromisoformat(now).astimezone(UTC), head)


class _Gate:
    """Lets jobs in side by side, and what changes under all of them only while none is inside."""

    def __init__(self) -> None:
        self._inside = 0
        self._free = threading.Condition()
        self._looked = datetime.min.replace(tzinfo=UTC)

    @contextmanager
    def open(self, alone: Callable[[], object], every: timedelta = timedelta(seconds=10)) -> Iterator[None]:
        """Within, nothing is changed; `alone` had its turn before if it was time for it."""
        with self._free:
            if datetime.now(UTC) - self._looked >= every:
                self._looked = datetime.now(UTC)
                while self._inside:
                    self._free.wait()
                try:
                    alone()
                except DigestbotError as error:
                    log.warning("%s", error)
            self._inside += 1
        try:
            yield
        finally:
            with self._free:
                self._inside -= 1
                self._free.notify_all()
