"""The fast path: what the arrays do, by compiled loops."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from digestbot.matching.batch import bit_kernels
from digestbot.matching.batch.arrays import ArrayMatcher
from digestbot.matching.batch.blocks import ArrayBlock, pairs_of
from digestbot.matching.batch.compiled_nodes import FastGates
from digestbot.matching.batch.compiled_words import FastWords
from digestbot.matching.index.atoms import Atoms
from digestbot.matching.matches import Pairs

_PIECE = 1 << 20


class FastMatcher(ArrayMatcher):
    """Matches blocks of papers; keeps what it learns of the words of texts from one to the next."""

    def __init__(self, atoms: Atoms) -> None:
        super().__init__(atoms, FastWords, FastGates, FastBlock)

    def papers_at_once(self) -> int:
        """How many papers make a block: as many as a row has bits."""
        return 64 * bit_kernels.WIDTH


class FastBlock(ArrayBlock):
    """A block whose pairs compiled loops write out, in pieces that the memory of the last one is used for."""

    def _straight(self) -> Iterator[Pairs]:
        """The pairs of rules that answer where their node deviates."""
        roster, live = self._roster, self._live
        room = min(_PIECE, int((self._slot_counts() * np.diff(self._ends, prepend=0)).sum()))
        at, place = 0, int(roster.ends[live[0] - 1]) if len(live) and live[0] else 0
        while at < len(live):
            slots, papers = np.empty((2, room), np.int32)
            at, place, count = bit_kernels.fan_out(
                live, self._ends, self._papers, roster.slots, roster.ends, self.start, slots, papers, at, place
            )
            yield pairs_of(slots[:count], papers[:count])
