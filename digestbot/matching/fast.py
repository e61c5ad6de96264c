"""The fast path: a block of papers against all rules by compiled loops over rows of bits."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import cast

import numpy as np

from digestbot.core.papers import Paper
from digestbot.matching import kernels, word_kernels
from digestbot.matching.atoms import Atoms
from digestbot.matching.lexicon import SCOPE
from digestbot.matching.matches import Ledger, Pairs
from digestbot.matching.scanning import ABSTRACT_SCOPES, TITLE_SCOPES, Scan
from digestbot.matching.texts import Texts, Vocabulary, hash_table, view
from digestbot.rules.ast import Field

_MOST_WORDS = 64
_ROWS_BUDGET = 1 << 25


class FastBlock:
    """A block as compiled loops leave it: the nodes in order, and the papers of each end to end."""

    def __init__(self, start: int, size: int, nodes: kernels.Ints, ends: kernels.Longs, papers: kernels.Ints) -> None:
        self.start = start
        self.size = size
        self._nodes = nodes
        self._ends = ends
        self._papers = papers

    def nodes(self) -> Sequence[int]:
        """The rules' nodes that deviate."""
        found: list[int] = self._nodes.tolist()
        return found

    def papers(self, node: int) -> Sequence[int]:
        """The papers for which `node` deviates."""
        at = int(np.searchsorted(self._nodes, node))
        if at == len(self._nodes) or self._nodes[at] != node:
            return []
        found: list[int] = self._papers[self._ends[at - 1] if at else 0 : self._ends[at]].tolist()
        return found

    def pairs(self, ledger: Ledger) -> Pairs:
        """Every pair of a rule's slot and a paper."""
        count = self.count(ledger)
        slots, papers = np.empty(count, np.int32), np.empty(count, np.int32)
        self._fan_out(ledger, slots, papers, True)
        return Pairs(cast(Sequence[int], slots), cast(Sequence[int], papers))

    def count(self, ledger: Ledger) -> int:
        """How many pairs there are."""
        none = np.empty(0, np.int32)
        return self._fan_out(ledger, none, none, False)

    def _fan_out(self, ledger: Ledger, slots: kernels.Ints, papers: kernels.Ints, fill: bool) -> int:
        node, default = view(ledger.node), view(ledger.default)
        place = np.full(max(int(node.max(initial=0)), int(self._nodes.max(initial=0))) + 1, -1, np.int32)
        place[self._nodes] = np.arange(len(self._nodes), dtype=np.int32)
        return kernels.fan_out(
            node, default, place, self._ends, self._papers, self.start, self.size, slots, papers, fill
        )


