"""The message and its delivery: what leaves, to whom, and how far it got."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from digestbot.model.causes import Cause

if TYPE_CHECKING:
    from digestbot.model.subscriptions import Destination


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a message that leaves in one go: a file, a mail, one post.

    ``name`` tells the parts apart ("digest.html", "1/2"); ``body`` is byte for byte what leaves.
    """

    name: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """A digest written for one kind of channel; parts leave in order, resumed at the first not delivered."""

    parts: tuple[Part, ...]
    subject: str = ""


class DeliveryState(StrEnum):
    """Where a delivery stands. ``unknown``: it left and no answer came. ``held``: a human decides."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    HELD = "held"
    DROPPED = "dropped"


OPEN_STATES = frozenset({DeliveryState.PLANNED, DeliveryState.SENDING, DeliveryState.DEFERRED, DeliveryState.UNKNOWN})
OPEN_ENDS = OPEN_STATES | {DeliveryState.FAILED, DeliveryState.HELD}
"""What was planned and did not arrive (yet)."""
DECIDABLE = OPEN_ENDS - {DeliveryState.SENDING}
"""What a human may decide about: not what is on its way."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one destination, as the ledger keeps it.

    ``id`` is made from the digest's key and the destination, so that it is the same after a crash; it is
    the Message-ID and the idempotency key on the wire. ``parts_sent`` counts the parts the far side took.
    ``not_before`` is the earliest next attempt. ``fence`` grows with every claim; an outcome under an older
    fence is refused. ``cause`` is why it stands so (None: nothing has happened to it yet), ``reason`` the same in
    words for people, ``answer`` what its channel said last, in its own words. ``possible_duplicate``: an attempt
    got no answer since it was planned, so that one more may arrive a second time.
    """

    id: str
    digest: str
    subscription: str
    destination: Destination
    state: DeliveryState
    planned_at: datetime
    attempts: int = 0
    parts_sent: int = 0
    not_before: datetime | None = None
    lease_until: datetime | None = None
    fence: int = 0
    cause: Cause | None = None
    reason: str | None = None
    answer: str | None = None
    possible_duplicate: bool = False
    done_at: datetime | None = None

    @property
    def gone(self) -> bool:
        """Whether its destination is no more: nothing else goes there until somebody plans this one anew."""
        return self.cause is Cause.GONE

    @property
    def ready_at(self) -> datetime:
        """From when on it can leave; one on its way, from the end of its lease on."""
        until = self.lease_until if self.state is DeliveryState.SENDING else self.not_before
        return max(self.planned_at, until or self.planned_at)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt, to be recorded under the fence it was claimed with.

    PLANNED hands a claimed delivery back, to leave from ``not_before`` on; of one that nobody has claimed
    it is a human's word: planned anew at ``at``, as if never tried. The rest is as in `Delivery`.
    """

    delivery: str
    fence: int
    state: DeliveryState
    parts_sent: int
    at: datetime
    cause: Cause | None
    reason: str | None = None
    answer: str | None = None
    possible_duplicate: bool = False
    not_before: datetime | None = None


def delivery_id(digest_key: str, destination: Destination) -> str:
    """32 hex digits that name this delivery for ever: same digest and destination, same id."""
    identity = "\0".join(
        (digest_key, destination.channel, *(f"{k}={v}" for k, v in sorted(destination.options.items())))
    )
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]
