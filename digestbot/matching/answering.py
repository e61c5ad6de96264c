"""Papers of the log matched once for many subscriptions, each of which then asks what it found, and why."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from digestbot.matching.engine import PAPERS_AT_ONCE, Engine
from digestbot.matching.evaluate import Evaluator, FoldedPaper
from digestbot.matching.ranking import PaperMatch, RankedMatch, scored
from digestbot.model.papers import LoggedPaper
from digestbot.rules.ast import Node
from digestbot.rules.combine import Combined

# So many papers stay folded for the next subscription that finds them; a folded one is some 30 KB.
_FOLDED = 512


class Answering:
    """The rules of some subscriptions, by their names, and papers that several of them ask about.

    What stands at a log place never changes: what was matched once holds for every window the place is in. Papers
    that are not among `shared` are matched for the one that asks; the answers are the same.
    """

    def __init__(self, wanted: Mapping[str, Combined], shared: Sequence[LoggedPaper] = ()) -> None:
        self._wanted = wanted
        self._shared = shared
        self._places = {each.sequence for each in shared}
        self._found: dict[date, dict[str, array[int]]] = {}
        self._topics: dict[date, dict[int, Evaluator]] = {}
        self._folded: dict[int, FoldedPaper] = {}

    @property
    def shares(self) -> bool:
        """Whether there are papers matched for all."""
        return bool(self._shared)

    def find(self, name: str, papers: Sequence[LoggedPaper], *, today: date) -> list[RankedMatch]:
        """What the subscription finds among the papers, in their order."""
        return scored(self.answers(name, papers, today=today))

    def answers(self, name: str, papers: Sequence[LoggedPaper], *, today: date) -> list[PaperMatch]:
        """The papers that answer its rules, in their order, with reasons and without scores."""
        wanted = self._wanted[name]
        others = [each for each in papers if each.sequence not in self._places]
        alone = _matched(dict(_rules(name, wanted)), others, today) if others else {}
        known = self._matched_once(today) if len(others) < len(papers) else {}
        rules = [rule for rule, _ in _rules(name, wanted)]
        whole, *clauses = [{*alone.get(rule, ()), *known.get(rule, ())} for rule in rules]
        labels = [each.label for each in wanted.clauses]
        evaluator = Evaluator(wanted.rule, today, self._topics.setdefault(today, {}))
        return [
            PaperMatch(
                each,
                tuple(label for label, found in zip(labels, clauses, strict=True) if each.sequence in found),
                evaluator.evidence(self._fold(each)),
            )
            for each in (papers if whole else ())
            if each.sequence in whole
        ]

    def _matched_once(self, today: date) -> dict[str, array[int]]:
        if today not in self._found:
            rules = dict(rule for name, wanted in self._wanted.items() for rule in _rules(name, wanted))
            self._found[today] = _matched(rules, self._shared, today)
        return self._found[today]

    def _fold(self, logged: LoggedPaper) -> FoldedPaper:
        known = self._folded.get(logged.sequence)
        if known is None:
            if len(self._folded) >= _FOLDED:
                del self._folded[next(iter(self._folded))]
            known = self._folded[logged.sequence] = FoldedPaper(logged.paper)
        return known


def find(wanted: Combined, papers: Sequence[LoggedPaper], *, today: date) -> list[RankedMatch]:
    """What one subscription finds among the papers, in the order given."""
    return Answering({"": wanted}).find("", papers, today=today)


def _rules(name: str, wanted: Combined) -> Iterator[tuple[str, Node]]:
    """The whole rule and its clauses under ids of their own."""
    yield f"{name}/", wanted.rule.root
    yield from ((f"{name}/{at}", each.rule.root) for at, each in enumerate(wanted.clauses))


def _matched(rules: Mapping[str, Node], papers: Sequence[LoggedPaper], today: date) -> dict[str, array[int]]:
    """By rule the log places of the papers that answer it."""
    engine = Engine.build(rules.items())
    found: dict[str, array[int]] = {}
    for start in range(0, len(papers), PAPERS_AT_ONCE):
        some = papers[start : start + PAPERS_AT_ONCE]
        for rule, indices in engine.match([each.paper for each in some], today=today):
            places = found.setdefault(rule, array("q"))
            places.extend(some[index].sequence for index in indices)
    return found
