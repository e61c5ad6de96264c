"""What is no error in a rule but hardly what was meant: told as warnings, with line and column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

from digestbot.model.errors import Problem
from digestbot.rules.ast import And, Compare, Everything, Leaf, Node, Not, Or, Rule, Span, Topic, Words
from digestbot.rules.fields import TEXT_PARTS, Field, Number, ordinal
from digestbot.rules.mistakes import problem, shown

Atom: TypeAlias = Leaf | Topic
_NOWHERE = Span(0, 0)
_OPERATORS = {"and": "AND", "or": "OR", "not": "NOT", "and/or": "OR"}
_BETWEEN = re.compile(r"(?i:adj)|XOR|NEXT|[NW][0-9]{1,2}")
"""What is an operator elsewhere, where it stands between two terms."""
_SINGLE_QUOTES = re.compile(r"['‘‚`‹](?=[^\W\d_])[^'’`›]+['’`›](?!\w)")
_CATEGORY = re.compile(
    r"(?:cs|math|stat|eess|econ|q-bio|q-fin|physics|cond-mat|astro-ph|nlin)\.[A-Za-z]{2,3}(?:-[a-z]{2,5})?"
    r"|(?:physics|cond-mat|astro-ph|nlin)\.[a-z-]{2,12}|(?:hep|nucl)-(?:ph|th|ex|lat)|gr-qc|quant-ph|math-ph"
)
"""What arXiv calls its categories: nobody writes that in a text."""
_LOOKS_LIKE_NUMBER = (Number.AGE, Number.UPVOTES)


def lint(rule: Rule) -> list[Problem]:
    """Warnings about a rule that was parsed, in the order of its text; none is an error.

    Lower-case and/or/not, a category or a number's name searched as a word, a term that stands twice side by side,
    and a part that can never match, or always matches, as far as its structure tells.
    """
    found = [*_words(rule, rule.root), *_groups(rule, rule.root)]
    return sorted(found, key=lambda each: (each.line or 0, each.column or 0))


def _words(rule: Rule, node: Node) -> Iterator[Problem]:
    match node:
        case And() | Or():
            yield from _between(rule, node)
            for each in node.rules:
                yield from _words(rule, each)
        case Not():
            yield from _words(rule, node.rule)
        case Words():
            source = rule.text[node.span.start : node.span.end]
            if source.casefold() in _OPERATORS:
                yield problem(
                    rule.text,
                    node.span.start,
                    f"{shown(source)} is searched for as a word",
                    f"the operator is {_OPERATORS[source.casefold()]}; quote the word if it is meant",
                )
            elif _SINGLE_QUOTES.match(rule.text, node.span.start):
                yield problem(
                    rule.text,
                    node.span.start,
                    f"`{source[0]}` begins no phrase",
                    'a phrase stands in double quotes: `"graph network"`',
                )
            elif _CATEGORY.fullmatch(source):
                yield problem(
                    rule.text,
                    node.span.start,
                    f"{shown(source)} is searched for as words",
                    f"for the category: `category:{source}`; quote it if the words are meant",
                )
            elif source.casefold() in _LOOKS_LIKE_NUMBER:
                yield problem(
                    rule.text,
                    node.span.start,
                    f"{shown(source)} is searched for as a word",
                    f"to compare: `{source.casefold()}>=5`; quote the word if it is meant",
                )
        case _:
            return


def _between(rule: Rule, node: And | Or) -> Iterator[Problem]:
    """What another search engine takes for an operator between the terms around it."""
    for each in node.rules[1:-1] if isinstance(node, And) else ():
        source = rule.text[each.span.start : each.span.end]
        if isinstance(each, Words) and _BETWEEN.fullmatch(source):
            yield problem(
                rule.text,
                each.span.start,
                f"{shown(source)} is searched for as a word",
                'for words near each other: `"a b"~3`, for words side by side a phrase; quote the word if it is meant',
            )


def _groups(rule: Rule, node: Node) -> Iterator[Problem]:
    match node:
        case Not():
            yield from _groups(rule, node.rule)
        case And() | Or():
            literals = list(_literals(node, True, type(node)))
            yield from _duplicates(rule, literals)
            yield from _foregone(rule, node, literals)
            for each in node.rules:
                yield from _parts(rule, each, type(node))
        case _:
            return


def _parts(rule: Rule, node: Node, around: type[And] | type[Or]) -> Iterator[Problem]:
    """The groups within a group; one of the same kind was judged together with what is around it."""
    if isinstance(node, around):
        for each in node.rules:
            yield from _parts(rule, each, around)
    else:
        yield from _groups(rule, node)


def _literals(node: Node, positive: bool, around: type[And] | type[Or]) -> Iterator[tuple[Atom, bool]]:
    """The atoms that a group joins directly, each with whether it is asked for or excluded."""
    match node:
        case Not():
            yield from _literals(node.rule, not positive, around)
        case And() | Or():
            if isinstance(node, around) == positive:
                for each in node.rules:
                    yield from _literals(each, positive, around)
        case _:
            yield node, positive


def _key(atom: Atom) -> object:
    if isinstance(atom, Topic):
        return atom.name
    return (
        replace(atom, span=_NOWHERE)
        if isinstance(atom, Compare | Everything)
        else replace(atom, span=_NOWHERE, weight=1.0)
    )


def _duplicates(rule: Rule, literals: list[tuple[Atom, bool]]) -> Iterator[Problem]:
    seen: set[object] = set()
    for atom, positive in literals:
        key = (_key(atom), positive)
        if key in seen:
            yield problem(
                rule.text,
                atom.span.start,
                f"{_source(rule, atom)} stands here twice",
                "one of them is enough",
            )
        seen.add(key)


def _foregone(rule: Rule, node: And | Or, literals: list[tuple[Atom, bool]]) -> Iterator[Problem]:
    what = "this rule" if node is rule.root else "this part"
    always = isinstance(node, Or)
    excluded = {_key(atom) for atom, positive in literals if not positive}
    for atom, positive in literals:
        if positive and (_key(atom) in excluded or (not always and _wider(atom) in excluded)):
            yield problem(
                rule.text,
                node.span.start,
                f"{what} {'always matches' if always else 'can never match'}: "
                f"{_source(rule, atom)} is both asked for and excluded",
                "leave one of the two out",
            )
            return
    if not always and (empty := _empty_range([atom for atom, positive in literals if positive])):
        yield problem(
            rule.text,
            node.span.start,
            f"{what} can never match: no value of {empty} answers all its comparisons",
            "between them should be OR, or one is turned around",
        )


def _wider(atom: Atom) -> object:
    """The atom over title and abstract, which whatever the narrower one finds answers too."""
    if isinstance(atom, Topic | Compare | Everything) or atom.field not in TEXT_PARTS:
        return None
    return _key(replace(atom, field=Field.TEXT))


def _empty_range(atoms: list[Atom]) -> Number | None:
    ranges: dict[Number, tuple[float, float]] = {}
    for atom in atoms:
        if not isinstance(atom, Compare):
            continue
        low, high = ranges.get(atom.number, (float("-inf"), float("inf")))
        first, last = _range(atom)
        ranges[atom.number] = (max(low, first), min(high, last))
    return next((number for number, (low, high) in ranges.items() if low > high), None)


def _range(compare: Compare) -> tuple[float, float]:
    """The whole numbers, or days, that answer a comparison: first and last."""
    low, high = ordinal(compare.low), ordinal(compare.high)
    below, above = float("-inf"), float("inf")
    return {
        "<": (below, low - 1),
        "<=": (below, high),
        "=": (low, high),
        ">=": (low, above),
        ">": (high + 1, above),
    }[compare.operator]


def _source(rule: Rule, atom: Atom) -> str:
    return shown(rule.text[atom.span.start : atom.span.end])
