"""What a digest chooses from, and what becomes of it over the days that follow, as literal values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from digestbot.digests import due_turns, hand_slot, open_by_hand, open_turns, pending, pipeline
from digestbot.digests.base import Moment
from digestbot.digests.pipeline import upvotes_before
from digestbot.model.digests import DigestRecord, DigestVerdict, Window
from digestbot.model.papers import Paper
from digestbot.model.subscriptions import CatchUp, SortOrder, Subscription
from digestbot.store import open_store
from digestbot.store.base import Store
from tests.digests.kit import NAME, compiled, subscription, utc


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store("tinydb:data", home=tmp_path) as opened:
        yield opened


def speech(*numbers: int, **fields: object) -> list[Paper]:
    return [replace(Paper(title=f"Speech and number {n}"), **fields) for n in numbers]  # type: ignore[arg-type]


def by_hand(store: Store, wanted: Subscription, now: datetime) -> DigestRecord:
    (record,) = open_by_hand([compiled(wanted)], store, now)
    assert record is not None
    return record


def opened(store: Store, wanted: Subscription, now: datetime) -> list[DigestRecord]:
    """What is due is opened."""
    ready = compiled(wanted)
    moment = Moment(now, store.head())
    return [
        each for one in open_turns(store, [(ready, due_turns(ready, store, now))], moment) if (each := one.result())
    ]


def places(record: DigestRecord) -> list[int]:
    return sorted(each.sequence for each in record.entries)


def test_every_paper_that_is_found_is_shown_exactly_once_over_the_digests_that_follow(store: Store) -> None:
    """Three fit, eight came: none is lost at the cut, none comes twice, and what waited says so."""
    wanted = subscription(max_entries=3, waiting_share=1.0)
    store.register([NAME], now=utc(1))
    store.merge(speech(*range(1, 9)), now=utc(1, 1))
    records = []
    for day in range(2, 7):
        store.merge([Paper(title=f"Nothing of that, day {day}")], now=utc(day, 1))
        records.append(by_hand(store, wanted, utc(day, 9)))
    shown = [place for record in records for place in places(record)]
    assert sorted(shown) == list(range(1, 9))
    assert [len(each.entries) for each in records[:1]] == [3]
    assert [(each.counts.shown, each.counts.left_out) for each in records][:1] == [(3, 5)]
    assert not any(entry.carried for entry in records[0].entries)
    assert all(entry.carried for record in records[1:] for entry in record.entries)
    assert records[-1].carry == ()


def test_a_paper_that_waits_and_comes_in_a_newer_version_is_shown_once_in_that(store: Store) -> None:
    wanted = subscription(max_entries=1)
    store.register([NAME], now=utc(1))
    store.merge([*speech(1, upvotes=9), *speech(2)], now=utc(1, 1))
    first = by_hand(store, replace(wanted, order=wanted.order), utc(2, 9))
    assert (places(first), first.carry) == ([1], (2,))
    store.merge(speech(2, upvotes=5), now=utc(3, 1))
    record = pending(compiled(replace(wanted, max_entries=9)), store, hand_slot(wanted, 3, utc(3, 9)), utc(3, 9))
    assert places(record) == [3]
    assert not record.entries[0].carried
    assert (record.counts.found, record.counts.carried_in) == (1, 0)


@pytest.mark.parametrize(("published", "found"), [(date(2026, 3, 3), True), (date(2026, 3, 2), False), (None, True)])
def test_a_first_run_of_seven_days_begins_with_the_seventh_day_before(
    store: Store, published: date | None, found: bool
) -> None:
    store.merge(speech(1, published=published), now=utc(9))
    store.register([NAME], now=utc(10, 8))
    record = by_hand(store, subscription(first_run_days=7), utc(10, 9))
    assert places(record) == ([1] if found else [])
    assert record.counts.read == found


def test_a_first_run_takes_what_came_since_whatever_its_date(store: Store) -> None:
    store.merge(speech(1, published=date(2020, 1, 1)), now=utc(9))
    store.register([NAME], now=utc(10, 8))
    store.merge(speech(2, published=date(2020, 1, 1)), now=utc(10, 9))
    record = by_hand(store, subscription(first_run_days=7), utc(10, 10))
    assert (places(record), record.window) == ([2], Window(0, 2))


def test_a_baseline_takes_only_what_came_since(store: Store) -> None:
    store.merge(speech(1), now=utc(9))
    store.register([NAME], now=utc(10, 8))
    store.merge(speech(2), now=utc(10, 9))
    record = by_hand(store, subscription(), utc(10, 10))
    assert (places(record), record.window) == ([2], Window(1, 2))


def test_what_a_source_held_when_it_was_first_read_is_no_news_but_part_of_a_first_run(store: Store) -> None:
    store.merge(speech(1, baseline=True), now=utc(9))
    store.register([NAME], now=utc(10, 8))
    store.merge(speech(2, baseline=True) + speech(3), now=utc(10, 9))
    assert places(by_hand(store, subscription(first_run_days=7), utc(10, 10))) == [1, 3]


def test_what_a_source_held_is_not_even_read(store: Store) -> None:
    store.register([NAME], now=utc(1))
    store.merge(speech(1, baseline=True) + speech(2), now=utc(2))
    record = by_hand(store, subscription(), utc(2, 9))
    assert (places(record), record.counts.read) == ([2], 1)


def test_each_missed_slot_takes_what_was_logged_up_to_it(store: Store) -> None:
    wanted = subscription(catch_up=CatchUp.EACH)
    store.register([NAME], now=utc(1, 9))
    store.merge(speech(1), now=utc(2, 8))  # at the slot itself
    store.merge(speech(2), now=utc(2, 8, 0, 1))
    store.merge(speech(3), now=utc(4, 7))
    records = opened(store, wanted, utc(4, 9))
    assert [(each.slot.label, places(each)) for each in records] == [
        ("2026-03-02T08:00", [1]), ("2026-03-03T08:00", [2]), ("2026-03-04T08:00", [3]),
    ]  # fmt: skip
    assert [each.window for each in records] == [Window(0, 1), Window(1, 2), Window(2, 3)]


def test_missed_slots_before_the_first_paper_are_empty_and_take_no_later_one(store: Store) -> None:
    wanted = subscription(catch_up=CatchUp.EACH)
    store.register([NAME], now=utc(1, 9))
    store.merge(speech(1), now=utc(4, 7))
    records = opened(store, wanted, utc(4, 9))
    assert [(places(each), each.window) for each in records] == [
        ([], Window(0, 0)), ([], Window(0, 0)), ([1], Window(0, 1)),
    ]  # fmt: skip
    assert records[0].verdict is DigestVerdict.NOTHING_NEW


def test_what_waits_goes_through_missed_slots_one_by_one(store: Store) -> None:
    wanted = subscription(catch_up=CatchUp.EACH, max_entries=1)
    store.register([NAME], now=utc(1, 9))
    store.merge(speech(1, 2, 3), now=utc(2, 7))
    records = opened(store, wanted, utc(4, 9))
    assert [places(each) for each in records] == [[1], [2], [3]]
    assert [[entry.carried for entry in each.entries] for each in records] == [[False], [True], [True]]


def test_with_latest_what_was_missed_is_counted_passed_over_and_what_waited_goes_on(store: Store) -> None:
    wanted = subscription(catch_up=CatchUp.LATEST, max_entries=1)
    store.register([NAME], now=utc(1, 9))
    store.merge(speech(1, 2), now=utc(2, 7))
    (first,) = opened(store, wanted, utc(2, 9))
    assert (places(first), first.carry) == ([1], (2,))
    store.merge(speech(3, 4, 5), now=utc(3, 7))
    store.merge(speech(6), now=utc(5, 7))
    missed, last = opened(store, replace(wanted, max_entries=9), utc(5, 9))
    assert (missed.key, missed.verdict, missed.counts.read) == ("lab/2026-03-04T08:00", DigestVerdict.MISSED, 3)
    assert (missed.window, missed.carry, missed.entries) == (Window(2, 5), (2,), ())
    assert (places(last), last.window) == ([2, 6], Window(5, 6))
    assert [each.sequence for each in last.entries if each.carried] == [2]
    assert [(each.found, each.before) for each in last.trend] == [(1, None)]  # one digest is too few
    assert store.deliveries(digest=missed.key) == []
    assert len(store.deliveries(digest=last.key)) == 1


def test_a_digest_is_opened_once_and_a_preview_changes_nothing(store: Store) -> None:
    wanted = subscription()
    store.register([NAME], now=utc(1))
    store.merge(speech(1), now=utc(1, 1))
    preview = pending(compiled(wanted), store, hand_slot(wanted, 1, utc(2, 9)), utc(2, 9))
    assert store.digests() == []
    assert by_hand(store, wanted, utc(2, 9)) == preview
    assert list(open_by_hand([compiled(wanted)], store, utc(2, 10))) == [None]
    assert store.digests() == [preview]


def test_the_trend_compares_with_the_mean_of_the_last_five_digests(store: Store) -> None:
    wanted = subscription()
    store.register([NAME], now=utc(1))
    number, start = 0, datetime(2026, 3, 2, 9, tzinfo=UTC)
    for day, count in enumerate((8, 5, 1, 2, 4, 3)):
        store.merge(speech(*range(number, number + count)), now=start + timedelta(days=day, hours=-1))
        number += count
        record = by_hand(store, wanted, start + timedelta(days=day))
    assert [(each.found, each.before) for each in record.trend] == [(3, 4.0)]  # of 8, 5, 1, 2 and 4


def test_slots_that_are_caught_up_one_by_one_are_compared_with_the_last_five_before_each(store: Store) -> None:
    wanted = subscription(catch_up=CatchUp.EACH)
    store.register([NAME], now=utc(1, 9))
    for day, numbers in enumerate(((1, 2, 3, 4), (5, 6, 7), (8,), (9,), (10, 11), (12, 13, 14)), 2):
        store.merge(speech(*numbers), now=utc(day, 7))
    records = opened(store, wanted, utc(7, 9))
    assert [len(each.entries) for each in records] == [4, 3, 1, 1, 2, 3]
    assert [(each.found, each.before) for each in records[-1].trend] == [(3, 2.2)]  # of 4, 3, 1, 1 and 2


def test_all_that_waits_is_shown_when_somebody_asks_for_it(store: Store) -> None:
    wanted = subscription(max_entries=2, waiting_share=0.25)
    store.register([NAME], now=utc(1))
    store.merge(speech(*range(1, 9)), now=utc(1, 1))
    assert len(by_hand(store, wanted, utc(2, 9)).entries) == 2
    (record,) = open_by_hand([compiled(wanted)], store, utc(2, 10), waiting=True)
    assert record is not None
    assert (len(record.entries), record.carry, record.slot.label) == (6, (), "2026-03-02-to-8-waiting")
    assert all(each.carried for each in record.entries)


def test_what_has_waited_for_its_days_is_let_go_after_its_last_chance(store: Store) -> None:
    wanted = subscription(max_entries=1, waiting_days=3)
    store.register([NAME], now=utc(1))
    store.merge(speech(1, 2, 3, 4), now=utc(2))
    counts = []
    for day in (2, 3, 5, 6):  # dated with the day's first moment; three days after the second is the fifth
        store.merge([Paper(title=f"Nothing of that, day {day}")], now=utc(day, 1))
        record = by_hand(store, wanted, utc(day, 9))
        counts.append((len(record.entries), len(record.carry), record.counts.expired))
    assert counts == [(1, 3, 0), (1, 2, 0), (1, 1, 0), (1, 0, 0)]
    store.merge(speech(11, 12, 13, 14), now=utc(10))
    by_hand(store, wanted, utc(10, 9))
    store.merge([Paper(title="Nothing of that, late")], now=utc(13, 1))
    late = by_hand(store, wanted, utc(14, 9))
    assert (len(late.entries), late.carry, late.counts.expired) == (1, (), 2)


def test_trending_is_what_rose_since_the_window_began_and_not_what_had_risen_before(store: Store) -> None:
    wanted = subscription(order=SortOrder.TRENDING, max_entries=9)
    store.register([NAME], now=utc(1))
    store.merge([*speech(1, upvotes=100), *speech(2, upvotes=1)], now=utc(1, 1))
    by_hand(store, replace(wanted, spec=replace(wanted.spec, keywords=("nothing",))), utc(1, 9))
    store.merge([*speech(1, upvotes=103), *speech(2, upvotes=40), *speech(3, upvotes=20)], now=utc(2, 1))
    record = by_hand(store, wanted, utc(2, 9))
    titles = {each.sequence: each.paper.title for each in store.window(0, store.head())}
    assert [titles[each.sequence] for each in record.entries] == [f"Speech and number {n}" for n in (2, 3, 1)]
    assert sorted(upvotes_before(store, 2).values()) == [1, 100]


def test_upvotes_that_nobody_knows_are_none_and_those_of_long_ago_are_not_looked_at(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.merge([*speech(1, upvotes=7), *speech(2), *speech(3, upvotes=2)], now=utc(1))
    assert sorted(upvotes_before(store, 3).values()) == [0, 2, 7]
    monkeypatch.setattr(pipeline, "MOST_SHARED", 2)
    assert sorted(upvotes_before(store, 3).values()) == [0, 2]
    assert sorted(upvotes_before(store, 1).values()) == [7]
