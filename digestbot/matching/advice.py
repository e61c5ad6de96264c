"""What the stored papers tell about a rule: parts that find nothing, or nearly everything, and what may be meant."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple, TypeAlias

from digestbot.matching.constant_rules import ConstantVerdict, verdict
from digestbot.matching.engine import Engine
from digestbot.model.errors import Problem
from digestbot.model.papers import Paper
from digestbot.rules.ast import And, Everything, Leaf, Node, Not, Or, Rule, Topic, Words
from digestbot.rules.combine import Combined
from digestbot.rules.folding import words
from digestbot.rules.mistakes import problem, shown
from digestbot.rules.synonyms import NO_SYNONYMS, Synonyms

# Fewer papers than these say nothing about a rule.
ENOUGH_PAPERS = 50
NEARLY_EVERYTHING = 0.3
# How alike a near miss is (difflib's ratio), and in how many papers it must stand to be worth naming.
_ALIKE = 0.8
_WORTH_NAMING = 2
# By how many letters it may be longer or shorter.
_LONGER = 2
MOST_TOLD = 20
"""So many terms of a rule that find nothing are told one by one."""
MOST_TERMS_TOLD = 3

Batches: TypeAlias = Callable[[], Iterable[Sequence[Paper]]]
"""The papers, anew each time it is called."""


class Advice:
    """What papers may tell about named rules: which questions to ask of them, and what the answers say.

    Whoever has papers counts how many answer each of `questions`, in whatever way is quickest, and hands the counts
    to `told`: the same is said on the command line, on the pages and by `check`.
    """

    def __init__(self, rules: Sequence[tuple[str, Rule]], synonyms: Synonyms) -> None:
        self.rules = rules
        self._parts = [(number, part) for number, (_, rule) in enumerate(rules) for part in _parts(rule.root)]
        self._others: list[_Other] = []
        for at, (number, part) in enumerate(self._parts):
            if isinstance(part, Words) and not part.prefix and (terms := synonyms.of(part.alternatives)):
                wider = replace(part, alternatives=synonyms.spellings_of(part.alternatives))
                self._others.append(_Other(at, number, terms, _with(rules[number][1].root, part, wider)))

    def questions(self) -> Iterator[tuple[str, Node]]:
        """Every rule, its terms, and what it would be with the synonyms of one: each under a name of its own."""
        yield from ((f"rule {number}", rule.root) for number, (_, rule) in enumerate(self.rules))
        yield from ((f"part {at}", part) for at, (_, part) in enumerate(self._parts))
        yield from ((f"with {number}", each.rule) for number, each in enumerate(self._others))

    def told(self, hits: Mapping[str, int], total: int, batches: Batches | None = None) -> list[Problem]:
        """Warnings: too much, nothing, near misses (looked for in `batches`), other ways to write a term.

        Of fewer than `ENOUGH_PAPERS` only the last is told. Each problem's `place` is the rule's name, its line and
        column those of a term in the rule's text, or none where it is about the whole rule.
        """
        enough = total >= ENOUGH_PAPERS
        problems = list(self._whole(hits, total)) if enough else []
        missing: dict[str, list[tuple[Rule, Leaf | Topic]]] = {}
        for at, (number, part) in enumerate(self._parts):
            if enough and hits.get(f"part {at}", 0) == 0:
                name, rule = self.rules[number]
                missing.setdefault(name, []).append((rule, part))
        return [*problems, *_nothing(missing, batches, total), *self._also(hits)]

    def _whole(self, hits: Mapping[str, int], total: int) -> Iterator[Problem]:
        for number, (name, rule) in enumerate(self.rules):
            count = hits.get(f"rule {number}", 0)
            if count == 0:
                yield Problem(f"finds none of the {total} stored papers", name, way_out="is that meant?")
            elif count > NEARLY_EVERYTHING * total and not isinstance(rule.root, Everything):
                share = f"finds {count} of the {total} stored papers, {count * 100 // total} %"
                yield Problem(share, name, way_out="add what it must have, with require")

    def _also(self, hits: Mapping[str, int]) -> Iterator[Problem]:
        """What a rule would find, too, with another way to write one of its terms."""
        for number, other in enumerate(self._others):
            name, rule = self.rules[other.rule_number]
            _, part = self._parts[other.part]
            more = hits.get(f"with {number}", 0) - hits.get(f"rule {other.rule_number}", 0)
            if more > 0:
                source = rule.text[part.span.start : part.span.end]
                also = " or ".join(f'"{each}"' for each in other.terms[:MOST_TERMS_TOLD])
                what = f"{shown(source)} is also written {also}: {more:,} paper{'s' * (more != 1)} more"
                field, _, term = source.rpartition(":")
                way_out = f"to find both: `{field}:~{term}`" if field else f"to find both: `~{term}`"
                yield problem(rule.text, part.span.start, what, way_out).at(name)


class _Other(NamedTuple):
    """A term with what is listed with it, and the whole rule with that in its place."""

    part: int
    rule_number: int
    terms: tuple[str, ...]
    rule: Node


def _with(node: Node, part: Node, other: Node) -> Node:
    """The tree with another node in the place of one."""
    if node is part:
        return other
    if isinstance(node, And | Or):
        return replace(node, rules=tuple(_with(each, part, other) for each in node.rules))
    return node


def advise(
    rules: Sequence[tuple[str, Rule]], batches: Batches, *, today: date, synonyms: Synonyms = NO_SYNONYMS
) -> list[Problem]:
    """What some papers tell about named rules: see `Advice.told`.

    `batches` gives the papers; it is called again where something is not found, for what may be meant.
    """
    advice = Advice(rules, synonyms)
    hits, total = _counted(advice.questions(), batches, today)
    return advice.told(hits, total, batches)


def _counted(questions: Iterable[tuple[str, Node]], batches: Batches, today: date) -> tuple[Counter[str], int]:
    """How many papers answer each question, of how many."""
    engine = Engine.build(questions)
    hits: Counter[str] = Counter()
    total = 0
    for papers in batches():
        total += len(papers)
        for each, found in engine.match(papers, today=today):
            hits[each] += len(found)
    return hits, total


def _nothing(
    missing: dict[str, list[tuple[Rule, Leaf | Topic]]], batches: Batches | None, total: int
) -> Iterator[Problem]:
    """A warning for each term that finds nothing, by the rule's name, with what may be meant."""
    told = [(name, rule, part) for name, terms in missing.items() for rule, part in terms[:MOST_TOLD]]
    vocabulary = _vocabulary([part for _, _, part in told], batches) if batches else Counter[str]()
    for name, rule, part in told:
        near = _near_miss(part, vocabulary)
        hint = f"`{near}` finds {vocabulary[near]}" if near else None
        what = f"{shown(rule.text[part.span.start : part.span.end])} finds 0 of the {total} stored papers"
        yield problem(rule.text, part.span.start, what, hint).at(name)
    for name, terms in missing.items():
        if len(terms) > MOST_TOLD:
            yield Problem(f"finds nothing with {len(terms) - MOST_TOLD} more of its terms either", name)


