"""The dispatcher step by step, over a ledger told what to hand out: what it asks for, and what it writes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from digestbot.channels.base import Misconfigured, SendError, Temporary
from digestbot.delivery.dispatcher import GRACE, IN_FLIGHT, LEASE, Dispatcher
from digestbot.model.causes import Cause, sentence
from digestbot.model.deliveries import Delivery, DeliveryState, Message, Outcome, Part
from digestbot.model.subscriptions import Destination
from tests.delivery.kit import NOW, Clock, FakeChannel

SLACK = Destination("slack", {"destination": "lab"})


@pytest.fixture(autouse=True)
def over_each_store() -> None:
    """Once is enough: no store has a part in it."""


def mail(number: int, **said: Any) -> Delivery:
    to = Destination("email", {"address": f"r{number}@example.org"})
    plain = Delivery(f"d{number}", "all/1", "all", to, DeliveryState.SENDING, NOW, fence=1)
    return replace(plain, **said)


class Ledger:
    """Hands out what is left, in order; keeps what was asked and written."""

    def __init__(self, left: Iterable[Delivery] = (), known: Sequence[Delivery] = ()) -> None:
        self.left, self.known = list(left), known
        self.claims: list[int] = []
        self.asked: list[tuple[datetime, timedelta, Set[str] | None]] = []
        self.written: list[list[Outcome]] = []
        self.abandoned = 0
        self.refused = 0
        self.at_claim: Callable[[int], None] = lambda limit: None

    def abandon(self) -> int:
        self.abandoned += 1
        return 0

    def claim(self, *, now: datetime, lease: timedelta, limit: int, digests: Set[str] | None = None) -> list[Delivery]:
        self.claims.append(limit)
        self.asked.append((now, lease, digests))
        self.at_claim(limit)
        taken, self.left = self.left[:limit], self.left[limit:]
        return taken

    def record(self, outcomes: Sequence[Outcome]) -> int:
        self.written.append(list(outcomes))
        return len(outcomes) - self.refused

    def deliveries(self, *, states: Set[DeliveryState]) -> list[Delivery]:
        return [each for each in self.known if each.state in states]

    @property
    def outcomes(self) -> list[Outcome]:
        return [each for several in self.written for each in several]


def dispatcher(ledger: Ledger, answers: Callable[[Destination, str], None] | None = None, **said: Any) -> Dispatcher:
    clock = Clock()
    channels = {kind: FakeChannel(kind, answers or (lambda to, key: None)) for kind in ("email", "slack")}
    part = Part("1", "text/plain", b"x")
    plain = Dispatcher(ledger, lambda _: Message((part,)), channels.__getitem__, clock, lambda: 0.0, pause=clock.pause)
    return replace(plain, **said)


def test_the_bounds_are_what_the_guides_say() -> None:
    assert IN_FLIGHT == 32
    assert timedelta(minutes=15) == LEASE
    assert GRACE == 60.0
    assert dispatcher(Ledger()).per_kind == 4


def test_what_another_left_on_its_way_is_given_up_once_before_the_first_run() -> None:
    ledger = Ledger()
    one = dispatcher(ledger)
    assert list(one.run()) == []
    assert list(one.run({"all/1"})) == []
    assert ledger.abandoned == 1
    assert ledger.asked == [(NOW, timedelta(minutes=15), None), (NOW, timedelta(minutes=15), {"all/1"})]
    assert ledger.written == [], "nothing is written down where nothing was done"


def test_a_kind_that_was_misconfigured_is_asked_again_in_the_next_run() -> None:
    ledger = Ledger([mail(1)])
    one = dispatcher(ledger)
    one.broken["email"] = Misconfigured("no server")
    assert [outcome.state for _, outcome in one.run()] == [DeliveryState.SENT]
    assert one.broken == {}


def test_what_waits_for_the_mend_of_a_setting_is_asked_about_again_after_five_minutes() -> None:
    def answer(to: Destination, key: str) -> None:
        raise Misconfigured("535 no")

    ledger = Ledger([mail(1), mail(2)])
    one = dispatcher(ledger, answer)
    told = {delivery.id: outcome for delivery, outcome in one.run()}
    waits = told["d2"]
    assert (waits.state, waits.cause, waits.not_before) == (
        DeliveryState.PLANNED,
        Cause.MISCONFIGURED,
        NOW + timedelta(minutes=5),
    )
    assert waits.reason == sentence(Cause.MISCONFIGURED, answer="535 no")


def test_no_few_at_a_time_are_claimed_while_many_are_on_their_way() -> None:
    second = threading.Event()
    ledger = Ledger(mail(number) for number in range(64))

    def at_claim(limit: int) -> None:
        if len(ledger.claims) == 2:
            second.set()

    ledger.at_claim = at_claim
    sent: list[str] = []
    waited: list[bool] = []

    def answer(to: Destination, key: str) -> None:
        sent.append(key)
        if len(sent) == 13:
            threading.Event().wait(0.1)  # what was sent before is written down, and there is room for twelve
        if len(sent) == 17:
            waited.append(second.wait(20))

    list(dispatcher(ledger, answer, per_kind=1).run())
    assert waited == [True], "with room for sixteen it claims while the others are on their way"
    assert ledger.claims[:2] == [32, 16]
    assert all(16 <= each <= 32 for each in ledger.claims)
    assert len(sent) == 64


def test_one_that_is_on_its_way_past_its_lease_is_not_sent_twice_and_its_outcome_has_the_new_fence() -> None:
    ledger = Ledger([mail(1)])
    again = threading.Event()

    def at_claim(limit: int) -> None:
        if len(ledger.claims) == 2:
            ledger.left = [mail(1, fence=2)]
        if len(ledger.claims) == 3:
            again.set()

    ledger.at_claim = at_claim
    sent: list[str] = []

    def answer(to: Destination, key: str) -> None:
        sent.append(key)
        assert again.wait(20)

    ((_, outcome),) = dispatcher(ledger, answer).run()
    assert sent == ["d1"]
    assert (outcome.state, outcome.fence) == (DeliveryState.SENT, 2)


def test_each_part_that_left_is_noted_under_the_claim_and_rested_after_at_the_pace_of_its_destination() -> None:
    rests: list[float] = []
    ledger = Ledger([mail(1, possible_duplicate=True), mail(2, id="s", destination=SLACK)])
    parts = Message((Part("1", "text/plain", b"x"),) * 2)
    one = dispatcher(ledger, write=lambda _: parts, pause=rests.append)
    assert [outcome.parts_sent for _, outcome in one.run()] == [2, 2]
    noted = [each for each in ledger.outcomes if each.state is DeliveryState.SENDING]
    assert sorted((each.delivery, each.fence, each.parts_sent, each.possible_duplicate) for each in noted) == [
        ("d1", 1, 1, True),
        ("s", 1, 1, False),
    ]
    assert rests == [1.0], "a second between two posts to Slack, and none between mails"


def test_what_was_refused_under_an_old_fence_is_logged_and_told_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    ledger = Ledger([mail(1)])
    settled: list[str] = []
    one = dispatcher(ledger, settled=lambda delivery, outcome: settled.append(delivery.id))
    assert len(list(one.run())) == 1
    assert caplog.text == ""
    ledger.left, ledger.refused = [mail(2)], 1
    assert len(list(one.run())) == 1
    assert "1 outcomes were refused" in caplog.text
    assert settled == ["d1", "d2"]


def test_what_is_kept_from_leaving_is_written_down_with_chance_and_clock() -> None:
    from digestbot.delivery.decisions import Objection

    wrong = Objection(DeliveryState.DEFERRED, Cause.SUBSCRIPTION_WRONG, "wrong")
    ledger = Ledger([mail(1)])
    ((_, outcome),) = dispatcher(ledger, objection=lambda _: wrong, chance=lambda: 1.0).run()
    assert (outcome.state, outcome.not_before) == (DeliveryState.DEFERRED, NOW + timedelta(seconds=6))
    assert ledger.outcomes == [outcome]


def test_others_to_a_destination_that_asked_for_patience_go_back_with_it() -> None:
    def answer(to: Destination, key: str) -> None:
        raise Temporary("429", timedelta(hours=1))

    same = mail(1).destination
    ledger = Ledger([mail(1), mail(2, destination=same)])
    told = {delivery.id: outcome for delivery, outcome in dispatcher(ledger, answer).run()}
    assert {name: (each.state, each.cause, each.not_before) for name, each in told.items()} == {
        "d1": (DeliveryState.DEFERRED, Cause.ASKED_FOR_PATIENCE, NOW + timedelta(hours=1)),
        "d2": (DeliveryState.PLANNED, Cause.BEHIND_PATIENCE, NOW + timedelta(hours=1)),
    }


@pytest.mark.parametrize("error", [Misconfigured("no URL", destination_only=True), Temporary("later"), None])
def test_a_kind_that_answers_for_one_destination_works_and_goes_on(error: SendError | None) -> None:
    def answer(to: Destination, key: str) -> None:
        if key == "d1" and error is not None:
            raise error

    ledger = Ledger([mail(1), mail(2)])
    one = dispatcher(ledger, answer)
    assert [outcome.state for delivery, outcome in one.run() if delivery.id == "d2"] == [DeliveryState.SENT]
    assert one.broken == {}


def test_releasing_frees_what_waits_of_these_digests_but_not_what_was_told_to_wait() -> None:
    later = NOW + timedelta(hours=1)
    known = [
        mail(1, state=DeliveryState.DEFERRED, not_before=later, cause=Cause.TEMPORARY),
        mail(2, state=DeliveryState.UNKNOWN, not_before=later, cause=Cause.NO_ANSWER),
        mail(3, state=DeliveryState.PLANNED, not_before=later, cause=Cause.TURN),
        mail(4, state=DeliveryState.DEFERRED, not_before=later, cause=Cause.ASKED_FOR_PATIENCE),
        mail(5, state=DeliveryState.PLANNED),
        mail(6, state=DeliveryState.DEFERRED, not_before=later, cause=Cause.TEMPORARY, digest="other/1"),
        mail(7, state=DeliveryState.FAILED, not_before=later, cause=Cause.REFUSED),
    ]
    ledger = Ledger(known=known)
    dispatcher(ledger).release({"all/1"})
    assert [(each.delivery, each.state, each.not_before) for each in ledger.outcomes] == [
        (name, DeliveryState.PLANNED, None) for name in ("d1", "d2", "d3")
    ]


def test_after_a_release_the_ledger_is_asked_anew_who_waits() -> None:
    later = NOW + timedelta(hours=1)
    first = mail(1, state=DeliveryState.DEFERRED, not_before=later, cause=Cause.TEMPORARY)
    ledger = Ledger([mail(2, destination=first.destination)], [first])
    one = dispatcher(ledger)
    assert [outcome.cause for _, outcome in one.run()] == [Cause.BEHIND]
    ledger.known, ledger.left = [], [mail(2, destination=first.destination)]
    one.release({"all/1"})
    assert [outcome.state for _, outcome in one.run()] == [DeliveryState.SENT]


def test_a_destination_that_a_human_opens_again_gets_what_waits() -> None:
    gone = mail(1, state=DeliveryState.FAILED, cause=Cause.GONE)
    ledger = Ledger([mail(2, destination=gone.destination)], [gone])
    one = dispatcher(ledger)
    one.reopen(gone)  # nothing is known yet, and nothing to be taken back
    assert [outcome.cause for _, outcome in one.run()] == [Cause.DESTINATION_GONE]
    for delivery, state in ((mail(3), DeliveryState.HELD), (gone, DeliveryState.SENT)):
        one.reopen(delivery)
        ledger.left = [mail(2, destination=gone.destination)]
        assert [outcome.state for _, outcome in one.run()] == [state]


def test_one_beside_has_its_own_ledger_and_knows_nothing_yet() -> None:
    ledger, own = Ledger(), Ledger()
    one = dispatcher(ledger)
    list(one.run())
    other = one.beside(own, channel=one.channel, turn=one.turn, per_kind=2)
    assert (other.per_kind, other.ledger) == (2, own)
    list(other.run())
    assert (ledger.abandoned, own.abandoned) == (1, 1)


def test_whoever_leaves_has_what_is_in_flight_written_down() -> None:
    ledger = Ledger(mail(number) for number in range(8))
    steps = dispatcher(ledger, per_kind=1).run()
    next(steps)
    steps.close()
    assert len({each.delivery for each in ledger.outcomes}) == 8


def test_turns_at_a_slow_destination_are_waited_for_a_little_at_a_time() -> None:
    clock = Clock()
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        clock.pause(seconds)
        if seconds and not ledger.left and clock.now >= NOW + timedelta(seconds=1):
            ledger.left = [waiting]

    waiting = mail(2, id="s2", destination=SLACK)
    ledger = Ledger([mail(1, id="s1", destination=SLACK), waiting])
    one = dispatcher(ledger, clock=clock, pause=pause)
    told = {delivery.id: outcome for delivery, outcome in one.run()}
    assert {name: outcome.state for name, outcome in told.items()} == dict.fromkeys(("s1", "s2"), DeliveryState.SENT)
    assert max(pauses) == 0.2
    assert min(pauses) > 0
    turned = [each for each in ledger.outcomes if each.cause is Cause.TURN]
    assert (turned[0].delivery, turned[0].not_before) == ("s2", NOW + timedelta(seconds=1))
