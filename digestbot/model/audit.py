"""The audit log's entry: who did what about whom and when, and what shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Act(StrEnum):
    """What was done. Add a line for a new kind; what is in a log stays readable."""

    ASKED = "asked to join"
    CONFIRMED = "confirmed"
    ADDED = "added"
    IMPORTED = "imported"
    CHANGED = "changed"
    PAUSED = "paused"
    MOVED = "changed its address"
    LEFT = "left"
    REMOVED = "removed"
    SUPPRESSED = "suppressed"
    RELEASED = "released"
    FORGOTTEN = "forgotten"
    HARD_BOUNCE = "hard bounce"
    SOFT_BOUNCE = "soft bounce"
    COMPLAINT = "complaint"
    SENT_BY_HAND = "sent by hand"
    REPLAYED = "replayed"
    DECIDED = "decided about a delivery"
    CONFIGURED = "configuration changed"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit log. ``at`` is aware; ``who`` is "subscriber", "operator ada" or "digestbot".

    ``about`` is the address concerned, which stores fold, else a subscription's id, else empty. ``detail`` says it
    in words, ``reference`` names what shows it: a delivery, a digest, a mail's Message-ID, a file. One given with an
    ``id`` is noted once, however often it is given; without one the store gives it one.
    """

    at: datetime
    who: str
    act: Act
    about: str
    detail: str = ""
    reference: str = ""
    id: str = ""