class FastMatcher:
    """Matches blocks of papers; keeps what it learns of the words of texts from one to the next."""

    def __init__(self, atoms: Atoms) -> None:
        self._atoms = atoms
        self._vocabulary = Vocabulary(atoms.lexicon)
        self._steps = hash_table(0)
        self._sieve = np.empty(0, np.uint64)
        self._stepping = np.empty(0, np.uint8)
        self._row_of = np.empty(0, np.int32)
        self._rows = np.empty((0, 1), np.uint64)

    def papers_at_once(self) -> int:
        """How many papers make a block: fewer where the program is large, to bound the memory."""
        words = _ROWS_BUDGET // max(1, len(self._atoms.program))
        return 64 * max(8, min(_MOST_WORDS, words))

    def match(self, scan: Scan, papers: Sequence[Paper], start: int, ledger: Ledger) -> FastBlock:
        """One block, whose first paper has index `start`."""
        program = self._atoms.program
        self._renew((len(papers) + 63) // 64)
        used = self._mark(scan, papers)
        kind, first, members = view(program.kind), view(program.first), view(program.members)
        gate = 0
        while gate < len(kind):
            used, gate = kernels.settle(kind, first, members, self._row_of, self._rows, used, gate)
            if gate < len(kind):
                self._rows = np.concatenate((self._rows, np.zeros_like(self._rows)))
        wanted = np.zeros(len(kind), np.bool_)
        wanted[view(ledger.node)] = True
        nodes = np.flatnonzero(wanted & (self._row_of >= 0)).astype(np.int32)
        ends = np.empty(len(nodes), np.int64)
        none = np.empty(0, np.int32)
        count = kernels.papers_of_nodes(nodes, self._row_of, self._rows, ends, none, False)
        found = np.empty(count, np.int32)
        kernels.papers_of_nodes(nodes, self._row_of, self._rows, ends, found, True)
        found += start
        return FastBlock(start, len(papers), nodes, ends, found)

    def _renew(self, width: int) -> None:
        """Empty rows, and tables that know all rules."""
        lexicon = self._atoms.lexicon
        if self._vocabulary.changes != lexicon.changes:
            self._vocabulary = Vocabulary(lexicon)
        if len(self._stepping) != len(lexicon.parent):
            self._steps = hash_table(len(lexicon.parent))
            self._sieve = np.zeros(len(self._steps) // 8, np.uint64)
            self._stepping = np.zeros(len(lexicon.parent), np.uint8)
            word_kernels.file_steps(view(lexicon.parent), view(lexicon.term), self._steps, self._sieve, self._stepping)
        self._row_of = np.full(len(self._atoms.program), -1, np.int32)
        least = self._atoms.count + 1
        if self._rows.shape[1] != width or len(self._rows) < least:
            self._rows = np.zeros((max(least, len(self._row_of) // 2), width), np.uint64)
        else:
            self._rows[:least] = 0

    def _mark(self, scan: Scan, papers: Sequence[Paper]) -> int:
        """Set the bits of every atom; the number of rows used."""
        texts = Texts()
        atoms, places = array("i"), array("i")
        for at, paper in enumerate(papers):
            found: set[int] = set()
            for title, raw in ((1, paper.title), (0, paper.abstract)):
                if raw is not None:
                    scopes = TITLE_SCOPES if title else ABSTRACT_SCOPES
                    scan.raw(found, scopes, raw)
                    if not texts.add(at, title, raw):
                        scan.words(found, scopes, raw)
            scan.beside_text(found, paper)
            atoms.extend(found)
            places.extend([at] * len(found))
        used = self._mark_words(texts, atoms, places, scan)
        return kernels.mark_pairs(view(atoms), view(places), self._row_of, self._rows, used)

    def _mark_words(self, texts: Texts, atoms: array[int], places: array[int], scan: Scan) -> int:
        """Set the bits of words and phrases; what must be looked at closer is added to atoms and places."""
        if not texts.papers:
            return 0
        lexicon = self._atoms.lexicon
        text, joints, ends, origins = texts.readings()
        numbers, joined, number_ends = self._vocabulary.numbers(text, joints, ends, len(texts.papers))
        term_ends, terms = self._vocabulary.terms()
        triggers = np.zeros(len(lexicon.parent), np.uint8)
        triggers[list(self._atoms.proximities)] = 1
        triggered = np.zeros(len(ends), np.uint8)
        owners, titles = view(texts.papers)[origins], np.frombuffer(texts.titles, np.uint8)[origins]
        anywhere, in_title, in_abstract = (view(lexicon.atoms[each]) for each in _SCOPES)
        used = word_kernels.mark_words(
            numbers, joined, number_ends, len(texts.papers), lexicon.longest, owners, titles,
            term_ends, terms, self._steps, self._sieve, self._stepping,
            view(lexicon.parent), view(lexicon.term), anywhere, in_title, in_abstract,
            triggers, triggered, self._row_of, self._rows, 0,
        )  # fmt: skip
        for at in {*origins[triggered > 0].tolist()}:
            found: set[int] = set()
            scan.words(found, TITLE_SCOPES if texts.titles[at] else ABSTRACT_SCOPES, texts.raw[at])
            atoms.extend(found)
            places.extend([texts.papers[at]] * len(found))
        return used


_SCOPES = (SCOPE[Field.TEXT], SCOPE[Field.TITLE], SCOPE[Field.ABSTRACT])
