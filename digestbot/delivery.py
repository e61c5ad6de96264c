"""The life of a delivery: claim -> write -> send -> record. The one place that retries."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digestbot.channels.base import Channel, Misconfigured, Permanent, SendError, Temporary, Unknown
from digestbot.core.deliveries import Delivery, Message, Outcome, State
from digestbot.core.errors import DigestbotError
from digestbot.store.base import Store

LEASE = timedelta(minutes=10)
# Nothing older leaves without a human: a digest of last week is noise, and after a restored backup a lie.
MAX_LATENESS = timedelta(days=3)
# The waits of the Standard Webhooks specification, which suit mail as well.
WAITS = tuple(
    timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
)  # fmt: skip
_BATCH = 100


@dataclass(slots=True)
class Courier:
    """Delivers what the ledger holds: at least once, never silently lost.

    ``write`` gives the message of a delivery, ``channel`` the open channel of a kind, ``clock`` the time (UTC),
    ``chance`` a number from 0 to 1 that keeps many retries from coming at one moment.
    """

    store: Store
    write: Callable[[Delivery], Message]
    channel: Callable[[str], Channel]
    clock: Callable[[], datetime]
    chance: Callable[[], float]

    def release(self, digests: Set[str]) -> None:
        """Let the deliveries of these digests that wait for a retry leave at once: a human asked for it."""
        waiting = [d for d in self.store.deliveries(states={State.DEFERRED}) if d.digest in digests]
        now = self.clock()
        self.store.record([Outcome(d.id, d.fence, State.PLANNED, d.parts_sent, now, d.reason) for d in waiting])

    def run(self, digests: Set[str] | None = None) -> Iterator[tuple[Delivery, Outcome]]:
        """Send all that may leave now, of these digests where given; each delivery with what became of it.

        A channel that is misconfigured is asked once; the rest of its deliveries wait for the mend.
        """
        broken: dict[str, Misconfigured] = {}
        while claimed := self.store.claim(now=self.clock(), lease=LEASE, limit=_BATCH, digests=digests):
            waiting = deque(claimed)
            try:
                while waiting:
                    delivery = waiting.popleft()
                    outcome = self._outcome(delivery, broken)
                    self.store.record([outcome])
                    yield delivery, outcome
            finally:
                # Told to stop: what was claimed and not tried goes back, else it would look like a crash.
                now = self.clock()
                self.store.record([Outcome(d.id, d.fence, State.PLANNED, d.parts_sent, now, d.reason) for d in waiting])

    def _outcome(self, delivery: Delivery, broken: dict[str, Misconfigured]) -> Outcome:
        """What becomes of one delivery: not tried, tried and taken, or why not and when again."""
        now = self.clock()
        kind = delivery.destination.channel
        done = Outcome(delivery.id, delivery.fence, State.SENT, delivery.parts_sent, now)
        if now - delivery.planned_at > MAX_LATENESS:
            reason = f"planned {delivery.planned_at:%d %b %H:%M} UTC, too late to leave without a human"
            return replace(done, state=State.HELD, reason=reason)
        if kind in broken:
            return self._later(done, delivery, broken[kind].reason)
        progress = [done]
        try:
            self._send(delivery, progress)
        except (SendError, DigestbotError) as error:
            if isinstance(error, Misconfigured) and not error.destination_only:
                broken[kind] = error
            return self._judged(progress[-1], delivery, error)
        return replace(progress[-1], at=self.clock())

    def _send(self, delivery: Delivery, progress: list[Outcome]) -> None:
        """Hand over the parts not yet delivered; `progress` grows by one for each the far side took."""
        parts = self.write(delivery).parts
        for index, part in enumerate(parts[delivery.parts_sent :], delivery.parts_sent + 1):
            key = delivery.id if len(parts) == 1 else f"{delivery.id}-{index}"
            receipt = self.channel(delivery.destination.channel).send(part, delivery.destination, key=key)
            progress.append(replace(progress[-1], parts_sent=index, reason=receipt.answer))
            if index < len(parts):
                # Written down at once, so that a crash resumes at the first part not delivered.
                self.store.record([replace(progress[-1], state=State.SENDING)])

    def _judged(self, done: Outcome, delivery: Delivery, error: SendError | DigestbotError) -> Outcome:
        match error:
            case Permanent():
                return replace(done, state=State.FAILED, reason=error.reason, at=self.clock())
            case Unknown():
                return replace(self._later(done, delivery, error.reason), state=State.UNKNOWN)
            case Temporary():
                return self._later(done, delivery, error.reason, error.retry_after)
            case _:
                # A setting, a template or a file to mend: the digest waits for it.
                return self._later(done, delivery, str(error))

    def _later(self, done: Outcome, delivery: Delivery, reason: str, after: timedelta | None = None) -> Outcome:
        """The same delivery again after a wait; given up when the waits are used up."""
        now = self.clock()
        if delivery.attempts > len(WAITS):
            given_up = f"given up after {delivery.attempts} attempts: {reason}"
            return replace(done, state=State.FAILED, reason=given_up, at=now)
        wait = WAITS[max(delivery.attempts, 1) - 1] * (1 + 0.2 * self.chance())
        not_before = now + max(wait, after or timedelta(0))
        return replace(done, state=State.DEFERRED, reason=reason, not_before=not_before, at=now)
