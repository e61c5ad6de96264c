"""Likeness in a digest: what it is measured by, what passes, and how much room it has, as literal values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from digestbot.digests import likes
from digestbot.digests.like_profile import LIKE
from digestbot.digests.likes import HEADING, Likes, likes_of
from digestbot.model.digests import Counts, DigestRecord, DigestVerdict, EntryRecord, Window
from digestbot.model.feedback import Feedback, Liking
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.model.subscriptions import LikeSpec
from digestbot.rules.combine import combine
from digestbot.store import open_store
from digestbot.store.base import Store
from digestbot.subscribers.compiled import CompiledRules, CompiledSubscription
from tests.digests.kit import NAME, compiled, record, slot, subscription, utc

SPEECH = "acoustic transcripts of fluent speakers and their phonemes"
GLASS = "molten silica viscosity inside a glowing furnace"


def paper(topic: str, number: int, **fields: object) -> Paper:
    return replace(Paper(title=f"Paper {topic.split()[0]} {number}", abstract=f"About {topic}."), **fields)  # type: ignore[arg-type]


def liker(**fields: Any) -> CompiledSubscription:
    return compiled(subscription(keywords=("nothing",), **({"like": LikeSpec(about=SPEECH, per_week=7)} | fields)))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store("tinydb:data", home=tmp_path) as opened:
        opened.register([NAME], now=utc(1))
        yield opened


def window(store: Store, after: int) -> list[LoggedPaper]:
    return list(store.window(after, store.head()))


def digest(after: int, upto: int, shown: int = 0) -> DigestRecord:
    entries = tuple(EntryRecord(place, ("nothing",)) for place in range(1, shown + 1))
    made = record(slot(9), utc(9), entries=entries)
    return replace(made, window=Window(after, upto), verdict=DigestVerdict.NOTHING_MATCHED, counts=Counts(found=shown))


def test_what_passes_joins_the_digest_in_a_section_of_its_own_and_is_counted(store: Store) -> None:
    store.merge([paper(GLASS, n) for n in range(30)], now=utc(2))
    store.merge([paper(GLASS, 40), paper(SPEECH, 1), paper(SPEECH, 2)], now=utc(3))
    made = likes_of(store).added(liker(), digest(30, 33), window(store, 30), frozenset())
    assert [(each.sequence, each.rules, each.carried) for each in made.entries] == [
        (32, (LIKE,), False),
        (33, (LIKE,), False),
    ]
    assert all(each.likeness and each.likeness > 0 for each in made.entries)
    assert made.sections[-1] == (LIKE, HEADING)
    assert (made.verdict, made.counts.found, made.counts.shown) == (DigestVerdict.SEND, 2, 2)
    assert made.likened is not None
    assert (made.likened.left, made.likened.past, made.likened.upto) == (0, 30, 30)


def test_where_nothing_passes_the_verdict_stands(store: Store) -> None:
    store.merge([paper(GLASS, n) for n in range(9)], now=utc(2))
    made = likes_of(store).added(liker(), digest(5, 9), window(store, 5), frozenset())
    assert (made.entries, made.verdict, made.counts) == ((), DigestVerdict.NOTHING_MATCHED, Counts())


@pytest.mark.parametrize(("most", "ruled", "room"), [(20, 0, 9), (8, 2, 6), (8, 7, 2), (8, 8, 2), (3, 3, 1), (4, 3, 1)])
def test_likeness_has_what_room_the_rules_leave_and_a_quarter_at_least(
    store: Store, most: int, ruled: int, room: int
) -> None:
    store.merge([paper(GLASS, n) for n in range(30)], now=utc(2))
    store.merge([paper(SPEECH, n) for n in range(9)], now=utc(3))
    made = likes_of(store).added(liker(max_entries=most), digest(30, 39, ruled), window(store, 30), frozenset())
    assert len(made.entries) == ruled + room
    assert made.likened is not None
    assert made.likened.left == 9 - room
    assert (made.counts.found, made.counts.shown) == (ruled + room, ruled + room)


def test_what_rules_found_what_was_sent_and_what_is_liked_is_not_among_it(store: Store) -> None:
    store.merge([paper(GLASS, n) for n in range(30)], now=utc(2))
    liked = paper(SPEECH, 5, ids={"arxiv": "2601.00005"})
    news = [paper(SPEECH, 1), paper(SPEECH, 2), paper(SPEECH, 3), liked, paper(SPEECH, 6)]
    store.merge(news, now=utc(3))
    of_news = window(store, 30)
    spec = LikeSpec(papers=("2601.00005",), about=SPEECH, per_week=7)
    wanted = liker(like=spec)

    def passing(found: frozenset[str] = frozenset()) -> set[int]:
        made = likes_of(store).added(wanted, digest(30, 35), of_news, found)
        return {each.sequence for each in made.entries}

    assert passing() == {31, 32, 33, 35}
    assert passing(frozenset({of_news[0].key})) == {32, 33, 35}
    sent = replace(digest(30, 35), entries=(EntryRecord(32, ("x",)),), verdict=DigestVerdict.SEND)
    store.open_digest(replace(sent, key=f"{NAME}/before"), [])
    assert passing() == {31, 33, 35}


def test_a_work_that_came_twice_is_there_once_and_as_it_is_last(store: Store) -> None:
    store.merge([paper(GLASS, n) for n in range(30)], now=utc(2))
    store.merge([paper(SPEECH, 1)], now=utc(3))
    store.merge([paper(SPEECH, 1, upvotes=3)], now=utc(4))
    made = likes_of(store).added(liker(), digest(30, 32), window(store, 30), frozenset())
    assert [each.sequence for each in made.entries] == [32]


def test_equals_stand_in_the_order_of_their_keys(store: Store) -> None:
    store.merge([paper(GLASS, n) for n in range(30)], now=utc(2))
    store.merge([replace(paper(SPEECH, 1), title=f"Of {word}") for word in ("of the", "of it", "an")], now=utc(3))
    made = likes_of(store).added(liker(), digest(30, 33), window(store, 30), frozenset())
    assert len({each.likeness for each in made.entries}) == 1
    keys = {each.sequence: each.key for each in window(store, 30)}
    assert [keys[each.sequence] for each in made.entries] == sorted(keys.values())


def test_a_cut_is_told_by_the_papers_that_have_a_day(store: Store) -> None:
    """Speech that a source held when it was first read tells words, and not how much of it comes in a week."""
    store.merge([paper(SPEECH, n, baseline=True) for n in range(20)], now=utc(2))
    store.merge([paper(GLASS, n) for n in range(20)], now=utc(2))
    taste = likes_of(store).taste(liker(), store.head(), ())
    assert taste.likened.cut == 0.0
    assert (taste.likened.past, taste.likened.dated, round(7 * taste.likened.weeks)) == (40, True, 1)
    score = taste.likeness(paper(SPEECH, 99)).score
    assert score > 0
    store.merge([paper(SPEECH, n) for n in range(100, 110)], now=utc(2))
    dated = likes_of(store).taste(liker(), store.head(), ())
    assert dated.likened.cut > 0


def test_where_no_paper_has_a_day_all_tell_the_cut(store: Store) -> None:
    store.merge([paper(SPEECH, n, baseline=True) for n in range(20)], now=utc(2))
    taste = likes_of(store).taste(liker(), store.head(), ())
    assert taste.likened.cut > 0
    assert (taste.likened.dated, taste.likened.weeks) == (False, 1.0)


def test_only_the_newest_past_papers_are_looked_at(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likes, "MOST", 10)
    store.merge([paper(SPEECH, n) for n in range(10)], now=utc(2))
    store.merge([paper(GLASS, n) for n in range(10)], now=utc(3))
    taste = Likes(store).taste(liker(), store.head(), ())
    assert (taste.likened.past, taste.likened.cut) == (10, 0.0)


@pytest.mark.parametrize(
    ("after", "upto"), [(0, 0), (1999, 1999), (2000, 2000), (2001, 2000), (2999, 2000), (3000, 3000)]
)
def test_the_past_is_measured_anew_every_thousand_papers(store: Store, after: int, upto: int) -> None:
    store.merge([paper(GLASS, n) for n in range(5)], now=utc(2))
    assert likes_of(store).taste(liker(), after, ()).likened.upto == upto


def test_an_empty_log_is_measured_by_the_papers_of_the_window_each_time_anew(store: Store) -> None:
    store.merge([paper(SPEECH, 1)], now=utc(2))
    kept = likes_of(store)
    assert kept.taste(liker(), 0, window(store, 0)).likened.past == 1
    store.merge([paper(GLASS, 1), paper(GLASS, 2)], now=utc(3))
    assert kept.taste(liker(), 0, window(store, 0)).likened.past == 3
    again = kept.taste(liker(), 0, window(store, 0))
    assert again is kept.taste(liker(), 0, window(store, 0)), "what nothing changed is made once"


def test_another_taste_or_a_press_is_taken_up_at_once(store: Store) -> None:
    store.merge([paper(GLASS, n) for n in range(9)], now=utc(2))
    kept = likes_of(store)
    assert kept.taste(liker(), 9, ()).likened.liked == 0
    store.put_opinions([Feedback(NAME, 1, Liking.MORE, utc(3)), Feedback(NAME, 2, Liking.LESS, utc(3))])
    assert kept.taste(liker(), 9, ()).likened.liked == 1
    assert kept.taste(liker(feedback=False), 9, ()).likened.liked == 0
    named = LikeSpec(papers=("2301.00001", "2301.00002"), about=SPEECH, per_week=7)
    assert kept.taste(liker(like=named), 9, ()).likened.unknown == 2


def test_what_is_liked_and_said_little_of_is_told(store: Store) -> None:
    store.merge([Paper(title="Bare speech", ids={"arxiv": "2601.00001"})], now=utc(2))
    store.merge([paper(SPEECH, 2, ids={"arxiv": "2601.00002"}), paper(SPEECH, 3)], now=utc(2))
    spec = LikeSpec(papers=("2601.00001", "2601.00002", "2601.00003"), per_week=3)
    likened = likes_of(store).taste(liker(like=spec), 3, ()).likened
    assert (likened.liked, likened.bare, likened.unknown, likened.per_week) == (2, 1, 1, 3)


def test_a_store_keeps_its_likes(store: Store, tmp_path: Path) -> None:
    assert likes_of(store) is likes_of(store)
    with open_store("tinydb:other", home=tmp_path) as other:
        assert likes_of(other) is not likes_of(store)


def test_what_is_excluded_stays_out_by_the_day_of_the_digest(store: Store) -> None:
    store.merge([paper(GLASS, n) for n in range(30)], now=utc(2))
    news = [paper(SPEECH, 1, published=date(2026, 3, 8)), paper(SPEECH, 2, published=date(2026, 3, 1))]
    store.merge([*news, paper(f"{SPEECH} and jade", 3, published=date(2026, 3, 8))], now=utc(3))
    allowed = combine(query="*", require=["age<=3"], exclude=["jade"]).rule
    wanted = replace(liker(), rules=CompiledRules(liker().rule, liker().headings, allowed))
    made = likes_of(store).added(wanted, digest(30, 33), window(store, 30), frozenset())
    assert [each.sequence for each in made.entries] == [31]


def test_what_is_liked_itself_does_not_tell_the_cut(store: Store) -> None:
    """One paper a week passes: the cut is the score of the second of those that are not liked."""
    best, second = paper(SPEECH, 2), Paper(title="Fluent speakers", abstract=f"Of fluent speakers. {GLASS}.")
    store.merge([paper(SPEECH, 1, ids={"arxiv": "2601.00001"}), best, second], now=utc(2))
    store.merge([paper(GLASS, n) for n in range(6)], now=utc(2))
    spec = LikeSpec(papers=("2601.00001",), per_week=1)
    taste = likes_of(store).taste(liker(like=spec), 9, ())
    scores = [taste.likeness(each).score for each in (best, second)]
    assert scores[0] > scores[1] > 0
    assert taste.likened.cut == scores[1]


def test_a_window_without_papers_has_nothing_that_is_liked(store: Store) -> None:
    store.merge([paper(GLASS, n) for n in range(9)], now=utc(2))
    assert likes_of(store).added(liker(), digest(9, 9), [], frozenset()).entries == ()
    bare = liker(like=LikeSpec(papers=("2601.00009",), per_week=7))
    assert likes_of(store).added(bare, digest(5, 9), window(store, 5), frozenset()).entries == ()
