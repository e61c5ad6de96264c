"""Rules that can never match, or always do, told from the rule alone."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from digestbot.matching.index.atoms import CompareKey, interval
from digestbot.rules.ast import And, Compare, Exact, Field, Label, Leaf, Near, Node, Not, Or, Regex, Topic, Words

MOST_LEAVES = 12
"""A rule of more different leaves than that is not tried out: its table doubles with every leaf."""

_INNER = (And, Or, Not, Topic)
_Key: TypeAlias = tuple[object, ...]


class ConstantVerdict(StrEnum):
    """What is certain about a rule before any paper is seen."""

    NEVER = "never"
    ALWAYS = "always"


def verdict(rule: Node) -> ConstantVerdict | None:
    """What is certain about the rule; None when it depends on the paper, or is too large to try out.

    Every combination of its leaves that a paper can have is tried: not those where a number lies in two
    places, a title holds what neither title nor abstract does, or cs.CL is there without cs.
    """
    if not _can_be_certain(rule):
        return None
    leaves: dict[_Key, Leaf] = {}
    for node in _nodes(rule):
        if not isinstance(node, _INNER):
            leaves.setdefault(_key(node), node)
            if len(leaves) > MOST_LEAVES:
                return None
    rows = {key: _row(at, len(leaves)) for at, key in enumerate(leaves)}
    every = (1 << (1 << len(leaves))) - 1
    possible = _possible(leaves, rows, every)
    answer = _answer(rule, rows, every) & possible
    if answer == possible:
        return ConstantVerdict.ALWAYS
    return None if answer else ConstantVerdict.NEVER


def _can_be_certain(rule: Node) -> bool:
    """Whether a leaf says anything about another: quick, for a million rules."""
    leaves = [node for node in _nodes(rule) if not isinstance(node, _INNER)]
    return len({*map(_subject, leaves)}) < len(leaves)


def _subject(leaf: Node) -> object:
    """What a leaf is about: leaves about different things say nothing about one another."""
    match leaf:
        case Words():
            return leaf.alternatives, leaf.prefix
        case Compare():
            return leaf.number
        case Near() | Exact() | Regex():
            return _key(leaf)[2:]
        case _:
            return Label


def _nodes(rule: Node) -> list[Node]:
    found = [rule]
    for node in found:  # which grows meanwhile
        if isinstance(node, (And, Or)):
            found += node.rules
        elif isinstance(node, (Not, Topic)):
            found.append(node.rule)
    return found


def _key(leaf: Leaf) -> _Key:
    match leaf:
        case Words():
            return Words, leaf.field, leaf.alternatives, leaf.prefix
        case Near():
            return Near, leaf.field, leaf.alternatives, leaf.slop
        case Exact():
            return Exact, leaf.field, leaf.text
        case Regex():
            return Regex, leaf.field, leaf.pattern, leaf.ignore_case
        case Label():
            return Label, leaf.field, leaf.value, leaf.scheme
        case Compare():
            return interval(leaf)


def _row(at: int, count: int) -> int:
    """Leaf `at` in a table of all combinations: bit c tells whether it holds in combination c."""
    half = 1 << at
    row = ((1 << half) - 1) << half
    width = 2 * half
    while width < 1 << count:
        row |= row << width
        width *= 2
    return row


def _answer(node: Node, rows: dict[_Key, int], every: int) -> int:
    match node:
        case And():
            found = every
            for each in node.rules:
                found &= _answer(each, rows, every)
            return found
        case Or():
            found = 0
            for each in node.rules:
                found |= _answer(each, rows, every)
            return found
        case Not():
            return every & ~_answer(node.rule, rows, every)
        case Topic():
            return _answer(node.rule, rows, every)
        case _:
            return rows[_key(node)]


def _possible(leaves: dict[_Key, Leaf], rows: dict[_Key, int], every: int) -> int:
    """The combinations that a paper can have."""
    possible = every
    for narrow, row in rows.items():
        for wide, other in rows.items():
            if _implies(leaves[narrow], leaves[wide]):
                possible &= ~row | other
    intervals: dict[str, list[CompareKey]] = {}
    for key in rows:
        if isinstance(key, CompareKey):
            intervals.setdefault(key.number, []).append(key)
    for keys in intervals.values():
        possible &= _one_value(keys, rows, every)
    return possible


def _one_value(keys: list[CompareKey], rows: dict[_Key, int], every: int) -> int:
    """The combinations in which one number, or none, lies in exactly the intervals that hold."""
    bounds = {bound for _, low, high in keys for bound in (low, high) if bound is not None}
    values: list[int | None] = [None, *{bound + by for bound in bounds for by in (-1, 0, 1)}]
    found = 0
    for value in values:
        those = every
        for key in keys:
            inside = value is not None and (key.low is None or key.low <= value)
            inside = inside and value is not None and (key.high is None or value <= key.high)
            those &= rows[key] if inside else ~rows[key]
        found |= those
    return found


def _implies(narrow: Leaf, wide: Leaf) -> bool:
    """Whether a paper with the one has the other: the same in title or abstract, a category below."""
    if isinstance(narrow, Label) and isinstance(wide, Label):
        if narrow.field is not Field.CATEGORY or wide.field is not Field.CATEGORY:
            return False
        return narrow.value.startswith(wide.value + ".")
    if type(narrow) is not type(wide) or isinstance(narrow, Compare) or isinstance(wide, Compare):
        return False
    in_part = narrow.field in (Field.TITLE, Field.ABSTRACT) and wide.field is Field.TEXT
    return in_part and [*_key(narrow)[2:]] == [*_key(wide)[2:]]
