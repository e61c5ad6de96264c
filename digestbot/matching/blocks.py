"""What a block of papers answered, kept as arrays: nodes, and the papers of each end to end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import numpy.typing as npt

from digestbot.matching.matches import Pairs, Register
from digestbot.matching.vocabulary import Ints, Longs, view

_ROWS_AT_ONCE = 1 << 14


class ArrayBlock:
    """The nodes in order, where the papers of each end, and the papers."""

    def __init__(self, start: int, size: int, nodes: Ints, ends: Longs, papers: Ints) -> None:
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

    def pairs(self, register: Register) -> Pairs:
        """Every pair of a rule's slot and a paper."""
        slots, begins, counts = self._straight(register)
        after = np.cumsum(counts)
        flat = np.arange(after[-1] if len(after) else 0) + np.repeat(begins - (after - counts), counts)
        out_slots, out_papers = [np.repeat(slots, counts)], [self._papers[flat]]
        for slot in register.inverted:
            rest = self._remaining(register.node[slot])
            out_slots.append(np.full(len(rest), slot, np.int32))
            out_papers.append(rest)
        return Pairs(cast(Sequence[int], np.concatenate(out_slots)), cast(Sequence[int], np.concatenate(out_papers)))

    def count(self, register: Register) -> int:
        """How many pairs there are."""
        turned = (len(self._remaining(register.node[slot])) for slot in register.inverted)
        return int(self._straight(register)[2].sum()) + sum(turned)

    def _straight(self, register: Register) -> tuple[Ints, Longs, Longs]:
        """The slots that answer where their node deviates: where its papers begin, and how many there are."""
        default, at = view(register.default), self._places(register)[view(register.node)]
        slots = np.flatnonzero((default == 0) & (at >= 0)).astype(np.int32)
        begins = np.concatenate((np.zeros(1, np.int64), self._ends))
        at = at[slots]
        return slots, begins[at], begins[at + 1] - begins[at]

    def _places(self, register: Register) -> Ints:
        """Of every node a rule hangs on which of `nodes` it is, -1 where it deviates nowhere."""
        highest = max(int(view(register.node).max(initial=0)), int(self._nodes.max(initial=0)))
        place = np.full(highest + 1, -1, np.int32)
        place[self._nodes] = np.arange(len(self._nodes), dtype=np.int32)
        return place

    @staticmethod
    def papers_of(rows: npt.NDArray[np.uint64], numbers: Ints) -> tuple[Longs, Ints]:
        """Of each row in turn where its papers end, and all the papers, in order."""
        ends, papers = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
        done = 0
        for begin in range(0, len(numbers), _ROWS_AT_ONCE):
            counts, found = _bits(rows[numbers[begin : begin + _ROWS_AT_ONCE]])
            ends.append(done + np.cumsum(counts))
            papers.append(found)
            done += len(found)
        return np.concatenate(ends), np.concatenate(papers)

    def _remaining(self, node: int) -> Ints:
        left = np.ones(self.size, np.bool_)
        left[np.array(self.papers(node), np.int64) - self.start] = False
        return (np.flatnonzero(left) + self.start).astype(np.int32)


def _bits(rows: npt.NDArray[np.uint64]) -> tuple[Longs, Ints]:
    """How many bits are set in each row, and their places within it."""
    counts = np.bitwise_count(rows).sum(axis=1, dtype=np.int64)
    flat = rows.reshape(-1)
    words = np.flatnonzero(flat)
    left = flat[words]
    in_word = np.bitwise_count(left).astype(np.int64)
    at = np.cumsum(in_word) - in_word
    base = (words % rows.shape[1] * 64).astype(np.int32)
    found = np.empty(int(in_word.sum()), np.int32)
    while len(left):
        lowest = left & (~left + np.uint64(1))
        found[at] = base + np.bitwise_count(lowest - np.uint64(1))
        left = left ^ lowest
        more = np.flatnonzero(left)
        left, at, base = left[more], at[more] + 1, base[more]
    return counts, found
