"""The newest papers: what comes later is found, what it takes the place of is not, and the oldest leave."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digestbot.matching.search import recent_index
from digestbot.matching.search.recent_index import RecentIndex
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.rules.parser import parse
from tests.matching.drawn import TODAY

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)


def logged(places: range, word: str, first_work: int | None = None) -> list[LoggedPaper]:
    shift = 0 if first_work is None else first_work - places[0]
    return [LoggedPaper(place, f"k{place + shift}", AT, Paper(title=f"{word} {place}")) for place in places]


def found(papers: RecentIndex, rule: str) -> list[int]:
    return [each.sequence for _, some in papers.answering(parse(rule).root, TODAY) for each in some]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent_index, "MOST", 20)
    monkeypatch.setattr(recent_index, "_ON_A_SHELF", 5)


def test_the_newest_come_first_and_later_ones_are_found_too() -> None:
    first = RecentIndex().with_later(logged(range(1, 8), "graph"), 7)
    both = first.with_later(logged(range(8, 10), "graph"), 9)
    assert found(both, "graph") == list(range(9, 0, -1))
    assert (found(first, "graph"), first.upto, both.upto) == (list(range(7, 0, -1)), 7, 9)


def test_a_work_that_is_logged_again_stands_there_once_as_it_is_now() -> None:
    papers = RecentIndex().with_later(logged(range(1, 8), "graph"), 7).with_later(logged(range(8, 10), "speech", 2), 9)
    assert found(papers, "graph") == [7, 6, 5, 4, 1]
    assert found(papers, "speech") == [9, 8]
    assert len(papers) == 7


@pytest.mark.parametrize("step", [1, 4, 7, 60])
def test_no_more_are_kept_than_the_most_and_a_shelf(step: int) -> None:
    papers, counted = RecentIndex(), 0
    for start in range(1, 61, step):
        papers = papers.with_later(logged(range(start, min(start + step, 61)), "graph"), start)
        counted = max(counted, len(papers))
        assert len(papers) >= min(20, start)
    assert counted < 20 + 5
    assert found(papers, "graph") == list(range(60, 60 - len(papers), -1))


def test_one_by_one_the_shelves_stay_few() -> None:
    papers = RecentIndex()
    for place in range(1, 100):
        papers = papers.with_later(logged(range(place, place + 1), "graph"), place)
        assert len(papers.rows) <= 6
