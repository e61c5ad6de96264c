"""What becomes of a delivery, before and after it was tried: decided here, with the reason, and acted on elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from digestbot.channels.base import Permanent, SendError, Temporary, Unknown
from digestbot.delivery.attempt import AttemptResult, Fault
from digestbot.model.causes import NEVER_TRIED, Cause, again, sentence
from digestbot.model.deliveries import Delivery, DeliveryState, Outcome

# The waits of the Standard Webhooks specification, which suit mail as well.
WAITS = tuple(
    timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
)  # fmt: skip
_JITTER = 0.2


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
    cause: Cause
    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Until when a delivery is not tried, and why."""

    until: datetime
    cause: Cause
    reason: str


def before(delivery: Delivery, now: datetime, policy: Policy) -> Objection | None:
    """Why a claimed delivery is not tried at all; None when it is."""
    if now - delivery.planned_at > policy.max_lateness:
        reason = sentence(Cause.TOO_LATE, planned=delivery.planned_at)
        return Objection(DeliveryState.HELD, Cause.TOO_LATE, reason)
    if policy.on_unknown is OnUnknown.HOLD and delivery.possible_duplicate:
        reason = sentence(Cause.MAY_HAVE_ARRIVED, why=delivery.reason)
        return Objection(DeliveryState.HELD, Cause.MAY_HAVE_ARRIVED, reason)
    return None


def untried(delivery: Delivery, objection: Objection, now: datetime, chance: float) -> Outcome:
    """The outcome of a delivery that an objection keeps from leaving."""
    outcome = _outcome(delivery, objection.state, delivery.parts_sent, now, objection.cause, objection.reason)
    return _later(outcome, delivery, chance) if objection.state is DeliveryState.DEFERRED else outcome


def back(delivery: Delivery, now: datetime, wait: Wait | None = None) -> Outcome:
    """The outcome of a delivery handed back untried, to be claimed again at once, or after a wait."""
    cause, reason = (wait.cause, wait.reason) if wait else (delivery.cause, delivery.reason)
    outcome = _outcome(delivery, DeliveryState.PLANNED, delivery.parts_sent, now, cause, reason)
    return replace(outcome, answer=delivery.answer, not_before=wait.until if wait else None)


def after(tried: AttemptResult, now: datetime, policy: Policy, chance: float) -> Outcome:
    """The outcome of a delivery that was tried. ``chance``, 0 to 1, keeps many retries from one moment."""
    delivery, error = tried.delivery, tried.error
    if error is None:
        reason = sentence(Cause.ANSWERED, answer=tried.answer)
        reason = again(reason) if delivery.possible_duplicate else reason
        done = _outcome(delivery, DeliveryState.SENT, tried.parts_sent, now, Cause.ANSWERED, reason)
        return replace(done, answer=tried.answer)
    cause, asked = _cause(error), None
    if cause in NEVER_TRIED:  # its turn did not come in time: no reason to wait as one does whom the far side refused
        return replace(back(delivery, now), parts_sent=tried.parts_sent)
    answer = error.reason if isinstance(error, SendError) else str(error)
    if isinstance(error, Temporary) and error.retry_after:
        asked = now + error.retry_after
    reason = sentence(cause, answer=answer, until=asked)
    failed = _outcome(delivery, DeliveryState.DEFERRED, tried.parts_sent, now, cause, reason)
    failed = replace(failed, answer=answer)
    match error:
        case Permanent():
            return replace(failed, state=DeliveryState.FAILED)
        case Unknown():
            state = DeliveryState.HELD if policy.on_unknown is OnUnknown.HOLD else DeliveryState.UNKNOWN
            unknown = replace(failed, state=state, possible_duplicate=True)
            return _later(unknown, delivery, chance) if state is DeliveryState.UNKNOWN else unknown
        case _:
            return _later(failed, delivery, chance, asked)


def _cause(error: Exception) -> Cause:
    match error:
        case SendError():
            return error.cause
        case Fault():
            return Cause.FAULT
        case _:
            # A setting, a template or a file to mend: the digest waits for it.
            return Cause.TO_MEND


def _outcome(
    delivery: Delivery, state: DeliveryState, parts_sent: int, now: datetime, cause: Cause | None, reason: str | None
) -> Outcome:
    """An outcome under the claim's fence; whether an earlier attempt is in doubt goes on."""
    doubt = delivery.possible_duplicate
    return Outcome(delivery.id, delivery.fence, state, parts_sent, now, cause, reason, possible_duplicate=doubt)


def _later(outcome: Outcome, delivery: Delivery, chance: float, asked: datetime | None = None) -> Outcome:
    """The same delivery again after a wait; given up when the waits are used up."""
    if delivery.attempts > len(WAITS):
        reason = sentence(Cause.GIVEN_UP, attempts=delivery.attempts, why=outcome.reason)
        return replace(outcome, state=DeliveryState.FAILED, cause=Cause.GIVEN_UP, reason=reason)
    not_before = outcome.at + WAITS[max(delivery.attempts, 1) - 1] * (1 + _JITTER * chance)
    return replace(outcome, not_before=max(not_before, asked or not_before))
