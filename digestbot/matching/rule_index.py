"""Rule sets compiled once, however many subscriptions have them and however often papers come."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence

from digestbot.matching.engine import Engine
from digestbot.rules.ast import Node
from digestbot.rules.combine import Combined

# So many rule sets are kept compiled, those asked for last.
_MOST_SETS = 200_000


def rule_name(rules: Combined, at: int) -> str:
    """What an engine calls rule `at` of a rule set: 0 is the whole, its clauses follow.

    A rule set is known by the object it is: whoever uses the name keeps that alive.
    """
    return f"{id(rules)}/{at}"


def engine_of(sets: Iterable[Combined]) -> Engine:
    """An engine of the whole rule and the clauses of each set."""
    return Engine.build(_rules(sets))


def _rules(sets: Iterable[Combined]) -> Iterator[tuple[str, Node]]:
    for rules in sets:
        yield rule_name(rules, 0), rules.rule.root
        yield from ((rule_name(rules, at), each.rule.root) for at, each in enumerate(rules.clauses, 1))


class RuleIndex:
    """The rule sets that were asked for, and one engine of them all.

    New ones are matched by themselves at first, and are part of the whole with the next papers: a million
    subscribers bring some ten thousands of rule sets, and a tick a few new ones.
    """

    def __init__(self) -> None:
        self._sets: OrderedDict[int, Combined] = OrderedDict()
        self._engine: Engine | None = None

    def use(self, rules: Combined) -> bool:
        """Whether it is there; it is kept longer then."""
        if id(rules) in self._sets:
            self._sets.move_to_end(id(rules))
            return True
        return False

    def add(self, sets: Sequence[Combined]) -> None:
        """Take in rule sets that are not there."""
        if sets:
            self._sets.update((id(each), each) for each in sets)
            self._engine = None

    def drop(self, rules: Combined) -> None:
        """Leave one out from now on."""
        if self._sets.pop(id(rules), None) is not None:
            self._engine = None

    def sets(self) -> Sequence[Combined]:
        """Those that are kept: too many are forgotten now."""
        while len(self._sets) > _MOST_SETS:
            self._sets.popitem(last=False)
            self._engine = None
        return list(self._sets.values())

    def engine(self) -> Engine:
        """The engine of those; compiled anew only when there are others."""
        if self._engine is None:
            self._engine = engine_of(self._sets.values())
        return self._engine
