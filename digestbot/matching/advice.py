"""What the stored papers tell about a rule: parts that find nothing, or nearly everything, and what may be meant."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from digestbot.core.errors import Problem
from digestbot.core.papers import Paper
from digestbot.matching.engine import Engine
from digestbot.rules.ast import And, Leaf, Node, Not, Or, Rule, Topic, Words
from digestbot.rules.folding import words

# Fewer papers than these say nothing about a rule.
ENOUGH_PAPERS = 50
NEARLY_EVERYTHING = 0.3
# How alike a near miss is (difflib's ratio), and in how many papers it must stand to be worth naming.
_ALIKE = 0.8
_WORTH_NAMING = 2


def advise(rules: Sequence[tuple[str, Rule]], papers: Sequence[Paper], *, today: date) -> list[Problem]:
    """Warnings about named rules over some papers: too much, nothing, and near misses.

    Nothing is said of fewer than `ENOUGH_PAPERS` papers. Each problem's `place` is the rule's name.
    """
    if len(papers) < ENOUGH_PAPERS:
        return []
    leaves = [(name, rule, leaf) for name, rule in rules for leaf in _leaves(rule.root)]
    engine = Engine.build(
        [
            *((f"rule {number}", rule.root) for number, (_, rule) in enumerate(rules)),
            *((f"leaf {number}", leaf) for number, (_, _, leaf) in enumerate(leaves)),
        ]
    )
    hits = Counter({rule: len(found) for rule, found in engine.match(papers, today=today).by_rule().items()})
    total = len(papers)
    problems = []
    for number, (name, _) in enumerate(rules):
        count = hits[f"rule {number}"]
        if count == 0:
            problems.append(Problem(f"finds none of the {total} stored papers", name, way_out="is that meant?"))
        elif count > NEARLY_EVERYTHING * total:
            share = f"finds {count} of the {total} stored papers, {count * 100 // total} %"
            problems.append(Problem(share, name, way_out="add what it must have, with require"))
    missing = [each for number, each in enumerate(leaves) if hits[f"leaf {number}"] == 0]
    vocabulary = _vocabulary(papers) if missing else Counter()
    for name, rule, leaf in missing:
        source = rule.text[leaf.span.start : leaf.span.end]
        near = _near_miss(leaf, vocabulary)
        hint = f"`{near}` finds {vocabulary[near]}" if near else None
        problems.append(Problem(f"`{source}` finds 0 of the {total} stored papers", name, way_out=hint))
    return problems


def _leaves(node: Node) -> Iterator[Leaf]:
    """The terms a rule asks for by itself: not those it excludes, nor those of the topics it includes."""
    match node:
        case And() | Or():
            for each in node.rules:
                yield from _leaves(each)
        case Not() | Topic():
            return
        case _:
            yield node


def _vocabulary(papers: Sequence[Paper]) -> Counter[str]:
    """In how many papers each word stands, in title or abstract."""
    found: Counter[str] = Counter()
    for paper in papers:
        readings = [words(text) for text in (paper.title, paper.abstract) if text]
        found.update({word for reading in readings for word in (*reading.split, *reading.joined)})
    return found


def _near_miss(leaf: Leaf, vocabulary: Counter[str]) -> str | None:
    """The most frequent word that is nearly the first one nobody writes; None for other kinds of terms."""
    if not isinstance(leaf, Words) or leaf.prefix:
        return None
    spelling = leaf.alternatives[-1]
    unknown = [word for word in spelling if word not in vocabulary]
    if not unknown:
        return None
    word = unknown[0]
    alike = [
        each
        for each, count in vocabulary.items()
        if count >= _WORTH_NAMING and each[:1] == word[:1] and abs(len(each) - len(word)) <= 2
    ]
    near = difflib.get_close_matches(word, alike, 5, _ALIKE)
    return max(near, key=vocabulary.__getitem__, default=None)
