"""What becomes of a delivery, before and after it was tried: decided here, with the reason, and acted on elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from digestbot.channels.base import Misconfigured, Permanent, Temporary, Unknown
from digestbot.delivery.attempt import AttemptResult
from digestbot.model.deliveries import Delivery, DeliveryState, Outcome
from digestbot.store.base import LEASE_OVER

# The waits of the Standard Webhooks specification, which suit mail as well.
WAITS = tuple(
    timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
)  # fmt: skip
_JITTER = 0.2
NO_ANSWER = "no answer came"
"""How the reason of an unknown delivery begins."""
ASKED = "asks for patience until"
"""Stands in the reason of a delivery whose far side named a time: not even a human's `send` comes before it."""


class OnUnknown(StrEnum):
    """What becomes of a delivery whose answer never came: sent again under its Message-ID, or held for a human."""

    RESEND = "resend"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator decided. Nothing planned longer ago than ``max_lateness`` leaves without a human."""

    max_lateness: timedelta = timedelta(days=3)
    on_unknown: OnUnknown = OnUnknown.RESEND


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a delivery should not leave now, and what becomes of it: DROPPED, HELD, or DEFERRED."""

    state: DeliveryState
    reason: str


def unanswered(delivery: Delivery) -> bool:
    """Whether an earlier attempt may have arrived."""
    return (delivery.reason or "").startswith((LEASE_OVER, NO_ANSWER))


def before(delivery: Delivery, now: datetime, policy: Policy) -> Objection | None:
    """Why a claimed delivery is not tried at all; None when it is."""
    if now - delivery.planned_at > policy.max_lateness:
        reason = f"planned {delivery.planned_at:%d %b %H:%M} UTC, too late to leave without a human"
        return Objection(DeliveryState.HELD, reason)
    if policy.on_unknown is OnUnknown.HOLD and unanswered(delivery):
        return Objection(DeliveryState.HELD, f"it may have arrived: {delivery.reason}")
    return None


def untried(delivery: Delivery, objection: Objection, now: datetime, chance: float) -> Outcome:
    """The outcome of a delivery that an objection keeps from leaving."""
    outcome = Outcome(delivery.id, delivery.fence, objection.state, delivery.parts_sent, now, objection.reason)
    return _later(outcome, delivery, chance) if objection.state is DeliveryState.DEFERRED else outcome


def back(delivery: Delivery, now: datetime, not_before: datetime | None = None, reason: str | None = None) -> Outcome:
    """The outcome of a delivery handed back untried, to be claimed again from `not_before` on."""
    reason = delivery.reason if reason is None or unanswered(delivery) else reason
    return Outcome(delivery.id, delivery.fence, DeliveryState.PLANNED, delivery.parts_sent, now, reason, not_before)


def after(tried: AttemptResult, now: datetime, policy: Policy, chance: float) -> Outcome:
    """The outcome of a delivery that was tried. ``chance``, 0 to 1, keeps many retries from one moment."""
    delivery, error = tried.delivery, tried.error
    done = Outcome(delivery.id, delivery.fence, DeliveryState.SENT, tried.parts_sent, now, tried.answer)
    match error:
        case None:
            if unanswered(delivery):
                said = f"{tried.answer}; possible duplicate, an earlier attempt got no answer"
                return replace(done, reason=said)
            return done
        case Permanent():
            return replace(done, state=DeliveryState.FAILED, reason=error.reason, gone=error.disables)
        case Unknown():
            unknown = replace(done, state=DeliveryState.UNKNOWN, reason=f"{NO_ANSWER}: {error.reason}")
            if policy.on_unknown is OnUnknown.HOLD:
                return replace(unknown, state=DeliveryState.HELD)
            return _later(unknown, delivery, chance)
        case Temporary(retry_after=asked) if asked:
            until = now + asked
            reason = f"{error.reason}; it {ASKED} {until:%d %b %H:%M:%S} UTC"
            return _later(replace(done, state=DeliveryState.DEFERRED, reason=reason), delivery, chance, until)
        case Misconfigured() | Temporary():
            return _later(replace(done, state=DeliveryState.DEFERRED, reason=error.reason), delivery, chance)
        case _:
            # A setting, a template or a file to mend: the digest waits for it.
            return _later(replace(done, state=DeliveryState.DEFERRED, reason=str(error)), delivery, chance)


def _later(outcome: Outcome, delivery: Delivery, chance: float, asked: datetime | None = None) -> Outcome:
    """The same delivery again after a wait; given up when the waits are used up."""
    if delivery.attempts > len(WAITS):
        reason = f"given up after {delivery.attempts} attempts: {outcome.reason}"
        return replace(outcome, state=DeliveryState.FAILED, reason=reason)
    not_before = outcome.at + WAITS[max(delivery.attempts, 1) - 1] * (1 + _JITTER * chance)
    return replace(outcome, not_before=max(not_before, asked or not_before))
