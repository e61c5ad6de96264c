"""Atoms: the leaves of all rules, equal ones kept once, each with the table it is found by."""

from __future__ import annotations

import re
from typing import NamedTuple

from digestbot.matching.index.dag import COMMON, FREQUENT, RARE, VAGUE, Program
from digestbot.matching.index.phrase_trie import SCOPE, Lexicon, Term
from digestbot.matching.phrases import Finder
from digestbot.rules.ast import Compare, Exact, Label, Name, Near, Regex, Span, Words
from digestbot.rules.fields import Field, ordinal
from digestbot.rules.names import whole_words

_RUN = re.compile("[A-Za-z0-9]+")
_NOWHERE = Span(0, 0)


class NearKey(NamedTuple):
    """What tells one proximity from another."""

    scope: int
    alternatives: tuple[tuple[str, ...], ...]
    slop: int


class ExactKey(NamedTuple):
    """What tells one exact word from another."""

    scope: int
    text: str


class RegexKey(NamedTuple):
    """What tells one regular expression from another."""

    scope: int
    pattern: str
    ignore_case: bool


class LabelKey(NamedTuple):
    """What tells one label from another; ``scheme`` is None for every scheme."""

    scope: int
    value: str
    scheme: str | None


class NameKey(NamedTuple):
    """What tells one name from another: as it is written."""

    scope: int
    name: str


class CompareKey(NamedTuple):
    """What tells one comparison from another: a number (its name) from `low` to `high`, None for no bound.

    Dates are told by their ordinals, so that every value is a whole number.
    """

    number: str
    low: int | None
    high: int | None


class Proximity(NamedTuple):
    """One spelling of a proximity: all its terms must be there before its words are looked at."""

    key: NearKey
    atom: int
    terms: tuple[int, ...]
    finder: Finder


