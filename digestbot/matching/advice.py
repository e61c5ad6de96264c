"""What the stored papers tell about a rule: parts that find nothing, or nearly everything, and what may be meant."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from digestbot.matching.constant_rules import ConstantVerdict, verdict
from digestbot.matching.engine import Engine
from digestbot.model.errors import Problem
from digestbot.model.papers import Paper
from digestbot.rules.ast import And, Leaf, Node, Not, Or, Rule, Topic, Words
from digestbot.rules.combine import Combined
from digestbot.rules.folding import words
from digestbot.rules.mistakes import problem, shown

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


def advise(
    rules: Sequence[tuple[str, Rule]], batches: Callable[[], Iterable[Sequence[Paper]]], *, today: date
) -> list[Problem]:
    """Warnings about named rules over some papers: too much, nothing, and near misses.

    `batches` gives the papers; it is called again where something is not found, for what may be meant. Nothing
    is said of fewer than `ENOUGH_PAPERS`. Each problem's `place` is the rule's name, its line and column those
    of a term in the rule's text, or none where it is about the whole rule.
    """
    parts = [(name, rule, part) for name, rule in rules for part in _parts(rule.root)]
    hits, total = _counted(
        [
            *((f"rule {number}", rule.root) for number, (_, rule) in enumerate(rules)),
            *((f"part {number}", part) for number, (_, _, part) in enumerate(parts)),
        ],
        batches,
        today,
    )
    if total < ENOUGH_PAPERS:
        return []
    problems = []
    for number, (name, _) in enumerate(rules):
        count = hits[f"rule {number}"]
        if count == 0:
            problems.append(Problem(f"finds none of the {total} stored papers", name, way_out="is that meant?"))
        elif count > NEARLY_EVERYTHING * total:
            share = f"finds {count} of the {total} stored papers, {count * 100 // total} %"
            problems.append(Problem(share, name, way_out="add what it must have, with require"))
    missing: dict[str, list[tuple[Rule, Leaf | Topic]]] = {}
    for number, (name, rule, part) in enumerate(parts):
        if hits[f"part {number}"] == 0:
            missing.setdefault(name, []).append((rule, part))
    return [*problems, *_nothing(missing, batches, total)]


def _counted(
    rules: Iterable[tuple[str, Node]], batches: Callable[[], Iterable[Sequence[Paper]]], today: date
) -> tuple[Counter[str], int]:
    """How many papers each rule finds, of how many."""
    engine = Engine.build(rules)
    hits: Counter[str] = Counter()
    total = 0
    for papers in batches():
        total += len(papers)
        for each, found in engine.match(papers, today=today):
            hits[each] += len(found)
    return hits, total


def _nothing(
    missing: dict[str, list[tuple[Rule, Leaf | Topic]]],
    batches: Callable[[], Iterable[Sequence[Paper]]],
    total: int,
) -> Iterator[Problem]:
    """A warning for each term that finds nothing, by the rule's name, with what may be meant."""
    told = [(name, rule, part) for name, terms in missing.items() for rule, part in terms[:MOST_TOLD]]
    vocabulary = _vocabulary([part for _, _, part in told], batches)
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
    problems = []
    whole = verdict(wanted.rule.root)
    if whole is not None:
        problems.append(Problem(f"this rule {_FOREGONE[whole]}", way_out=_WAYS_OUT[whole]))
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


def _vocabulary(parts: Iterable[Leaf | Topic], batches: Callable[[], Iterable[Sequence[Paper]]]) -> Counter[str]:
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
