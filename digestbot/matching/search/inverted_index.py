"""Some papers made ready for rules that come one by one: which of them answer, exactly, in a few milliseconds."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from itertools import compress
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from digestbot.matching.search.positions import Places, WordPositions
from digestbot.matching.values import labelled, labels, values, wholes
from digestbot.model.errors import DigestbotError
from digestbot.model.papers import LoggedPaper, Paper
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
    Topic,
    Words,
)
from digestbot.rules.exact import occurrences
from digestbot.rules.fields import TEXT_PARTS, Field, FieldKind, Number, Value, ordinal
from digestbot.rules.folding import words
from digestbot.rules.names import agree, written_words
from digestbot.rules.regexes import pattern

Flags: TypeAlias = npt.NDArray[np.bool_]
"""One for each paper, in their order."""

_READ = tuple(
    field for field in Field if field is not Field.TEXT and field.row.kind in (FieldKind.TEXT, FieldKind.NAMES)
)
"""The fields that are cut into words."""
_TEXT = (_READ.index(Field.TITLE), _READ.index(Field.ABSTRACT))
_LARGEST = (1 << 62) - 1
_BETWEEN_LOOKS = 8  # papers; a hostile regular expression takes some 2 ms for each

Stop: TypeAlias = Callable[[], bool]


class TimeUp(DigestbotError):
    """A rule took longer than whoever asked could wait."""


def never() -> bool:
    """For whoever waits as long as it takes."""
    return False


class InvertedIndex:
    """A fixed row of papers. A paper of 200 words takes some 5 KB beside itself."""

    def __init__(self, papers: Sequence[LoggedPaper]) -> None:
        self.papers = tuple(papers)
        self._numbers: dict[Number, tuple[npt.NDArray[np.int64], Flags]] = {}
        self._labels: dict[Field, dict[str, list[int]]] = {}
        self._topics: dict[int, tuple[Node, date, Flags]] = {}
        texts = [
            (at, number, words(raw))
            for at, each in enumerate(self.papers)
            for number, field in enumerate(_READ)
            for _, raw in values(each.paper, field)
        ]
        self.lengths = np.zeros(len(self.papers), np.int32)
        """The words of each paper's title and abstract."""
        for at, field, read in texts:
            if field in _TEXT:
                self.lengths[at] += len(read.split)
        # A command or a tag may be a word of the raw text alone; not everybody writes the apostrophe of a name.
        self._marked_up = self._with("\\<", _READ)
        names = [each for each in _READ if each.row.kind is FieldKind.NAMES]
        self._apostrophes: dict[Field, Flags] = {each: self._with("'’ʼ`", (each,)) for each in names}
        # Where no word is hyphenated, the two readings are one: it is kept once.
        readings = [
            [(at, field, read.split) for at, field, read in texts],
            [(at, field, read.joined) for at, field, read in texts if read.joined is not read.split],
        ]
        self._readings = [
            (
                WordPositions(text for _, _, text in each),
                np.array([at for at, _, _ in each], np.int32),
                np.array([field for _, field, _ in each], np.int8),
            )
            for each in readings
        ]

    def _with(self, characters: str, fields: Sequence[Field]) -> Flags:
        """Which papers have one of some characters in a field."""
        found = re.compile(f"[{re.escape(characters)}]").search
        raws = ([raw for field in fields for raw in field.row.of(each.paper)] for each in self.papers)
        return np.fromiter((any(map(found, each)) for each in raws), np.bool_, len(self.papers))

    def answering(self, rule: Node, today: date, stop: Stop = never) -> Flags:
        """Which papers answer a rule on a day. Raises TimeUp soon after `stop` says so."""
        return _Asked(self, today, stop).of(rule, np.ones(len(self.papers), np.bool_))

    def with_words(self, term: Words | Near) -> Flags:
        """Which papers hold the words."""
        wanted = [_READ.index(field) for field in (TEXT_PARTS if term.field is Field.TEXT else (term.field,))]
        flags = np.zeros(len(self.papers), np.bool_)
        for standing, owners, kinds in self._readings:
            texts = standing.found(term)
            flags[owners[texts[_among(kinds[texts], wanted)]]] = True
        return flags

    def with_names(self, name: Name) -> Flags:
        """Which papers hold a word that a name which agrees must have; those and some more."""
        flags = self._apostrophes[name.field].copy()
        for word in written_words(name.name):
            flags |= self.with_words(Words(name.field, ((word,),), name.span))
        return flags

    def with_exactly(self, exact: Exact) -> Flags:
        """Which papers hold a word that an exact one may be part of; those and some more."""
        flags = np.ones(len(self.papers), np.bool_)
        if exact.text.isascii() and exact.text.isalnum() and len(exact.text) > 1:
            flags = self._marked_up.copy()
            for standing, owners, _ in self._readings:
                flags[owners[standing.holding(exact.text.casefold())]] = True
        return flags

    def with_label(self, label: Label) -> Flags:
        """Which papers have the label, or one under it; of an id's scheme nothing is said."""
        if label.field not in self._labels:
            known = self._labels[label.field] = {}
            for at, each in enumerate(self.papers):
                for _, raw in labels(each.paper, label.field):
                    for whole in wholes(raw, label.field.row.kind):
                        known.setdefault(whole, []).append(at)
        flags = np.zeros(len(self.papers), np.bool_)
        flags[self._labels[label.field].get(label.value, [])] = True
        return flags

    def frequency(self, term: Words) -> npt.NDArray[np.int64]:
        """How often each paper's title and abstract hold the words."""
        found = np.zeros(len(self.papers), np.int64)
        for positions, owners, kinds in self._readings:
            texts = positions.found(term)
            held = np.bincount(owners[texts[_among(kinds[texts], _TEXT)]], minlength=len(self.papers))
            found = np.maximum(found, held)
        return found

    def number(self, number: Number, today: date) -> tuple[npt.NDArray[np.int64], Flags]:
        """The papers' values, and which papers have one. A date is its ordinal; an age counts up to today."""
        if number not in self._numbers:
            found = [number.row.of(each.paper) for each in self.papers]
            there = np.array([value is not None for value in found], np.bool_)
            self._numbers[number] = np.array([_bounded(value) for value in found], np.int64), there
        values, there = self._numbers[number]
        return (today.toordinal() - values if number.row.ago else values), there

    def topic(self, topic: Topic, today: date, ask: Callable[[], Flags]) -> Flags:
        """What `ask` says of a topic, asked once a day however many rules include it."""
        known = self._topics.get(id(topic.rule))
        if known is None or known[0] is not topic.rule or known[1] != today:
            known = self._topics[id(topic.rule)] = topic.rule, today, ask()
        return known[2]


