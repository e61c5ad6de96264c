"""The dispatcher over a real store, with channels that answer as they are told and a clock moved by hand."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from digestbot.channels.base import Misconfigured, Permanent, SendError, Temporary, Unknown
from digestbot.channels.registry import CHANNELS
from digestbot.delivery import IN_FLIGHT
from digestbot.delivery.destinations import REFUSALS
from digestbot.delivery.operator_actions import decided
from digestbot.model.causes import Cause
from digestbot.model.deliveries import DeliveryState, Outcome, Part
from digestbot.model.subscriptions import Destination
from tests.delivery.kit import (
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
    subscribe,
)  # fmt: skip

Home = Callable[..., FakedApp]


def mails(home: Path, *channels: FakeChannel, people: int = 3, clock: Clock | None = None) -> FakedApp:
    """An app with one digest planned for that many readers."""
    configure(home)
    subscribe(home, "all", mail_to(f"r{n}" for n in range(people)))
    app = open_app(home, clock or Clock(), *channels)
    planned(app)
    return app


def test_every_delivery_leaves_once_under_its_own_key(tmp_path: Path) -> None:
    mail = FakeChannel("email")
    with mails(tmp_path, mail, people=40) as app:
        assert {outcome.state for _, outcome in deliver(app)} == {DeliveryState.SENT}
        assert sorted(key for _, key, _ in mail.taken) == sorted(each.id for each in app.store.deliveries())
        assert deliver(app) == []


def test_a_few_threads_work_at_a_time_and_no_more_is_claimed_than_they_can_hold(tmp_path: Path) -> None:
    lock, now, most, held = threading.Lock(), 0, 0, 0

    def answer(to: Destination, key: str) -> None:
        nonlocal now, most, held
        with lock:
            now += 1
            most = max(most, now)
            held = max(held, len(app.store.deliveries(states={DeliveryState.SENDING})))
        threading.Event().wait(0.002)
        with lock:
            now -= 1

    with mails(tmp_path, FakeChannel("email", answer), people=60) as app:
        deliver(app)
        assert states(app) == {"sent": 60}
    assert 1 < most <= 4
    assert held <= IN_FLIGHT


def test_deliveries_of_one_destination_arrive_in_the_order_of_their_digests(tmp_path: Path) -> None:
    mail = FakeChannel("email")
    clock = Clock()
    with mails(tmp_path, mail, people=2, clock=clock) as app:
        for _ in range(11):
            clock.move(minutes=1)
            planned(app, 1)
        deliver(app)
        order = {each.id: place for place, each in enumerate(app.store.deliveries())}
        for name in ("email r0@example.org", "email r1@example.org"):
            places = [order[key] for to, key, _ in mail.taken if to == name]
            assert len(places) == 12
            assert places == sorted(places)


def test_c26_patience_asked_of_one_destination_holds_back_it_alone_across_a_restart(tmp_path: Path) -> None:
    """Head-of-line blocking only for that endpoint; the wait is in the ledger, and not even `send` shortens it."""
    clock = Clock()
    configure(tmp_path, TO_LAB="https://lab.example/x", TO_CLUB="https://club.example/x")
    subscribe(tmp_path, "all", post_to("webhook", "lab") + post_to("webhook", "club"))
    hook = FakeChannel("webhook", refusing({"webhook lab": [Temporary("answered 429", timedelta(hours=2))]}))
    with open_app(tmp_path, clock, hook) as app:
        planned(app)
        deliver(app)
        assert [to for to, _, _ in hook.taken] == ["webhook club"]
    with open_app(tmp_path, clock, hook) as app:  # the process is another one now
        planned(app, 1)
        clock.move(minutes=90)
        deliver(app)
        app.dispatcher.release({each.digest for each in app.store.deliveries()})
        deliver(app)
        assert [to for to, _, _ in hook.taken] == ["webhook club"] * 2
        lab = [each for each in app.store.deliveries() if each.destination.name == "webhook lab"]
        assert {each.not_before for each in lab} == {lab[0].not_before}
        assert [each.cause for each in lab] == [Cause.ASKED_FOR_PATIENCE, Cause.BEHIND_PATIENCE]
        assert [each.attempts for each in lab] == [1, 0]
        clock.move(minutes=31)
        deliver(app)
        assert [key for to, key, _ in hook.taken if to == "webhook lab"] == [each.id for each in lab]


def test_a_slow_destination_gets_one_post_a_second_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    clock = Clock()
    at: dict[str, list[float]] = {}

    def answer(to: Destination, key: str) -> None:
        at.setdefault(to.name, []).append((clock.now - start).total_seconds())

    configure(tmp_path, TO_LAB="https://hooks.slack.com/services/x")
    for n in range(5):
        subscribe(tmp_path, f"s{n}", post_to("slack", "lab") + mail_to(["ada"]))
    with open_app(tmp_path, clock, FakeChannel("slack", answer), FakeChannel("email", answer)) as app:
        planned(app)
        start = clock.now
        told = deliver(app)
        assert states(app) == {"sent": 10}
        assert len(told) == 10, "waiting one's turn is nothing to tell of"
        assert {each.attempts for each in app.store.deliveries()} == {1}
    gaps = [later - earlier for earlier, later in zip(at["slack lab"], at["slack lab"][1:], strict=False)]
    assert min(gaps) >= 1
    assert max(at["email ada@example.org"]) < 1


def test_b21_a_refused_login_is_tried_once_and_the_run_goes_on_when_it_is_mended(tmp_path: Path) -> None:
    asked = []

    def answer(to: Destination, key: str) -> None:
        asked.append(key)
        if len(asked) == 1:
            raise Misconfigured("535 5.7.8 wrong password")

    mail = FakeChannel("email", answer)
    clock = Clock()
    with mails(tmp_path, mail, people=50, clock=clock) as app:
        told = deliver(app)
        assert len(asked) == 1
        assert list(app.dispatcher.broken) == ["email"]
        assert {outcome.cause for _, outcome in told} == {Cause.MISCONFIGURED}
        assert sorted(each.attempts for each in app.store.deliveries()) == [0] * 49 + [1]
        clock.move(minutes=6)
        deliver(app)
        assert states(app) == {"sent": 50}


def test_c28_a_destination_that_is_gone_is_called_no_more_until_somebody_says_so(tmp_path: Path) -> None:
    clock = Clock()
    configure(tmp_path, TO_LAB="https://lab.example/x")
    subscribe(tmp_path, "all", post_to("webhook", "lab") + mail_to(["ada"]))
    hook = FakeChannel("webhook", refusing({"webhook lab": [Permanent("answered 410 Gone", disables=True)]}))
    calls = hook.answers
    asked: list[str] = []

    def counted(to: Destination, key: str) -> None:
        asked.append(key)
        calls(to, key)

    hook.answers = counted
    with open_app(tmp_path, clock, hook, FakeChannel("email")) as app:
        planned(app)
        deliver(app)
        clock.move(hours=1)
        planned(app)
        deliver(app)
    with open_app(tmp_path, clock, hook, FakeChannel("email")) as app:
        clock.move(hours=1)
        planned(app)
        deliver(app)
        lab = [each for each in app.store.deliveries() if each.destination.name == "webhook lab"]
        assert [each.state for each in lab] == [DeliveryState.FAILED, DeliveryState.HELD, DeliveryState.HELD]
        assert len(asked) == 1
        assert [each.cause for each in lab] == [Cause.GONE, Cause.DESTINATION_GONE, Cause.DESTINATION_GONE]
        assert states(app)["sent"] == 3
        app.store.record(decided("retry", lab, clock.now))
    with open_app(tmp_path, clock, hook, FakeChannel("email")) as app:
        deliver(app)
        assert states(app) == {"sent": 6}


def test_c29_a_host_that_refuses_everybody_is_left_alone_long_before_a_ban(tmp_path: Path) -> None:
    clock = Clock()
    count = 3 * REFUSALS.most
    hooks = {f"TO_HOOK{n}": f"https://discord.com/api/webhooks/{n}/token" for n in range(count)}
    configure(tmp_path, **hooks, TO_OTHER="https://example.org/x")
    tables = "".join(post_to("discord", f"hook{n}") for n in range(count))
    subscribe(tmp_path, "all", tables + post_to("webhook", "other"))
    asked: list[str] = []

    def answer(to: Destination, key: str) -> None:
        asked.append(to.name)
        raise Permanent("answered 401 Unauthorized", disables=True)

    other = FakeChannel("webhook")
    with open_app(tmp_path, clock, FakeChannel("discord", answer), other) as app:
        planned(app)
        deliver(app)
        assert REFUSALS.most <= len(asked) < REFUSALS.most + IN_FLIGHT
        assert len(other.taken) == 1
        assert states(app)["planned"] == count - len(asked)
        clock.move(minutes=11)
        deliver(app)
        assert len(asked) <= 2 * (REFUSALS.most + IN_FLIGHT)


def test_a08_what_is_too_old_is_held_and_leaves_when_a_human_says_so(tmp_path: Path) -> None:
    """A backup restored, or a daemon that was down for days: nothing old goes out by itself."""
    clock = Clock()
    mail = FakeChannel("email")
    with mails(tmp_path, mail, clock=clock, people=1) as app:
        clock.move(days=3, minutes=1)
        ((_, outcome),) = deliver(app)
        assert (outcome.state, outcome.cause) == (DeliveryState.HELD, Cause.TOO_LATE)
        (held,) = app.store.deliveries()
        app.store.record(decided("retry", [held], clock.now))
        deliver(app)
        assert len(mail.taken) == 1


def test_a08_how_late_is_too_late_is_the_operators_to_say(tmp_path: Path) -> None:
    clock = Clock()
    with mails(tmp_path, FakeChannel("email"), clock=clock, people=1):
        pass
    configure(tmp_path, MAX_LATENESS="5 hours")
    clock.move(hours=5, minutes=1)
    with open_app(tmp_path, clock, FakeChannel("email")) as app:
        deliver(app)
        assert states(app) == {"held": 1}


@pytest.mark.parametrize(
    ("change", "state", "cause"),
    [
        ("gone", DeliveryState.DROPPED, Cause.SUBSCRIPTION_GONE),
        ("paused", DeliveryState.HELD, Cause.PAUSED),
        ("moved", DeliveryState.DROPPED, Cause.DESTINATION_REMOVED),
        ("wrong", DeliveryState.DEFERRED, Cause.SUBSCRIPTION_WRONG),
    ],
)
def test_h76_what_changed_since_it_was_planned_counts_when_it_leaves(
    tmp_path: Path, change: str, state: DeliveryState, cause: Cause
) -> None:
    clock = Clock()
    with mails(tmp_path, people=1, clock=clock):
        pass
    match change:
        case "gone":
            (tmp_path / "subscriptions" / "all.toml").rename(tmp_path / "subscriptions" / "other.toml")
        case "paused":
            subscribe(tmp_path, "all", mail_to(["r0"]), paused="true")
        case "moved":
            subscribe(tmp_path, "all", mail_to(["somebody.else"]))
        case _:
            subscribe(tmp_path, "all", mail_to(["r0"]), misspelt="1")
    mail = FakeChannel("email")
    with open_app(tmp_path, clock, mail) as app:
        ((_, outcome),) = deliver(app)
        assert (outcome.state, outcome.cause) == (state, cause)
        assert mail.taken == []


def test_a14_told_to_stop_it_finishes_what_is_in_flight_and_hands_the_rest_back_untried(tmp_path: Path) -> None:
    mail = FakeChannel("email")
    with mails(tmp_path, mail, people=50) as app:
        for count, _ in enumerate(app.dispatcher.run(), 1):
            if count == 5:
                app.stopping.set()
        assert states(app) == {"sent": len(mail.taken), "planned": 50 - len(mail.taken)}
        assert 5 <= len(mail.taken) <= 5 + IN_FLIGHT
        assert {each.attempts for each in app.store.deliveries(states={DeliveryState.PLANNED})} == {0}
        app.stopping.clear()
        deliver(app)
        assert Counter(key for _, key, _ in mail.taken) == Counter(each.id for each in app.store.deliveries())


def test_a14_whoever_stops_listening_leaves_the_ledger_in_order(tmp_path: Path) -> None:
    mail = FakeChannel("email")
    with mails(tmp_path, mail, people=50) as app:
        steps = app.dispatcher.run()
        next(steps)
        steps.close()
        assert states(app) == {"sent": len(mail.taken), "planned": 50 - len(mail.taken)}


def test_a14_what_hangs_beyond_the_grace_is_unknown_and_comes_again_under_its_key(tmp_path: Path) -> None:
    hangs = threading.Event()

    def hang(to: Destination, key: str) -> None:
        hangs.wait(30)

    mail = FakeChannel("email", hang)
    clock = Clock()
    with mails(tmp_path, mail, people=1, clock=clock) as app:
        app.dispatcher.grace = 0.1
        threading.Timer(0.3, app.stopping.set).start()
        ((delivery, outcome),) = deliver(app)
        assert outcome.state is DeliveryState.UNKNOWN
        hangs.set()
        app.stopping.clear()
        clock.move(minutes=1)
        ((_, outcome),) = deliver(app)
        assert (outcome.state, outcome.possible_duplicate) == (DeliveryState.SENT, True)
        assert {key for _, key, _ in mail.taken} == {delivery.id}


def test_a06_an_outcome_under_an_old_fence_changes_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Another process took the delivery over while this one was stopped past its lease."""
    clock = Clock()

    def overtaken(to: Destination, key: str) -> None:
        clock.move(minutes=16)
        (other,) = app.store.claim(now=clock.now, lease=timedelta(minutes=15), limit=1)
        said = Outcome(other.id, other.fence, DeliveryState.SENT, 1, clock.now, Cause.ANSWERED, answer="by the other")
        app.store.record([said])

    with mails(tmp_path, FakeChannel("email", overtaken), people=1, clock=clock) as app:
        deliver(app)
        (delivery,) = app.store.deliveries()
        assert (delivery.state, delivery.answer) == (DeliveryState.SENT, "by the other")
    assert "another process has taken" in caplog.text


