"""What is found, why, and in which order it is shown."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from digestbot.matching.evaluate import Evaluator
from digestbot.matching.ranking import rank, worth
from digestbot.matching.stretch import find
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.model.subscriptions import SortOrder
from digestbot.rules.combine import Combined, combine

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


def ranked(wanted: Combined, *papers: Paper) -> list[str]:
    return [each.logged.paper.title for each in rank(find(wanted, logged(*papers), today=TODAY), SortOrder.RELEVANCE)]


def test_relevance_knows_weights_and_the_title_and_takes_no_account_of_how_rare_a_term_is() -> None:
    wanted = combine(keywords=["speech", "zarma", "agents^5"])
    papers = (
        Paper(title="A", abstract="speech"),
        Paper(title="Speech B"),
        Paper(title="C", abstract="zarma"),
        Paper(title="D", abstract="agents"),
        Paper(title="E", abstract="speech", upvotes=3),
    )
    assert ranked(wanted, *papers) == ["D", "Speech B", "E", "A", "C"]


def test_a_paper_found_by_several_terms_of_a_topic_stands_above_one_that_names_one_often() -> None:
    taxonomy = {"birds": combine(keywords=["heron", "egret", "stork"]).rule.root}
    wanted = combine(topics=["birds"], taxonomy=taxonomy)
    often = Paper(title="Often", abstract="The heron, a heron, this heron, one heron, that heron, no heron.")
    all_of_them = Paper(title="All", abstract="The heron, an egret, this stork, one kiwi, that robin, no raven.")
    assert ranked(wanted, often, all_of_them) == ["All", "Often"]


def test_a_term_counts_more_where_the_abstract_begins_and_less_in_a_long_one() -> None:
    wanted = combine(keywords=["heron"])
    late = Paper(title="Late", abstract="many quiet words about a pond and the reeds around it, and a heron")
    early = Paper(title="Early", abstract="a heron and many quiet words about a pond and the reeds around it")
    longer = Paper(title="Longer", abstract="a heron and many quiet words about a pond" + " and the reeds" * 60)
    assert ranked(wanted, longer, late, early) == ["Early", "Late", "Longer"]


def test_what_two_rules_ask_for_in_the_same_words_is_counted_once() -> None:
    taxonomy = {"birds": combine(keywords=["heron"]).rule.root}
    paper = logged(Paper(title="A heron"))
    (once,) = find(combine(keywords=["heron"]), paper, today=TODAY)
    (twice,) = find(combine(keywords=["heron"], topics=["birds"], taxonomy=taxonomy), paper, today=TODAY)
    assert once.score == twice.score > 0


def test_the_worth_of_the_terms_makes_the_score_and_a_comparison_adds_nothing() -> None:
    wanted = combine(keywords=["heron", "pond"], require=["upvotes>=1"])
    (found,) = find(wanted, logged(Paper(title="Heron", abstract="heron at a pond", upvotes=1)), today=TODAY)
    terms = worth(found.logged.paper, Evaluator(wanted.rule, TODAY).evidence(found.logged.paper))
    assert [(each.term, dict(each.places)) for each in terms] == [
        ("heron", {"title": 1, "abstract": 1}),
        ("pond", {"abstract": 1}),
    ]
    assert found.score == pytest.approx(sum(each.score for each in terms), abs=1e-6)


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
