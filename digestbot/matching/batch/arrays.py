"""The engine's way for many papers: a block against all rules by arrays of 64-bit rows, one bit a paper."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

import numpy as np

from digestbot.matching.batch.blocks import ArrayBlock, Roster
from digestbot.matching.batch.nodes import Gates, Settling
from digestbot.matching.batch.texts import texts_of
from digestbot.matching.batch.word_table import Ints, TextWords, view
from digestbot.matching.batch.words import ArrayWords
from digestbot.matching.index.atoms import Atoms
from digestbot.matching.index.dag import Program
from digestbot.matching.index.phrase_trie import SCOPE
from digestbot.matching.index.scanner import ABSTRACT_SCOPES, TITLE_SCOPES, Scan
from digestbot.matching.matches import Register
from digestbot.model.papers import Paper
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
        words: Callable[[Atoms], TextWords] = ArrayWords,
        gates: Callable[[Program], Settling] = Gates,
        block: type[ArrayBlock] = ArrayBlock,
    ) -> None:
        self._atoms = atoms
        self._ways = words, gates
        self._block = block
        self._roster: tuple[Register, int, Roster] | None = None
        self._learn()

    def papers_at_once(self) -> int:
        """How many papers make a block: fewer where the program is large, to bound the memory."""
        words = _ROWS_BUDGET // max(1, len(self._atoms.program))
        return 64 * max(4, min(32, words))

    def match(self, scan: Scan, papers: Sequence[Paper], start: int, register: Register) -> ArrayBlock:
        """One block, whose first paper has index `start`."""
        self._renew()
        roster = self._roster_of(register)
        atoms, places = self._found(scan, papers)
        found = self._gates.deviating(atoms, places, len(papers), roster.nodes)
        return self._block(start, len(papers), roster, *found)

    def _roster_of(self, register: Register) -> Roster:
        known = self._roster
        if known is None or known[0] is not register or known[1] != register.changes:
            known = self._roster = register, register.changes, Roster(register)
        return known[2]

    def _renew(self) -> None:
        """Tables that know all rules, and a vocabulary that does not grow forever."""
        if self._stamp() != self._known or len(self._texts) > _MOST_WORDS:
            self._learn()

    def _stamp(self) -> tuple[int, int]:
        return len(self._atoms.program), self._atoms.lexicon.changes

    def _learn(self) -> None:
        words, gates = self._ways
        self._texts = words(self._atoms)
        self._gates = gates(self._atoms.program)
        self._known = self._stamp()

    def _found(self, scan: Scan, papers: Sequence[Paper]) -> tuple[Ints, Ints]:
        """Every atom that holds, with its paper; some more than once."""
        atoms, places = array("i"), array("i")
        parts = self._words(scan, papers, atoms, places)
        beside, raw = scan.looks_beside_text, not self._atoms.raw.isdisjoint(TITLE_SCOPES + ABSTRACT_SCOPES)
        if beside or raw:
            for at, paper in enumerate(papers):
                found: set[int] = set()
                scan.beside_text(found, paper)
                scan.raw(found, TITLE_SCOPES, paper.title)
                scan.raw(found, ABSTRACT_SCOPES, paper.abstract or "")
                atoms.extend(found)
                places.extend([at] * len(found))
        parts += _numbers(scan, papers, self._atoms.intervals)
        parts.append((view(atoms), view(places)))
        return np.concatenate([each for each, _ in parts]), np.concatenate([each for _, each in parts])

    def _words(
        self, scan: Scan, papers: Sequence[Paper], atoms: array[int], places: array[int]
    ) -> list[tuple[Ints, Ints]]:
        """Words and phrases; what must be looked at closer is added to atoms and places."""
        if not papers or self._atoms.worded.isdisjoint((_TEXT, _TITLE, _ABSTRACT)):
            return []
        texts = texts_of(papers)
        told = self._texts.found(texts)
        for at in told.near:
            found: set[int] = set()
            scan.words(found, ABSTRACT_SCOPES if at % 2 else TITLE_SCOPES, texts[at])
            atoms.extend(found)
            places.extend([at // 2] * len(found))
        return [(told.atoms, told.papers)]


def _numbers(
    scan: Scan, papers: Sequence[Paper], intervals: dict[str, list[tuple[float, float, int]]]
) -> list[tuple[Ints, Ints]]:
    """The comparisons that hold, each with its paper."""
    parts = []
    for number, those in intervals.items():
        values = scan.values(papers, Number(number))
        kept = [at for at, value in enumerate(values) if value is not None]
        known = [value for value in values if value is not None]
        # Beyond that a float is no exact whole number: nobody has so many upvotes, but a dump may say so.
        beyond = bool(known) and max(max(known), -min(known)) >= _EXACT
        numbers = None if beyond else np.array(known, np.int64)
        places = np.array(kept, np.int32)
        for low, high, atom in those:
            if numbers is None:
                there = np.array([low <= value <= high for value in known], np.bool_)
            else:
                there = (numbers >= max(-_EXACT, low)) & (numbers <= min(_EXACT, high))
            some = places[there]
            parts.append((np.full(len(some), atom, np.int32), some))
    return parts
