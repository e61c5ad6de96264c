"""The rule index of one process: distinct rule sets compiled once, papers of a tick read and matched once for all."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import count

from digestbot.digests.composing import Candidates, Choice, choose
from digestbot.matching.engine import PAPERS_AT_ONCE, Engine
from digestbot.matching.evaluate import Evaluator, FoldedPaper
from digestbot.matching.ranking import PaperMatch, RankedMatch, scored
from digestbot.matching.taste import NO_TASTE
from digestbot.model.papers import LoggedPaper
from digestbot.model.subscriptions import RuleSpec, SortOrder, Subscription
from digestbot.rules.ast import Node
from digestbot.rules.combine import Combined

# So many rule sets are kept compiled, those asked for last.
_MOST_SETS = 200_000
# So many findings are kept for the next subscriber with the same rules; some 600 bytes each.
_MOST_FOUND = 1_000_000
_MOST_FOLDED = 2_048  # papers kept folded, some 30 KB each


class RuleIndex:
    """Every distinct rule set that was asked for, compiled. A rule set is known by its wishes.

    New ones are matched by themselves at first, and are part of the whole with the next papers: a million
    subscribers bring some ten thousands of rule sets, and a tick a few new ones.
    """

    def __init__(self) -> None:
        self._sets: OrderedDict[RuleSpec, Combined] = OrderedDict()
        self._numbers: dict[RuleSpec, int] = {}
        self._count = count()
        self._engine: Engine | None = None

    def __len__(self) -> int:
        return len(self._sets)

    def __contains__(self, spec: object) -> bool:
        return spec in self._sets

    def __iter__(self) -> Iterator[RuleSpec]:
        return iter(self._sets)

    def use(self, spec: RuleSpec) -> bool:
        """Whether it is there; it is kept longer then."""
        if spec in self._sets:
            self._sets.move_to_end(spec)
            return True
        return False

    def add(self, wanted: Mapping[RuleSpec, Combined]) -> Engine:
        """Take in rule sets; an engine of those alone."""
        for spec, combined in wanted.items():
            self._sets[spec] = combined
            if spec not in self._numbers:
                self._numbers[spec] = next(self._count)
        self._engine = None
        return Engine.build(self._rules(wanted))

    def whole(self) -> Engine:
        """The engine of all; compiled anew only when there are new ones."""
        if self._engine is None:
            while len(self._sets) > _MOST_SETS:
                spec, _ = self._sets.popitem(last=False)
                del self._numbers[spec]
            self._engine = Engine.build(self._rules(self._sets))
        return self._engine

    def _rules(self, sets: Mapping[RuleSpec, Combined]) -> Iterator[tuple[str, Node]]:
        """The whole rule of each set and its clauses."""
        for spec, combined in sets.items():
            for at, node in enumerate((combined.rule.root, *(each.rule.root for each in combined.clauses))):
                yield self.name(spec, at), node

    def name(self, spec: RuleSpec, at: int) -> str:
        """What the engine calls rule `at` of a set: 0 is the whole, the clauses follow."""
        return f"{self._numbers[spec]}/{at}"


class Findings:
    """What a rule set finds in one stretch, and what is shown of it to all who had none of that before."""

    def __init__(self, found: list[RankedMatch]) -> None:
        self.found = found
        self._choices: dict[tuple[SortOrder, int], Choice] = {}

    def choice(self, subscription: Subscription, candidates: Candidates) -> Choice:
        """What this subscription shows of it."""
        if candidates.liked is not NO_TASTE or not candidates.delivered.isdisjoint(self.works):
            return choose(subscription, candidates, self.found)
        asked = subscription.order, subscription.max_entries
        known = self._choices.get(asked)
        if known is None:
            known = self._choices[asked] = choose(subscription, candidates, self.found)
        return known

    @cached_property
    def works(self) -> frozenset[str]:
        """The works found."""
        return frozenset(each.logged.key for each in self.found)


class Stretch:
    """A stretch of the paper log, read once: the windows of all digests of a tick end where it ends."""

    def __init__(self, papers: Sequence[LoggedPaper], after: int, index: RuleIndex) -> None:
        self.after = after
        self._papers = papers
        self._index = index
        self._by_place = {each.sequence: each for each in papers}
        self._places: dict[date, dict[str, array[int]]] = {}
        self._known: dict[date, set[RuleSpec]] = {}
        self._found: OrderedDict[tuple[object, ...], Findings] = OrderedDict()
        self._size = 0
        self._topics: dict[date, dict[int, Evaluator]] = {}
        self._folded: dict[int, FoldedPaper] = {}
        self._news: dict[int, tuple[list[LoggedPaper], frozenset[str]]] = {}

    def news(self, after: int) -> tuple[list[LoggedPaper], frozenset[str]]:
        """The papers logged after a place, those left out that were stored as no news; and their keys."""
        if after not in self._news:
            first = bisect_right(self._papers, after, key=lambda each: each.sequence)
            papers = [each for each in self._papers[first:] if not each.paper.baseline]
            self._news[after] = papers, frozenset(each.key for each in papers)
        return self._news[after]

    def match(self, wanted: Mapping[RuleSpec, Combined], today: date) -> None:
        """Match these rule sets, where that has not been done: many at once cost little more than one."""
        index = self._index
        if today not in self._known:
            self._known[today], self._places[today] = set(), {}
            if any(spec in index for spec in wanted):
                self._take(index.whole(), today)
                self._known[today].update(index)
        known = self._known[today]
        new = {each: rule for each, rule in wanted.items() if not (index.use(each) and each in known)}
        if new:
            self._take(index.add(new), today)
            known.update(new)

    def _take(self, engine: Engine, today: date) -> None:
        for start in range(0, len(self._papers), PAPERS_AT_ONCE):
            some = self._papers[start : start + PAPERS_AT_ONCE]
            for rule, indices in engine.match([each.paper for each in some], today=today):
                found = self._places[today].setdefault(rule, array("q"))
                found.extend(some[index].sequence for index in indices)

    def find(
        self, spec: RuleSpec, combined: Combined, after: int, carried: Sequence[LoggedPaper], today: date
    ) -> Findings:
        """What a rule set finds among the carried papers, and then those after a place; matched before."""
        key = spec, after, tuple(each.sequence for each in carried), today
        known = self._found.get(key)
        if known is None:
            known = Findings(scored(self._answers(spec, combined, after, carried, today)))
            self._found[key] = known
            self._size += len(known.found) + 1
            while self._size > _MOST_FOUND:
                self._size -= len(self._found.popitem(last=False)[1].found) + 1
        return known

    def _answers(
        self, spec: RuleSpec, combined: Combined, after: int, carried: Sequence[LoggedPaper], today: date
    ) -> Iterator[PaperMatch]:
        topics = self._topics.setdefault(today, {})
        whole = Evaluator(combined.rule, today, topics)
        clauses = [Evaluator(each.rule, today, topics) for each in combined.clauses] if carried else []
        labels = [each.label for each in combined.clauses]
        for logged in carried:
            folded = self._fold(logged)
            if whole.matches(folded):
                holding = [label for label, each in zip(labels, clauses, strict=True) if each.matches(folded)]
                yield PaperMatch(logged, tuple(holding), whole.evidence(folded))
        places, index = self._places[today], self._index
        of_clauses = [places.get(index.name(spec, at), ()) for at in range(1, len(labels) + 1)]
        for place in places.get(index.name(spec, 0), ()):
            logged = self._by_place[place]
            if place > after and not logged.paper.baseline:
                holding = [label for label, found in zip(labels, of_clauses, strict=True) if place in found]
                yield PaperMatch(logged, tuple(holding), whole.evidence(self._fold(logged)))

    def _fold(self, logged: LoggedPaper) -> FoldedPaper:
        known = self._folded.get(logged.sequence)
        if known is None:
            if len(self._folded) >= _MOST_FOLDED:
                del self._folded[next(iter(self._folded))]
            known = self._folded[logged.sequence] = FoldedPaper(logged.paper)
        return known
