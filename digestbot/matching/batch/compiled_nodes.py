"""All gates of a program worked out for a block of papers by compiled loops over packed rows."""

from __future__ import annotations

import numpy as np

from digestbot.matching.batch import bit_kernels
from digestbot.matching.batch.bit_kernels import Words64
from digestbot.matching.batch.blocks import Shorts
from digestbot.matching.batch.schedule import Plan
from digestbot.matching.batch.word_table import Ints, Longs
from digestbot.matching.index.dag import Program

_LEAST = 1 << 14


class FastGates:
    """The gates of a program as it was when this was made."""

    def __init__(self, program: Program) -> None:
        self._plan = Plan(program)
        self._masks = np.zeros(len(self._plan), np.uint64)
        self._offsets = np.zeros(len(self._plan), np.int32)
        # Kept from block to block: fresh memory is slower than the work done in it.
        self._words: Words64 = np.empty(_LEAST, np.uint64)
        self._most = _LEAST

    def deviating(self, atoms: Ints, papers: Ints, size: int, nodes: Ints) -> tuple[Ints, Longs, Shorts]:
        """What `Settling.deviating` tells, of up to 4,096 papers."""
        masks, offsets = self._masks, self._offsets
        masks[:] = 0
        if len(atoms) > len(self._words):
            self._words = np.empty(2 * len(atoms), np.uint64)
        used = bit_kernels.pack_atoms(self._plan.place[atoms], papers, masks, offsets, self._words)
        for any_of, all_of in self._plan.levels:
            at = 0
            while at < len(any_of.gates):
                used, at = bit_kernels.any_of(*any_of, masks, offsets, self._room(used), used, at)
            at = 0
            while at < len(all_of.gates):
                used, at = bit_kernels.all_of(*all_of, masks, offsets, self._room(used), used, at)
        return self._listed(self._plan.place[nodes])

    def _room(self, used: int) -> Words64:
        """The words, with room for some more rows."""
        while used + bit_kernels.WIDTH > len(self._words):
            self._words = np.concatenate((self._words, np.empty_like(self._words)))
        return self._words

    def _listed(self, places: Ints) -> tuple[Ints, Longs, Shorts]:
        """Which of the places deviate, where the papers of each end, and the papers."""
        live, ends = np.empty(len(places), np.int32), np.empty(len(places), np.int64)
        papers: Shorts = np.empty(self._most, np.uint16)  # what is not written to takes no memory
        at, count, end = 0, 0, 0
        while True:
            at, count, end = bit_kernels.list_papers(
                places, self._masks, self._offsets, self._words, live, ends, papers, at, count, end
            )
            if at == len(places):
                return live[:count].copy(), ends[:count].copy(), papers[:end]
            self._most *= 2
            papers = np.concatenate((papers, np.empty_like(papers)))