class Atoms:
    """The tables that a scan looks into; values are nodes of the program.

    ``proximities`` hang on the longest word of each spelling, ``exact_words`` on their first run of ASCII
    letters and digits, or else on their first character: a text without it cannot hold them. ``names_of`` has names by
    each of their whole words, one of which a name that agrees has, too.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.lexicon = Lexicon()
        self.nears: dict[NearKey, int] = {}
        self.exacts: dict[ExactKey, int] = {}
        self.regexes: dict[RegexKey, int] = {}
        self.labels: dict[LabelKey, int] = {}
        self.names: dict[NameKey, int] = {}
        self.comparisons: dict[CompareKey, int] = {}
        self.proximities: dict[int, list[Proximity]] = {}
        self.exact_words: dict[str, list[tuple[ExactKey, int]]] = {}
        self.names_of: dict[str, list[tuple[NameKey, int]]] = {}
        self.intervals: dict[str, list[tuple[float, float, int]]] = {}
        self.worded: set[int] = set()
        self.raw: set[int] = set()
        self.count = 0
        # Of words that are no prefixes, and that are, by field; one spelling is its own key.
        self._terms: tuple[dict[Field, dict[tuple[object, ...], int]], ...] = tuple(
            {field: {} for field in Field} for _ in (False, True)
        )

    def _atom(self, frequency: int) -> int:
        self.count += 1
        return self.program.atom(frequency)

    def words(self, node: Words) -> int:
        """The node of a word, a phrase or a prefix: any of its spellings."""
        table, spellings = self._terms[node.prefix][node.field], node.alternatives
        # The flatter a key is, the less memory is touched when it is compared: most words have one spelling.
        key = spellings if len(spellings) > 1 else spellings[0]
        known = table.get(key)
        if known is None:
            known = table[key] = self._any_spelling(node)
        return known

    def _any_spelling(self, node: Words) -> int:
        spellings = []
        for spelling in node.alternatives:
            terms = [(word, False) for word in spelling]
            if node.prefix:
                terms[-1] = spelling[-1], True
            spellings.append(self._spelling(node.field, terms))
        return spellings[0] if len(spellings) == 1 else self.program.any_of(spellings)

    def _spelling(self, field: Field, terms: list[Term]) -> int:
        scope = SCOPE[field]
        self.worded.add(scope)
        state = self.lexicon.state(terms)
        atoms = self.lexicon.atoms[scope]
        if atoms[state] < 0:
            frequency = RARE if len(terms) > 1 else VAGUE if terms[0][1] else COMMON
            atoms[state] = self._atom(frequency)
        return atoms[state]

    def near(self, node: Near) -> int:
        """The node of words near each other."""
        key = NearKey(SCOPE[node.field], node.alternatives, node.slop)
        if key not in self.nears:
            self.put_near(key, self._atom(RARE))
        return self.nears[key]

    def put_near(self, key: NearKey, atom: int) -> None:
        """File a proximity under an atom."""
        self.nears[key] = atom
        self.worded.add(key.scope)
        field = tuple(SCOPE)[key.scope]
        for spelling in key.alternatives:
            terms = [self.lexicon.state([(word, False)]) for word in spelling]
            rarest = terms[max(range(len(terms)), key=lambda at: len(spelling[at]))]
            finder = Finder(Near(field, (spelling,), key.slop, _NOWHERE))
            self.proximities.setdefault(rarest, []).append(Proximity(key, atom, tuple(terms), finder))

    def exact(self, node: Exact) -> int:
        """The node of a word exactly as written."""
        key = ExactKey(SCOPE[node.field], node.text)
        if key not in self.exacts:
            self.put_exact(key, self._atom(RARE))
        return self.exacts[key]

    def put_exact(self, key: ExactKey, atom: int) -> None:
        """File an exact word under an atom."""
        self.exacts[key] = atom
        self.raw.add(key.scope)
        run = _RUN.search(key.text)
        self.exact_words.setdefault(run[0] if run else key.text[0], []).append((key, atom))

    def regex(self, node: Regex) -> int:
        """The node of a regular expression."""
        key = RegexKey(SCOPE[node.field], node.pattern, node.ignore_case)
        if key not in self.regexes:
            self.put_regex(key, self._atom(RARE))
        return self.regexes[key]

    def put_regex(self, key: RegexKey, atom: int) -> None:
        """File a regular expression under an atom."""
        self.regexes[key] = atom
        self.raw.add(key.scope)

    def label(self, node: Label) -> int:
        """The node of a category or an id."""
        key = LabelKey(SCOPE[node.field], node.value, node.scheme)
        if key not in self.labels:
            self.labels[key] = self._atom(FREQUENT)
        return self.labels[key]

    def name(self, node: Name) -> int:
        """The node of somebody's name."""
        key = NameKey(SCOPE[node.field], node.name)
        if key not in self.names:
            self.put_name(key, self._atom(RARE))
        return self.names[key]

    def put_name(self, key: NameKey, atom: int) -> None:
        """File a name under an atom."""
        self.names[key] = atom
        for word in whole_words(key.name):
            self.names_of.setdefault(word, []).append((key, atom))

    def compare(self, node: Compare) -> int:
        """The node of a comparison: equal intervals are one, however they are written."""
        key = interval(node)
        if key not in self.comparisons:
            self.put_comparison(key, self._atom(FREQUENT))
        return self.comparisons[key]

    def put_comparison(self, key: CompareKey, atom: int) -> None:
        """File a comparison under an atom."""
        self.comparisons[key] = atom
        low = float("-inf") if key.low is None else key.low
        high = float("inf") if key.high is None else key.high
        self.intervals.setdefault(key.number, []).append((low, high, atom))


def interval(node: Compare) -> CompareKey:
    """A comparison as the whole numbers it is true of."""
    low, high = (ordinal(node.low), ordinal(node.high))
    bounds = {
        "<": (None, low - 1),
        "<=": (None, high),
        "=": (low, high),
        ">=": (low, None),
        ">": (high + 1, None),
    }[node.operator]
    return CompareKey(node.number.value, *bounds)
