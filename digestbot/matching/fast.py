"""The fast path: what the arrays do, by compiled loops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np

from digestbot.matching import kernels, word_kernels
from digestbot.matching.arrays import ArrayMatcher
from digestbot.matching.atoms import Atoms
from digestbot.matching.blocks import ArrayBlock
from digestbot.matching.gates import Gates, Rows
from digestbot.matching.lexicon import Lexicon
from digestbot.matching.matches import Pairs, Register
from digestbot.matching.program import Program
from digestbot.matching.vocabulary import INSIDE, Found, Ints, Longs, Vocabulary, view

_LEAST = 1 << 16


class FastMatcher(ArrayMatcher):
    """Matches blocks of papers; keeps what it learns of the words of texts from one to the next."""

    def __init__(self, atoms: Atoms) -> None:
        super().__init__(atoms, FastVocabulary, FastGates, FastBlock)


class FastVocabulary(Vocabulary):
    """A vocabulary with its words in a hash table of bytes."""

    def __init__(self, lexicon: Lexicon, wanted: Callable[[int], bool]) -> None:
        super().__init__(lexicon, wanted)
        self._inside = np.zeros(256, np.uint8)
        self._inside[list(INSIDE.encode("ascii"))] = 1
        self._blob = bytearray(1)  # no word begins at 0: such an entry of the table is free
        self._filed = array_of_words(0)
        self._count = 0

    def numbers_in(self, block: str) -> Ints:
        """The words of a folded ASCII text as their numbers, END for each NUL."""
        text = np.frombuffer(block.encode("ascii"), np.uint8)
        numbers, begins, stops, unknown = np.empty((4, len(text) // 2 + 1 + block.count("\0")), np.int32)
        blob = np.frombuffer(self._blob, np.uint8)
        count, missing = word_kernels.number_words(
            text, self._inside, blob, self._filed, numbers, begins, stops, unknown
        )
        del blob
        if missing:
            words = [block[i:j] for i, j in zip(begins[:missing].tolist(), stops[:missing].tolist(), strict=True)]
            numbers[unknown[:missing]] = self.numbers(words)
            self._file({*words})
        return numbers[:count]

    def _file(self, words: set[str]) -> None:
        begin = len(self._blob)
        self._blob += "".join(word + "\0" for word in words).encode("ascii")
        self._count += len(words)
        numbers = self.numbers([*words])
        if 4 * self._count > len(self._filed):
            self._filed, begin = array_of_words(self._count), 1
            known = bytes(self._blob[1:]).decode("ascii").split("\0")
            numbers = self.numbers(known[:-1])
        word_kernels.file_words(np.frombuffer(self._blob, np.uint8), begin, numbers, self._filed)

    def phrases(self, words: Ints) -> Found:
        """The phrases of two or more terms, each with the place of its last word."""
        steps, room = self._steps, 2 * len(words)
        while True:
            places, found = np.empty(room, np.int32), np.empty(room, np.int32)
            count = word_kernels.phrases(
                words, view(self._first), view(self._second), view(self._open).view(np.uint8),
                self._pairs.there.view(np.uint8), int(self._pairs.shift), *self._begun.arrays(),
                *self._terms.arrays(), steps.starts, steps.keys, steps.states,
                steps.stepping.view(np.uint8), int(steps.shift), places, found,
            )  # fmt: skip
            if count <= room:
                return Found(places[:count], found[:count])
            room = count


def array_of_words(count: int) -> Rows:
    """A table of free places, at least twice as many as there are words: two numbers each."""
    return np.zeros(max(_LEAST, 1 << (4 * count).bit_length()), np.uint64)


class FastGates(Gates):
    """Gates worked out one after another, each after its members."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._rows = np.zeros((1, 1), np.uint64)

    def settle(self, atoms: Ints, papers: Ints, width: int) -> tuple[Ints, Rows]:
        """From atoms and the papers they hold of: which row each node has (0 for none), and the rows."""
        program = self._program
        row_of = np.full(len(program), -1, np.int32)
        most = min(len(atoms), len(program)) + 1
        rows = self._room(most, width)
        rows[:most] = 0
        used = kernels.mark_pairs(atoms, papers, row_of, rows, 1)
        kind, first, members = view(program.kind), view(program.first), view(program.members)
        gate = 0
        while gate < len(kind):
            used, gate = kernels.settle(kind, first, members, row_of, rows, used, gate)
            if gate < len(kind):
                rows = self._room(len(rows) + 1, width)
        return np.maximum(row_of, 0), rows


class FastBlock(ArrayBlock):
    """A block whose pairs compiled loops write out."""

    def pairs(self, register: Register) -> Pairs:
        """Every pair of a rule's slot and a paper."""
        count = self.count(register)
        slots, papers = np.empty(count, np.int32), np.empty(count, np.int32)
        self._fan_out(register, slots, papers, True)
        return Pairs(cast(Sequence[int], slots), cast(Sequence[int], papers))

    def count(self, register: Register) -> int:
        """How many pairs there are."""
        none = np.empty(0, np.int32)
        return self._fan_out(register, none, none, False)

    def _fan_out(self, register: Register, slots: Ints, papers: Ints, fill: bool) -> int:
        return kernels.fan_out(
            view(register.node), view(register.default), self._places(register), self._ends, self._papers,
            self.start, self.size, slots, papers, fill,
        )  # fmt: skip

    @staticmethod
    def papers_of(rows: Rows, numbers: Ints) -> tuple[Longs, Ints]:
        """Of each row in turn where its papers end, and all the papers, in order."""
        ends, none = np.empty(len(numbers), np.int64), np.empty(0, np.int32)
        papers = np.empty(kernels.papers_of_rows(numbers, rows, ends, none, False), np.int32)
        kernels.papers_of_rows(numbers, rows, ends, papers, True)
        return ends, papers
