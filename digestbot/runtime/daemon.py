"""The daemon itself: opens the digests that are due and delivers what may leave, tick by tick."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeAlias, TypeVar

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from digestbot.bootstrap import App
from digestbot.delivery.dispatcher import LEASE
from digestbot.delivery.notices import Trouble, named, trouble_of
from digestbot.delivery.outages import OPEN, Outages
from digestbot.digests import NotYetDue, due_turns, leaves, open_turns, quiet
from digestbot.digests.base import Moment, Opened
from digestbot.digests.model_gists import waits_for_model
from digestbot.ingest.poller import ailing
from digestbot.model.audit import Act, AuditEntry
from digestbot.model.deliveries import Delivery, DeliveryState, Outcome
from digestbot.model.digests import DigestRecord, DigestVerdict
from digestbot.model.errors import DigestbotError, StoreError
from digestbot.platform.files.watching import Watched
from digestbot.platform.logs import about
from digestbot.platform.system import when_stopped
from digestbot.runtime.commands import CommandHandler
from digestbot.runtime.health.pulse import Pulse, leave_mark, unready
from digestbot.runtime.health.watch import Watch
from digestbot.runtime.heartbeat import Heartbeat
from digestbot.runtime.reloader import Reloader
from digestbot.subscribers.compiled import CompiledSubscription

Poll: TypeAlias = Callable[[datetime], Iterable[Trouble]]
"""Fetches the sources that are due and ingests them; gives what a person should know of."""

Done = TypeVar("Done")

TICK = timedelta(seconds=20)
_JOB = "tick"
_LATE = 3  # ticks; APScheduler's thread can end while `running` stays true, and stands still when a clock is set back
_DIFFERENCES_TOLD = 40  # lines
_STUCK = LEASE.total_seconds() + 60  # no single step of a tick takes longer

log = logging.getLogger(__name__)


class Daemon:
    """Ticks until it is told to stop.

    ``tell`` says what happens, line by line; ``polls`` are asked at the beginning of each tick; ``watch`` hears
    of every step.
    """

    def __init__(
        self,
        current: Reloader,
        tell: Callable[[str], None],
        *,
        tick: timedelta = TICK,
        polls: Sequence[Poll] = (),
        watch: Watch | None = None,
    ) -> None:
        self._current = current
        self.tell = tell
        self._every = tick.total_seconds()
        self._polls = polls
        self._stop, self._busy = threading.Event(), threading.Lock()
        self._alive, self._ticks = time.monotonic(), 0
        self._due = NotYetDue()
        self._watched = Watched(self.app.settings.home)
        self._commands = CommandHandler(current, tell, self._lives)
        self._heartbeat = Heartbeat(tell)
        self._outages = Outages(lambda: self.app.store.deliveries(states={DeliveryState.SENT}))
        self.watch = watch or Watch(Pulse(self._every))
        self.app.process.timed, self.app.process.polled = self.watch.tried, self.watch.polled

    @property
    def app(self) -> App:
        """The parts as the files are now."""
        return self._current.app

    def serve(self) -> int:
        """Tick until SIGTERM or SIGINT; what is in flight is finished first, a second signal ends at once.

        0 when told to stop, 1 when the ticks died and a supervisor should start it anew.
        """
        when_stopped(self._told_to_stop)
        with self._commands.attended():
            return self._watch()

    def _watch(self) -> int:
        scheduler, revived_at = self._started(), -1
        try:
            while not self._stop.wait(min(self._every, 1.0)):
                if not self._late():
                    if not self._busy.locked() and self._called():
                        scheduler.modify_job(_JOB, next_run_time=datetime.now(scheduler.timezone))
                    continue
                if self._busy.locked() or revived_at == self._ticks:
                    self.tell("the ticks have stopped; ending, so that a supervisor starts it anew")
                    self._end(1)
                self.tell(f"no tick for {_LATE * self._every:.0f} seconds; starting the scheduler anew")
                scheduler.shutdown(wait=False)
                scheduler, revived_at = self._started(), self._ticks
                self._alive = time.monotonic()
        finally:
            scheduler.shutdown(wait=True)
        return 0

    def _called(self) -> bool:
        """Whether a command waits; False where that cannot be seen, which ends nothing and is told once."""
        with self.watch.pulse.survived("commands cannot be read", self.tell):
            return self._commands.busy()
        return False

    def _started(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(timezone="UTC")
        # APScheduler's defaults would skip a tick that is a second late, and queue up missed ones.
        scheduler.add_job(
            self.tick,
            IntervalTrigger(seconds=self._every),
            id=_JOB,
            next_run_time=datetime.now(scheduler.timezone),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        scheduler.start()
        return scheduler

    def _late(self) -> bool:
        bound = _STUCK if self._busy.locked() else _LATE * self._every + 1
        return time.monotonic() - self._alive > bound

    def _told_to_stop(self) -> None:
        if self._stop.is_set():
            self._end(1)
        self._stop.set()
        self.app.stopping.set()

    def _end(self, code: int) -> None:
        """End now: a thread that hangs must not keep the process. The ledger is whole at every moment."""
        os._exit(code)

    def tick(self) -> None:
        """Take up changed files, poll, open what is due, deliver what may leave. No error ends the ticking."""
        with self._busy:
            self.watch.began()
            good, failed = False, None
            try:
                self._reload()
                self._commands.decide()
                self._commands.read_uploads()
                done = [self._polled(poll) for poll in self._polls]
                done += self._opened_due()
                by_hand = self._commands.open()
                good = self._delivered() and all(done)
                self._commands.answer(by_hand)
            except (DigestbotError, OSError) as error:
                failed = f"this round failed, the next tries again: {error}"
            except Exception as error:  # else the scheduler's thread would end and nobody would tick
                log.exception("a tick failed")
                failed = f"this round failed by a fault of digestbot ({type(error).__name__}), the next tries again"
            finally:
                self._alive = time.monotonic()
                self._ticks += 1
                self.watch.ended()
            if failed:
                self._trouble(Trouble("a round failed", failed))
            self.watch.pulse.hinder("round", failed)
            self._tell_outside(good)
            self._current.settled.set()
            if self.app.process.compiled is not None:
                self.app.process.compiled.save()

    def _tell_outside(self, good: bool) -> None:
        """How it stands after a round: the heartbeat and the mark say what `/ready` says."""
        settings, now = self.app.settings, self.app.clock()
        reasons = list(unready(self.watch.pulse, lambda: self.app.store, settings.home / "data", now))
        leave_mark(settings.home, now, reasons)
        well = good and not reasons
        self._heartbeat.after_round(settings.heartbeat_url, self.app.channel_settings.network, good=well)

    def _lives(self) -> None:
        self._alive = time.monotonic()

    def _trouble(self, trouble: Trouble) -> None:
        self.tell(trouble.text)
        self.app.report(trouble)

    def _reload(self) -> None:
        """Take up changed files; where it cannot be seen what changed, all goes on as it was."""
        changed: list[str] = []
        with self.watch.pulse.survived("changed files cannot be looked for", self.tell):
            changed = self._watched.changed()
        if not changed:
            return
        problems = self._current.reload()
        names = ", ".join(changed)
        if problems:
            told = "\n".join(map(str, problems))
            what = "changed, and this in it cannot be used; what was read before stays in use"
            self._trouble(Trouble(named("configuration", told), f"{names} {what}:\n{told}"))
        else:
            self.tell(f"{names} changed and is in use now")
        for line in list(self._watched.differences(changed))[:_DIFFERENCES_TOLD]:
            self.tell(line)
        said = names + ("; not all of it could be used" if problems else "")
        self.app.store.note([AuditEntry(self.app.clock(), "whoever edits the files", Act.CONFIGURED, "", said)])
        self.app.store.register(self.app.folder.ids, now=self.app.clock())

    def _polled(self, poll: Poll) -> bool:
        try:
            troubles = list(poll(self.app.clock()))
        except StoreError:
            raise
        except DigestbotError as error:
            troubles = [Trouble("a source", f"a source could not be read: {error}")]
        for trouble in troubles:
            self._trouble(trouble)
        return not troubles

    def _opened_due(self) -> list[bool]:
        """Open the digests that are due, matched together; False for each failure, which stops no other."""
        store, now = self.app.store, self.app.clock()
        looked = [
            (each, self._tried(each, partial(self._due.ask, each, now, partial(due_turns, each, store, now))))
            for each in self.app.wants()
        ]
        due = [(compiled, turns) for compiled, turns in looked if turns]
        due.sort(key=lambda each: waits_for_model(each[0].subscription))
        opened = [
            self._tried(each.compiled, partial(self._opened, each))
            for each in open_turns(store, due, Moment(now, store.head()), self.app.gist_asker)
        ]
        return [each is not None for each in (*(turns for _, turns in looked), *opened)]

    def _opened(self, opened: Opened) -> bool:
        """Tell of a digest that was due; whether it was opened. Raises what kept it from being made."""
        record = opened.result()
        if record is not None:
            leaving = leaves(opened.compiled, record)
            channels = [to.channel for to in opened.compiled.subscription.to]
            self.watch.opened(record, channels if leaving else [])
            what = f"{record.counts.shown} papers" if leaving else f"not sent: {self._quiet(record)}"
            with about(digest=record.key):
                self.tell(f"{record.key}: {what}")
        return record is not None

    def _tried(self, compiled: CompiledSubscription, work: Callable[[], Done]) -> Done | None:
        """What the work for a subscription brings; None when it failed, which the operator and the owner hear of."""
        name = compiled.subscription.id
        self._alive = time.monotonic()
        try:
            return work()
        except StoreError:
            raise
        except Exception as error:  # a fault in one digest keeps no other from being made
            log.exception("the digest of %s could not be made", name)
            text = (
                f"the digest of {name} could not be made ({type(error).__name__}: {error}); the next round tries again"
            )
            self._trouble(Trouble(f"digest {name}", text, name))
            return None

    def _quiet(self, record: DigestRecord) -> str:
        """Why a digest is quiet; with nothing new to read, also which sources are to blame."""
        blamed = ailing(self.app.settings, self.app.clock()) if record.verdict is DigestVerdict.NOTHING_NEW else []
        return "; ".join([quiet(record), *blamed])

    def _delivered(self) -> bool:
        dispatcher = self.app.dispatcher
        troubles = []
        for delivery, outcome in dispatcher.run():
            self._alive = time.monotonic()
            self._tell_of(delivery, outcome)
            self._outages.learn(delivery, outcome)
            self._commands.decide()
            troubles.append(trouble_of(delivery, outcome))
        troubles += [Trouble(f"channel {kind}", f"{kind}: {why.reason}") for kind, why in dispatcher.broken.items()]
        for trouble in filter(None, troubles):
            self.app.report(trouble)
        out = "; ".join(self._outages.reasons(self.app.store.deliveries(states=OPEN)))
        self.watch.pulse.hinder("deliveries", out or None, self.tell)
        return not dispatcher.broken

    def _tell_of(self, delivery: Delivery, outcome: Outcome) -> None:
        self.watch.decided(delivery, outcome)
        what = f"{outcome.state}: {outcome.reason}"
        if outcome.state is DeliveryState.SENT:
            what = f"sent ({outcome.reason})" if outcome.possible_duplicate else "sent"
        with about(digest=delivery.digest, delivery=delivery.id):
            self.tell(f"{delivery.digest} -> {delivery.destination.name}: {what}")
