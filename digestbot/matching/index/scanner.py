"""One pass over a paper: which atoms hold of it, whatever the number of rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from digestbot.matching.index.atoms import Atoms, LabelKey
from digestbot.matching.index.phrase_trie import SCOPE
from digestbot.model.papers import Paper
from digestbot.rules.ast import Field, Number
from digestbot.rules.exact import occurrences
from digestbot.rules.folding import Readings, words
from digestbot.rules.regexes import pattern

_RUN = re.compile("[A-Za-z0-9]+")
_TEXT, _TITLE, _ABSTRACT = SCOPE[Field.TEXT], SCOPE[Field.TITLE], SCOPE[Field.ABSTRACT]
_CATEGORY, _ID = SCOPE[Field.CATEGORY], SCOPE[Field.ID]
_OTHERS = tuple(SCOPE[field] for field in Field if field not in (Field.TEXT, Field.TITLE, Field.ABSTRACT))

TITLE_SCOPES = (_TEXT, _TITLE)
ABSTRACT_SCOPES = (_TEXT, _ABSTRACT)


class Scan:
    """Finds the atoms of papers, on one day (`today`, for ages)."""

    def __init__(self, atoms: Atoms, today: date) -> None:
        self._atoms = atoms
        self._today = today
        self._others = [each for each in _OTHERS if each in atoms.worded or each in atoms.raw]

    def atoms_of(self, paper: Paper) -> set[int]:
        """The atoms that hold of the paper."""
        found: set[int] = set()
        self._text(found, TITLE_SCOPES, paper.title)
        if paper.abstract is not None:
            self._text(found, ABSTRACT_SCOPES, paper.abstract)
        self.beside_text(found, paper)
        self.numbers(found, paper)
        return found

    @property
    def looks_beside_text(self) -> bool:
        """Whether `beside_text` has anything to look for."""
        return bool(self._others or self._atoms.labels)

    def beside_text(self, found: set[int], paper: Paper) -> None:
        """Add the atoms that look at neither title, abstract nor numbers."""
        for scope in self._others:
            for raw in _values(paper, scope):
                self._text(found, (scope,), raw)
        if self._atoms.labels:
            self._labels(found, paper)

    def numbers(self, found: set[int], paper: Paper) -> None:
        """Add the comparisons that hold of the paper."""
        for number, intervals in self._atoms.intervals.items():
            [value] = self.values([paper], Number(number))
            if value is not None:
                found.update(atom for low, high, atom in intervals if low <= value <= high)

    def values(self, papers: Sequence[Paper], number: Number) -> Sequence[int | None]:
        """The papers' values as whole numbers, dates as their ordinals; None where one has none."""
        match number:
            case Number.UPVOTES:
                return [each.upvotes for each in papers]
            case Number.AUTHORS:
                return [each.author_count for each in papers]
        dates = [None if each.published is None else each.published.toordinal() for each in papers]
        if number is Number.PUBLISHED:
            return dates
        today = self._today.toordinal()
        return [None if each is None else today - each for each in dates]

    def _text(self, found: set[int], scopes: tuple[int, ...], raw: str) -> None:
        self.words(found, scopes, raw)
        self.raw(found, scopes, raw)

    def words(self, found: set[int], scopes: tuple[int, ...], raw: str) -> None:
        """Add the atoms of words, phrases and proximities that stand in a text."""
        if self._atoms.worded.isdisjoint(scopes):
            return
        readings = words(raw)
        states = self._atoms.lexicon.found(readings)
        for scope in scopes:
            atoms = self._atoms.lexicon.atoms[scope]
            found.update([atoms[state] for state in states])
        found.discard(-1)
        if self._atoms.proximities:
            self._near(found, scopes, states, readings)

    def _near(self, found: set[int], scopes: tuple[int, ...], there: set[int], readings: Readings) -> None:
        """Add the proximities whose terms are all there and stand close enough in one reading."""
        proximities = self._atoms.proximities
        for state in there & proximities.keys():
            for each in proximities[state]:
                if each.key.scope in scopes and each.atom not in found and there.issuperset(each.terms):
                    split, joined = readings
                    if each.finder.found_in(split) or (joined is not split and each.finder.found_in(joined)):
                        found.add(each.atom)

    def raw(self, found: set[int], scopes: tuple[int, ...], raw: str) -> None:
        """Add the atoms that look at the text as it is written."""
        if self._atoms.raw.isdisjoint(scopes):
            return
        exact_words = self._atoms.exact_words
        if exact_words:
            for run in {*_RUN.findall(raw), *raw} & exact_words.keys():
                for key, atom in exact_words[run]:
                    if key.scope in scopes and next(occurrences(key.text, raw), None) is not None:
                        found.add(atom)
        for regex, atom in self._atoms.regexes.items():
            if regex.scope not in scopes or atom in found:
                continue
            if pattern(regex.pattern, regex.ignore_case).found_in(raw):
                found.add(atom)

    def _labels(self, found: set[int], paper: Paper) -> None:
        labels = self._atoms.labels
        for category in paper.categories:
            folded = category.casefold()
            ends = [at for at, each in enumerate(folded) if each == "."]
            for end in (*ends, len(folded)):
                _add(found, labels.get(LabelKey(_CATEGORY, folded[:end], None)))
        for scheme, each in paper.ids.items():
            value = each.casefold()
            _add(found, labels.get(LabelKey(_ID, value, None)))
            _add(found, labels.get(LabelKey(_ID, value, scheme.casefold())))


def _add(found: set[int], atom: int | None) -> None:
    if atom is not None:
        found.add(atom)


def _values(paper: Paper, scope: int) -> Iterable[str]:
    match tuple(Field)[scope]:
        case Field.AUTHOR:
            return paper.authors
        case Field.ORG:
            return () if paper.organization is None else (paper.organization,)
        case Field.SOURCE:
            return () if paper.source is None else (paper.source,)
        case Field.CATEGORY:
            return paper.categories
        case _:
            return paper.ids.values()
