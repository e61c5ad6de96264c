"""Rules that would cost too much: refused with a place and a way out, or bounded."""

from __future__ import annotations

import resource
import time

import pytest

from digestbot.model.errors import RuleError
from digestbot.rules.parser import parse
from digestbot.rules.regexes import pattern

REFUSED = {
    "ten thousand terms": (" OR ".join(f"term{n}" for n in range(10_000)), "make topics of its parts"),
    "two thousand and one terms": (" OR ".join(f"t{n}x" for n in range(2_001)), "make topics of its parts"),
    "nested a thousand deep": ("(" * 1000 + "x" + ")" * 1000, "make topics of its parts"),
    "a thousand times not": ("NOT " * 1000 + "x", "make topics of its parts"),
    "a thousand times a thousand": ("/a{1000}{1000}/", "the syntax is RE2's"),
    "repetitions of repetitions": ("/((a{0,100}){0,100}){0,100}/", "the syntax is RE2's"),
    "the same in a field": ("title:/a{1000}{1000}/", "the syntax is RE2's"),
    "the same in a group of a field": ("abstract:(/x{1000}{1000}/ OR fine)", "the syntax is RE2's"),
    "a field's large classes repeated": (r"title:/(\pL\pN){1,300}/", "repeat less"),
    "a look back": (r"author:/(a+)\1/", "the syntax is RE2's"),
    "large classes repeated": (r"/(\pL\pN){1,300}/", "repeat less"),
    "a regex as long as a page": (f"/{'ab|' * 400}c/", "shorter"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_it_is_refused_with_its_place_and_a_way_out(kind: str) -> None:
    text, way_out = REFUSED[kind]
    started = time.process_time()
    with pytest.raises(RuleError) as raised:
        parse(text)
    assert time.process_time() - started < 2
    (problem,) = raised.value.problems
    assert problem.line == 1
    assert problem.column
    assert way_out in (problem.way_out or "")


@pytest.mark.parametrize("regex", ["(a+)+$", "(a|a)*$", "(.*a){20}b$", r"(\w+\s*)+$"])
def test_what_other_engines_hang_on_is_searched_in_linear_time(regex: str) -> None:
    started = time.process_time()
    assert not pattern(f"(?:{regex})x").found_in("a" * 100_000 + "!")
    assert time.process_time() - started < 5


@pytest.mark.parametrize("regex", [".{900}x", "(.{0,30}a){30}b", "(a|b)*a(a|b){500}c", "((a{0,9}){0,9}){0,9}b"])
def test_g67_automata_that_outgrow_their_memory_stay_small_and_linear(regex: str) -> None:
    """RE2 goes on without the table that would not fit: slower by a constant, and no larger."""
    found = pattern(regex)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    for letters in ("a", "ab", "abc的"):
        found.found_in(letters * (15_000 // len(letters)) + "!")
    assert time.process_time() - started < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000, "kilobytes"
