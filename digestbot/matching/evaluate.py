"""One rule on one paper, exactly, and why: for the few papers that are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import islice
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from digestbot.matching.base import Reason
from digestbot.matching.phrases import AnyTerm, Finder
from digestbot.matching.values import Value, compared, holds, labelled, values
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
from digestbot.rules.folding import LocatedReadings, Readings, located, words
from digestbot.rules.names import agree
from digestbot.rules.regexes import pattern

MOST_PLACES = 20
"""How many places of one term in one field become reasons."""

NOTHING_KNOWN: Mapping[int, bool] = MappingProxyType({})
_Test: TypeAlias = Callable[["FoldedPaper"], bool]


class TopicAnswer(NamedTuple):
    """Whether a paper answers a topic, and with which leaves; its rule is kept, so that its id stays its own."""

    rule: Node
    found: bool
    reasons: list[Reason]


class FoldedPaper:
    """A paper with its fields folded once, to be shared by every rule it is put to."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self._readings: dict[str, Readings] = {}
        self._sets: dict[str, tuple[frozenset[str], ...]] = {}
        self._located: dict[str, LocatedReadings] = {}
        self._values: dict[Field, tuple[Value, ...]] = {}
        self._topics: dict[tuple[int, date], TopicAnswer] = {}
        self._said: frozenset[str] | None = None

    def said(self) -> frozenset[str]:
        """The different words of title and abstract, in each reading."""
        if self._said is None:
            texts = [raw for _, raw in self.values(Field.TEXT)]
            self._said = frozenset().union(*(each for raw in texts for each in self.vocabulary(raw)))
        return self._said

    def values(self, field: Field) -> tuple[Value, ...]:
        """The raw texts a field stands for, each with the name of the field it is; every author by itself."""
        known = self._values.get(field)
        if known is None:
            known = self._values[field] = tuple(values(self.paper, field))
        return known

    def readings(self, raw: str) -> Readings:
        """One raw text's words."""
        known = self._readings.get(raw)
        if known is None:
            known = self._readings[raw] = words(raw)
        return known

    def vocabulary(self, raw: str) -> tuple[frozenset[str], ...]:
        """The different words of each reading; one reading where the two are the same."""
        known = self._sets.get(raw)
        if known is None:
            split, joined = self.readings(raw)
            known = (frozenset(split),) if joined is split else (frozenset(split), frozenset(joined))
            self._sets[raw] = known
        return known

    def topic(self, rule: Node, today: date, ask: Callable[[], TopicAnswer]) -> TopicAnswer:
        """What `ask` says of a topic's rule, asked once however many rules include the topic."""
        known = self._topics.get((id(rule), today))
        if known is None:
            known = self._topics[id(rule), today] = ask()
        return known

    def located(self, raw: str) -> LocatedReadings:
        """One raw text's words with their places."""
        known = self._located.get(raw)
        if known is None:
            known = self._located[raw] = located(raw)
        return known


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
                return lambda paper: self.of_topic(node, paper).found
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
                reasons = self.of_topic(node, paper).reasons
                yield from (each if each.rule == label else replace(each, rule=label) for each in reasons)
            case _:
                yield from self.leaf_reasons(node, paper, label or self._source(node))

    def topic(self, node: Topic) -> Evaluator:
        """The evaluator of a topic that the rule names."""
        known = self._topics.get(id(node.rule))
        if known is None:
            known = self._topics[id(node.rule)] = Evaluator(Rule(node.name, node.rule), self.today, self._topics)
        return known

    def of_topic(self, node: Topic, paper: FoldedPaper) -> TopicAnswer:
        """What a topic that the rule names says of a paper."""
        return paper.topic(node.rule, self.today, lambda: self.topic(node).answer(paper))

    def answer(self, paper: FoldedPaper) -> TopicAnswer:
        """The answer of a topic, of which this is the rule and whose name is its text."""
        found = self._root(paper)
        label = f"topic:{self.rule.text}"
        return TopicAnswer(self.rule.root, found, list(self._reasons(self.rule.root, paper, label)) if found else [])

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

    def spans(self, node: Words | Near | Exact | Regex, paper: FoldedPaper, raw: str) -> Iterable[tuple[int, int]]:
        """Where a term stands in one raw text."""
        if isinstance(node, Exact | Regex):
            return _raw_spans(node, raw)
        found = self._finder(node)
        return sorted(
            {
                (reading.starts[first], reading.ends[last - 1])
                for vocabulary, reading in zip(paper.vocabulary(raw), paper.located(raw), strict=False)
                if found.possible(vocabulary)
                for first, last in found.places(reading.words)
            }
        )


def _holds_words(field: Field, terms: AnyTerm, paper: FoldedPaper) -> bool:
    """Whether some of the terms stand in a field."""
    for _, raw in paper.values(field):
        for vocabulary, reading in zip(paper.vocabulary(raw), paper.readings(raw), strict=False):
            if terms.found_in(vocabulary, reading):
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
