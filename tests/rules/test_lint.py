"""Warnings: what parses but is hardly meant."""

from __future__ import annotations

import pytest

from digestbot.rules.lint import lint
from digestbot.rules.parser import parse

TOPICS = {"medical": parse("x").root}


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("cats and dogs", 6, "`and` is searched for as a word"),
        ("a (b or c)", 6, "`or` is searched for as a word"),
        ("Not a", 1, "`Not` is searched for as a word"),
        ("vision upvotes", 8, "`upvotes` is searched for as a word"),
        ("Age", 1, "`Age` is searched for as a word"),
        ("a b a", 5, "`a` stands here twice"),
        ("a OR (b OR a^2)", 12, "`a` stands here twice"),
        ("NOT (a OR b OR a)", 16, "`a` stands here twice"),
        ("a NOT a", 1, "this rule can never match: `a` is both"),
        ("x OR (a b -a)", 7, "this part can never match: `a` is both"),
        ("a (b NOT (c OR a))", 1, "this rule can never match: `a` is both"),
        ("title:a NOT a", 1, "this rule can never match: `title:a` is both"),
        ("topic:medical -topic:medical", 1, "can never match: `topic:medical` is both"),
        ("a OR NOT a", 1, "this rule always matches: `a` is both"),
        ("x (a OR b OR -a)", 4, "this part always matches: `a` is both"),
        ("upvotes>5 upvotes<3", 1, "this rule can never match: no value of upvotes"),
        ("upvotes>5 x upvotes<6", 1, "no value of upvotes"),
        ("published<2024-01-01 published>=2024", 1, "no value of published"),
        ("age=3 OR (authors=1 authors=2)", 11, "this part can never match: no value of authors"),
    ],
)
def test_a_warning_has_its_place(text: str, column: int, message: str) -> None:
    (problem,) = lint(parse(text, TOPICS))
    assert message in problem.message
    assert (problem.line, problem.column) == (1, column)
    assert problem.way_out


@pytest.mark.parametrize(
    "text",
    [
        '"and" "or not" =and /and/ and*',
        '"upvotes" upvotes>5 author:and-rew',
        "a OR (a b)",
        "title:a abstract:a",
        "a NOT title:a",
        "title:a OR NOT a",
        "upvotes>5 upvotes<7 age<3",
        "upvotes>5 OR upvotes<3",
        "upvotes>5 OR upvotes<=5",
        "NOT (a b)",
        "NOT (a NOT b)",
    ],
)
def test_a_sound_rule_has_no_warning(text: str) -> None:
    assert lint(parse(text)) == []


def test_warnings_come_in_the_order_of_the_text() -> None:
    found = lint(parse("a\nand b\nor b"))
    assert [(each.line, each.column) for each in found] == [(2, 1), (3, 1), (3, 4)]