class _Asked:
    """One rule on one day. Each part is asked only of the papers that it decides about."""

    def __init__(self, index: InvertedIndex, today: date, stop: Stop) -> None:
        self._index = index
        self._today = today
        self._stop = stop

    def of(self, node: Node, among: Flags) -> Flags:
        """Which papers of those answer the node."""
        self._look_at_the_time()
        if not among.any():
            return among
        match node:
            case And():
                for each in sorted(node.rules, key=_costs):
                    among = self.of(each, among)
                return among
            case Or():
                found = np.zeros_like(among)
                for each in sorted(node.rules, key=_costs):
                    found |= self.of(each, among & ~found)
                return found
            case Not():
                return among & ~self.of(node.rule, among)
            case Topic():
                every = np.ones_like(among)
                return among & self._index.topic(node, self._today, lambda: self.of(node.rule, every))
            case _:
                return self._leaf(node, among)

    def _leaf(self, node: Leaf, among: Flags) -> Flags:
        match node:
            case Words() | Near():
                return among & self._index.with_words(node)
            case Compare():
                return among & self._compared(node)
            case Everything():
                return among
            case Label() if node.scheme is None:
                return among & self._index.with_label(node)
            case Label():
                return self._looked_at(_test(node), among & self._index.with_label(node))
            case Name():
                return self._looked_at(_test(node), among & self._index.with_names(node))
            case Exact():
                return self._looked_at(_test(node), among & self._index.with_exactly(node))
            case _:
                return self._looked_at(_test(node), among)

    def _compared(self, compare: Compare) -> Flags:
        values, there = self._index.number(compare.number, self._today)
        low, high = _bounded(compare.low), _bounded(compare.high)
        holds = {
            "<": values < low,
            "<=": values <= high,
            "=": (values >= low) & (values <= high),
            ">=": values >= low,
            ">": values > high,
        }
        return there & holds[compare.operator]

    def _looked_at(self, test: Callable[[Paper], bool], among: Flags) -> Flags:
        papers = list(compress(self._index.papers, among.tolist()))
        answers: list[bool] = []
        for start in range(0, len(papers), _BETWEEN_LOOKS):
            self._look_at_the_time()
            answers += [test(each.paper) for each in papers[start : start + _BETWEEN_LOOKS]]
        found = np.zeros_like(among)
        found[among] = answers
        return found

    def _look_at_the_time(self) -> None:
        if self._stop():
            raise TimeUp("the rule takes too long")


def _test(node: Exact | Regex | Label | Name) -> Callable[[Paper], bool]:
    """What looks at the raw paper."""
    if isinstance(node, Label):
        return lambda paper: any(True for _ in labelled(paper, node))
    if isinstance(node, Name):
        return lambda paper: any(agree(node.name, each) for each in node.field.row.of(paper))
    if isinstance(node, Exact):
        return lambda paper: any(
            node.text in raw and any(True for _ in occurrences(node.text, raw)) for raw in node.field.row.of(paper)
        )
    found = pattern(node.pattern, node.ignore_case).found_in
    return lambda paper: any(map(found, node.field.row.of(paper)))


def _costs(node: Node) -> int:
    """What is asked first: what is quick may leave little to what reads every paper."""
    match node:
        case Compare() | Everything():
            return 0
        case Words() | Near() | Label():
            return 1
        case Not():
            return _costs(node.rule)
        case And() | Or():
            return max(map(_costs, node.rules))
        case Topic():
            return 2
        case Name() | Exact():
            return 3
        case _:
            return 4


def _among(kinds: npt.NDArray[np.int8], wanted: Sequence[int]) -> Places | Flags:
    flags = np.zeros(len(kinds), np.bool_)
    for each in wanted:
        flags |= kinds == each
    return flags


def _bounded(value: Value) -> int:
    return 0 if value is None else max(-_LARGEST, min(ordinal(value), _LARGEST))
