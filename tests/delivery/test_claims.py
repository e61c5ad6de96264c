"""What a dispatcher claims, lets go and takes up again: leases, releases, mends, and a clock that jumps."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from digestbot.channels.base import Misconfigured, Permanent, SendError, Temporary, Unknown
from digestbot.delivery.operator_actions import decided
from digestbot.model.causes import Cause
from digestbot.model.deliveries import Delivery, DeliveryState, Message, Outcome, Part
from digestbot.model.errors import DigestbotError
from digestbot.model.subscriptions import Destination
from tests.delivery.kit import (
    NOW,
    Clock,
    FakeChannel,
    FakedApp,
    by_name,
    configure,
    deliver,
    mail_to,
    open_app,
    planned,
    post_to,
    refusing,
    states,
    store_setting,
    subscribe,
)  # fmt: skip

R0 = "email r0@example.org"
MINUTES = timedelta(minutes=1)


def mails(home: Path, *channels: FakeChannel, people: int = 1, clock: Clock | None = None) -> FakedApp:
    """An app with one digest planned for that many readers."""
    configure(home)
    subscribe(home, "all", mail_to(f"r{n}" for n in range(people)))
    app = open_app(home, clock or Clock(), *channels)
    planned(app)
    return app


def in_two_parts(delivery: Delivery) -> Message:
    return Message(tuple(Part(f"{n}/2", "text/plain", str(n).encode()) for n in (1, 2)))


def test_a_clock_that_jumps_past_the_lease_sends_nothing_twice_and_its_end_is_written_down(tmp_path: Path) -> None:
    clock, again = Clock(), threading.Event()
    seen: list[tuple[int, int]] = []

    def answer(to: Destination, key: str) -> None:
        (held,) = app.store.deliveries()
        seen.append((held.fence, held.parts_sent))
        if key.endswith("-1"):
            clock.move(minutes=16)
            assert again.wait(30), "the lease is over, and it is claimed once more"

    mail = FakeChannel("email", answer)
    with mails(tmp_path, mail, clock=clock) as app:
        claim = app.store.claim

        def claimed(**asked):  # type: ignore[no-untyped-def]  # as the store's own
            found = claim(**asked)
            # Told only when the dispatcher comes for more: by then it has looked at what it got.
            if fences and not found:
                again.set()
            fences.extend(each.fence for each in found if each.fence > 1)
            return found

        fences: list[int] = []
        app.store.claim = claimed  # type: ignore[method-assign]
        app.dispatcher.write = in_two_parts
        deliver(app)
        (delivery,) = app.store.deliveries()
    assert [key.rpartition("-")[2] for _, key, _ in mail.taken] == ["1", "2"]
    assert fences == [2]
    assert seen == [(1, 0), (2, 1)], "the first part is noted under the newer claim"
    assert (delivery.state, delivery.fence, delivery.parts_sent) == (DeliveryState.SENT, 2, 2)


def test_a_claim_lasts_a_quarter_of_an_hour_and_thirty_two_are_claimed_at_most(tmp_path: Path) -> None:
    leases: list[timedelta] = []
    sending: list[int] = []

    def answer(to: Destination, key: str) -> None:
        found = app.store.deliveries(states={DeliveryState.SENDING})
        sending.append(len(found))
        leases.extend(each.lease_until - NOW for each in found if each.lease_until)

    with mails(tmp_path, FakeChannel("email", answer), people=40) as app:
        deliver(app)
        assert (app.dispatcher.grace, app.dispatcher.per_kind) == (60.0, 4)
    assert set(leases) == {15 * MINUTES}
    assert max(sending) == 32


def test_what_a_process_that_is_gone_had_claimed_is_free_and_may_come_twice(tmp_path: Path) -> None:
    """At once where the store has one user at a time; on a server when its lease is over."""
    mail, clock = FakeChannel("email"), Clock()
    with mails(tmp_path, mail) as app:
        app.store.claim(now=NOW, lease=15 * MINUTES, limit=1)
    clock.move(minutes=15 if store_setting() else 0)
    with open_app(tmp_path, clock, mail) as app:
        ((_, outcome),) = deliver(app)
        assert (outcome.state, outcome.possible_duplicate) == (DeliveryState.SENT, True)


@pytest.mark.parametrize(
    ("error", "stands"),
    [
        (Temporary("451 later"), DeliveryState.DEFERRED),
        (Unknown("gone silent"), DeliveryState.UNKNOWN),
    ],
)
def test_a_release_frees_the_digests_that_are_named_and_no_other(
    tmp_path: Path, error: SendError, stands: DeliveryState
) -> None:
    configure(tmp_path)
    subscribe(tmp_path, "one", mail_to(["r0"]))
    subscribe(tmp_path, "two", mail_to(["r1"]))
    mail = FakeChannel("email", refusing({R0: [error], "email r1@example.org": [error]}))
    with open_app(tmp_path, Clock(), mail) as app:
        planned(app)
        deliver(app)
        assert states(app) == {stands.value: 2}
        assert deliver(app) == [], "their time has not come"
        waits = by_name(app)
        app.dispatcher.release({waits[R0].digest})
        assert [delivery.destination.name for delivery, _ in deliver(app)] == [R0]
        assert by_name(app)["email r1@example.org"] == waits["email r1@example.org"]


def test_what_waits_behind_another_is_released_with_it(tmp_path: Path) -> None:
    clock = Clock()
    mail = FakeChannel("email", refusing({R0: [Temporary("451 later")]}))
    with mails(tmp_path, mail, clock=clock) as app:
        planned(app, 1)
        deliver(app)
        first, second = app.store.deliveries()
        assert [first.state, second.state] == [DeliveryState.DEFERRED, DeliveryState.PLANNED]
        assert second.cause is Cause.BEHIND
        app.dispatcher.release({second.digest})
        app.dispatcher.release({first.digest})
        deliver(app)
        assert [key for _, key, _ in mail.taken] == [first.id, second.id]


def test_a_release_makes_nothing_younger_that_never_waited(tmp_path: Path) -> None:
    clock = Clock()
    mail = FakeChannel("email")
    with mails(tmp_path, mail, clock=clock) as app:
        clock.move(days=4)
        app.dispatcher.release({each.digest for each in app.store.deliveries()})
        ((_, outcome),) = deliver(app)
        assert (outcome.state, outcome.cause) == (DeliveryState.HELD, Cause.TOO_LATE)


def test_only_the_delivery_that_ended_its_destination_opens_it_again(tmp_path: Path) -> None:
    configure(tmp_path, TO_LAB="https://lab.example/x")
    subscribe(tmp_path, "all", post_to("webhook", "lab"))
    hook = FakeChannel("webhook", refusing({"webhook lab": [Permanent("answered 410 Gone", disables=True)]}))
    clock = Clock()
    with open_app(tmp_path, clock, hook) as app:
        for _ in range(2):
            clock.move(minutes=1)
            planned(app, 1)
        deliver(app)
        ended, held = app.store.deliveries()
        assert (ended.cause, held.cause) == (Cause.GONE, Cause.DESTINATION_GONE)
        app.dispatcher.reopen(held)
        app.store.record(decided("retry", [held], clock.now))
        deliver(app)
        assert app.store.deliveries()[1].state is DeliveryState.HELD
        assert hook.taken == []
        app.dispatcher.reopen(ended)
        app.store.record(decided("retry", [ended], clock.now))
        deliver(app)
        assert [key for _, key, _ in hook.taken] == [ended.id]


def test_what_waits_for_the_mend_of_a_channel_is_asked_about_after_five_minutes(tmp_path: Path) -> None:
    mail = FakeChannel("email", refusing({R0: [Misconfigured("535 wrong password")]}))
    with mails(tmp_path, mail, people=3) as app:
        deliver(app)
        found = by_name(app)
        assert [found[f"email r{n}@example.org"].not_before for n in (1, 2)] == [NOW + 5 * MINUTES] * 2
        assert {each.cause for each in found.values()} == {Cause.MISCONFIGURED}
        assert {(each.state, each.attempts) for each in found.values()} == {
            (DeliveryState.DEFERRED, 1),
            (DeliveryState.PLANNED, 0),
        }


def test_a_setting_of_one_destination_breaks_no_other_of_its_kind(tmp_path: Path) -> None:
    mail = FakeChannel("email", refusing({R0: [Misconfigured("no such mailbox", destination_only=True)]}))
    with mails(tmp_path, mail, people=5) as app:
        deliver(app)
        assert app.dispatcher.broken == {}
        assert states(app) == {"sent": 4, "deferred": 1}


@pytest.mark.parametrize(
    ("late", "objected", "cause"),
    [
        (True, True, Cause.TOO_LATE),
        (True, False, Cause.TOO_LATE),
        (False, True, Cause.PAUSED),
    ],
)
def test_what_is_too_late_is_held_whatever_else_there_is_against_it(
    tmp_path: Path, late: bool, objected: bool, cause: Cause
) -> None:
    clock = Clock()
    mail = FakeChannel("email")
    with mails(tmp_path, mail, clock=clock):
        pass
    clock.move(days=4 if late else 0)
    if objected:
        subscribe(tmp_path, "all", mail_to(["r0"]), paused="true")
    with open_app(tmp_path, clock, mail) as app:
        ((_, outcome),) = deliver(app)
        assert (outcome.state, outcome.cause) == (DeliveryState.HELD, cause)
        assert mail.taken == []


def test_only_what_the_far_side_said_holds_up_others_to_it(tmp_path: Path) -> None:
    """A message of ours that cannot be written says nothing of where it goes."""
    mail = FakeChannel("email")
    with mails(tmp_path, mail) as app:
        planned(app, 1)
        first, second = app.store.deliveries()
        write = app.dispatcher.write

        def mended(delivery: Delivery) -> Message:
            if delivery.id == first.id:
                raise DigestbotError("a template to mend")
            return write(delivery)

        app.dispatcher.write = mended
        deliver(app)
        assert [each.state for each in app.store.deliveries()] == [DeliveryState.DEFERRED, DeliveryState.SENT]
        assert [key for _, key, _ in mail.taken] == [second.id]


def test_the_parts_of_a_slow_destination_rest_in_between_and_only_its(tmp_path: Path) -> None:
    configure(tmp_path, TO_LAB="https://hooks.slack.com/services/x")
    subscribe(tmp_path, "all", post_to("slack", "lab") + mail_to(["r0"]))
    clock = Clock()
    at: list[tuple[str, float]] = []

    def answer(to: Destination, key: str) -> None:
        at.append((key.rpartition("-")[2], (clock.now - start).total_seconds()))

    with open_app(tmp_path, clock, FakeChannel("slack", answer), FakeChannel("email")) as app:
        planned(app, 1)
        app.dispatcher.write = in_two_parts
        start = clock.now
        deliver(app)
        assert at == [("1", 0.0), ("2", 1.0)]


def test_a_run_for_some_digests_takes_up_no_other(tmp_path: Path) -> None:
    clock = Clock()
    mail = FakeChannel("email")
    with mails(tmp_path, mail, clock=clock) as app:
        clock.move(minutes=1)
        planned(app, 1)
        first, second = app.store.deliveries()
        assert [each.id for each, _ in app.dispatcher.run({second.digest})] == [second.id]
        assert app.store.deliveries()[0] == first


@pytest.mark.parametrize("state", [DeliveryState.SENDING, DeliveryState.DEFERRED, DeliveryState.UNKNOWN])
def test_what_another_process_waits_for_is_waited_for(tmp_path: Path, state: DeliveryState) -> None:
    """Of one destination the later leaves after the earlier, also where another dispatcher has that in hand."""
    errors: dict[DeliveryState, SendError] = {
        DeliveryState.DEFERRED: Temporary("421 busy"),
        DeliveryState.UNKNOWN: Unknown("gone silent"),
    }
    mail = FakeChannel("email", refusing({R0: [errors[state]]} if state in errors else {}))
    with mails(tmp_path, mail) as app:
        if state is DeliveryState.SENDING:
            (first,) = app.store.claim(now=NOW, lease=15 * MINUTES, limit=1)
            app.store.abandon = lambda: 0  # type: ignore[method-assign]  # that process is alive
        else:
            deliver(app)
            (first,) = app.store.deliveries()
        planned(app, 1)
        beside = app.dispatcher.beside(
            app.store, channel=app.channel, turn=app.dispatcher.turn, per_kind=app.dispatcher.per_kind
        )
        assert len(list(beside.run())) == 1
        second = app.store.deliveries()[1]
        assert (second.state, second.not_before) == (DeliveryState.PLANNED, first.lease_until or first.not_before)
        assert mail.taken == []


def test_told_to_stop_what_no_thread_has_in_hand_is_handed_back_as_it_was(tmp_path: Path) -> None:
    mail = FakeChannel("email", lambda to, key: app.stopping.set())
    with mails(tmp_path, mail, people=32) as app:
        told = deliver(app)
        assert 1 <= len(mail.taken) <= 16 + app.dispatcher.per_kind, "half of what is in flight is gathered"
        assert states(app) == {"sent": len(mail.taken), "planned": 32 - len(mail.taken)}
        back = [outcome for _, outcome in told if outcome.state is DeliveryState.PLANNED]
        assert len(back) == 32 - len(mail.taken)
        assert {(each.cause, each.not_before) for each in back} == {(None, None)}


def test_whoever_listens_hears_of_every_outcome_that_was_written(tmp_path: Path) -> None:
    heard: list[tuple[Delivery, Outcome]] = []
    mail = FakeChannel("email", refusing({R0: [Temporary("451 later")]}))
    with mails(tmp_path, mail, people=4) as app:
        app.dispatcher.settled = lambda *step: heard.append(step)
        told = deliver(app)
    assert heard == told
    assert len(heard) == 4


def test_one_whose_turn_comes_between_two_looks_is_not_left_behind(tmp_path: Path) -> None:
    configure(tmp_path, TO_LAB="https://hooks.slack.com/services/x")
    subscribe(tmp_path, "all", post_to("slack", "lab"))
    clock, lab = Clock(), FakeChannel("slack")
    with open_app(tmp_path, clock, lab) as app:
        planned(app, 1)
        planned(app, 1)
        claim = app.store.claim

        def claimed(**asked):  # type: ignore[no-untyped-def]  # as the store's own
            found = claim(**asked)
            clock.move(seconds=0 if found else 1)
            return found

        app.store.claim = claimed  # type: ignore[method-assign]
        deliver(app)
        assert states(app) == {"sent": 2}
