"""The language holds for rules nobody thought of: written out and read again, and never slow or torn."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestbot.model.errors import RuleError
from digestbot.rules.ast import Node
from digestbot.rules.keywords import Keyword
from digestbot.rules.lint import lint
from digestbot.rules.parser import parse, parse_node
from tests.rules.trees import TREE, bare, written


@given(TREE, st.data())
@settings(max_examples=300, deadline=None)
def test_a_tree_written_out_parses_to_itself(tree: Node, data: st.DataObject) -> None:
    assert bare(parse(written(tree, data)).root) == tree


PIECES = ["a", "-", "(", ")", '"', "“", "~3", "^2", "*", "title:", "id:", "topic:", ":", "=", "/", "\\", "AND", "OR",
          "NOT", "upvotes", ">=", "5", " ", "\n", "é", "中", "!", "{", "i", "\ud800"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=30))
@settings(max_examples=1500, deadline=None)
def test_any_text_is_a_rule_or_an_error_with_its_place(text: str) -> None:
    try:
        rule = parse(text)
    except RuleError as error:
        (problem,) = error.problems
        lines = text.split("\n")
        assert problem.line is not None
        assert problem.column is not None
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
    else:
        lint(rule)


WORDS = ["a", "AND", "OR", "NOT", "and", "GPT4", "pre", "x", "2", "i", "ORs"]


@given(
    st.lists(st.sampled_from([*WORDS, " ", "  ", "-", "--", "^2", '"', "*"]), min_size=1, max_size=7)
    .map("".join)
    .filter(str.strip)
)
@settings(max_examples=1500, deadline=None)
def test_the_short_ways_for_plain_words_read_what_the_long_ones_read(text: str) -> None:
    """A blank at an end leads by the long way: it changes nothing else."""

    def read(reader: Callable[[], object]) -> object:
        try:
            return reader()
        except RuleError as error:
            return [problem.message for problem in error.problems]

    assert read(lambda: parse_node(text)) == read(lambda: parse_node(f"{text} "))
    assert Keyword.of(text) == Keyword.of(f"{text} ")
    assert read(lambda: Keyword.of(text).node(None, 0)) == read(lambda: Keyword.of(f"{text} ").node(None, 0))


HOSTILE = {
    "brackets": ("(" * 60_000, "nested more than 100"),
    "negations": ("NOT " * 10_000 + "x", "nested more than 100"),
    "closed brackets": ("(" * 101 + "x" + ")" * 101, "nested more than 100"),
    "terms": ("a " * 2_001, "more than 2000 terms"),
    "length": ("a" * 70_000, "at most 64 KiB"),
    "length in bytes": ("中" * 30_000, "at most 64 KiB"),
    "spellings": ('"' + "a-b " * 2_000 + '"', "more than 64 spellings"),
    "regex length": ("/" + "a" * 1_001 + "/", "longer than 1000"),
    "regex size": ("/((a{100}){100}){100}/", "cannot be used"),
    "quote": ('"' + "a " * 20_000, "never closed"),
    "regex end": ("/" + "\\a" * 20_000, "never closed"),
    "field": ("titel" * 10_000 + ":x", "is no field"),
    "comparison": ("x" * 60_000 + ">5", "compared"),
    "number": ("upvotes>" + "9" * 5_000, "no whole number"),
    "dashes": ("-" * 60_000, "two dashes"),
    "id": ("id:" + "a(" * 20_000, "empty group|never closed|nested"),
    "escapes": ("\\" * 60_000, "no letter and no digit"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_rule_is_refused_in_time(name: str) -> None:
    text, message = HOSTILE[name]
    started = time.process_time()
    with pytest.raises(RuleError, match=message):
        parse(text)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100 + "x" + ")" * 100,
        "NOT " * 100 + "x",
        "a " * 2_000,
        "a OR " * 1_999 + "a",
        "b" * 65_000,
        "x-" * 30_000,
        "\\'" * 30_000 + "e",
    ],
    ids=["brackets", "negations", "terms", "alternatives", "a long word", "a long chain", "accents"],
)
def test_a_rule_within_the_bounds_is_read_in_time(text: str) -> None:
    started = time.process_time()
    lint(parse(text))
    assert time.process_time() - started < 2
