"""Rules as people write them from elsewhere: each row in the oracle, the evaluator, every engine and search."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from digestbot.matching.engine import Engine, Speed
from digestbot.matching.evaluate import Evaluator
from digestbot.matching.search.inverted_index import InvertedIndex
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.rules.ast import Rule
from digestbot.rules.lint import lint
from digestbot.rules.parser import parse
from digestbot.rules.topics import Topics
from tests.matching.oracle import Oracle
from tests.matching.test_cases import SPEEDS, TODAY, topics

__all__ = ["topics"]


class Row(NamedTuple):
    """One rule and one paper."""

    rule: str
    paper: Paper
    expected: bool


def read(line: str) -> Row:
    answer, rule, text = line.split("\t")
    field, is_field, value = text.partition("=")
    paper = Paper(title=text, abstract="Field notes only.")
    if is_field and field == "author":
        paper = Paper(title="Field notes", authors=(value,))
    if is_field and field == "keyword":
        paper = Paper(title="Field notes", keywords=(value,))
    return Row(rule, paper, answer == "yes")


LINES = (Path(__file__).parent / "habits.tsv").read_text("utf-8").splitlines()
ROWS = [read(line) for line in LINES if not line.startswith("# ")]


@pytest.fixture(scope="module")
def rules(topics: Topics) -> list[Rule]:
    return [parse(each.rule, topics) for each in ROWS]


def wrong(answers: list[bool]) -> list[tuple[str, str, bool]]:
    """The rows that are answered otherwise than they should be."""
    return [
        (each.rule, each.paper.title, found)
        for each, found in zip(ROWS, answers, strict=True)
        if found is not each.expected
    ]


def test_the_oracle_and_the_evaluator_answer_each_as_people_mean_it(rules: list[Rule]) -> None:
    assert wrong([Oracle(row.paper, TODAY).answers(rule.root) for row, rule in zip(ROWS, rules, strict=True)]) == []
    assert wrong([Evaluator(rule, TODAY).matches(row.paper) for row, rule in zip(ROWS, rules, strict=True)]) == []


@pytest.mark.parametrize("speed", SPEEDS)
def test_so_does_every_engine(rules: list[Rule], speed: Speed) -> None:
    engine = Engine.build((str(at), rule.root) for at, rule in enumerate(rules))
    engine.speed = speed
    found = engine.match([row.paper for row in ROWS], today=TODAY).by_rule()
    assert wrong([at in found.get(str(at), ()) for at in range(len(ROWS))]) == []


def test_so_does_the_search_over_stored_papers(rules: list[Rule]) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    index = InvertedIndex([LoggedPaper(at + 1, str(at), now, row.paper) for at, row in enumerate(ROWS)])
    assert wrong([bool(index.answering(rule.root, TODAY)[at]) for at, rule in enumerate(rules)]) == []


def test_none_of_them_is_warned_of(rules: list[Rule]) -> None:
    assert {rule.text: list(map(str, lint(rule))) for rule in rules if lint(rule)} == {}
