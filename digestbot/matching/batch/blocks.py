"""What a block of papers answered, kept as arrays: nodes, and the papers of each end to end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from digestbot.matching.batch.word_table import Ints, Longs, view
from digestbot.matching.matches import Pairs, Register

Shorts: TypeAlias = npt.NDArray[np.uint16]

_ROWS_AT_ONCE = 1 << 14


class Roster:
    """Which slots hang on which node, as arrays: made anew when rules were added or removed.

    ``nodes`` are in order, each once; the slots that answer where ``nodes[n]`` deviates are
    ``slots[ends[n - 1] : ends[n]]``. ``inverted`` slots answer where their node does not.
    """

    def __init__(self, register: Register) -> None:
        default, node = view(register.default), view(register.node)
        straight = np.flatnonzero(default == 0).astype(np.int32)
        self.inverted = {slot: register.node[slot] for slot in register.inverted}
        self.nodes: Ints = np.unique(node[default >= 0])
        self.slots: Ints = straight[np.argsort(node[straight], kind="stable")]
        self.ends: Ints = np.searchsorted(node[self.slots], self.nodes, "right").astype(np.int32)


class ArrayBlock:
    """Which of a roster's nodes are live, where the papers of each end, and the papers.

    Papers are kept by their place in the block, told by their index in the batch.
    """

    def __init__(self, start: int, size: int, roster: Roster, live: Ints, ends: Longs, papers: Shorts) -> None:
        self.start = start
        self.size = size
        self._roster = roster
        self._live = live
        self._ends = ends
        self._papers = papers

    def nodes(self) -> Sequence[int]:
        """The rules' nodes that deviate."""
        found: list[int] = self._roster.nodes[self._live].tolist()
        return found

    def papers(self, node: int) -> Sequence[int]:
        """The papers for which `node` deviates."""
        found: list[int] = (self._those(node) + self.start).tolist()
        return found

    def pairs(self, register: Register) -> Iterator[Pairs]:
        """Every pair of a rule's slot and a paper."""
        yield from self._straight()
        for slot, node in self._roster.inverted.items():
            rest = self._remaining(node)
            yield pairs_of(np.full(len(rest), slot, np.int32), rest)

    def count(self, register: Register) -> int:
        """How many pairs there are."""
        turned = sum(self.size - len(self._those(node)) for node in self._roster.inverted.values())
        return int((self._slot_counts() * np.diff(self._ends, prepend=0)).sum()) + turned

    def _straight(self) -> Iterator[Pairs]:
        """The pairs of rules that answer where their node deviates."""
        slot_counts = self._slot_counts()
        papers = np.repeat(np.diff(self._ends, prepend=0), slot_counts)
        slots = self._roster.slots[_spread(self._roster.ends[self._live], slot_counts)]
        flat = _spread(np.repeat(self._ends, slot_counts), papers)
        yield pairs_of(np.repeat(slots, papers), self._papers[flat].astype(np.int32) + np.int32(self.start))

    def _slot_counts(self) -> Longs:
        """How many slots hang on each live node."""
        ends: Ints = self._roster.ends
        return (ends - np.concatenate((np.zeros(1, np.int32), ends[:-1])))[self._live].astype(np.int64)

    def _those(self, node: int) -> Ints:
        """The papers for which a node deviates, as places from 0 on."""
        at = int(np.searchsorted(self._roster.nodes, node))
        live = int(np.searchsorted(self._live, at))
        if live == len(self._live) or self._live[live] != at or self._roster.nodes[at] != node:
            return np.empty(0, np.int32)
        return self._papers[self._ends[live - 1] if live else 0 : self._ends[live]].astype(np.int32)

    def _remaining(self, node: int) -> Ints:
        left = np.ones(self.size, np.bool_)
        left[self._those(node)] = False
        return (np.flatnonzero(left) + self.start).astype(np.int32)


def pairs_of(slots: Ints, papers: Ints) -> Pairs:
    """Two arrays of one length as what they are."""
    return Pairs(cast(Sequence[int], slots), cast(Sequence[int], papers))


def _spread(ends: npt.NDArray[Any], counts: Longs) -> Longs:
    """Of each stretch of `counts` numbers before `ends` the numbers, one stretch after another."""
    after = np.cumsum(counts)
    flat: Longs = np.arange(int(after[-1]) if len(after) else 0) + np.repeat(ends - after, counts)
    return flat


def papers_of_rows(rows: npt.NDArray[np.uint64], numbers: Ints) -> tuple[Longs, Shorts]:
    """Of each of the rows with these numbers in turn where its papers end, and all the papers, in order."""
    ends, papers = [np.zeros(0, np.int64)], [np.zeros(0, np.uint16)]
    done = 0
    for begin in range(0, len(numbers), _ROWS_AT_ONCE):
        counts, found = _bits(rows[numbers[begin : begin + _ROWS_AT_ONCE]])
        ends.append(done + np.cumsum(counts))
        papers.append(found)
        done += len(found)
    return np.concatenate(ends), np.concatenate(papers)


def _bits(rows: npt.NDArray[np.uint64]) -> tuple[Longs, Shorts]:
    """How many bits are set in each row, and their places within it."""
    counts = np.bitwise_count(rows).sum(axis=1, dtype=np.int64)
    flat = rows.reshape(-1)
    words = np.flatnonzero(flat)
    left = flat[words]
    in_word = np.bitwise_count(left).astype(np.int64)
    at = np.cumsum(in_word) - in_word
    base = (words % rows.shape[1] * 64).astype(np.uint16)
    found = np.empty(int(in_word.sum()), np.uint16)
    while len(left):
        lowest = left & (~left + np.uint64(1))
        found[at] = base + np.bitwise_count(lowest - np.uint64(1))
        left = left ^ lowest
        more = np.flatnonzero(left)
        left, at, base = left[more], at[more] + 1, base[more]
    return counts, found