def test_f58_one_message_that_cannot_be_written_keeps_no_other(tmp_path: Path) -> None:
    mail = FakeChannel("email")
    with mails(tmp_path, mail, people=3) as app:
        plain = app.dispatcher.write

        def write(delivery):  # type: ignore[no-untyped-def]  # as the dispatcher's own
            if delivery.destination.name == "email r1@example.org":
                raise KeyError("a fault of ours")
            return plain(delivery)

        app.dispatcher.write = write
        told = {delivery.destination.name: outcome for delivery, outcome in deliver(app)}
        assert states(app) == {"sent": 2, "deferred": 1}
        assert told["email r1@example.org"].cause is Cause.FAULT


def test_what_the_ledger_has_of_a_kind_that_is_no_more_keeps_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = FakeChannel("email")
    configure(tmp_path, TO_LAB="https://hooks.slack.com/x")
    subscribe(tmp_path, "all", post_to("slack", "lab") + mail_to(["ada"]))
    with open_app(tmp_path, Clock(), mail) as app:
        planned(app)
        for module in ("channels.registry", "delivery.destinations"):
            monkeypatch.setattr(f"digestbot.{module}.CHANNELS", {"email": CHANNELS["email"]})
        told = {delivery.destination.name: outcome for delivery, outcome in deliver(app)}
    assert told["email ada@example.org"].state is DeliveryState.SENT
    assert "unknown channel 'slack'" in (told["slack lab"].answer or "")


