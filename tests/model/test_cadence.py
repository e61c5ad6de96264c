"""Slots over the hard zones: every local day once, gaps and folds included."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from digestbot.model.cadence import moment, parse_cadence
from digestbot.model.catching_up import turns
from digestbot.model.errors import UsageError
from digestbot.model.subscriptions import CatchUp


def local(cadence: str, zone: str, after: str, count: int) -> list[str]:
    tz = ZoneInfo(zone)
    slots = parse_cadence(cadence).upcoming(tz, after=datetime.fromisoformat(after), count=count)
    return [slot.at.astimezone(tz).isoformat(timespec="minutes") for slot in slots]


@pytest.mark.parametrize(
    ("cadence", "zone", "after", "expected"),
    [
        # spring gaps: the first moment after
        ("daily 02:30", "America/New_York", "2026-03-07T12Z", ["2026-03-08T03:00-04:00", "2026-03-09T02:30-04:00"]),
        ("daily 00:00", "Africa/Cairo", "2026-04-23T12Z", ["2026-04-24T01:00+03:00", "2026-04-25T00:00+03:00"]),
        ("daily 00:00", "America/Santiago", "2026-09-05T12Z", ["2026-09-06T01:00-03:00", "2026-09-07T00:00-03:00"]),
        ("daily 00:00", "Asia/Beirut", "2026-03-28T12Z", ["2026-03-29T01:00+03:00", "2026-03-30T00:00+03:00"]),
        ("daily 02:15", "Australia/Lord_Howe", "2026-10-03T12Z", ["2026-10-04T02:30+11:00", "2026-10-05T02:15+11:00"]),
        # autumn folds: the first pass only
        ("daily 01:30", "America/New_York", "2026-10-31T12Z", ["2026-11-01T01:30-04:00", "2026-11-02T01:30-05:00"]),
        ("daily 01:45", "Australia/Lord_Howe", "2026-04-04T12Z", ["2026-04-05T01:45+11:00", "2026-04-06T01:45+10:30"]),
        # a day that never was
        ("daily 08:00", "Pacific/Apia", "2011-12-28T20:00Z", ["2011-12-29T08:00-10:00", "2011-12-31T08:00+14:00"]),
        ("daily 08:00", "Asia/Kathmandu", "2026-01-01T00:00Z", ["2026-01-01T08:00+05:45", "2026-01-02T08:00+05:45"]),
        ("weekdays 08:00", "UTC", "2026-11-20T09:00Z", ["2026-11-23T08:00+00:00", "2026-11-24T08:00+00:00"]),
        ("weekly sun 08:00", "UTC", "2026-11-20T09:00Z", ["2026-11-22T08:00+00:00", "2026-11-29T08:00+00:00"]),
        ("monthly 31 08:00", "UTC", "2026-02-01T00:00Z", ["2026-02-28T08:00+00:00", "2026-03-31T08:00+00:00"]),
        ("monthly 1 08:00", "UTC", "2026-02-01T09:00Z", ["2026-03-01T08:00+00:00", "2026-04-01T08:00+00:00"]),
        # crontab's own meaning: 0 and 7 are Sunday
        ("0 8 * * 0", "UTC", "2026-11-20T09:00Z", ["2026-11-22T08:00+00:00", "2026-11-29T08:00+00:00"]),
        ("0 8 * * 7", "UTC", "2026-11-20T09:00Z", ["2026-11-22T08:00+00:00", "2026-11-29T08:00+00:00"]),
        ("0 8 * * sun", "UTC", "2026-11-20T09:00Z", ["2026-11-22T08:00+00:00", "2026-11-29T08:00+00:00"]),
        ("*/7 * * * *", "UTC", "2026-11-20T09:55Z", ["2026-11-20T09:56+00:00", "2026-11-20T10:00+00:00"]),
        ("30 2 29 2 *", "UTC", "2026-11-20T09:00Z", ["2028-02-29T02:30+00:00", "2032-02-29T02:30+00:00"]),
    ],
)  # fmt: skip
def test_e42_e43_e44_slots_over_clock_changes(cadence: str, zone: str, after: str, expected: list[str]) -> None:
    assert local(cadence, zone, after, 2) == expected


@pytest.mark.parametrize(
    ("cadence", "hint"),
    [
        ("", "daily 08:00"),
        ("dayly 08:00", "'daily'"),
        ("daily", "daily 08:00"),
        ("daily 25:00", "08:00"),
        ("weekly foo 08:00", "mon"),
        ("monthly 32 08:00", "1 to 31"),
        ("0 0 31 4 *", "weekday"),
        ("* * * *", "cron line"),
        ("61 * * * *", "weekday"),
    ],
)
def test_e44_an_impossible_cadence_is_refused_with_a_way_out(cadence: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_cadence(cadence)
    assert hint in str(caught.value)


def test_missed_slots_become_the_last_one() -> None:
    cadence, zone = parse_cadence("daily 08:00"), ZoneInfo("Europe/Berlin")
    after = datetime(2026, 11, 16, 12, tzinfo=UTC)
    slot = cadence.due(zone, after=after, now=datetime(2026, 11, 20, 12, tzinfo=UTC))
    assert slot is not None
    assert slot.label == "2026-11-20T08:00"
    assert cadence.due(zone, after=slot.at, now=datetime(2026, 11, 20, 23, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("policy", "missed", "made"),
    [
        ("merge", 0, []),
        ("merge", 1, ["20"]),
        ("merge", 4, ["20"]),
        ("each", 1, ["20"]),
        ("each", 4, ["17 until", "18 until", "19 until", "20"]),
        ("latest", 1, ["20"]),
        ("latest", 2, ["19 until passed over", "20"]),
        ("latest", 4, ["19 until passed over", "20"]),
    ],
)
def test_e41_what_is_made_of_slots_that_were_missed(policy: str, missed: int, made: list[str]) -> None:
    cadence, zone = parse_cadence("daily 08:00"), ZoneInfo("Europe/Berlin")
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    slots = cadence.missed(zone, after=now - timedelta(days=missed), now=now, most=31)
    told = [
        f"{turn.slot.day.day}{' until' * (turn.until == turn.slot.at)}{' passed over' * turn.passed_over}"
        for turn in turns(CatchUp(policy), slots)
    ]
    assert told == made


def test_e41_no_thousand_digests_after_a_year_off() -> None:
    cadence, zone = parse_cadence("*/5 * * * *"), ZoneInfo("Europe/Berlin")
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    slots = cadence.missed(zone, after=now - timedelta(days=365), now=now, most=31)
    assert [slot.at for slot in slots] == [now - timedelta(minutes=5 * n) for n in range(31)][::-1]


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu"])
def test_a_daily_slot_is_due_exactly_once_a_day_however_often_one_looks(zone: str) -> None:
    cadence, tz = parse_cadence("daily 01:30"), ZoneInfo(zone)
    now = last = datetime(2026, 1, 1, tzinfo=UTC)
    days = []
    while now < datetime(2027, 1, 1, tzinfo=UTC):
        slot = cadence.due(tz, after=last, now=now)
        if slot is not None:
            days.append(slot.day)
            last = slot.at
        now += timedelta(minutes=47)
    assert len(days) == len(set(days))
    assert (days[-1] - days[0]).days == len(days) - 1


def test_moment_is_the_inverse_of_the_wall_clock() -> None:
    zone = ZoneInfo("Europe/Berlin")
    wall = datetime(2026, 6, 1, 8)
    assert moment(wall, zone).astimezone(zone).replace(tzinfo=None) == wall


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (28, ["01-28", "02-28", "03-28", "04-28"]),
        (29, ["01-29", "02-28", "03-29", "04-29"]),
        (30, ["01-30", "02-28", "03-30", "04-30"]),
        (31, ["01-31", "02-28", "03-31", "04-30"]),
    ],
)
def test_a_day_that_a_month_does_not_have_is_its_last(day: int, expected: list[str]) -> None:
    slots = parse_cadence(f"monthly {day} 08:00").upcoming(UTC, after=datetime(2026, 1, 1, tzinfo=UTC), count=4)
    assert [f"{each.day:%m-%d}" for each in slots] == expected


def test_a_leap_year_has_its_twenty_ninth() -> None:
    slots = parse_cadence("monthly 29 08:00").upcoming(UTC, after=datetime(2028, 2, 1, tzinfo=UTC), count=1)
    assert [each.day for each in slots] == [date(2028, 2, 29)]


def test_a_weekday_may_be_written_out() -> None:
    assert [parse_cadence(f"weekly {day} 08:00").cron for day in ("mon", "Monday", "THURS", "sunday")] == [
        "0 8 * * 1", "0 8 * * 1", "0 8 * * 4", "0 8 * * 0",
    ]  # fmt: skip
