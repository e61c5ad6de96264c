"""One attempt: a delivery is written and its parts handed over, in whatever thread."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from digestbot.channels.base import Channel, Permanent, SendError, TooLong, Unknown
from digestbot.channels.registry import describe
from digestbot.model.deliveries import Delivery, Message, Part
from digestbot.model.errors import DigestbotError
from digestbot.platform.logs import about

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """What came of it: the parts the far side has taken so far, its last answer, and the error that ended it."""

    delivery: Delivery
    parts_sent: int
    answer: str | None = None
    error: SendError | DigestbotError | None = None


class Fault(DigestbotError):
    """A fault of ours, nobody else's to mend."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"a fault in digestbot itself, {type(error).__name__}: please report it with the log")


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a delivery is tried.

    ``write`` gives its message, ``channel`` the open channel of a kind, ``noted`` writes down how many parts
    have left before the next one does, ``rest`` waits between two parts as long as the far side likes. Each part
    leaves within its ``turn``, which may refuse. ``timed`` hears how many seconds a channel of this kind took over
    one part, and its error or None.
    """

    write: Callable[[Delivery], Message]
    channel: Callable[[str], Channel]
    noted: Callable[[Delivery, int], None]
    rest: Callable[[Delivery], None]
    turn: Callable[[Delivery], AbstractContextManager[object]]
    timed: Callable[[str, float, Exception | None], object]

    def __call__(self, delivery: Delivery) -> AttemptResult:
        """Try it; every error comes back in what is returned."""
        with about(digest=delivery.digest, delivery=delivery.id):
            tried = self._tried(delivery)
            log.debug("attempt %d: %s", delivery.attempts, tried.error or tried.answer)
            return tried

    def _tried(self, delivery: Delivery) -> AttemptResult:
        tried = AttemptResult(delivery, delivery.parts_sent)
        try:
            parts = self.write(delivery).parts
            for index, part in enumerate(parts[delivery.parts_sent :], delivery.parts_sent + 1):
                key = delivery.id if len(parts) == 1 else f"{delivery.id}-{index}"
                tried = AttemptResult(delivery, index, self._hand_over(delivery, part, key))
                if index < len(parts):
                    # Written down at once, so that a crash resumes at the first part not delivered.
                    self.noted(delivery, index)
                    self.rest(delivery)
        except (SendError, DigestbotError) as error:
            return AttemptResult(delivery, tried.parts_sent, tried.answer, error)
        except Exception as error:  # a fault of ours in one message keeps no other from leaving
            log.exception("delivery %s could not be written", delivery.id)
            return AttemptResult(delivery, tried.parts_sent, None, Fault(error))
        return tried

    def _hand_over(self, delivery: Delivery, part: Part, key: str) -> str:
        """Hand over one part; one that is found too long, once more in two."""
        try:
            return self._send(delivery, part, key)
        except TooLong:
            halves = describe(delivery.destination.channel).halved(part)
            if len(halves) == 1:
                raise
        first, second = halves
        self._send(delivery, first, f"{key}a")
        try:
            self.rest(delivery)
            self._send(delivery, second, f"{key}b")
        except Permanent:
            raise
        except SendError as error:
            # What has arrived cannot be taken back, and the ledger counts whole parts: it is no plain refusal.
            raise Unknown(f"{error.reason} (after the first half of a part)") from error
        return "sent in two halves: in one it was too long"

    def _send(self, delivery: Delivery, part: Part, key: str) -> str:
        kind = delivery.destination.channel
        with self.turn(delivery):
            began = time.monotonic()
            try:
                answer = self.channel(kind).send(part, delivery.destination, key=key).answer
                self.timed(kind, time.monotonic() - began, None)
                return answer
            except (SendError, DigestbotError) as error:
                self.timed(kind, time.monotonic() - began, error)
                raise
            except Exception as error:  # whether it left is not known, and that is what is recorded
                log.exception("delivery %s: the channel failed in a way it never should", delivery.id)
                raise Unknown(str(Fault(error))) from error
