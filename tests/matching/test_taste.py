"""What readers liked: it orders what the rules found, within bounds, and tells why."""

from __future__ import annotations

from datetime import UTC, datetime
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.matching.ranking import Evidence, RankedMatch, rank
from digestbot.matching.taste import NO_TASTE, taste
from digestbot.model.feedback import Liking
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.model.subscriptions import SortOrder

ADA, EVE = Paper(title="Speech", authors=("Ada Lovelace",)), Paper(title="Vision", authors=("Eve Noether",))


def found(place: int, paper: Paper, score: float = 1.0) -> RankedMatch:
    return RankedMatch(
        LoggedPaper(place, f"k{place}", datetime(2026, 1, 1, tzinfo=UTC), paper), (), Evidence(list), score
    )


def titles(order: SortOrder, *papers: RankedMatch, said: dict[Liking, Paper]) -> list[str]:
    liked = taste((paper, liking) for liking, paper in said.items())
    return [each.logged.paper.title for each in rank(papers, order, liked)]


def test_more_of_an_author_comes_first_and_less_last() -> None:
    papers = found(1, Paper(title="A")), found(2, Paper(title="B", authors=("ADA LOVELACE",)))
    assert titles(SortOrder.RELEVANCE, *papers, said={Liking.MORE: ADA}) == ["B", "A"]
    assert titles(SortOrder.RELEVANCE, *papers[::-1], said={Liking.LESS: ADA}) == ["A", "B"]
    assert titles(SortOrder.RELEVANCE, *papers, said={Liking.NONE: ADA}) == ["A", "B"]


def test_what_somebody_ordered_otherwise_stays_in_that_order() -> None:
    papers = found(1, Paper(title="A", upvotes=3)), found(2, Paper(title="B", upvotes=2, authors=ADA.authors))
    assert titles(SortOrder.UPVOTES, *papers, said={Liking.MORE: ADA}) == ["A", "B"]


def test_what_was_liked_as_often_as_disliked_weighs_nothing() -> None:
    both = taste([(ADA, Liking.MORE), (ADA, Liking.LESS), (EVE, Liking.MORE)])
    assert both.because(ADA) == []
    assert both.of(ADA) == 0.0


def test_it_tells_what_weighs_the_heaviest_first() -> None:
    paper = Paper(title="Speech in noise", authors=("Ada Lovelace",), categories=("cs.CL",))
    because = taste([(paper, Liking.MORE), (Paper(title="Speech"), Liking.MORE)]).because(paper)
    assert [name for name, _ in because] == ["author ada lovelace", "word speech", "category cs.cl", "word noise"]
    assert [weight for _, weight in because] == pytest.approx([log(2), log(3) / 2, log(2) / 2, log(2) / 2])


def test_those_who_said_nothing_have_no_taste() -> None:
    assert NO_TASTE.factor(ADA) == taste([]).factor(ADA) == 1.0


@given(st.lists(st.tuples(st.sampled_from([ADA, EVE]), st.sampled_from(Liking))))
def test_no_taste_more_than_doubles_or_halves_a_score(said: list[tuple[Paper, Liking]]) -> None:
    for paper in (ADA, EVE):
        assert 0.5 <= taste(said).factor(paper) <= 2


def test_a_score_is_multiplied_by_what_the_taste_says() -> None:
    """One author and half a word, each liked once: the tanh of 1.5 log 2 is 7/9."""
    (only,) = rank([found(1, ADA, 0.7)], SortOrder.RELEVANCE, taste([(ADA, Liking.MORE)]))
    assert only.score == 1.200142  # 0.7 x 2 ** (7 / 9)


def test_what_weighs_the_same_is_told_by_name_whether_it_was_liked_or_not() -> None:
    said = [(Paper(title="A", authors=("Eve",)), Liking.LESS), (Paper(title="A", authors=("Ada",)), Liking.MORE)]
    told = taste(said).because(Paper(title="A", authors=("Eve", "Zoe", "ADA")))
    assert [name for name, _ in told] == ["author ada", "author eve"]
    assert [weight for _, weight in told] == pytest.approx([log(2), -log(2)])


def test_a_word_of_a_title_counts_once_from_four_letters_on_and_not_where_it_is_in_every_title() -> None:
    liked = taste([(Paper(title="Sea bird, bird: a Learning Approach"), Liking.MORE)])
    assert liked.weights == {("word", "bird"): pytest.approx(log(2) / 2)}


def test_the_category_is_the_same_however_it_is_written() -> None:
    liked = taste([(Paper(title="A", categories=("CS.cl",)), Liking.LESS)])
    assert liked.of(Paper(title="A", categories=("cs.CL",))) == pytest.approx(-1 / 3)  # the tanh of half a log 2
    assert liked.factor(Paper(title="A", categories=("cs.CL",))) == pytest.approx(2 ** (-1 / 3))
