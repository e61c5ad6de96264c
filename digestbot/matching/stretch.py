"""A stretch of the paper log, read once and matched once for many rule sets, each of which asks what it found."""

from __future__ import annotations

import logging
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, partial
from itertools import compress

from digestbot.matching.base import Reason
from digestbot.matching.engine import PAPERS_AT_ONCE, Engine
from digestbot.matching.evaluate import Evaluator
from digestbot.matching.folded_paper import FoldedPaper
from digestbot.matching.own_terms import OwnTerms
from digestbot.matching.ranking import PaperMatch, RankedMatch, scored
from digestbot.matching.rule_index import RuleIndex, engine_of, rule_name
from digestbot.model.papers import LoggedPaper
from digestbot.rules.combine import Combined

# So many findings are kept for the next subscription with the same rules; some 600 bytes each.
_MOST_FOUND = 1_000_000
_MOST_FOLDED = 2_048  # papers kept folded, some 30 KB each

log = logging.getLogger(__name__)


class Findings:
    """What a rule set finds, in log order after what was carried."""

    def __init__(self, found: Sequence[RankedMatch]) -> None:
        self.found = found

    @cached_property
    def works(self) -> frozenset[str]:
        """The works found, by their keys."""
        return frozenset(each.logged.key for each in self.found)


class Stretch:
    """Papers of the log in its order. What stands at a log place never changes: what was found stays true.

    ``after`` is the place they begin after. Rule sets of an `index` that lives longer are compiled once for many
    stretches.
    """

    def __init__(self, papers: Sequence[LoggedPaper], after: int = 0, index: RuleIndex | None = None) -> None:
        self.after = after
        self._papers = papers
        self._index = RuleIndex() if index is None else index
        self._by_place = {each.sequence: each for each in papers}
        self._places: dict[date, dict[str, array[int]]] = {}
        self._known: dict[date, dict[int, Combined]] = {}
        self._found: OrderedDict[tuple[object, ...], Findings] = OrderedDict()
        self._size = 0
        self._topics: dict[date, dict[int, Evaluator]] = {}
        self._terms: dict[date, dict[int, OwnTerms]] = {}
        self._folded: dict[int, FoldedPaper] = {}
        self._news: dict[int, tuple[Sequence[LoggedPaper], frozenset[str]]] = {}

    def news(self, after: int) -> tuple[Sequence[LoggedPaper], frozenset[str]]:
        """The papers logged after a place, and their keys."""
        if after not in self._news:
            papers = self._papers[bisect_right(self._papers, after, key=lambda each: each.sequence) :]
            self._news[after] = papers, frozenset(each.key for each in papers)
        return self._news[after]

    def match(self, sets: Iterable[Combined], today: date) -> None:
        """Match these rule sets, where that has not been done: many at once cost little more than one.

        A fault that one of them brings is not raised before that one is asked for.
        """
        new = [each for each in {id(each): each for each in sets}.values() if not self._knows(each, today)]
        indexed = [each for each in new if self._index.use(each)]
        if indexed and today not in self._known:
            self._together(self._index.sets(), today, self._index.engine)
            new = [each for each in new if not self._knows(each, today)]
        if new:
            self._together(new, today)

    def _knows(self, rules: Combined, today: date) -> bool:
        return id(rules) in self._known.get(today, ())

    def _together(self, sets: Sequence[Combined], today: date, engine: Callable[[], Engine] | None = None) -> None:
        try:
            self._take(sets, today, engine() if engine else engine_of(sets))
        except Exception:  # a fault that one rule brings must keep no other digest back: in halves, until it is alone
            log.exception("%d rule sets could not be matched together", len(sets))
            if len(sets) == 1:
                self._index.drop(sets[0])
                return
            half = len(sets) // 2
            self._together(sets[:half], today)
            self._together(sets[half:], today)
        else:
            self._index.add([each for each in sets if not self._index.use(each)])

    def _take(self, sets: Sequence[Combined], today: date, engine: Engine) -> None:
        places = self._matched(engine, today)
        self._places.setdefault(today, {}).update(places)
        self._known.setdefault(today, {}).update((id(each), each) for each in sets)

    def _matched(self, engine: Engine, today: date) -> Mapping[str, array[int]]:
        """By rule the log places of the papers that answer it."""
        places: dict[str, array[int]] = {}
        for start in range(0, len(self._papers), PAPERS_AT_ONCE):
            some = self._papers[start : start + PAPERS_AT_ONCE]
            for rule, indices in engine.match([each.paper for each in some], today=today):
                places.setdefault(rule, array("q")).extend(some[index].sequence for index in indices)
        return places

    def find(self, rules: Combined, after: int, carried: Sequence[LoggedPaper], today: date) -> Findings:
        """What a rule set finds among the carried papers, and then among those after a place."""
        key = id(rules), after, tuple(each.sequence for each in carried), today
        known = self._found.get(key)
        if known is None:
            known = Findings(scored(self.answers(rules, after, carried, today)))
            self._found[key] = known
            self._size += len(known.found) + 1
            while self._size > _MOST_FOUND:
                self._size -= len(self._found.popitem(last=False)[1].found) + 1
        return known

    def answers(self, rules: Combined, after: int, carried: Sequence[LoggedPaper], today: date) -> Iterator[PaperMatch]:
        """The same one by one, with what makes the scores."""
        if not self._knows(rules, today):
            self._take([rules], today, engine_of([rules]))
        known = self._places[today]
        places = known.get(rule_name(rules, 0), array("q"))
        places = places[bisect_right(places, after) :]
        if not places and not carried:
            return
        topics = self._topics.setdefault(today, {})
        whole = Evaluator(rules.rule, today, topics)
        terms = OwnTerms(whole, self._terms.setdefault(today, {}))
        clauses = [Evaluator(each.rule, today, topics) for each in rules.clauses] if carried else []
        labels = [each.label for each in rules.clauses]
        for logged in carried:
            folded = self._fold(logged)
            if whole.matches(folded):
                holding = [label for label, each in zip(labels, clauses, strict=True) if each.matches(folded)]
                reasons = partial(self._reasons, whole, logged)
                yield PaperMatch(logged, tuple(holding), reasons, terms.worth(folded).values())
        nodes = [id(each.rule.root) for each in rules.clauses]
        of_clauses = [frozenset(known.get(rule_name(rules, at), ())) for at in range(1, len(labels) + 1)]
        for place in places:
            held = [place in found for found in of_clauses]
            logged, branches = self._by_place[place], dict(zip(nodes, held, strict=True))
            reasons = partial(self._reasons, whole, logged, nodes, held)
            worth = terms.worth(self._fold(logged), branches).values()
            yield PaperMatch(logged, tuple(compress(labels, held)), reasons, worth)

    def _reasons(
        self, whole: Evaluator, logged: LoggedPaper, nodes: Sequence[int] = (), held: Sequence[bool] = ()
    ) -> Sequence[Reason]:
        """Why a paper answers a rule of which it answers those of these branches that it holds."""
        return whole.evidence(self._fold(logged), dict(zip(nodes, held, strict=True)))

    def _fold(self, logged: LoggedPaper) -> FoldedPaper:
        known = self._folded.get(logged.sequence)
        if known is None:
            if len(self._folded) >= _MOST_FOLDED:
                del self._folded[next(iter(self._folded))]
            known = self._folded[logged.sequence] = FoldedPaper(logged.paper)
        return known


def find(rules: Combined, papers: Sequence[LoggedPaper], *, today: date) -> Sequence[RankedMatch]:
    """What one rule set finds among the papers, in the order given."""
    return Stretch(papers).find(rules, 0, (), today).found
