"""The engine's way for many papers: a block against all rules by arrays of 64-bit rows, one bit a paper."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np

from digestbot.core.papers import Paper
from digestbot.matching.atoms import Atoms
from digestbot.matching.blocks import ArrayBlock
from digestbot.matching.gates import Gates
from digestbot.matching.lexicon import SCOPE
from digestbot.matching.matches import Register
from digestbot.matching.readings import Texts
from digestbot.matching.scanning import ABSTRACT_SCOPES, TITLE_SCOPES, Scan
from digestbot.matching.vocabulary import Ints, Vocabulary, view
from digestbot.rules.ast import Field, Number

_MOST_WORDS = 1 << 20
_ROWS_BUDGET = 1 << 26
_EXACT = 1 << 53
_TEXT, _TITLE, _ABSTRACT = SCOPE[Field.TEXT], SCOPE[Field.TITLE], SCOPE[Field.ABSTRACT]


class ArrayMatcher:
    """Matches blocks of papers; keeps what it learns of the words of texts from one to the next."""

    def __init__(
        self,
        atoms: Atoms,
        vocabulary: type[Vocabulary] = Vocabulary,
        gates: type[Gates] = Gates,
        block: type[ArrayBlock] = ArrayBlock,
    ) -> None:
        self._atoms = atoms
        self._ways = vocabulary, gates
        self._block = block
        self._learn()

    def papers_at_once(self) -> int:
        """How many papers make a block: fewer where the program is large, to bound the memory."""
        words = _ROWS_BUDGET // max(1, len(self._atoms.program))
        return 64 * max(4, min(32, words))

    def match(self, scan: Scan, papers: Sequence[Paper], start: int, register: Register) -> ArrayBlock:
        """One block, whose first paper has index `start`."""
        self._renew()
        atoms, places = self._found(scan, papers)
        row_of, rows = self._gates.settle(atoms, places, (len(papers) + 63) // 64)
        wanted = np.zeros(len(row_of), np.bool_)
        wanted[view(register.node)] = True
        nodes = np.flatnonzero(wanted & (row_of > 0)).astype(np.int32)
        ends, found = self._block.papers_of(rows, row_of[nodes])
        return self._block(start, len(papers), nodes, ends, found + np.int32(start))

    def _renew(self) -> None:
        """Tables that know all rules, and a vocabulary that does not grow forever."""
        if self._stamp() != self._known or len(self._vocabulary) > _MOST_WORDS:
            self._learn()

    def _stamp(self) -> tuple[int, int]:
        return len(self._atoms.program), self._atoms.lexicon.changes

    def _learn(self) -> None:
        lexicon, proximities = self._atoms.lexicon, self._atoms.proximities
        scopes = [lexicon.atoms[each] for each in (_TEXT, _TITLE, _ABSTRACT)]
        vocabulary, gates = self._ways
        self._vocabulary = vocabulary(
            lexicon, lambda term: term in proximities or any(each[term] >= 0 for each in scopes)
        )
        self._gates = gates(self._atoms.program)
        self._known = self._stamp()

    def _found(self, scan: Scan, papers: Sequence[Paper]) -> tuple[Ints, Ints]:
        """Every atom that holds, with its paper; some more than once."""
        texts = Texts()
        atoms, places = array("i"), array("i")
        beside, raw = scan.looks_beside_text, not self._atoms.raw.isdisjoint(TITLE_SCOPES + ABSTRACT_SCOPES)
        for at, paper in enumerate(papers):
            texts.add(at, True, paper.title)
            if paper.abstract is not None:
                texts.add(at, False, paper.abstract)
            if beside or raw:
                found: set[int] = set()
                scan.beside_text(found, paper)
                scan.raw(found, TITLE_SCOPES, paper.title)
                scan.raw(found, ABSTRACT_SCOPES, paper.abstract or "")
                atoms.extend(found)
                places.extend([at] * len(found))
        parts = [*self._words(scan, texts, atoms, places), *_numbers(scan, papers, self._atoms.intervals)]
        parts.append((view(atoms), view(places)))
        return np.concatenate([each for each, _ in parts]), np.concatenate([each for _, each in parts])

    def _words(self, scan: Scan, texts: Texts, atoms: array[int], places: array[int]) -> list[tuple[Ints, Ints]]:
        """Words and phrases; what must be looked at closer is added to atoms and places."""
        lexicon = self._atoms.lexicon
        if not texts.raw or self._atoms.worded.isdisjoint((_TEXT, _TITLE, _ABSTRACT)):
            return []
        words, owners = texts.numbered(self._vocabulary, lexicon.longest)
        single, phrases = self._vocabulary.terms(words), self._vocabulary.phrases(words)
        states = np.concatenate((single.states, phrases.states))
        owners = owners[np.concatenate((single.places, phrases.places))]
        papers, titles = np.array(texts.papers, np.int32)[owners], np.array(texts.titles, np.bool_)[owners]
        self._look_closer(scan, texts, np.unique(owners[self._near(states)]).tolist(), atoms, places)
        parts = [(view(lexicon.atoms[_TEXT])[states], papers)]
        for scope, those in ((_TITLE, titles), (_ABSTRACT, ~titles)):
            if scope in self._atoms.worded:
                parts.append((view(lexicon.atoms[scope])[states[those]], papers[those]))
        return [(each[each >= 0], where[each >= 0]) for each, where in parts]

    def _near(self, states: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which of the states a proximity hangs on."""
        triggers = np.zeros(len(self._atoms.lexicon.parent), np.bool_)
        triggers[list(self._atoms.proximities)] = True
        near: np.ndarray[tuple[int], np.dtype[np.bool_]] = triggers[states]
        return near

    def _look_closer(self, scan: Scan, texts: Texts, some: list[int], atoms: array[int], places: array[int]) -> None:
        for at in some:
            found: set[int] = set()
            scan.words(found, TITLE_SCOPES if texts.titles[at] else ABSTRACT_SCOPES, texts.raw[at])
            atoms.extend(found)
            places.extend([texts.papers[at]] * len(found))


def _numbers(
    scan: Scan, papers: Sequence[Paper], intervals: dict[str, list[tuple[float, float, int]]]
) -> list[tuple[Ints, Ints]]:
    """The comparisons that hold, each with its paper."""
    parts = []
    for number, those in intervals.items():
        values = [scan.value(paper, Number(number)) for paper in papers]
        kept = [at for at, value in enumerate(values) if value is not None]
        # Beyond that a float is no exact whole number: nobody has so many upvotes, but a dump may say so.
        numbers = np.array([max(-_EXACT, min(_EXACT, value)) for value in values if value is not None], np.int64)
        places = np.array(kept, np.int32)
        for low, high, atom in those:
            if np.abs(numbers).max(initial=0) == _EXACT:
                there = np.array([low <= (values[at] or 0) <= high for at in kept], np.bool_)
            else:
                there = (numbers >= max(-_EXACT, low)) & (numbers <= min(_EXACT, high))
            some = places[there]
            parts.append((np.full(len(some), atom, np.int32), some))
    return parts
