"""A digest composed of what was found: what is shown, what waits, what is counted, as literal values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from digestbot.digests.composing import Candidates, Choice, choose, compose, leaves, plan, quiet
from digestbot.matching.base import Reason
from digestbot.matching.ranking import Evidence, RankedMatch
from digestbot.model.digests import Counts, DigestRecord, DigestVerdict, EntryRecord, Trend, Window
from digestbot.model.papers import LoggedPaper
from digestbot.model.subscriptions import SortOrder, WhenEmpty
from tests.digests.kit import compiled, logged, record, slot, subscription, utc

NOTHING = Candidates(Window(0, 0), (), (), frozenset())


def match(paper: LoggedPaper, score: float = 1.0, labels: tuple[str, ...] = ("speech",)) -> RankedMatch:
    return RankedMatch(paper, labels, Evidence(lambda: [Reason("speech", "author", "Speech", 0, 6)]), score)


def candidates(
    news: Sequence[LoggedPaper], carried: Sequence[LoggedPaper] = (), delivered: frozenset[str] = frozenset(),
    earlier: Sequence[DigestRecord] = (),
) -> Candidates:  # fmt: skip
    return Candidates(Window(0, 9), news, carried, delivered, earlier)


def test_the_best_are_shown_and_every_other_waits_in_order() -> None:
    news = [logged(place) for place in range(1, 6)]
    found = [match(each, score) for each, score in zip(news, (1.0, 5.0, 3.0, 2.0, 4.0), strict=True)]
    choice = choose(subscription(max_entries=2), candidates(news), found)
    assert [each.sequence for each in choice.entries] == [2, 5]
    assert choice.carry == (3, 4, 1)
    assert (choice.already_sent, choice.carried_in) == (0, 0)


def test_exactly_as_many_as_fit_leave_nothing_over() -> None:
    news = [logged(1), logged(2)]
    choice = choose(subscription(max_entries=2), candidates(news), [match(each) for each in news])
    assert (len(choice.entries), choice.carry) == (2, ())


def test_what_waited_says_so_and_what_was_sent_is_not_shown_again() -> None:
    old, sent, new = logged(1), logged(2), logged(3)
    found = [match(old, 1.0), match(sent, 9.0), match(new, 2.0)]
    choice = choose(subscription(), candidates([sent, new], (old,), frozenset({"title:2"})), found)
    assert {each.sequence: each.carried for each in choice.entries} == {1: True, 3: False}
    assert (choice.already_sent, choice.carried_in, choice.carry) == (1, 1, ())


def test_what_waited_is_counted_only_where_it_still_matches_and_was_not_sent_meanwhile() -> None:
    gone, sent, old = logged(1), logged(2), logged(3)
    some = candidates([], (gone, sent, old), frozenset({"title:2"}))
    choice = choose(subscription(), some, [match(sent), match(old)])
    assert (choice.carried_in, choice.already_sent, len(choice.entries)) == (1, 1, 1)


def made(
    found: list[RankedMatch], some: Candidates, keywords: tuple[str, ...] = ("speech",), **fields: Any
) -> DigestRecord:
    wanted = compiled(subscription(keywords=keywords, **({"max_entries": 2} | fields)))
    return compose(wanted, some, found, choose(wanted.subscription, some, found), slot(9), utc(9, 8, 1))


def test_the_numbers_of_a_digest_add_up() -> None:
    news = [logged(place) for place in range(2, 7)]
    old = logged(1)
    found = [match(each, each.sequence) for each in (old, *news)]
    counts = made(found, candidates(news, (old,), frozenset({"title:6"}))).counts
    assert counts == Counts(read=5, found=6, already_sent=1, carried_in=1, left_out=3, shown=2)
    assert counts.found == counts.shown + counts.already_sent + counts.left_out


def test_the_trend_compares_new_papers_with_the_mean_of_five_digests_before_and_with_fewer_not_at_all() -> None:
    """What waited is no news, a rule that never found anything is left out, a missing rule counts as none."""
    news, old = [logged(2), logged(3), logged(4)], logged(1)
    found = [match(old, labels=("speech", "voice")), *(match(each) for each in news)]
    counted = [{"speech": 5, "voice": 4, "song": 0}, {"speech": 2}, {"speech": 3}, {"speech": 5}]
    four = [record(slot(day), utc(day, 8), trend=each) for day, each in enumerate(counted, 3)]
    early = made(found, candidates(news, (old,), earlier=four), ("speech", "voice", "song")).trend
    assert early == (Trend("speech", "speech", 3, None), Trend("voice", "voice", 0, None))
    five = [*four, record(slot(8), utc(8, 8), trend={"speech": 0})]
    trend = made(found, candidates(news, (old,), earlier=five), ("speech", "voice", "song")).trend
    assert trend == (Trend("speech", "speech", 3, 3.0), Trend("voice", "voice", 0, 0.8))


def test_a_digest_that_counted_nothing_and_yet_shows_something_is_compared_with_none() -> None:
    """Records of first digests were made so, before each counted what its window held."""
    first = record(slot(3), utc(3, 8), entries=(EntryRecord(1, ("speech",)),))
    others = [record(slot(day), utc(day, 8), trend={"speech": 1}) for day in range(4, 8)]
    news = [logged(3)]
    (trend,) = made([match(news[0])], candidates(news, earlier=(first, *others)), ("speech",)).trend
    assert trend.before is None


def test_news_come_first_and_what_waits_takes_its_share_of_the_room_they_leave() -> None:
    old, news = [logged(each) for each in range(1, 9)], [logged(each) for each in range(11, 31)]
    for new, shown, waiting in ((20, 8, 0), (7, 7, 1), (6, 6, 2), (3, 3, 1), (1, 1, 1), (0, 0, 2)):
        found = [match(each) for each in (*old, *news[:new])]
        made_of = made(found, candidates(news[:new], old), max_entries=8)
        assert [each.carried for each in made_of.entries] == [False] * shown + [True] * waiting
        counts = made_of.counts
        assert counts.found == counts.shown + counts.left_out
        assert (counts.waiting_shown, counts.left_out) == (waiting, new - shown + 8 - waiting)


def test_what_waited_too_long_is_let_go_and_counted_once_it_had_its_chance() -> None:
    old = [logged(each) for each in range(1, 9)]
    late = replace(candidates([], old), since=old[-1].logged_at + timedelta(seconds=1))
    made_of = made([match(each) for each in old], late, max_entries=8)
    assert (made_of.counts.waiting_shown, made_of.counts.expired, made_of.carry) == (2, 6, ())
    kept = made([match(each) for each in old], replace(late, since=old[0].logged_at), max_entries=8)
    assert (kept.counts.expired, len(kept.carry)) == (0, 6)


def test_without_carry_the_rest_is_let_go_and_counted() -> None:
    news = [logged(each) for each in range(1, 13)]
    made_of = made([match(each) for each in news], candidates(news), max_entries=10, carry=False)
    assert (made_of.counts.shown, made_of.counts.let_go, made_of.counts.left_out, made_of.carry) == (10, 2, 0, ())


def test_without_carry_what_had_waited_has_its_last_chance() -> None:
    """It was switched off while some waited: they take their share once, and are not carried on."""
    old = [logged(each) for each in range(1, 9)]
    found = [match(each) for each in old]
    made_of = made(found, replace(candidates([], old), since=old[0].logged_at), max_entries=8, carry=False)
    assert (made_of.counts.waiting_shown, made_of.counts.let_go, made_of.counts.expired) == (2, 0, 6)
    assert (made_of.counts.left_out, made_of.carry) == (0, ())


@pytest.mark.parametrize(
    ("share", "most", "news", "shown"),
    [
        (0.25, 8, 0, 2),
        (0.25, 8, 6, 2),
        (0.25, 8, 7, 1),
        (0.25, 8, 9, 0),
        (0.25, 3, 0, 1),  # less than one, and nothing else is there
        (0.25, 3, 1, 0),
        (0.0, 8, 0, 0),
        (1.0, 8, 3, 5),
    ],
)
def test_how_many_of_those_that_wait_are_shown(share: float, most: int, news: int, shown: int) -> None:
    old, new = [logged(each) for each in range(1, 9)], [logged(each) for each in range(11, 11 + news)]
    found = [match(each) for each in (*old, *new)]
    counts = made(found, candidates(new, old), max_entries=most, waiting_share=share).counts
    assert (counts.waiting_shown, counts.shown) == (shown, shown + min(news, most))


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (DigestVerdict.NOTHING_NEW, "nothing new to read since the last digest"),
        (DigestVerdict.NOTHING_MATCHED, "none of 7 new papers matches the rules"),
        (DigestVerdict.ALREADY_SENT, "3 of 7 new papers match and all were sent before"),
        (DigestVerdict.MISSED, "its time was missed, and catch_up is latest: 7 new papers are passed over"),
        (DigestVerdict.SEND, str(DigestVerdict.SEND)),
    ],
)
def test_every_quiet_is_said(verdict: DigestVerdict, words: str) -> None:
    of_seven = replace(record(slot(9), utc(9)), verdict=verdict, counts=Counts(read=7, already_sent=3))
    assert quiet(of_seven) == words


def test_trending_is_what_gained_most_for_its_age_whatever_it_has_in_all() -> None:
    news = [logged(each) for each in (1, 2, 3)]
    rising = {news[0].key: 1.0, news[2].key: 7.5}
    ordered = replace(candidates(news), rising=rising)
    made_of = made([match(each) for each in news], ordered, order=SortOrder.TRENDING, max_entries=3)
    assert [each.sequence for each in made_of.entries] == [3, 1, 2]


@pytest.mark.parametrize(
    ("news", "delivered", "found", "verdict"),
    [
        (1, False, 1, DigestVerdict.SEND),
        (1, True, 1, DigestVerdict.ALREADY_SENT),
        (1, False, 0, DigestVerdict.NOTHING_MATCHED),
        (0, False, 0, DigestVerdict.NOTHING_NEW),
    ],
)
def test_every_no_has_its_name(news: int, delivered: bool, found: int, verdict: DigestVerdict) -> None:
    papers = [logged(1)][:news]
    sent = frozenset({"title:1"} if delivered else ())
    assert made([match(each) for each in papers[:found]], candidates(papers, delivered=sent)).verdict is verdict


def test_what_waits_and_no_longer_matches_is_not_called_nothing_new() -> None:
    assert made([], candidates([], (logged(1),))).verdict is DigestVerdict.NOTHING_MATCHED


def test_a_record_says_what_it_is_of() -> None:
    found = made([match(logged(1))], candidates([logged(1)]))
    assert (found.key, found.subscription, found.name) == ("lab/2026-03-09T08:00", "lab", "The lab")
    assert (found.slot.day, found.opened_at, found.window) == (date(2026, 3, 9), utc(9, 8, 1), Window(0, 9))
    assert found.sections == (("speech", "speech"),)
    assert [(each.sequence, each.rules, each.words) for each in found.entries] == [(1, ("speech",), ("Speech",))]


@pytest.mark.parametrize(
    ("when", "sent", "empty", "missed"),
    [(WhenEmpty.SKIP, True, False, False), (WhenEmpty.NOTE, True, True, False), (WhenEmpty.ALWAYS, True, True, False)],
)
def test_which_digests_leave_and_with_which_deliveries(when: WhenEmpty, sent: bool, empty: bool, missed: bool) -> None:
    wanted = compiled(subscription(when_empty=when))
    choice = Choice((), (), 0, 0)
    quiet = compose(wanted, NOTHING, [], choice, slot(9), utc(9))
    full = record(slot(9), utc(9))
    over = DigestRecord("lab/x", "lab", "", slot(9), utc(9), Window(0, 0), DigestVerdict.MISSED)
    assert [leaves(wanted, each) for each in (full, quiet, over)] == [sent, empty, missed]
    (delivery,) = plan(wanted, full, utc(9))
    assert (delivery.digest, delivery.destination.name, str(delivery.state)) == (full.key, "file out", "planned")
    assert len(plan(wanted, quiet, utc(9))) == empty
    assert plan(wanted, over, utc(9)) == []