def foregone(wanted: Combined) -> list[Problem]:
    """Warnings about a rule, or a piece of it, that can never match, or always does, whatever the paper.

    Line and column are those of the whole rule's text; they are none where it is about the whole.
    """
    whole = verdict(wanted.rule.root)
    problems = certain(wanted.rule)
    outside = _outside(wanted)
    for piece in wanted.pieces if len(wanted.pieces) > 1 else ():
        found, what = verdict(piece.node), "this"
        asked = any(piece.node is each.rule.root for each in wanted.clauses)
        if found is None and whole is None and asked and outside:
            found = verdict(And((piece.node, *outside), piece.node.span))
            what = "with what is required and excluded this"
        if found is not None:
            problems.append(problem(wanted.rule.text, piece.start, f"{what} {_FOREGONE[found]}", _WAYS_OUT[found]))
    return problems


def certain(rule: Rule) -> list[Problem]:
    """A warning about a rule that can never match, or always does; none where that is all it says."""
    whole = verdict(rule.root)
    if whole is None or isinstance(rule.root, Everything):
        return []
    return [Problem(f"this rule {_FOREGONE[whole]}", way_out=_WAYS_OUT[whole])]


_FOREGONE = {ConstantVerdict.NEVER: "can never match", ConstantVerdict.ALWAYS: "matches every paper"}
_WAYS_OUT = {
    ConstantVerdict.NEVER: "something is both asked for and excluded, or no number answers all comparisons",
    ConstantVerdict.ALWAYS: "leave it out, or ask for more",
}


def _outside(wanted: Combined) -> list[Node]:
    """What is required, and what must not be, of every clause."""
    root = wanted.rule.root
    asked = len([each for each in wanted.pieces if not each.place.startswith(("require", "exclude"))])
    return list(root.rules[1:]) if isinstance(root, And) and 0 < asked < len(wanted.pieces) else []


def _parts(node: Node) -> Iterator[Leaf | Topic]:
    """The terms and topics a rule asks for by itself: not those it excludes, nor what is within its topics."""
    match node:
        case And() | Or():
            for each in node.rules:
                yield from _parts(each)
        case Not():
            return
        case _:
            yield node


def _vocabulary(parts: Iterable[Leaf | Topic], batches: Batches) -> Counter[str]:
    """In how many papers each word stands, in title or abstract; of those that one of the parts may have meant."""
    wanted = {word for part in parts if isinstance(part, Words) and not part.prefix for word in part.alternatives[-1]}
    shapes = {(word[:1], len(word) + by) for word in wanted for by in range(-_LONGER, _LONGER + 1)}
    found: Counter[str] = Counter()
    for papers in batches() if wanted else ():
        for paper in papers:
            readings = [words(text) for text in (paper.title, paper.abstract) if text]
            here = {word for reading in readings for word in (*reading.split, *reading.joined)}
            found.update(word for word in here if (word[:1], len(word)) in shapes)
    return found


def _near_miss(part: Leaf | Topic, vocabulary: Counter[str]) -> str | None:
    """The most frequent word that is nearly the first one nobody writes; None for other kinds of terms."""
    if not isinstance(part, Words) or part.prefix:
        return None
    unknown = [word for word in part.alternatives[-1] if word not in vocabulary]
    if not unknown:
        return None
    word = unknown[0]
    alike = [
        each
        for each, count in vocabulary.items()
        if count >= _WORTH_NAMING and each[:1] == word[:1] and abs(len(each) - len(word)) <= _LONGER
    ]
    near = difflib.get_close_matches(word, alike, 5, _ALIKE)
    return max(near, key=vocabulary.__getitem__, default=None)
