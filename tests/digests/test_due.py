"""Who is due: the turns of cadences, pauses, catching up and sends by hand, as literal values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from digestbot.digests.base import Composed, Due
from digestbot.digests.due import NotYetDue, covered, due_turns, hand_slot, turns_since
from digestbot.model.catching_up import Turn
from digestbot.model.digests import DigestRecord, Window
from digestbot.model.papers import Paper
from digestbot.model.subscriptions import CatchUp, Subscription
from digestbot.store import open_store
from digestbot.store.base import Cursor, Opening
from digestbot.subscribers.compiled import CompiledSubscription
from tests.digests.kit import NAME, compiled, record, slot, subscription, utc

NEW = Cursor(first_head=0, first_seen=utc(1), position=None, carry=())


def labels(
    wanted: Subscription, now: datetime, *, cursor: Cursor = NEW, last: DigestRecord | None = None, head: int = 3
) -> list[str]:
    return [each.slot.label for each in turns_since(wanted, cursor, last, head, now)]


@pytest.mark.parametrize(
    ("position", "carry", "due"),
    [
        (2, (), ["2026-03-02-to-3"]),  # one new paper
        (3, (), []),
        (3, (1,), ["2026-03-02-to-3"]),  # nothing new, but what was over the cap waits
        (None, (), ["2026-03-02-to-3"]),
    ],
)
def test_an_instant_alert_is_due_with_a_new_paper_or_with_what_it_carries(
    position: int | None, carry: tuple[int, ...], due: list[str]
) -> None:
    cursor = Cursor(first_head=0, first_seen=utc(1), position=position, carry=carry)
    assert labels(subscription("instant"), utc(2, 9), cursor=cursor) == due


def test_nothing_was_due_before_it_was_there_and_its_first_slot_is() -> None:
    seen_at_eight = Cursor(0, utc(2, 8), None, ())
    assert labels(subscription(), utc(3, 7, 59), cursor=seen_at_eight) == []
    assert labels(subscription(), utc(3, 8), cursor=seen_at_eight) == ["2026-03-03T08:00"]
    assert labels(subscription(), utc(2, 8), cursor=Cursor(0, utc(2, 7, 59), None, ())) == ["2026-03-02T08:00"]


@pytest.mark.parametrize(
    ("cadence", "now", "due"),
    [
        ("daily 00:00", utc(5), ["2026-03-05T00:00"]),  # the slot at the pause's very end
        ("daily 23:00", utc(5, 8), []),  # the last slot within it is not made up for
        ("daily 08:00", utc(5, 7, 59), []),
        ("daily 08:00", utc(5, 8), ["2026-03-05T08:00"]),
    ],
)
@pytest.mark.parametrize("policy", list(CatchUp))
def test_slots_of_a_pause_are_not_made_up_for_and_the_one_at_its_end_comes(
    policy: CatchUp, cadence: str, now: datetime, due: list[str]
) -> None:
    wanted = subscription(cadence, paused_until=date(2026, 3, 5), catch_up=policy)
    assert labels(wanted, now, last=record(slot(1), utc(1, 8, 1))) == due


def test_a_pause_that_is_long_over_takes_nothing_back() -> None:
    wanted = subscription(paused_until=date(2026, 3, 5))
    assert labels(wanted, utc(9, 12), last=record(slot(9), utc(9, 8, 1))) == []


@pytest.mark.parametrize(
    ("cadence", "due"),
    [
        ("daily 07:00", []),  # it would have been before the digest of today
        ("daily 08:00", []),
        ("daily 11:00", ["2026-03-09T11:00"]),  # it came since then
        ("daily 13:00", []),
    ],
)
def test_an_hour_that_is_changed_at_noon_brings_no_second_digest_for_the_past(cadence: str, due: list[str]) -> None:
    last = record(slot(9), utc(9, 8, 0, 10))
    assert labels(subscription(cadence), utc(9, 12), last=last) == due


@pytest.mark.parametrize("policy", list(CatchUp))
def test_a_slot_that_passed_does_not_come_again_after_a_send_by_hand(policy: CatchUp) -> None:
    wanted = subscription(catch_up=policy)
    by_hand = record(hand_slot(wanted, 3, utc(9, 10)), utc(9, 10))
    assert labels(wanted, utc(9, 12), last=by_hand) == []
    assert labels(wanted, utc(10, 8), last=by_hand) == ["2026-03-10T08:00"]


@pytest.mark.parametrize(
    ("policy", "due"),
    [
        (CatchUp.MERGE, []),  # made late, it took the slots before it
        (CatchUp.EACH, ["2026-03-08T08:00", "2026-03-09T08:00"]),  # a crash in between ends nothing
        (CatchUp.LATEST, ["2026-03-08T08:00", "2026-03-09T08:00"]),
    ],
)
def test_what_a_digest_made_late_has_taken(policy: CatchUp, due: list[str]) -> None:
    late = record(slot(7), utc(9, 9))
    assert labels(subscription(catch_up=policy), utc(9, 10), last=late) == due


def test_missed_slots_by_policy() -> None:
    last, now = record(slot(5), utc(5, 8, 1)), utc(8, 9)
    each = turns_since(subscription(catch_up=CatchUp.EACH), NEW, last, 3, now)
    assert each == [Turn(slot(6), until=utc(6, 8)), Turn(slot(7), until=utc(7, 8)), Turn(slot(8))]
    latest = turns_since(subscription(catch_up=CatchUp.LATEST), NEW, last, 3, now)
    assert latest == [Turn(slot(7), until=utc(7, 8), passed_over=True), Turn(slot(8))]
    assert turns_since(subscription(), NEW, last, 3, now) == [Turn(slot(8))]


def test_after_a_month_off_thirty_one_slots_are_caught_up_and_no_more() -> None:
    last, wanted = record(slot(1), utc(1, 8, 1)), subscription("23 * * * *", catch_up=CatchUp.EACH)
    due = labels(wanted, utc(4, 12), last=last)  # seventy-six hours
    assert (len(due), due[0], due[-1]) == (31, "2026-03-03T05:23", "2026-03-04T11:23")
    few = labels(subscription(catch_up=CatchUp.EACH), utc(12, 9), last=last)
    assert few == [f"2026-03-{day:02}T08:00" for day in range(2, 13)]


@pytest.mark.parametrize(
    ("position", "days", "begins"), [(None, None, 7), (None, 7, 0), (9, None, 9), (9, 7, 9), (0, None, 0)]
)
def test_where_the_next_window_begins(position: int | None, days: int | None, begins: int) -> None:
    assert covered(subscription(first_run_days=days), Cursor(7, utc(1), position, ())) == begins


def test_a_send_by_hand_is_of_the_local_day_and_of_the_logs_head() -> None:
    apia = subscription(timezone="Pacific/Apia")  # thirteen hours ahead
    found = hand_slot(apia, 12, utc(2, 12))
    assert (found.label, found.day, found.at) == ("2026-03-03-to-12", date(2026, 3, 3), utc(2, 11))


def test_all_that_waits_is_sent_by_hand_under_a_slot_of_its_own() -> None:
    plain, waiting = (hand_slot(subscription(), 12, utc(2, 12), waiting=each) for each in (False, True))
    assert (plain.label, waiting.label) == ("2026-03-02-to-12", "2026-03-02-to-12-waiting")
    assert plain.by_hand
    assert (waiting.by_hand, waiting.day, waiting.at) == (True, plain.day, plain.at)


@pytest.mark.parametrize(
    ("known", "fields", "due"),
    [
        (True, {}, ["2026-03-02T08:00"]),
        (False, {}, []),  # nobody has registered it
        (True, {"paused": True}, []),
        (True, {"paused_until": date(2026, 3, 3)}, []),
        (True, {"paused_until": date(2026, 3, 2)}, ["2026-03-02T08:00"]),
    ],
)
def test_who_is_known_and_does_not_rest_is_due(
    tmp_path: Path, known: bool, fields: dict[str, Any], due: list[str]
) -> None:
    with open_store("tinydb:data", home=tmp_path) as store:
        store.register([NAME] if known else ["another"], now=utc(1, 9))
        wanted = compiled(subscription(**fields))
        assert [each.slot.label for each in due_turns(wanted, store, utc(2, 9))] == due


def test_the_last_digest_of_the_ledger_is_what_was_taken_last(tmp_path: Path) -> None:
    with open_store("tinydb:data", home=tmp_path) as store:
        store.register([NAME], now=utc(1, 9))
        for day in (2, 3):
            store.open_digest(record(slot(day), utc(day, 8, 1)), [])
        wanted = compiled(subscription(catch_up=CatchUp.EACH))
        assert [each.slot.label for each in due_turns(wanted, store, utc(5, 9))] == [
            "2026-03-04T08:00",
            "2026-03-05T08:00",
        ]
        instant = compiled(subscription("instant"))
        assert due_turns(instant, store, utc(5, 9)) == []
        store.merge([Paper(title="Speech")], now=utc(5, 9))
        assert [each.slot.label for each in due_turns(instant, store, utc(5, 9))] == ["2026-03-05-to-1"]


def test_what_is_due_after_a_first_turn() -> None:
    turns = [Turn(slot(day)) for day in (6, 7, 8)]
    made = [record(slot(day), utc(day)) for day in range(1, 7)]
    due = Due(compiled(subscription()), Cursor(0, utc(1), 3, (1, 2)), made[:5], turns)
    opened = replace(made[5], window=Window(3, 9), carry=(7,))
    after = due.past(opened)
    assert (after.cursor, list(after.turns)) == (Cursor(0, utc(1), 9, (7,)), turns[1:])
    assert list(after.earlier) == [*made[1:5], opened], "the last five"
    passed = due.past(None)  # it was opened before, by another
    assert (passed.cursor, list(passed.turns), passed.earlier) == (due.cursor, turns[1:], due.earlier)


def test_what_came_of_a_turn_is_its_digest_nothing_or_why_not() -> None:
    due = Due(compiled(subscription()), NEW, (), [Turn(slot(2))])
    opening, wrong = Opening(record(slot(2), utc(2)), ()), ValueError("wrong")
    made, failed = Composed(due, opening), Composed(due, None, wrong)
    assert made.opened(True).result() == opening.record
    assert made.opened(False).result() is None, "another was first"
    for outcome in (made.opened(wrong), failed.opened(False)):
        with pytest.raises(ValueError, match="wrong"):
            outcome.result()


@pytest.mark.parametrize(("position", "days", "first"), [(None, 7, True), (None, None, False), (3, 7, False)])
def test_a_first_run_is_the_first_digest_that_looks_back(position: int | None, days: int | None, first: bool) -> None:
    due = Due(compiled(subscription(first_run_days=days)), Cursor(5, utc(1), position, ()), (), ())
    assert due.first_run is first
    assert due.id == NAME


def test_who_is_not_due_is_asked_about_again_at_the_next_slot_and_each_hour() -> None:
    wanted, asked = compiled(subscription("daily 08:00")), list[datetime]()

    def at(now: datetime, *, turns: list[Turn] | None = None, one: CompiledSubscription = wanted) -> list[Turn]:
        def due() -> list[Turn]:
            asked.append(now)
            return turns or []

        return waiting.ask(one, now, due)

    waiting = NotYetDue()
    for minute in (0, 1, 59):
        assert at(utc(2, 6, minute)) == []
    at(utc(2, 7))
    at(utc(2, 7, 30))
    assert asked == [utc(2, 6), utc(2, 7)]
    assert at(utc(2, 8), turns=[Turn(slot(2))]) == [Turn(slot(2))]
    assert at(utc(2, 8, 1), turns=[Turn(slot(2))]) == [Turn(slot(2))]  # it could not be opened: due it stays
    assert at(utc(2, 8, 2)) == at(utc(2, 8, 3)) == []
    assert asked[2:] == [utc(2, 8), utc(2, 8, 1), utc(2, 8, 2)]
    at(utc(2, 8, 1))  # the clock was set back
    assert asked[5:] == [utc(2, 8, 1)]
    at(utc(2, 8, 2), one=replace(wanted))  # its file has changed
    assert asked[6:] == [utc(2, 8, 2)]


def test_an_instant_alert_is_asked_about_each_time() -> None:
    waiting, asked = NotYetDue(), list[int]()
    instant = compiled(subscription("instant"))
    for minute in range(3):
        assert waiting.ask(instant, utc(2, 6, minute), lambda: asked.append(1) or []) == []  # type: ignore[func-returns-value]
    assert len(asked) == 3
