"""The dispatcher: claims what may leave, has it tried by a few threads, and writes down together what came of it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence, Set
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol, Self

from digestbot.channels.base import Channel, Misconfigured, SendError, Unknown
from digestbot.delivery.attempt import Attempt, AttemptResult
from digestbot.delivery.decisions import Objection, Policy, Wait, after, back, before, untried
from digestbot.delivery.destinations import Destinations, pace
from digestbot.delivery.send_pool import Workers
from digestbot.model.causes import PATIENCE, Cause, sentence
from digestbot.model.deliveries import Delivery, DeliveryState, Message, Outcome
from digestbot.model.subscriptions import Destination

log = logging.getLogger(__name__)

IN_FLIGHT = 32
"""The most deliveries claimed and not yet written down: what a crash may leave in doubt."""
LEASE = timedelta(minutes=15)
"""Longer than any one send: a mail server alone may take five minutes over its last answer."""
GRACE = 60.0  # seconds that sends in flight get when the dispatcher is told to stop
# What waits for the mend of a setting is asked about again after so long.
_MEND = timedelta(minutes=5)
_GLANCE = 0.2  # seconds between two looks at whether to stop
# Outcomes are gathered for so many seconds, and up to half of what is in flight, to be one write to the disk.
_GATHERING = 0.02

Step = tuple[Delivery, Outcome]


class DeliveryLedger(Protocol):
    """The part of a store that a dispatcher uses; `digestbot.store.base.Store` says what each method does."""

    def abandon(self) -> int:
        """Give up the claims of processes that are known to be gone."""
        ...

    def claim(self, *, now: datetime, lease: timedelta, limit: int, digests: Set[str] | None = None) -> list[Delivery]:
        """Take up to `limit` deliveries that may leave now."""
        ...

    def record(self, outcomes: Sequence[Outcome]) -> int:
        """Write outcomes down together; the number taken."""
        ...

    def deliveries(self, *, states: Set[DeliveryState]) -> list[Delivery]:
        """Those in these states, which tell of destinations that are gone or asked for patience."""
        ...


@dataclass(slots=True)
class Dispatcher:
    """Delivers what the ledger holds: at least once, never silently lost.

    ``write`` gives the message of a delivery, ``channel`` the open channel of a kind, ``clock`` the time (UTC),
    ``chance`` a number from 0 to 1 that keeps many retries from coming at one moment. ``objection`` is asked
    at the moment of sending whether a delivery is still wanted, ``host`` which host a destination is at.
    Each part leaves within its ``turn``, which may wait or refuse. ``timed`` hears how long each channel took,
    ``settled`` of each outcome that was written down. ``pause`` waits some seconds; ``stopping`` set makes `run`
    finish what is in flight and return. One thread at a time may run it.
    """

    ledger: DeliveryLedger
    write: Callable[[Delivery], Message]
    channel: Callable[[str], Channel]
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    objection: Callable[[Delivery], Objection | None] = lambda _: None
    host: Callable[[Destination], str] = lambda to: to.name
    policy: Policy = field(default_factory=Policy)
    turn: Callable[[Delivery], AbstractContextManager[object]] = nullcontext
    timed: Callable[[str, float, Exception | None], object] = lambda *_: None
    settled: Callable[[Delivery, Outcome], object] = lambda *_: None
    per_kind: int = 4
    pause: Callable[[float], None] = time.sleep
    stopping: threading.Event = field(default_factory=threading.Event)
    grace: float = GRACE
    broken: dict[str, Misconfigured] = field(default_factory=dict, init=False)
    _destinations: Destinations | None = field(default=None, init=False)
    _fences: dict[str, int] = field(default_factory=dict, init=False)
    _begun: bool = field(default=False, init=False)

    def beside(
        self,
        ledger: DeliveryLedger,
        *,
        channel: Callable[[str], Channel],
        turn: Callable[[Delivery], AbstractContextManager[object]],
        per_kind: int,
    ) -> Self:
        """Another one for a thread of its own, with its own ledger, channels and turns; it knows nothing yet."""
        return replace(self, ledger=ledger, channel=channel, turn=turn, per_kind=per_kind)

    def release(self, digests: Set[str]) -> None:
        """Let the deliveries of these digests that wait for a retry leave at once: a human asked for it.

        Those whose far side named a time go on waiting for it.
        """
        now = self.clock()
        waiting = [
            each
            for each in self.ledger.deliveries(
                states={DeliveryState.PLANNED, DeliveryState.DEFERRED, DeliveryState.UNKNOWN}
            )
            if each.digest in digests and each.not_before is not None and each.cause not in PATIENCE
        ]
        self.ledger.record([back(each, now) for each in waiting])
        self._destinations = None

    def reopen(self, delivery: Delivery) -> None:
        """A human wants this delivery tried again: where it ended its destination for good, that is taken back."""
        if delivery.gone and self._destinations is not None:
            self._destinations.reopen(delivery.destination)

    def run(self, digests: Set[str] | None = None) -> Generator[Step, None, None]:
        """Send all that may leave now, of these digests where given; each delivery with what became of it.

        A channel that is misconfigured is asked once (``broken`` says why); the rest of its deliveries wait
        for the mend. One that only waits its turn at a slow destination is waited for. Raises StoreError.
        """
        self.broken.clear()
        if not self._begun:
            self.ledger.abandon()  # what a dispatcher before us left on its way
            self._begun = True
        self._known()  # before anything is claimed, else our own claims would look like somebody's
        attempt = Attempt(self.write, self.channel, self._noted, self._rest, self.turn, self.timed)
        turns: list[datetime] = []
        with Workers(attempt, self.per_kind) as workers:
            try:
                while not self.stopping.is_set():
                    claimed = self._claim(workers, digests)
                    yield from self._taken_up(claimed, workers, turns)
                    if workers.running:
                        yield from self._written(self._collected(workers, _GLANCE))
                    elif not claimed and not self._another_turn(turns):
                        return
                yield from self._written(self._wound_up(workers))
            finally:
                # The caller has left, or the store has failed: what is in flight still ends, and is written down.
                self._write(self._wound_up(workers))

    def _claim(self, workers: Workers, digests: Set[str] | None) -> list[Delivery]:
        """As many as there is room for; a few at least at a time, as each claim costs a write to the disk."""
        room = IN_FLIGHT - workers.outstanding
        if room < IN_FLIGHT // 2:
            return []
        return self.ledger.claim(now=self.clock(), lease=LEASE, limit=room, digests=digests)

    def _taken_up(self, claimed: Sequence[Delivery], workers: Workers, turns: list[datetime]) -> Iterator[Step]:
        """Put claimed deliveries to work, and tell of those that are not to be tried."""
        untold: list[Step] = []
        told: list[Step] = []
        for delivery in claimed:
            if workers.holds(delivery):
                # The clock was set forward past our own lease: what is on its way is not sent a second time.
                self._fences[delivery.id] = delivery.fence
                continue
            step = self._kept(delivery)
            wait = None if step else self._known().wait(delivery, self.clock(), workers.waiting(delivery.destination))
            if step is not None:
                told.append(step)
            elif wait is None:
                workers.put(delivery)
            else:
                near = wait.cause is Cause.TURN
                (untold if near else told).append((delivery, back(delivery, self.clock(), wait)))
                turns.extend([wait.until] if near else [])
        self._write(untold)
        return self._written(told)

    def _kept(self, delivery: Delivery) -> Step | None:
        """What becomes of a delivery that is not to be tried; None for one that is."""
        now, kind = self.clock(), delivery.destination.channel
        objection = before(delivery, now, self.policy) or self.objection(delivery) or self._known().objection(delivery)
        if objection is not None:
            return delivery, untried(delivery, objection, now, self.chance())
        if kind in self.broken:
            why = self.broken[kind]
            return delivery, back(delivery, now, Wait(now + _MEND, why.cause, sentence(why.cause, answer=why.reason)))
        return None

    def _collected(self, workers: Workers, timeout: float) -> Iterator[Step]:
        """The outcomes of what has been tried, and of what therefore is not tried now."""
        for tried in workers.collect(timeout, _GATHERING, IN_FLIGHT // 2):
            delivery, now = tried.delivery, self.clock()
            outcome = after(tried, now, self.policy, self.chance())
            yield delivery, outcome
            self._learn(workers, tried, outcome)
            if not self._open_to(delivery.destination):
                for each in workers.recall(lambda to: not self._open_to(to)):
                    yield self._kept(each) or (each, back(each, now, self._known().wait(each, now, 0)))
            workers.settle(tried)

    def _learn(self, workers: Workers, tried: AttemptResult, outcome: Outcome) -> None:
        kind = tried.delivery.destination.channel
        if isinstance(tried.error, Misconfigured) and not tried.error.destination_only:
            self.broken[kind] = tried.error
        else:
            workers.proven(kind)
        self._known().learn(tried.delivery, outcome, answered=isinstance(tried.error, SendError))

    def _open_to(self, destination: Destination) -> bool:
        return destination.channel not in self.broken and self._known().open(destination, self.clock())

    def _wound_up(self, workers: Workers) -> Iterator[Step]:
        """Told to stop: what was not tried goes back at once, what is in flight is given its time."""
        for each in workers.recall(lambda _: True):
            yield each, back(each, self.clock())
        until = time.monotonic() + self.grace
        while workers.running and time.monotonic() < until:
            yield from self._collected(workers, _GLANCE)
        for each in workers.in_hand():
            tried = AttemptResult(each, each.parts_sent, None, Unknown("told to stop while it was on its way"))
            yield each, after(tried, self.clock(), self.policy, self.chance())
        workers.abandon()

    def _written(self, steps: Iterable[Step]) -> Iterator[Step]:
        """Write steps down together, then tell of them."""
        return iter(self._write(steps))

    def _write(self, steps: Iterable[Step]) -> list[Step]:
        steps = [(delivery, self._under_its_fence(outcome)) for delivery, outcome in steps]
        taken = self.ledger.record([outcome for _, outcome in steps]) if steps else 0
        if taken < len(steps):
            log.warning("%d outcomes were refused: another process has taken these deliveries over", len(steps) - taken)
        for step in steps:
            self.settled(*step)
        return steps

    def _under_its_fence(self, outcome: Outcome) -> Outcome:
        fence = self._fences.pop(outcome.delivery, outcome.fence)
        return outcome if fence == outcome.fence else replace(outcome, fence=fence)

    def _another_turn(self, turns: list[datetime]) -> bool:
        """Wait a little for the next turn at a slow destination; False when nothing waits for one."""
        now, any_left = self.clock(), bool(turns)
        turns[:] = [each for each in turns if each > now]
        if turns:
            self.pause(min((min(turns) - now).total_seconds(), _GLANCE))
        return any_left  # one whose turn has just come is still to be claimed

    def _known(self) -> Destinations:
        if self._destinations is None:
            states = {DeliveryState.SENDING, DeliveryState.DEFERRED, DeliveryState.UNKNOWN, DeliveryState.FAILED}
            self._destinations = Destinations(self.ledger.deliveries(states=states), self.host)
        return self._destinations

    def _noted(self, delivery: Delivery, parts_sent: int) -> None:
        fence = self._fences.get(delivery.id, delivery.fence)
        noted = replace(back(delivery, self.clock()), state=DeliveryState.SENDING, fence=fence, parts_sent=parts_sent)
        self.ledger.record([noted])

    def _rest(self, delivery: Delivery) -> None:
        interval = pace(delivery.destination).interval.total_seconds()
        if interval:
            self.pause(interval)
