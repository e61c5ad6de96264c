"""When a source is due, how it stands, and what is remembered across processes and crashes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from digestbot.ingest.sources.polling import (
    Health,
    SourceConfig,
    SourceRecord,
    SourceVerdict,
    failed,
    is_baseline,
    next_fetch,
    read,
    succeeded,
    verdict,
    ways,
    written,
)
from digestbot.ingest.sources.records import load_records, save_records
from digestbot.model.cadence import parse_cadence
from digestbot.model.errors import DigestbotError
from tests.ingest.kit import NOW

HOUR = timedelta(hours=1)
CONFIG = SourceConfig("x", "url", {"url": "https://x/"}, every=6 * HOUR, stale_after=timedelta(days=3))
NEW = SourceRecord(CONFIG.place)


def good(record: SourceRecord, at: datetime, *, news: bool = True) -> SourceRecord:
    return succeeded(record, {"etag": "1"}, at, news=news, unfinished=False)


def bad(
    record: SourceRecord, at: datetime, retry_after: timedelta | None = None, *, permanent: bool = False
) -> SourceRecord:
    return failed(record, {}, at, "why", news=False, permanent=permanent, retry_after=retry_after)


def test_a_source_is_due_at_first_then_every_so_often() -> None:
    assert next_fetch(CONFIG, None, NOW) == NOW
    assert next_fetch(CONFIG, good(NEW, NOW), NOW) == NOW + 6 * HOUR


def test_a_clock_set_back_does_not_hold_a_source_up() -> None:
    assert next_fetch(CONFIG, good(NEW, NOW + 400 * 24 * HOUR), NOW) == NOW + 6 * HOUR


def test_a_cadence_is_one_in_the_sources_own_zone() -> None:
    config = replace(CONFIG, every=parse_cadence("daily 08:00"), timezone="America/New_York")
    record = good(NEW, NOW - 24 * HOUR)
    assert next_fetch(config, record, NOW) == NOW  # 08:00 in New York is 12:00 UTC in March
    assert next_fetch(config, good(NEW, NOW), NOW) == NOW + 24 * HOUR
    assert next_fetch(config, record, NOW - HOUR) == NOW


def test_what_is_unfinished_goes_on_at_once() -> None:
    assert next_fetch(CONFIG, replace(good(NEW, NOW), unfinished=True), NOW) == NOW


def test_failures_are_tried_again_soon_and_then_ever_later() -> None:
    record, waits = NEW, []
    for _ in range(9):
        record = bad(record, NOW)
        waits.append((next_fetch(CONFIG, record, NOW) - NOW).total_seconds() / 60)
    assert waits == [5, 10, 20, 40, 80, 160, 320, 360, 360]


def test_what_the_far_side_asked_for_is_waited() -> None:
    record = bad(NEW, NOW, retry_after=9 * HOUR)
    assert next_fetch(CONFIG, record, NOW) == NOW + 9 * HOUR
    assert record.asked_to_wait


def test_what_does_not_mend_itself_waits_for_its_usual_time() -> None:
    assert next_fetch(CONFIG, bad(NEW, NOW, permanent=True), NOW) == NOW + 6 * HOUR


def test_quiet_stale_and_broken_are_three_things() -> None:
    day = timedelta(days=1)
    assert verdict(CONFIG, NEW, NOW).health is Health.WAITING
    record = good(NEW, NOW)
    assert verdict(CONFIG, record, NOW).health is Health.FRESH
    record = good(record, NOW + 3 * day, news=False)
    assert verdict(CONFIG, record, NOW + 3 * day).health is Health.QUIET
    found = verdict(CONFIG, record, NOW + 3 * day + HOUR)
    assert (found.health, found.since) == (Health.STALE, NOW)
    assert verdict(replace(CONFIG, stale_after=None), record, NOW + 90 * day).health is Health.QUIET
    record = bad(bad(record, NOW + 4 * day), NOW + 5 * day)
    found = verdict(CONFIG, record, NOW + 6 * day)
    assert (found.health, found.since, found.reason) == (Health.BROKEN, NOW + 4 * day, "why")
    assert verdict(CONFIG, good(record, NOW + 7 * day), NOW + 7 * day).health is Health.FRESH


def test_a_source_that_never_brought_anything_goes_stale_too() -> None:
    record = good(NEW, NOW, news=False)
    record = good(record, NOW + timedelta(days=4), news=False)
    assert verdict(CONFIG, record, NOW + timedelta(days=4)).health is Health.STALE


def test_records_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "data" / "sources.json"
    assert load_records(path) == {}
    records = {"a": good(NEW, NOW), "b": bad(good(NEW, NOW), NOW, retry_after=HOUR)}
    save_records(path, records)
    assert load_records(path) == records
    assert [each.name for each in path.parent.iterdir()] == ["sources.json"]
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"", b"[]", b'{"version": 2}', b'{"version": 1, "sources": {"a": {}}}'])
def test_a_damaged_file_says_so_and_the_way_out(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sources.json"
    path.write_bytes(content)
    with pytest.raises(DigestbotError, match="remove it"):
        load_records(path)


@pytest.mark.parametrize(
    ("config", "published", "known"),
    [
        (CONFIG, date(2020, 1, 1), False),
        (replace(CONFIG, baseline=True), None, True),
        (replace(CONFIG, first_run=timedelta(days=7)), NOW.date() - timedelta(days=8), True),
        (replace(CONFIG, first_run=timedelta(days=7)), NOW.date() - timedelta(days=7), False),
        (replace(CONFIG, first_run=timedelta(days=7)), None, False),
    ],
)
def test_the_first_run_says_what_is_known_from_the_start(
    config: SourceConfig, published: date | None, known: bool
) -> None:
    assert is_baseline(config, NEW, published, NOW) is known
    unfinished = succeeded(NEW, {}, NOW, news=True, unfinished=True)
    assert is_baseline(config, unfinished, published, NOW) is known
    assert is_baseline(config, bad(unfinished, NOW), published, NOW) is known
    assert not is_baseline(config, good(unfinished, NOW), published, NOW)


def test_schedule_first_run_and_limit_are_told_in_words() -> None:
    assert ways(CONFIG) == "every 6 hours, stale after 3 days"
    config = replace(CONFIG, every=parse_cadence("daily 08:00"), stale_after=None, baseline=True)
    assert ways(config) == "daily 08:00, what it holds at first is no news, never called stale"
    assert verdict(config, None, NOW).reason == "never fetched yet, what it holds at first is no news"


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (replace(CONFIG, every=HOUR, stale_after=DAY), "every 1 hours, stale after 1 day"),
        (replace(CONFIG, every=HOUR / 4, stale_after=1.5 * DAY), "every 15 minutes, stale after 1.5 days"),
        (replace(CONFIG, every=HOUR / 2, stale_after=10 * DAY), "every 30 minutes, stale after 10 days"),
        (
            replace(CONFIG, first_run=7 * DAY, stale_after=None),
            "every 6 hours, of what it holds at first the last 7 days are news, never called stale",
        ),
        (
            replace(CONFIG, library=True, baseline=True, stale_after=None),
            "every 6 hours, what it holds is liked and no news, never called stale",
        ),
    ],
)
def test_every_way_of_a_source_in_words(config: SourceConfig, said: str) -> None:
    assert ways(config) == said


def test_a_source_is_what_it_was_but_with_another_place_or_use() -> None:
    same = replace(CONFIG, options={"largest_mb": 7, "settled_for": 9, "url": "https://x/"}, every=HOUR)
    assert same.place == CONFIG.place
    others = [
        replace(CONFIG, kind="feed"),
        replace(CONFIG, options={"url": "https://y/"}),
        replace(CONFIG, options={"url": "https://x/", "query": "q"}),
        replace(CONFIG, library=True),
    ]
    assert len({CONFIG.place, *(each.place for each in others)}) == 5


def test_each_standing_is_told_since_when_and_why() -> None:
    assert verdict(CONFIG, None, NOW) == SourceVerdict(Health.WAITING, None, "never fetched yet")
    assert verdict(CONFIG, NEW, NOW) == SourceVerdict(Health.WAITING, None, "never fetched yet")
    fresh = good(NEW, NOW)
    assert verdict(CONFIG, fresh, NOW) == SourceVerdict(Health.FRESH, NOW, "brought something new at the last fetch")
    quiet = good(fresh, NOW + HOUR, news=False)
    assert verdict(CONFIG, quiet, NOW + HOUR) == SourceVerdict(Health.QUIET, NOW, "nothing new at the last fetch")
    late = NOW + 3.25 * DAY
    stale = "nothing new for 3.2 days; its limit is 3 days"
    assert verdict(CONFIG, quiet, late) == SourceVerdict(Health.STALE, NOW, stale)
    assert verdict(CONFIG, good(NEW, NOW, news=False), NOW + HOUR).since == NOW


def test_what_a_good_fetch_leaves() -> None:
    before = SourceRecord("p", {"a": 1}, NOW, NOW, NOW, NOW, None, 3, NOW, "why", NOW, True, True)
    later = NOW + HOUR
    assert succeeded(before, {"b": 2}, later, news=False, unfinished=True) == SourceRecord(
        "p", {"b": 2}, NOW, later, later, NOW, None, unfinished=True
    )
    assert succeeded(before, {}, later, news=True, unfinished=False) == SourceRecord(
        "p", {}, NOW, later, later, later, later
    )
    assert succeeded(SourceRecord("p"), {}, NOW, news=False, unfinished=False) == SourceRecord(
        "p", {}, NOW, NOW, NOW, None, NOW
    )


def test_what_a_failed_fetch_leaves() -> None:
    first = failed(replace(NEW, unfinished=True), {"a": 1}, NOW, "why", news=True, permanent=False)
    assert first == SourceRecord(
        CONFIG.place, {"a": 1}, NOW, NOW, None, NOW, None, 1, NOW, "why", NOW + timedelta(minutes=5)
    )
    later = NOW + HOUR
    second = failed(first, {}, later, "again", news=False, permanent=True, retry_after=HOUR)
    assert second == SourceRecord(CONFIG.place, {}, NOW, later, None, NOW, None, 2, NOW, "again", None)
    asked = failed(first, {}, later, "busy", news=False, permanent=False, retry_after=timedelta(minutes=1))
    assert (asked.retry_at, asked.asked_to_wait) == (later + timedelta(minutes=10), True)


def test_a_failure_is_tried_again_for_a_day_and_more_without_waiting_longer_than_six_hours() -> None:
    record = replace(NEW, failures=5_000)
    assert bad(record, NOW).retry_at == NOW + 6 * HOUR


def test_a_record_of_a_file_older_than_the_word_begun_has_begun_when_it_was_read() -> None:
    record = good(NEW, NOW)
    for unfinished, begun in ((False, NOW), (True, None)):
        data = written(replace(record, unfinished=unfinished))
        del data["begun"]
        assert read(data).begun == begun
    data = written(replace(record, read_at=NOW + HOUR))
    assert read(data).begun == NOW
    assert data["tried"] == "2026-03-10T12:00:00+00:00"
    assert "retry_at" not in data


def test_without_a_time_to_come_a_source_waits_a_day() -> None:
    class Never:
        text = "never"

        def due(self, zone: object, *, after: datetime, now: datetime) -> None:
            return None

        def upcoming(self, zone: object, *, after: datetime, count: int) -> list[object]:
            return []

    config = replace(CONFIG, every=Never())  # type: ignore[arg-type]  # a cadence whose times are over
    assert next_fetch(config, good(NEW, NOW), NOW) == NOW + DAY
