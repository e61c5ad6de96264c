"""What is found, why, and in which order it is shown."""

from __future__ import annotations

from datetime import UTC, date, datetime

from digestbot.matching.ranking import rank
from digestbot.matching.stretch import find
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.model.subscriptions import SortOrder
from digestbot.rules.combine import combine

TODAY = date(2026, 11, 21)


def logged(*papers: Paper) -> list[LoggedPaper]:
    at = datetime(2026, 11, 20, 8, tzinfo=UTC)
    return [LoggedPaper(n, f"title:{n}", at, paper) for n, paper in enumerate(papers, 1)]


def test_a_paper_is_found_once_with_every_clause_it_answers_and_the_words_that_did() -> None:
    wanted = combine(keywords=["low-resource", "speech"], exclude=["video"])
    papers = logged(
        Paper(title="Speech for Low Resource Languages", abstract="On low-resource speech."),
        Paper(title="Speech in Video", abstract="x"),
        Paper(title="Something Else", abstract="y"),
    )
    (found,) = find(wanted, papers, today=TODAY)
    assert found.labels == ("low-resource", "speech")
    assert {word.casefold() for word in found.words} == {"low resource", "low-resource", "speech"}
    paper = found.logged.paper
    raw = {"title": paper.title, "abstract": paper.abstract or ""}
    shown = [raw[h.field][h.start : h.end] for h in found.highlights]
    assert shown == ["Speech", "Low Resource", "low-resource", "speech"]


def test_highlights_that_overlap_are_joined() -> None:
    wanted = combine(keywords=["language model", "large language"])
    (found,) = find(wanted, logged(Paper(title="A large language model")), today=TODAY)
    assert [(h.start, h.end) for h in found.highlights] == [(2, 22)]


def test_relevance_knows_weights_the_title_and_what_is_rare() -> None:
    wanted = combine(keywords=["speech", "zarma", "agents^5"])
    papers = logged(
        Paper(title="A", abstract="speech"),
        Paper(title="Speech B"),
        Paper(title="C", abstract="zarma"),
        Paper(title="D", abstract="agents"),
        Paper(title="E", abstract="speech"),
    )
    ranked = rank(find(wanted, papers, today=TODAY), SortOrder.RELEVANCE)
    assert [each.logged.paper.title for each in ranked] == ["D", "Speech B", "C", "A", "E"]


def test_orders_by_upvotes_and_by_newest_with_missing_values_last_or_by_when_they_came() -> None:
    wanted = combine(keywords=["x"])
    papers = logged(
        Paper(title="x 1", upvotes=3, published=date(2026, 1, 1)),
        Paper(title="x 2"),
        Paper(title="x 3", upvotes=0, published=date(2026, 11, 21)),
    )
    found = find(wanted, papers, today=TODAY)
    by = {order: [each.logged.sequence for each in rank(found, order)] for order in SortOrder}
    assert by[SortOrder.UPVOTES] == [1, 3, 2]
    assert by[SortOrder.NEWEST] == [3, 2, 1]


def test_a_place_within_another_and_two_that_meet_are_marked_as_they_stand() -> None:
    wanted = combine(keywords=["large language model", "language", "paper"])
    (found,) = find(wanted, logged(Paper(title="A large language model paper")), today=TODAY)
    assert [(h.field, h.start, h.end) for h in found.highlights] == [("title", 2, 22), ("title", 23, 28)]


def ranked(order: SortOrder, *papers: Paper, words: tuple[str, ...] = ("x",)) -> list[str]:
    found = find(combine(keywords=words), logged(*papers), today=TODAY)
    return [each.logged.paper.title for each in rank(found, order)]


def test_no_upvotes_at_all_is_more_than_not_knowing_them() -> None:
    titles = ("x unknown", "x none", "x one")
    papers = [Paper(title=title, upvotes=upvotes) for title, upvotes in zip(titles, (None, 0, 1), strict=True)]
    assert ranked(SortOrder.UPVOTES, *papers) == ["x one", "x none", "x unknown"]
    assert ranked(SortOrder.RELEVANCE, *papers) == ["x one", "x none", "x unknown"]


def test_papers_of_one_day_stand_by_their_worth_then_by_upvotes_then_as_they_came() -> None:
    day = date(2026, 11, 1)
    papers = (
        Paper(title="A", abstract="x", published=day, upvotes=9),
        Paper(title="B", abstract="x", published=day),
        Paper(title="C", abstract="x", published=day),
        Paper(title="x D", published=day),
        Paper(title="E", abstract="x", published=date(2026, 11, 2)),
    )
    assert ranked(SortOrder.NEWEST, *papers) == ["E", "x D", "A", "B", "C"]


def test_equal_upvotes_and_equal_worth_go_on_by_the_newer_day() -> None:
    papers = (
        Paper(title="A", abstract="x", published=date(2026, 11, 1), upvotes=1),
        Paper(title="B", abstract="x", published=date(2026, 11, 2), upvotes=1),
        Paper(title="x C", published=date(2026, 10, 1), upvotes=1),
        Paper(title="D", abstract="x", published=date(2026, 11, 1), upvotes=1),
    )
    assert ranked(SortOrder.UPVOTES, *papers) == ["x C", "B", "A", "D"]
    assert ranked(SortOrder.RELEVANCE, *papers) == ["x C", "B", "A", "D"]


def test_worth_is_weight_times_place_times_rarity_in_numbers() -> None:
    """log(1 + papers / papers with the term), twice in the title: written down, for orders depend on it."""
    papers = logged(
        Paper(title="speech"), Paper(title="A", abstract="speech agents"), Paper(title="B", abstract="agents")
    )
    found = find(combine(keywords=["speech", "agents^3"]), papers, today=TODAY)
    assert [each.score for each in found] == [1.832581, 3.665163, 2.748872]  # log(1 + 3 / 2) times 2, 4 and 3
