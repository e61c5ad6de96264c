"""One rule on one paper, exactly, and why: for the few papers that are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import islice
from types import MappingProxyType
from typing import TypeAlias

from digestbot.matching.base import Reason
from digestbot.matching.folded_paper import FoldedPaper
from digestbot.matching.phrases import AnyTerm, Finder
from digestbot.matching.values import compared, holds, labelled
from digestbot.model.papers import Paper
from digestbot.rules.ast import (
    And,
    Compare,
    Everything,
    Exact,
    Label,
    Leaf,
    Name,
    Near,
    Node,
    Not,
    Or,
    Regex,
    Rule,
    Topic,
    Words,
)
from digestbot.rules.exact import occurrences
from digestbot.rules.fields import Field
from digestbot.rules.names import agree
from digestbot.rules.regexes import pattern

MOST_PLACES = 20
"""How many places of one term in one field become reasons."""

NOTHING_KNOWN: Mapping[int, bool] = MappingProxyType({})
_Test: TypeAlias = Callable[[FoldedPaper], bool]


class Evaluator:
    """One rule, ready to be asked about papers on one day (`today`, for ``age``).

    ``topics`` are the evaluators of topics, by their ids: one dictionary for several rules makes each once.
    """

    def __init__(self, rule: Rule, today: date, topics: dict[int, Evaluator] | None = None) -> None:
        self.rule = rule
        self.today = today
        self._topics = {} if topics is None else topics
        self._finders: dict[int, Finder] = {}
        self._tests: dict[int, _Test] = {}
        self._root = self._test(rule.root)

    def matches(self, paper: Paper | FoldedPaper) -> bool:
        """Whether the paper answers the rule."""
        return self._root(paper if isinstance(paper, FoldedPaper) else FoldedPaper(paper))

    def reasons(self, paper: Paper | FoldedPaper) -> list[Reason]:
        """What in the paper answers the rule; empty when it does not, or when only a NOT is answered.

        The terms come in the rule's order, each with its places in the paper's (title before abstract), at
        most `MOST_PLACES` for a term and field. A term that matches in a branch that does not is no reason.
        """
        return list(dict.fromkeys(self.evidence(paper)))

    def evidence(self, paper: Paper | FoldedPaper, known: Mapping[int, bool] = NOTHING_KNOWN) -> list[Reason]:
        """The reasons term by term, those of topics too: a place that two terms found stands there twice.

        ``known`` says of a paper that answers the rule which branches it answers, by the ids of their nodes: whoever
        has matched them spares them being asked again.
        """
        folded = paper if isinstance(paper, FoldedPaper) else FoldedPaper(paper)
        return list(self._reasons(self.rule.root, folded, None, known)) if known or self._root(folded) else []

    def _test(self, node: Node) -> _Test:
        known = self._tests.get(id(node))
        if known is None:
            known = self._tests[id(node)] = self._made_test(node)
        return known

    def _made_test(self, node: Node) -> _Test:
        match node:
            case And():
                every = [self._test(each) for each in node.rules]
                return lambda paper: all(test(paper) for test in every)
            case Or():
                any_of = self._any_of(node.rules)
                return lambda paper: any(test(paper) for test in any_of)
            case Not():
                turned = self._test(node.rule)
                return lambda paper: not turned(paper)
            case Topic():
                return lambda paper: self.of_topic(node, paper)
            case Compare():
                return lambda paper: holds(node, compared(paper.paper, node.number, self.today))
            case Label() | Name():
                return lambda paper: any(True for _ in _whole(node, paper))
            case Everything():
                return lambda paper: True
            case Words() | Near():
                return partial(_holds_words, node.field, AnyTerm([self._finder(node)]))
            case Exact() | Regex():
                return lambda paper: any(True for _, raw in paper.values(node.field) for _ in _raw_spans(node, raw))

    def _any_of(self, nodes: Iterable[Node]) -> list[_Test]:
        """The tests of branches, of which one is enough: all words of one field are looked for at once."""
        of_words: dict[Field, list[Finder]] = {}
        others = []
        for each in nodes:
            if isinstance(each, Words | Near):
                of_words.setdefault(each.field, []).append(self._finder(each))
            else:
                others.append(self._test(each))
        return [*(partial(_holds_words, field, AnyTerm(finders)) for field, finders in of_words.items()), *others]

    def _finder(self, node: Words | Near) -> Finder:
        known = self._finders.get(id(node))
        if known is None:
            known = self._finders[id(node)] = Finder(node)
        return known

    def _reasons(
        self, node: Node, paper: FoldedPaper, label: str | None, known: Mapping[int, bool] = NOTHING_KNOWN
    ) -> Iterator[Reason]:
        """The reasons of a part of the rule that is answered, or of words that may be."""
        match node:
            case Not():
                return
            case And():
                for each in node.rules:
                    yield from self._reasons(each, paper, label, known)
            case Or():
                for each in node.rules:
                    # Words are looked for once: those that are not there give no reason.
                    there = known.get(id(each))
                    if there or (there is None and (isinstance(each, Words | Near) or self._test(each)(paper))):
                        yield from self._reasons(each, paper, label, known)
            case Topic():
                label = label or f"topic:{node.name}"
                reasons = paper.topic_reasons(node.rule, self.today, self.topic(node).told)
                yield from (each if each.rule == label else replace(each, rule=label) for each in reasons)
            case _:
                yield from self.leaf_reasons(node, paper, label or self._source(node))

    def topic(self, node: Topic) -> Evaluator:
        """The evaluator of a topic that the rule names."""
        known = self._topics.get(id(node.rule))
        if known is None:
            known = self._topics[id(node.rule)] = Evaluator(Rule(node.name, node.rule), self.today, self._topics)
        return known

    def of_topic(self, node: Topic, paper: FoldedPaper) -> bool:
        """Whether a paper answers a topic that the rule names."""
        return paper.topic(node.rule, self.today, self.topic(node).matches)

    def told(self, paper: FoldedPaper) -> list[Reason]:
        """The reasons of a topic, of which this is the rule, whose name is its text; none where it is not answered."""
        return list(self._reasons(self.rule.root, paper, f"topic:{self.rule.text}")) if self._root(paper) else []

    def _source(self, node: Leaf) -> str:
        return self.rule.text[node.span.start : node.span.end]

    def leaf_reasons(self, node: Leaf, paper: FoldedPaper, label: str) -> Iterator[Reason]:
        """Where one term stands in the fields that it asks for."""
        if isinstance(node, Compare):
            value = compared(paper.paper, node.number, self.today)
            yield Reason(label, node.number.value, str(value), term=node)
            return
        if isinstance(node, Everything):
            return
        if isinstance(node, Label | Name):
            for each in _whole(node, paper):
                yield Reason(label, node.field.value, each, 0, len(each), node)
            return
        left: dict[str, int] = {}
        for name, raw in paper.values(node.field):
            room = left.get(name, MOST_PLACES)
            spans = list(islice(self.spans(node, paper, raw), room))
            left[name] = room - len(spans)
            for start, end in spans:
                if start == end:
                    continue  # a regex may match between characters, which is nothing to show
                yield Reason(label, name, raw[start:end], start, end, node)

    def possible(self, node: Words | Near, vocabulary: Set[str]) -> bool:
        """Whether the words of a term are all among these, wherever."""
        return self._finder(node).possible(vocabulary)

    def spans(self, node: Words | Near | Exact | Regex, paper: FoldedPaper, raw: str) -> Iterable[tuple[int, int]]:
        """Where a term stands in one raw text."""
        if isinstance(node, Exact | Regex):
            return _raw_spans(node, raw)
        finder = self._finder(node)
        found: set[tuple[int, int]] = set()
        for reading, where in zip(paper.located(raw), paper.where(raw), strict=False):
            for first, last in finder.places(reading.words, where):
                found.add((reading.starts[first], reading.ends[last - 1]))
        return sorted(found)


def _holds_words(field: Field, terms: AnyTerm, paper: FoldedPaper) -> bool:
    """Whether some of the terms stand in a field."""
    for _, raw in paper.values(field):
        for at, vocabulary in enumerate(paper.vocabulary(raw)):
            if not terms.possible(vocabulary):
                continue
            if terms.found_in(vocabulary, paper.readings(raw)[at], paper.where(raw)[at]):
                return True
    return False


def _whole(node: Label | Name, paper: FoldedPaper) -> Iterator[str]:
    """The labels, ids or names that answer, each as the paper writes it."""
    if isinstance(node, Label):
        yield from labelled(paper.paper, node)
    else:
        yield from (each for _, each in paper.values(node.field) if agree(node.name, each))


def _raw_spans(node: Exact | Regex, raw: str) -> Iterator[tuple[int, int]]:
    if isinstance(node, Exact):
        return occurrences(node.text, raw)
    return pattern(node.pattern, node.ignore_case).spans(raw)
