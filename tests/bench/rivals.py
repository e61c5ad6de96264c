"""What a user would write instead of the engine: a loop of substring checks, and pyahocorasick with checks.

Both read the same folded words, in both readings and with the plurals, as the engine does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

import ahocorasick  # type: ignore[import-not-found]  # it ships no types

from digestbot.model.papers import Paper
from digestbot.rules.ast import And, Compare, Field, Node, Not, Or, Words
from digestbot.rules.folding import words
from digestbot.rules.plurals import inflections


class Group(NamedTuple):
    """One way to answer a rule: all the atoms, none of the unwanted ones, at least so many upvotes."""

    atoms: frozenset[Words]
    unwanted: frozenset[Words]
    upvotes: int


def groups(node: Node) -> list[Group]:
    """The ways to answer a rule of the workload."""
    match node:
        case Words():
            return [Group(frozenset((node,)), frozenset(), 0)]
        case Or():
            return [each for rule in node.rules for each in groups(rule)]
        case Not(Words() as unwanted):
            return [Group(frozenset(), frozenset((unwanted,)), 0)]
        case Compare():
            assert isinstance(node.low, int)
            return [Group(frozenset(), frozenset(), node.low)]
        case And():
            return [
                Group(
                    frozenset().union(*(each.atoms for each in choice)),
                    frozenset().union(*(each.unwanted for each in choice)),
                    max(each.upvotes for each in choice),
                )
                for choice in product(*map(groups, node.rules))
            ]
    raise AssertionError(f"the workload has no {node}")


def needles(atom: Words) -> list[str]:
    """What to look for in words between single spaces."""
    (spelling,) = atom.alternatives
    if atom.prefix:
        return [" " + spelling[0]]
    return [" " + " ".join(each) + " " for each in product(*map(inflections, spelling))]


def texts(paper: Paper) -> Iterator[tuple[bool, str]]:
    """Each reading of title and abstract as words between single spaces; whether it is the title's."""
    for title, raw in ((True, paper.title), (False, paper.abstract)):
        if raw is not None:
            split, joined = words(raw)
            yield title, " " + " ".join(split) + " "
            if joined is not split:
                yield title, " " + " ".join(joined) + " "


class Naive:
    """Asks every rule about every paper."""

    def __init__(self, rules: Iterable[tuple[str, Node]]) -> None:
        self._rules = [
            (
                rule,
                [
                    (
                        [(each.field is Field.TITLE, needles(each)) for each in group.atoms],
                        [(each.field is Field.TITLE, needles(each)) for each in group.unwanted],
                        group.upvotes,
                    )
                    for group in groups(node)
                ],
            )
            for rule, node in rules
        ]

    def match(self, paper: Paper) -> list[str]:
        """The rules that the paper answers."""
        read = list(texts(paper))
        titles, everything = [text for title, text in read if title], [text for _, text in read]

        def found(atom: tuple[bool, list[str]]) -> bool:
            title, sought = atom
            return any(each in text for text in (titles if title else everything) for each in sought)

        return [
            rule
            for rule, ways in self._rules
            if any(
                all(map(found, atoms)) and not any(map(found, unwanted)) and (paper.upvotes or 0) >= upvotes
                for atoms, unwanted, upvotes in ways
            )
        ]


class Prefilter:
    """One pass of an automaton finds the atoms; groups hang on their rarest one and are checked then."""

    def __init__(self, rules: Iterable[tuple[str, Node]]) -> None:
        self._numbers: dict[tuple[Field, str], int] = {}
        found: dict[str, list[int]] = {}
        uses: list[int] = []
        self._ways: list[tuple[frozenset[int], frozenset[int], int, str]] = []
        for rule, node in rules:
            for group in groups(node):
                numbers = [
                    frozenset(self._number(atom, found, uses) for atom in side)
                    for side in (group.atoms, group.unwanted)
                ]
                self._ways.append((numbers[0], numbers[1], group.upvotes, rule))
                for number in numbers[0]:
                    uses[number] += 1
        self._hanging: list[list[int]] = [[] for _ in uses]
        for way, (atoms, _, _, _) in enumerate(self._ways):
            self._hanging[min(atoms, key=uses.__getitem__)].append(way)
        self._automaton = ahocorasick.Automaton()
        for needle, numbers_found in found.items():
            self._automaton.add_word(needle, tuple(numbers_found))
        self._automaton.make_automaton()

    def _number(self, atom: Words, found: dict[str, list[int]], uses: list[int]) -> int:
        sought = needles(atom)
        key = atom.field, "|".join(sorted(sought))
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(uses)
            uses.append(0)
            # An even entry counts anywhere, an odd one in titles only.
            for each in sought:
                found.setdefault(each, []).append(2 * number + (atom.field is Field.TITLE))
        return number

    def match(self, paper: Paper) -> list[str]:
        """The rules that the paper answers."""
        found: set[int] = set()
        for title, text in texts(paper):
            for _, entries in self._automaton.iter(text):
                for entry in entries:
                    if title or not entry & 1:
                        found.add(entry >> 1)
        upvotes = paper.upvotes or 0
        matched: set[str] = set()
        for atom in found:
            for way in self._hanging[atom]:
                atoms, unwanted, least, rule = self._ways[way]
                if atoms <= found and least <= upvotes and unwanted.isdisjoint(found):
                    matched.add(rule)
        return list(matched)


def pairs(rival: Naive | Prefilter, papers: Sequence[Paper]) -> set[tuple[str, int]]:
    """Every (rule, paper) pair."""
    return {(rule, at) for at, paper in enumerate(papers) for rule in rival.match(paper)}
