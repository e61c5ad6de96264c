"""What is found, why, and in which order it is shown."""

from __future__ import annotations

from datetime import UTC, date, datetime

from digestbot.matching.answering import find
from digestbot.matching.ranking import rank
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
