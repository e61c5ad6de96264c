"""The daemon: APScheduler only ticks; everything durable is in the store."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from digestbot.app import App
from digestbot.core.deliveries import State
from digestbot.core.errors import DigestbotError
from digestbot.dispatch import due_slot, leaves, open_digest

TICK = timedelta(seconds=20)
# A tick that has not come for so long has died: APScheduler's thread can end while `running` stays true.
LATE = 3 * TICK + timedelta(seconds=60)

log = logging.getLogger(__name__)


class Daemon:
    """Opens the digests that are due and delivers what may leave, tick by tick, until it is told to stop."""

    def __init__(self, app: App, tell: Callable[[str], None]) -> None:
        self.app = app
        self.tell = tell
        self._stop = threading.Event()
        self._ticked = app.clock()
        self._busy = threading.Lock()

    def serve(self) -> int:
        """Tick until SIGTERM or SIGINT; the send in flight is finished first.

        0 when told to stop, 1 when the ticks died and a supervisor should start it anew.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told_to_stop)
        scheduler = BackgroundScheduler(timezone="UTC")
        # The daemon's own defaults would skip a tick that is a second late, and queue up missed ones.
        scheduler.add_job(
            self.tick,
            IntervalTrigger(seconds=int(TICK.total_seconds())),
            next_run_time=self.app.clock(),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        scheduler.start()
        try:
            while not self._stop.wait(TICK.total_seconds()):
                if not self._busy.locked() and self.app.clock() - self._ticked > LATE:
                    self.tell("the scheduler has stopped ticking; ending, so that a supervisor starts it anew")
                    return 1
        finally:
            scheduler.shutdown(wait=True)
        return 0

    def _told_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop.set()

    def tick(self) -> None:
        """Open what is due, deliver what may leave. An error is told and the next tick tries again."""
        with self._busy:
            try:
                self._open_due()
                self._deliver()
            except DigestbotError as error:
                self.tell(f"this tick failed, the next tries again: {error}")
            finally:
                self._ticked = self.app.clock()

    def _open_due(self) -> None:
        store = self.app.store
        for want in self.app.wants():
            now = self.app.clock()
            slot = due_slot(want, store, now)
            record = open_digest(want, store, slot, now) if slot is not None else None
            if record is not None:
                what = f"{record.counts.shown} papers" if leaves(want, record) else f"not sent: {record.verdict}"
                self.tell(f"{record.key}: {what}")

    def _deliver(self) -> None:
        for delivery, outcome in self.app.courier.run():
            if outcome.state is not State.SENT:
                self.tell(f"{delivery.digest} -> {delivery.destination.name}: {outcome.state}: {outcome.reason}")
            else:
                self.tell(f"{delivery.digest} -> {delivery.destination.name}: sent")
            if self._stop.is_set():
                return
