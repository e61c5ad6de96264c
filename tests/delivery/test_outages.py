"""When nothing leaves by a kind of channel, and what is no longer wanted at the moment of sending: by values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from digestbot.delivery.outages import Outages
from digestbot.delivery.wanted import objection, suppressed
from digestbot.model.cadence import parse_cadence
from digestbot.model.causes import Cause
from digestbot.model.deliveries import Delivery, DeliveryState, Outcome
from digestbot.model.subscribers import UNSUBSCRIBED, Suppression
from digestbot.model.subscriptions import Destination, RuleSpec, Subscription
from digestbot.store import open_store

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADA, BOB = (Destination("email", {"address": f"{name}@example.org"}) for name in ("ada", "bob"))
LAB = Destination("slack", {"destination": "lab"})


@pytest.fixture(autouse=True)
def over_each_store() -> None:
    """Once is enough: no store has a part in it."""


def waiting(to: Destination = ADA, cause: Cause | None = Cause.TEMPORARY, planned: datetime = NOW) -> Delivery:
    return Delivery("d1", "all/1", "all", to, DeliveryState.DEFERRED, planned, cause=cause, reason="451 later")


def left(to: Destination, at: datetime, done: datetime | None) -> Delivery:
    return replace(waiting(to, Cause.ANSWERED, at), state=DeliveryState.SENT, done_at=done)


def outcome(state: DeliveryState, cause: Cause, at: datetime = NOW) -> Outcome:
    return Outcome("d1", 1, state, 0, at, cause)


def reasons(some: Iterable[Delivery], *sent: Delivery, failing: Iterable[Destination] = ()) -> list[str]:
    outages = Outages(lambda: sent)
    for to in failing:
        outages.learn(waiting(to), outcome(DeliveryState.DEFERRED, Cause.TEMPORARY))
    return list(outages.reasons(some))


@pytest.mark.parametrize(
    ("cause", "out"),
    [
        (Cause.TEMPORARY, True),
        (Cause.ASKED_FOR_PATIENCE, True),
        (Cause.NO_ANSWER, True),
        (Cause.MISCONFIGURED, True),
        (Cause.TO_MEND, False),
        (Cause.FAULT, False),
        (Cause.TURN, False),
        (None, False),
    ],
)
def test_what_the_far_side_did_is_an_outage_and_what_is_ours_is_none(cause: Cause | None, out: bool) -> None:
    assert reasons([waiting(cause=cause)]) == ["nothing leaves by email: 451 later"] * out


@pytest.mark.parametrize(
    ("planned", "done", "out"),
    [
        (NOW - 9 * HOUR, NOW - HOUR, True),
        (NOW - 9 * HOUR, NOW, False),
        (NOW - 9 * HOUR, NOW + HOUR, False),
        (NOW - HOUR, None, True),  # of an older ledger, which did not keep when it left
        (NOW, None, False),
    ],
)
def test_it_is_out_where_none_left_since_the_one_that_waits_was_planned(
    planned: datetime, done: datetime | None, out: bool
) -> None:
    assert bool(reasons([waiting()], left(ADA, planned, done))) is out
    assert reasons([waiting()], left(LAB, planned, done)), "another kind says nothing of it"


def test_the_last_that_left_counts_in_whatever_order_they_are_told() -> None:
    late, early = left(ADA, NOW, NOW + HOUR), left(BOB, NOW, NOW - HOUR)
    assert reasons([waiting()], late, early) == reasons([waiting()], early, late) == []


def test_two_that_fail_one_after_the_other_are_an_outage_and_one_beside_others_is_none() -> None:
    before = left(BOB, NOW, NOW + HOUR)
    assert reasons([waiting()], before, failing=[ADA]) == []
    assert reasons([waiting()], before, failing=[ADA, ADA]) == []
    assert reasons([waiting()], before, failing=[ADA, BOB]) == ["nothing leaves by email: 451 later"]
    assert reasons([waiting()], before, failing=[ADA, LAB]) == []


def test_each_kind_is_told_once() -> None:
    assert reasons([waiting(ADA), waiting(LAB), waiting(BOB)]) == [
        "nothing leaves by email: 451 later",
        "nothing leaves by slack: 451 later",
    ]


def test_one_that_leaves_ends_it_also_when_the_ledger_was_read_before() -> None:
    asked: list[int] = []

    def sent() -> list[Delivery]:
        asked.append(1)
        return []

    outages = Outages(sent)
    assert list(outages.reasons([waiting()]))
    for to in (ADA, BOB):
        outages.learn(waiting(to), outcome(DeliveryState.DEFERRED, Cause.TEMPORARY))
    outages.learn(waiting(LAB), outcome(DeliveryState.SENT, Cause.ANSWERED, NOW + HOUR))
    assert list(outages.reasons([waiting()])), "what left was of another kind"
    outages.learn(waiting(BOB), outcome(DeliveryState.SENT, Cause.ANSWERED, NOW + HOUR))
    assert list(outages.reasons([waiting()])) == []
    assert list(outages.reasons([waiting(planned=NOW + 2 * HOUR)])), "it was planned after the last that left"
    assert len(asked) == 1, "the ledger is asked once"


def test_what_failed_by_a_fault_of_ours_is_no_failure_of_its_kind() -> None:
    outages = Outages(lambda: [left(ADA, NOW, NOW + HOUR)])
    for to in (ADA, BOB):
        outages.learn(waiting(to), outcome(DeliveryState.DEFERRED, Cause.FAULT))
    assert list(outages.reasons([waiting()])) == []


WANTED = Subscription("all", "All", "UTC", parse_cadence("daily 08:00"), RuleSpec(), (ADA, LAB))


@pytest.mark.parametrize(
    ("found", "to", "state", "cause"),
    [
        (WANTED, ADA, None, None),
        (WANTED, LAB, None, None),
        (WANTED, BOB, DeliveryState.DROPPED, Cause.DESTINATION_REMOVED),
        (WANTED, replace(ADA, channel="apprise"), DeliveryState.DROPPED, Cause.DESTINATION_REMOVED),
        (WANTED, replace(ADA, theme="magazine"), None, None),
        (None, ADA, DeliveryState.DEFERRED, Cause.SUBSCRIPTION_WRONG),
        (replace(WANTED, paused=True), ADA, DeliveryState.HELD, Cause.PAUSED),
        (replace(WANTED, paused=True), BOB, DeliveryState.HELD, Cause.PAUSED),
        (replace(WANTED, paused_until=date(2026, 3, 3)), ADA, DeliveryState.HELD, Cause.PAUSED),
        (replace(WANTED, paused_until=date(2026, 3, 2)), ADA, None, None),
    ],
)
def test_what_is_still_wanted_at_the_moment_of_sending(
    found: Subscription | None, to: Destination, state: DeliveryState | None, cause: Cause | None
) -> None:
    said = objection(waiting(to), {"all": found}, NOW)
    assert (said and said.state, said and said.cause) == (state, cause)


def test_a_subscription_that_is_not_there_takes_its_deliveries_with_it() -> None:
    said = objection(waiting(), {"other": WANTED}, NOW)
    assert said is not None
    assert (said.state, said.cause) == (DeliveryState.DROPPED, Cause.SUBSCRIPTION_GONE)


def test_an_address_that_is_silent_gets_nothing_and_why_is_kept(tmp_path: Path) -> None:
    with open_store("tinydb:data", home=tmp_path) as store:
        store.suppress(
            [Suppression("ada@example.org", UNSUBSCRIBED, NOW), Suppression("bob@example.org", "bounced", NOW)]
        )
        for to, cause in ((ADA, Cause.UNSUBSCRIBED), (BOB, Cause.SUPPRESSED)):
            said = suppressed(waiting(to), store)
            assert said is not None
            assert (said.state, said.cause) == (DeliveryState.DROPPED, cause)
            assert "02 Mar 2026" in said.reason
        assert suppressed(waiting(replace(ADA, channel="webhook")), store) is None
        assert suppressed(waiting(LAB), store) is None
        assert suppressed(waiting(Destination("email", {"address": "eve@example.org"})), store) is None
