"""What the readers of a subscription like, of the answers that a store holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from digestbot.matching.taste import NO_TASTE
from digestbot.model.feedback import Feedback, Liking
from digestbot.model.papers import Paper
from digestbot.store import open_store
from digestbot.store.base import Store
from digestbot.subscribers.taste import liked_by
from tests.digests.kit import NAME, subscription, utc

BY = {n: Paper(title=f"No {n}", authors=(f"Author {n}",)) for n in range(1, 5)}
ASKING = subscription(feedback=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store("tinydb:data", home=tmp_path) as opened:
        opened.merge(list(BY.values()), now=utc(1))
        yield opened


def liked(store: Store) -> list[str]:
    """Of which of the papers something weighs, and which way."""
    found = liked_by(ASKING, store)
    return [f"{'+' if found.of(paper) > 0 else '-'}{n}" for n, paper in BY.items() if found.of(paper)]


def said(place: int, liking: Liking = Liking.MORE, *, day: int = 2, by: str = NAME) -> Feedback:
    return Feedback(by, place, liking, utc(day))


def test_their_answers_about_papers_of_the_log_are_their_taste(store: Store) -> None:
    store.put_opinions([said(1), said(2, Liking.LESS), said(3, Liking.NONE), said(4, by="others"), said(77)])
    assert liked(store) == ["+1", "-2"]


def test_who_said_nothing_has_none(store: Store) -> None:
    store.put_opinions([said(1, by="others")])
    assert liked_by(ASKING, store) is NO_TASTE


def test_who_wants_no_feedback_has_none_whatever_was_said_before(store: Store) -> None:
    store.put_opinions([said(1)])
    assert liked_by(replace(ASKING, feedback=False), store) is NO_TASTE


def test_only_the_newest_five_hundred_answers_count_wherever_their_papers_stand(store: Store) -> None:
    papers = [Paper(title=f"Nr {n}", authors=(f"Reader {n}",)) for n in range(5, 505)]
    store.merge(papers, now=utc(1))
    store.put_opinions([said(place, day=3) for place in range(5, 505) if place != 100])
    store.put_opinions([said(100, day=2), said(1, day=4)])
    found = liked_by(ASKING, store)
    assert found.of(BY[1]) > 0
    assert [n for n, paper in enumerate(papers, 5) if not found.of(paper)] == [100]
    store.put_opinions([said(1, day=1)])
    again = liked_by(ASKING, store)
    assert again.of(BY[1]) == 0
    assert all(again.of(paper) > 0 for paper in papers)
