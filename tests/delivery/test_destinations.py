"""What is known of destinations, by values: turns, patience, ends, and hosts that refuse, each on its instant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digestbot.delivery.destinations import REFUSALS, Destinations, host_of
from digestbot.model.causes import Cause, sentence
from digestbot.model.deliveries import Delivery, DeliveryState, Outcome
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SLACK = Destination("slack", {"destination": "lab"})
HOOK = Destination("webhook", {"destination": "hook"})
ADA = Destination("email", {"address": "ada@example.org"})


@pytest.fixture(autouse=True)
def over_each_store() -> None:
    """Once is enough: no store has a part in it."""


def planned(to: Destination, name: str = "d1") -> Delivery:
    return Delivery(name, "all/1", "all", to, DeliveryState.PLANNED, NOW)


def known(*ledger: Delivery) -> Destinations:
    return Destinations(ledger, lambda to: to.name)


def ended(state: DeliveryState, cause: Cause, at: datetime = NOW, not_before: datetime | None = None) -> Outcome:
    return Outcome("d1", 1, state, 0, at, cause, "in words", not_before=not_before)


def test_a_slow_destination_is_fed_at_its_pace_and_on_the_instant() -> None:
    room, one = known(), planned(SLACK)
    assert room.wait(one, NOW, 0) is None
    wait = room.wait(one, NOW, 0)
    assert wait is not None
    assert (wait.until, wait.cause) == (NOW + SECOND, Cause.TURN)
    second = room.wait(one, NOW, 0)
    assert second is not None
    assert second.until == NOW + 2 * SECOND, "each that waits gets a slot of its own"
    assert room.wait(one, NOW + SECOND - timedelta(microseconds=1), 0) is not None
    assert room.wait(one, NOW + SECOND, 0) is None


def test_no_more_are_taken_up_than_a_destination_takes_at_a_time() -> None:
    assert known().wait(planned(HOOK), NOW, 1) is None
    full = known().wait(planned(HOOK), NOW, 2)
    assert full is not None
    assert (full.cause, full.until) == (Cause.TURN, NOW + timedelta(seconds=0.25))
    assert known().wait(planned(ADA), NOW, 7) is None
    assert known().wait(planned(ADA), NOW, 8) is not None


def test_the_pace_counts_from_the_last_answer() -> None:
    room = known()
    assert room.wait(planned(SLACK), NOW, 0) is None
    room.learn(planned(SLACK), ended(DeliveryState.SENT, Cause.ANSWERED, NOW + 3 * SECOND), answered=True)
    assert room.wait(planned(SLACK), NOW + 3 * SECOND, 0) is not None
    assert room.wait(planned(SLACK), NOW + 4 * SECOND, 0) is None


def test_what_another_process_is_sending_is_waited_for_until_its_lease_is_over() -> None:
    until = NOW + 60 * SECOND
    foreign = replace(planned(ADA, "other"), state=DeliveryState.SENDING, lease_until=until, not_before=NOW)
    room = known(foreign)
    wait = room.wait(planned(ADA), NOW, 0)
    assert wait is not None
    assert (wait.until, wait.cause) == (until, Cause.BEHIND_SENDING)
    assert not room.open(ADA, until - SECOND)
    assert room.open(ADA, until)
    assert room.wait(planned(ADA), until, 0) is None


def test_patience_that_was_asked_for_outlives_a_restart_and_holds_for_all_to_the_same() -> None:
    until = NOW + 90 * SECOND
    asked = replace(
        planned(HOOK, "first"), state=DeliveryState.DEFERRED, not_before=until, cause=Cause.ASKED_FOR_PATIENCE
    )
    room = known(asked)
    wait = room.wait(planned(HOOK), NOW, 0)
    assert wait is not None
    assert (wait.until, wait.cause) == (until, Cause.BEHIND_PATIENCE)
    assert room.wait(planned(SLACK), NOW, 0) is None, "another destination is another matter"
    late = replace(asked, state=DeliveryState.FAILED)
    assert known(late).wait(planned(HOOK), NOW, 0) is None, "one that has failed asks for nothing"


def test_the_longest_patience_counts() -> None:
    room = known()
    for seconds in (30, 90, 60):
        outcome = ended(DeliveryState.DEFERRED, Cause.TEMPORARY, NOW, NOW + seconds * SECOND)
        room.learn(planned(ADA), outcome, answered=True)
    wait = room.wait(planned(ADA), NOW, 0)
    assert wait is not None
    assert (wait.until, wait.cause) == (NOW + 90 * SECOND, Cause.BEHIND)


def test_of_those_that_wait_in_the_ledger_the_longest_counts_and_of_equals_the_first() -> None:
    until = NOW + 90 * SECOND
    asked = replace(planned(HOOK), state=DeliveryState.DEFERRED, not_before=until, cause=Cause.ASKED_FOR_PATIENCE)
    busy = replace(asked, id="d2", cause=Cause.TEMPORARY)
    sooner = replace(busy, id="d3", not_before=NOW + 30 * SECOND)
    room = known(asked, busy, sooner)
    later = ended(DeliveryState.DEFERRED, Cause.TEMPORARY, NOW, until)
    for _ in range(2):
        wait = room.wait(planned(HOOK), NOW, 0)
        assert wait is not None
        assert (wait.until, wait.cause) == (until, Cause.BEHIND_PATIENCE)
        room.learn(planned(HOOK), later, answered=True)


def test_a_failure_of_ours_holds_up_no_other_to_the_same() -> None:
    room = known()
    room.learn(planned(ADA), ended(DeliveryState.DEFERRED, Cause.TO_MEND, NOW, NOW + 90 * SECOND), answered=False)
    assert room.wait(planned(ADA), NOW + SECOND, 0) is None


def test_a_destination_that_is_gone_stays_so_until_somebody_opens_it_again() -> None:
    room = known()
    room.learn(planned(HOOK), ended(DeliveryState.FAILED, Cause.GONE), answered=True)
    objection = room.objection(planned(HOOK, "next"))
    assert objection is not None
    assert (objection.state, objection.cause) == (DeliveryState.HELD, Cause.DESTINATION_GONE)
    assert not room.open(HOOK, NOW + 999 * SECOND)
    room.reopen(HOOK)
    assert room.objection(planned(HOOK, "next")) is None
    remembered = known(replace(planned(HOOK), state=DeliveryState.FAILED, cause=Cause.GONE))
    assert remembered.objection(planned(HOOK, "next")) is not None
    assert remembered.objection(planned(SLACK)) is None


def test_why_another_waits_is_told_with_what_came_before_it() -> None:
    late = NOW + 60 * SECOND
    first = replace(planned(HOOK), state=DeliveryState.DEFERRED, not_before=late, cause=Cause.TEMPORARY, reason="busy")
    for room in (known(first), known()):
        outcome = ended(DeliveryState.DEFERRED, Cause.TEMPORARY, NOW, late)
        room.learn(planned(HOOK), replace(outcome, reason="busy"), answered=True)
        wait = room.wait(planned(HOOK), NOW, 0)
        assert wait is not None
        assert wait.reason == sentence(Cause.BEHIND, destination="webhook hook", why="busy")


def test_a_destination_that_is_gone_is_told_with_the_delivery_that_found_it_so() -> None:
    room = known()
    room.learn(planned(HOOK, "0123456789"), ended(DeliveryState.FAILED, Cause.GONE), answered=True)
    objection = room.objection(planned(HOOK, "next"))
    assert objection is not None
    facts = {"destination": "webhook hook", "delivery": "01234567", "why": "in words"}
    assert objection.reason == sentence(Cause.DESTINATION_GONE, **facts)


def test_a_kind_of_channel_that_is_no_more_is_counted_with_no_host() -> None:
    room, odd = known(), Destination("odd", {"destination": "x"})
    for _ in range(REFUSALS.most):
        room.learn(planned(odd), ended(DeliveryState.FAILED, Cause.REFUSED), answered=True)
    assert room.wait(planned(odd), NOW + SECOND, 0) is None


def test_a_host_that_refuses_a_hundred_times_rests_for_ten_minutes() -> None:
    room = known()
    for number in range(REFUSALS.most):
        assert room.wait(planned(HOOK), NOW + number * SECOND, 0) is None, number
        room.learn(planned(HOOK), ended(DeliveryState.FAILED, Cause.REFUSED, NOW + number * SECOND), answered=True)
    last = NOW + (REFUSALS.most - 1) * SECOND
    wait = room.wait(planned(HOOK), last + SECOND, 0)
    assert wait is not None
    assert (wait.until, wait.cause) == (last + REFUSALS.within, Cause.HOST_REFUSES)
    assert wait.reason == sentence(Cause.HOST_REFUSES, refusals=100, minutes=10)
    assert room.wait(planned(HOOK), last + REFUSALS.within, 0) is None


@pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.DEFERRED])
def test_a_host_refuses_for_good_or_for_now_and_its_yes_is_no_refusal(state: DeliveryState) -> None:
    refuses, takes = known(), known()
    for _ in range(REFUSALS.most):
        refuses.learn(planned(HOOK), ended(state, Cause.TEMPORARY), answered=True)
        takes.learn(planned(HOOK), ended(DeliveryState.SENT, Cause.ANSWERED), answered=True)
    wait = refuses.wait(planned(HOOK), NOW + SECOND, 0)
    assert wait is not None
    assert wait.cause is Cause.HOST_REFUSES
    assert takes.wait(planned(HOOK), NOW + SECOND, 0) is None


def test_refusals_count_together_only_within_ten_minutes_and_not_for_mail() -> None:
    spread, mail = known(), known()
    for number in range(REFUSALS.most):
        at = NOW + number * timedelta(seconds=7)
        spread.learn(planned(HOOK), ended(DeliveryState.FAILED, Cause.REFUSED, at), answered=True)
        mail.learn(planned(ADA), ended(DeliveryState.FAILED, Cause.REFUSED, NOW), answered=True)
    assert spread.wait(planned(HOOK), NOW + REFUSALS.most * timedelta(seconds=7), 0) is None
    assert mail.wait(planned(ADA), NOW + SECOND, 0) is None


def test_a_destination_is_at_its_urls_host_and_without_one_at_its_name() -> None:
    urls = {"hook": Secret("https://hooks.example.org/a?b")}
    assert host_of(HOOK, urls.get) == "hooks.example.org"
    assert host_of(SLACK, urls.get) == "slack lab"
