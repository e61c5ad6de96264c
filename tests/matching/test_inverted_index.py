"""Rules that come one by one: the index finds exactly what the evaluator does."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from digestbot.matching.evaluate import Evaluator
from digestbot.matching.search.inverted_index import InvertedIndex, TimeUp
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.rules.ast import Rule
from digestbot.rules.parser import parse
from tests.matching import drawn

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)


def index(*papers: Paper) -> InvertedIndex:
    return InvertedIndex([LoggedPaper(place, f"k{place}", AT, paper) for place, paper in enumerate(papers, 1)])


def titles(rule: str, *papers: str) -> list[str]:
    found = index(*(Paper(title=title) for title in papers)).answering(parse(rule).root, drawn.TODAY)
    return [title for title, answers in zip(papers, found, strict=True) if answers]


@pytest.mark.parametrize("seed", range(4))
def test_finds_what_the_evaluator_finds(seed: int) -> None:
    random = Random(seed)
    papers = drawn.papers(300, random)
    drawer, ready = drawn.Drawer(papers, random), index(*papers)
    hits = 0
    for _ in range(250):
        node = drawer.node()
        evaluator = Evaluator(Rule("", node), drawn.TODAY)
        expected = [evaluator.matches(each) for each in papers]
        assert ready.answering(node, drawn.TODAY).tolist() == expected, node
        hits += sum(expected)
    assert hits > 1000


def test_a_phrase_does_not_go_on_from_one_text_into_the_next() -> None:
    assert titles('"graph speech"', "a graph", "speech", "a graph speech") == ["a graph speech"]
    assert titles('"graph speech"~2', "a graph", "speech", "speech of a graph") == ["speech of a graph"]


def test_an_age_is_told_anew_each_day_and_a_topic_with_it() -> None:
    ready = index(Paper(title="new", published=drawn.TODAY))
    rule = parse("topic:fresh", {"fresh": parse("age<=1").root}).root
    assert ready.answering(rule, drawn.TODAY).tolist() == [True]
    assert ready.answering(rule, drawn.TODAY.replace(year=2025)).tolist() == [False]


def test_no_papers_answer_nothing() -> None:
    assert index().answering(parse("a OR NOT b OR /x+/ OR upvotes>1").root, drawn.TODAY).tolist() == []


def test_a_rule_is_given_up_when_the_time_is_up_also_in_the_midst_of_reading_papers() -> None:
    ready = index(*[Paper(title="speech")] * 1000)
    looks = iter([False] * 4)
    with pytest.raises(TimeUp):
        ready.answering(parse("/speech+/").root, drawn.TODAY, lambda: next(looks, True))
    assert next(looks, None) is None
