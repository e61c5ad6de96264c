"""What becomes of a delivery, by values: every end of an attempt, every wait, every bound on its instant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digestbot.channels.base import LeaseLost, Misconfigured, Permanent, SendError, Stopped, Temporary, TooLong, Unknown
from digestbot.delivery.attempt import AttemptResult, Fault
from digestbot.delivery.decisions import WAITS, Objection, OnUnknown, Policy, Wait, after, back, before, untried
from digestbot.model.causes import Cause, again, sentence
from digestbot.model.deliveries import Delivery, DeliveryState, Outcome
from digestbot.model.errors import DigestbotError
from digestbot.model.subscriptions import Destination

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
TO = Destination("email", {"address": "ada@example.org"})
SENDING = Delivery("d1", "all/1", "all", TO, DeliveryState.SENDING, NOW, attempts=1, fence=7)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def over_each_store() -> None:
    """Once is enough: no store has a part in it."""


def ended(
    error: SendError | DigestbotError | None, *, hold: bool = False, chance: float = 0.0, **said: object
) -> Outcome:
    """The outcome of an attempt that ended so."""
    delivery = replace(SENDING, **said)  # type: ignore[arg-type]  # fields of a delivery, by name
    policy = Policy(on_unknown=OnUnknown.HOLD if hold else OnUnknown.RESEND)
    return after(AttemptResult(delivery, 1, None if error else "250 ok", error), NOW, policy, chance)


@pytest.mark.parametrize(
    ("error", "state", "cause", "again_after"),
    [
        (None, DeliveryState.SENT, Cause.ANSWERED, None),
        (Permanent("550 no"), DeliveryState.FAILED, Cause.REFUSED, None),
        (Permanent("410", disables=True), DeliveryState.FAILED, Cause.GONE, None),
        (TooLong("too long"), DeliveryState.FAILED, Cause.TOO_LONG, None),
        (Temporary("421 busy"), DeliveryState.DEFERRED, Cause.TEMPORARY, 5 * SECOND),
        (Temporary("429", timedelta(minutes=9)), DeliveryState.DEFERRED, Cause.ASKED_FOR_PATIENCE, 9 * MINUTE),
        (Temporary("429", timedelta(seconds=1)), DeliveryState.DEFERRED, Cause.ASKED_FOR_PATIENCE, 5 * SECOND),
        (Misconfigured("no server"), DeliveryState.DEFERRED, Cause.MISCONFIGURED, 5 * SECOND),
        (Unknown("closed"), DeliveryState.UNKNOWN, Cause.NO_ANSWER, 5 * SECOND),
        (DigestbotError("a template"), DeliveryState.DEFERRED, Cause.TO_MEND, 5 * SECOND),
        (Fault(ValueError("ours")), DeliveryState.DEFERRED, Cause.FAULT, 5 * SECOND),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else None,
)
def test_every_end_of_an_attempt(
    error: SendError | None, state: DeliveryState, cause: Cause, again_after: timedelta | None
) -> None:
    outcome = ended(error)
    assert (outcome.state, outcome.cause) == (state, cause)
    assert outcome.not_before == (NOW + again_after if again_after else None)
    assert (outcome.delivery, outcome.fence, outcome.parts_sent, outcome.at) == ("d1", 7, 1, NOW)
    assert outcome.answer == (error.reason if isinstance(error, SendError) else str(error) if error else "250 ok")


def test_only_an_answer_that_never_came_leaves_doubt_and_doubt_stays() -> None:
    assert [ended(each).possible_duplicate for each in (None, Permanent("no"), Temporary("later"))] == [False] * 3
    assert ended(Unknown("closed")).possible_duplicate
    assert ended(Temporary("later"), possible_duplicate=True).possible_duplicate
    assert ended(None, possible_duplicate=True).possible_duplicate
    taken = sentence(Cause.ANSWERED, answer="250 ok")
    assert [ended(None, possible_duplicate=each).reason for each in (False, True)] == [taken, again(taken)]


def test_what_is_unknown_is_held_where_the_operator_says_so() -> None:
    held = ended(Unknown("closed"), hold=True)
    assert (held.state, held.not_before, held.possible_duplicate) == (DeliveryState.HELD, None, True)


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(0, 5), (1, 5), (2, 300), (3, 1800), (4, 7200), (5, 18000), (6, 36000), (7, 50400), (8, 72000), (9, 86400)],
)
def test_the_waits_grow_and_chance_makes_them_a_fifth_longer_at_most(attempts: int, seconds: int) -> None:
    assert ended(Temporary("later"), attempts=attempts).not_before == NOW + seconds * SECOND
    assert ended(Temporary("later"), attempts=attempts, chance=1.0).not_before == NOW + 1.2 * seconds * SECOND
    assert ended(Temporary("later"), attempts=attempts, chance=0.5).not_before == NOW + 1.1 * seconds * SECOND


@pytest.mark.parametrize("error", [Stopped(), LeaseLost()], ids=lambda each: type(each).__name__)
def test_what_was_never_tried_goes_back_and_waits_for_nothing(error: SendError) -> None:
    """However often its turn did not come: it would wait five minutes after the second time, and be given up."""
    outcome = ended(error, attempts=30, possible_duplicate=True)
    assert (outcome.state, outcome.not_before, outcome.parts_sent) == (DeliveryState.PLANNED, None, 1)
    assert outcome.possible_duplicate


def test_the_tenth_attempt_is_the_last() -> None:
    assert ended(Temporary("later"), attempts=len(WAITS)).state is DeliveryState.DEFERRED
    over = ended(Temporary("later"), attempts=len(WAITS) + 1)
    assert (over.state, over.cause, over.not_before) == (DeliveryState.FAILED, Cause.GIVEN_UP, None)


def test_what_is_late_by_more_than_the_bound_is_held_and_on_the_bound_it_leaves() -> None:
    policy = Policy()
    assert policy.max_lateness == timedelta(days=3)
    assert before(SENDING, NOW + 3 * DAY, policy) is None
    late = before(SENDING, NOW + 3 * DAY + SECOND, policy)
    assert late is not None
    assert (late.state, late.cause) == (DeliveryState.HELD, Cause.TOO_LATE)


def test_what_may_have_arrived_is_asked_about_only_where_the_operator_says_so() -> None:
    doubtful = replace(SENDING, possible_duplicate=True, reason="no answer")
    assert before(doubtful, NOW, Policy()) is None
    assert before(SENDING, NOW, Policy(on_unknown=OnUnknown.HOLD)) is None
    found = before(doubtful, NOW, Policy(on_unknown=OnUnknown.HOLD))
    assert found is not None
    assert (found.state, found.cause) == (DeliveryState.HELD, Cause.MAY_HAVE_ARRIVED)


def test_an_objection_ends_a_delivery_or_has_it_wait() -> None:
    dropped = untried(SENDING, Objection(DeliveryState.DROPPED, Cause.SUBSCRIPTION_GONE, "no more"), NOW, 0.0)
    assert (dropped.state, dropped.cause, dropped.not_before) == (DeliveryState.DROPPED, Cause.SUBSCRIPTION_GONE, None)
    wrong = untried(SENDING, Objection(DeliveryState.DEFERRED, Cause.SUBSCRIPTION_WRONG, "wrong"), NOW, 0.0)
    assert (wrong.state, wrong.not_before) == (DeliveryState.DEFERRED, NOW + 5 * SECOND)


def test_what_is_handed_back_keeps_why_it_stood_so_and_what_was_answered() -> None:
    stood = replace(SENDING, cause=Cause.TEMPORARY, reason="421 busy", answer="421 busy", parts_sent=2)
    plain = back(stood, NOW)
    assert (plain.state, plain.cause, plain.reason, plain.answer) == (
        DeliveryState.PLANNED,
        Cause.TEMPORARY,
        "421 busy",
        "421 busy",
    )
    assert (plain.not_before, plain.parts_sent) == (None, 2)
    waits = back(stood, NOW, Wait(NOW + HOUR, Cause.TURN, "its turn"))
    assert (waits.cause, waits.reason, waits.not_before) == (Cause.TURN, "its turn", NOW + HOUR)
