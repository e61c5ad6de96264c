"""The pulse and how subscriptions stand, by values: late, waiting, hindered, on its way; and why a send failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from digestbot.channels.base import Misconfigured, Permanent, Stopped, Temporary, Unknown
from digestbot.model.causes import Cause
from digestbot.model.deliveries import Delivery, DeliveryState
from digestbot.model.errors import DigestbotError, StoreError
from digestbot.model.subscriptions import Destination
from digestbot.runtime.doctor.base import Finding, FindingState, Patient
from digestbot.runtime.doctor.dns import _text
from digestbot.runtime.doctor.examination import examined, exit_code
from digestbot.runtime.health import pulse as room
from digestbot.runtime.health.metrics import reason_class
from digestbot.runtime.health.pulse import (
    Pulse,
    free_space,
    last_hindered,
    last_mark,
    leave_mark,
    unready,
    waiting,
)
from digestbot.runtime.health.subscriptions import on_its_way
from digestbot.runtime.heartbeat import Heartbeat, fail_url
from digestbot.store.base import Store
from tests.delivery.kit import NOW

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
ADA = Destination("email", {"address": "ada@example.org"})
PLANNED = Delivery("d1", "all/1", "all", ADA, DeliveryState.PLANNED, NOW)


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_tick_is_late_by_what_passed_beyond_its_time() -> None:
    clock = Seconds()
    pulse = Pulse(20.0, clock)
    pulse.began()
    assert pulse.lateness == 0.0
    for after, lateness in ((20.0, 0.0), (27.5, 7.5), (12.0, 0.0)):
        clock.now += after
        pulse.began()
        assert (pulse.lateness, pulse.silence) == (lateness, 0.0)


def test_four_ticks_and_half_a_minute_of_silence_are_too_long() -> None:
    clock = Seconds()
    pulse = Pulse(20.0, clock)
    clock.now += 110.0
    assert (pulse.silence, pulse.late) == (110.0, False)
    clock.now += 0.5
    assert pulse.late
    pulse.beat()
    assert (pulse.silence, pulse.late) == (0.0, False)


def test_news_of_what_hinders_is_told_once() -> None:
    pulse, told = Pulse(20.0, Seconds()), list[str]()
    for why in ("full", "full", "fuller", None, None, "fuller"):
        pulse.hinder("disk", why, told.append)
    assert told == ["full", "fuller", "fuller"]
    assert pulse.hindered == {"disk": "fuller"}


@pytest.mark.parametrize(
    ("error", "why"), [(OSError("x"), "mail: x"), (DigestbotError("y"), "mail: y"), (StoreError("z"), "mail: z")]
)
def test_what_fails_within_hinders_and_what_goes_well_ends_that(error: Exception, why: str) -> None:
    pulse, told = Pulse(20.0, Seconds()), list[str]()
    with pulse.survived("mail", told.append):
        raise error
    assert (pulse.hindered, told) == ({"mail": why}, [why])
    with pulse.survived("mail", told.append):
        pass
    assert (pulse.hindered, told) == ({}, [why])
    with pytest.raises(KeyError), pulse.survived("mail", told.append):
        raise KeyError


def store(*deliveries: Delivery) -> Store:
    class Ledger:
        def pending(self, *, now: datetime) -> tuple[int, datetime | None]:
            return len(deliveries), min((each.ready_at for each in deliveries), default=None)

    return cast(Store, Ledger())


@pytest.mark.parametrize(
    ("said", "ready_at"),
    [
        ({}, NOW),
        ({"not_before": NOW + HOUR}, NOW + HOUR),
        ({"not_before": NOW - HOUR}, NOW),
        ({"lease_until": NOW + HOUR}, NOW),
        ({"state": DeliveryState.SENDING, "lease_until": NOW + 3 * HOUR, "not_before": NOW + HOUR}, NOW + 3 * HOUR),
        ({"state": DeliveryState.SENDING}, NOW),
    ],
)
def test_from_when_on_a_delivery_can_leave(said: dict[str, Any], ready_at: datetime) -> None:
    assert replace(PLANNED, **said).ready_at == ready_at


def test_how_many_could_leave_and_for_how_long() -> None:
    assert waiting(store(), NOW + 2 * HOUR) == (0, timedelta(0))
    assert waiting(store(PLANNED, replace(PLANNED, not_before=NOW + HOUR)), NOW + 2 * HOUR) == (2, 2 * HOUR)


def test_each_reason_not_to_be_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Seconds()
    pulse = Pulse(20.0, clock)

    def told(ledger: Callable[[], Store] = store, after: timedelta = HOUR) -> list[str]:
        return list(unready(pulse, ledger, tmp_path, NOW + after))

    def down() -> Store:
        raise StoreError("gone")

    monkeypatch.setattr(room, "free_space", lambda path: 256 << 20)
    assert told() == []
    assert told(lambda: store(PLANNED), HOUR) == [], "an hour is not over yet"
    assert told(lambda: store(PLANNED), 1.5 * HOUR) == ["1 deliveries wait to leave, the oldest for 1.5 hours"]
    clock.now += 200
    pulse.hinder("mail", "mail: full")
    monkeypatch.setattr(room, "free_space", lambda path: (256 << 20) - 1)
    assert told(down) == [
        "no sign of the ticks for 200 seconds",
        "mail: full",
        "the store cannot be used: gone",
        f"255 MB left on the disk of {tmp_path}",
    ]


def test_the_mark_of_a_round_is_seen_from_outside(tmp_path: Path) -> None:
    assert (last_mark(tmp_path), last_hindered(tmp_path)) == (None, [])
    leave_mark(tmp_path, NOW, ["mail: full", "disk"])
    assert (last_mark(tmp_path), last_hindered(tmp_path)) == (NOW, ["mail: full", "disk"])
    mark = tmp_path / "data" / "round"
    assert (mark.stat().st_mode & 0o777, mark.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    leave_mark(tmp_path, NOW + HOUR)
    assert (last_mark(tmp_path), last_hindered(tmp_path)) == (NOW + HOUR, [])
    assert free_space(tmp_path / "not" / "yet") == pytest.approx(free_space(tmp_path), abs=1 << 30)


@pytest.mark.parametrize(
    ("said", "after", "expected"),
    [
        ({}, HOUR, True),
        ({}, HOUR + SECOND, False),
        ({"state": DeliveryState.SENDING, "attempts": 1}, HOUR, True),
        ({"state": DeliveryState.SENDING, "attempts": 2}, HOUR, False),
        ({"state": DeliveryState.DEFERRED}, HOUR, False),
        ({"cause": Cause.TEMPORARY}, HOUR, False),
    ],
)
def test_what_is_on_its_way(said: dict[str, Any], after: timedelta, expected: bool) -> None:
    assert on_its_way(replace(PLANNED, **said), NOW + after) is expected


def test_why_a_send_failed_in_a_handful_of_words() -> None:
    errors = [Misconfigured("x"), Temporary("x"), Stopped(), Permanent("x"), Unknown("x"), KeyError("x")]
    words = ["misconfigured", "temporary", "temporary", "permanent", "unknown", "fault"]
    assert [reason_class(each) for each in errors] == words


# the doctor


def found(*states: FindingState) -> list[Finding]:
    return [Finding("x", each, "y") for each in states]


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ([], 0),
        ([FindingState.FINE, FindingState.WARNING, FindingState.STALE, FindingState.QUIET, FindingState.SKIPPED], 0),
        ([FindingState.FINE, FindingState.BROKEN], 1),
        ([FindingState.MISCONFIGURED, FindingState.BROKEN], 2),
    ],
)
def test_what_all_findings_come_to(states: list[FindingState], code: int) -> None:
    assert exit_code(found(*states)) == code


def test_no_check_that_fails_keeps_another_from_its_look() -> None:
    def broken(error: Exception) -> Callable[[Patient], Iterator[Finding]]:
        def check(patient: Patient) -> Iterator[Finding]:
            raise error
            yield

        return check

    def fine(patient: Patient) -> Iterator[Finding]:
        yield from found(FindingState.FINE)

    named = OSError(13, "Permission denied", "data/x")
    checks = [broken(named), broken(OSError("odd")), broken(KeyError("x")), fine]
    said = [(each.check, each.state.value, each.what, each.mend) for each in examined(cast(Patient, None), checks)]
    hint = "make it readable and writable for the user who runs digestbot"
    assert said == [
        ("check", "broken", "data/x: Permission denied", hint),
        ("check", "broken", "odd", hint),
        ("check", "broken", "could not be looked at: a fault of digestbot (KeyError)", ""),
        ("x", "fine", "y", ""),
    ]


def test_the_strings_of_a_long_record_belong_together() -> None:
    class Record:
        strings = (b"v=DKIM1; p=ab", b"cd")

    assert _text(Record()) == "v=DKIM1; p=abcd"
    assert _text("10 mx.example.org.") == "10 mx.example.org."


# the heartbeat


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://hc.example.org/0", "https://hc.example.org/0/fail"),
        ("https://hc.example.org/0/?a=b", "https://hc.example.org/0/fail?a=b"),
        ("https://hc.example.org", "https://hc.example.org/fail"),
    ],
)
def test_where_a_failure_is_told(url: str, expected: str) -> None:
    assert fail_url(url) == expected


def test_what_keeps_a_heartbeat_from_being_heard_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["not reached", "not reached", None, "answered 500"])
    asked: list[bool] = []

    def beat(url: object, network: object, *, good: bool) -> str | None:
        asked.append(good)
        return next(answers)

    monkeypatch.setattr("digestbot.runtime.heartbeat.beat", beat)
    told: list[str] = []
    heart = Heartbeat(told.append)
    heart.after_round(None, cast(Any, None), good=True)
    for good in (True, False, True, True):
        heart.after_round(cast(Any, "url"), cast(Any, None), good=good)
    assert told == ["DIGESTBOT_HEARTBEAT_URL: not reached", "DIGESTBOT_HEARTBEAT_URL: answered 500"]
    assert asked == [True, False, True, True]