def test_d38_parts_leave_in_order_and_a_failure_resumes_at_its_own(tmp_path: Path) -> None:
    from digestbot.model.deliveries import Message

    clock = Clock()
    fails = iter([None, Temporary("later"), None, None])

    def answer(to: Destination, key: str) -> None:
        error = next(fails)
        if error:
            raise error

    mail = FakeChannel("email", answer)
    with mails(tmp_path, mail, people=1, clock=clock) as app:
        parts = tuple(Part(f"{n}/3", "text/plain", str(n).encode()) for n in (1, 2, 3))
        app.dispatcher.write = lambda delivery: Message(parts)
        deliver(app)
        (delivery,) = app.store.deliveries()
        assert (delivery.state, delivery.parts_sent) == (DeliveryState.DEFERRED, 1)
        clock.move(minutes=1)
        deliver(app)
        assert [body for _, _, body in mail.taken] == [b"1", b"2", b"3"]
        assert [key for _, key, _ in mail.taken] == [f"{delivery.id}-{n}" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Temporary("451 later"), DeliveryState.DEFERRED),
        (Permanent("554 spam"), DeliveryState.FAILED),
        (Unknown("gone silent"), DeliveryState.UNKNOWN),
        (Misconfigured("no URL", destination_only=True), DeliveryState.DEFERRED),
    ],
)
def test_each_failure_has_its_state_and_touches_nobody_else(
    tmp_path: Path, error: SendError, state: DeliveryState
) -> None:
    mail = FakeChannel("email", refusing({"email r1@example.org": [error]}))
    with mails(tmp_path, mail, people=20) as app:
        deliver(app)
        assert states(app) == {"sent": 19, state.value: 1}
        left = by_name(app)["email r1@example.org"]
        assert (left.cause, left.answer) == (error.cause, error.reason)


def test_retries_grow_apart_and_end(tmp_path: Path) -> None:
    """Exponential, never without end: after the last wait a human is told."""
    clock = Clock()
    configure(tmp_path, MAX_LATENESS="9 weeks")
    subscribe(tmp_path, "all", mail_to(["r0"]))
    mail = FakeChannel("email", refusing({"email r0@example.org": [Temporary("451 later")] * 99}))
    waits = []
    with open_app(tmp_path, clock, mail) as app:
        planned(app)
        while told := deliver(app):
            ((_, outcome),) = told
            if outcome.not_before is None:
                break
            waits.append((outcome.not_before - clock.now).total_seconds())
            clock.now = outcome.not_before
        assert states(app) == {"failed": 1}
    assert waits == sorted(waits)
    assert 5 <= waits[0] <= 6
    assert 86400 <= waits[-1] <= 86400 * 1.2
    assert len(waits) == 9
