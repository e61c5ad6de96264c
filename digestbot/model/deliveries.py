"""The message and its delivery: what leaves, to whom, and how far it got."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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
    ``not_before`` is the earliest next attempt, ``reason`` the last answer in words. ``fence`` grows with
    every claim; an outcome under an older fence is refused. ``gone`` says that the far side told the
    destination itself to be no more: nothing else goes there until somebody plans this delivery anew.
    """

    id: str
    digest: str
    destination: Destination
    state: DeliveryState
    planned_at: datetime
    attempts: int = 0
    parts_sent: int = 0
    not_before: datetime | None = None
    lease_until: datetime | None = None
    fence: int = 0
    reason: str | None = None
    done_at: datetime | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt, to be recorded under the fence it was claimed with.

    PLANNED hands a claimed delivery back, to leave from ``not_before`` on; of one that nobody has claimed
    it is a human's word: planned anew at ``at``, as if never tried.
    """

    delivery: str
    fence: int
    state: DeliveryState
    parts_sent: int
    at: datetime
    reason: str | None = None
    not_before: datetime | None = None
    gone: bool = False


def delivery_id(digest_key: str, destination: Destination) -> str:
    """32 hex digits that name this delivery for ever: same digest and destination, same id."""
    identity = "\0".join(
        (digest_key, destination.channel, *(f"{k}={v}" for k, v in sorted(destination.options.items())))
    )
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]
