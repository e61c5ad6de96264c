"""All gates of a program worked out for a block of papers by arrays: level by level, shape by shape."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from digestbot.matching.batch.blocks import Shorts, papers_of_rows
from digestbot.matching.batch.word_table import Ints, Longs, view
from digestbot.matching.index.dag import ALL, ANY, Program

Rows: TypeAlias = npt.NDArray[np.uint64]
"""One row of bits for each node that deviates, one bit a paper; row 0 is empty."""

_WIDE = 16
_AT_ONCE = 4096
"""Rows gathered at once: what a cache holds."""


class Settling(Protocol):
    """What works out all gates of a program for a block of papers."""

    def deviating(self, atoms: Ints, papers: Ints, size: int, nodes: Ints) -> tuple[Ints, Longs, Shorts]:
        """From atoms and the papers (of `size`) they hold of: which of `nodes` deviate, as places in it.

        With where the papers of each end, and the papers, in order.
        """
        ...


class Gates:
    """The gates of a program as it was when this was made, in the order of their levels."""

    def __init__(self, program: Program) -> None:
        self._program = program
        level = view(program.level)
        self._order = np.argsort(level, kind="stable").astype(np.int32)
        # Kept from block to block: fresh memory is slower than the work done in it.
        self._rows = np.zeros((1, 1), np.uint64)
        self._bounds = np.searchsorted(level[self._order], np.arange(1, program.height + 2))

    def deviating(self, atoms: Ints, papers: Ints, size: int, nodes: Ints) -> tuple[Ints, Longs, Shorts]:
        """What `Settling.deviating` tells."""
        row_of, rows = self._settle(atoms, papers, (size + 63) // 64)
        live = np.flatnonzero(row_of[nodes]).astype(np.int32)
        return live, *papers_of_rows(rows, row_of[nodes[live]])

    def _settle(self, atoms: Ints, papers: Ints, width: int) -> tuple[Ints, Rows]:
        """Which row each node has (0 for none), and the rows."""
        row_of = np.zeros(len(self._program), np.int32)
        rows, used = self._atom_rows(atoms, papers, width, row_of)
        for begin, end in zip(self._bounds[:-1], self._bounds[1:], strict=True):
            gates = self._order[begin:end]
            kind = view(self._program.kind)[gates]
            for gate_kind in (ANY, ALL):
                for some, members in self._alive(gates[kind == gate_kind], gate_kind == ALL, row_of):
                    rows = self._room(used + len(some), width)
                    used = _work_out(some, members, gate_kind == ALL, rows, used, row_of)
        return row_of, rows

    def _atom_rows(self, atoms: Ints, papers: Ints, width: int, row_of: Ints) -> tuple[Rows, int]:
        """The rows of the atoms that hold of some paper, and how many."""
        bits = width * 64
        told = np.sort(atoms.astype(np.int64) * bits + papers)
        told = told[np.diff(told, prepend=-1) != 0]
        words = told >> 6
        starts = np.flatnonzero(np.diff(words, prepend=-1))
        values = np.left_shift(np.uint64(1), (told & 63).astype(np.uint64))
        filled: npt.NDArray[Any] = np.bitwise_or.reduceat(values, starts) if len(starts) else values
        owners = words[starts] // width
        those = owners[np.flatnonzero(np.diff(owners, prepend=-1))]
        row_of[those] = np.arange(1, len(those) + 1, dtype=np.int32)
        used = len(those) + 1
        rows = self._room(used, width)
        rows[:used] = 0
        rows[row_of[owners], words[starts] % width] = filled
        return rows, used

    def _room(self, needed: int, width: int) -> Rows:
        """The rows, those written so far kept where more are needed than there are."""
        if self._rows.shape[1] != width:
            self._rows = np.empty((needed, width), np.uint64)
        elif needed > len(self._rows):
            more = np.empty((max(len(self._rows) // 2, needed - len(self._rows)), width), np.uint64)
            self._rows = np.concatenate((self._rows, more))
        return self._rows

    def _alive(self, gates: Ints, all_of: bool, row_of: Ints) -> list[tuple[Ints, Ints]]:
        """The gates that may deviate, by the number of members that matter, with those members' rows.

        The row of a forbidden member is told as its complement.
        """
        first = view(self._program.first)
        begins = first[gates]
        counts = first[gates + 1] - begins
        found: list[tuple[Ints, Ints]] = []
        for count in np.unique(counts).tolist():
            those = counts == count
            some = gates[those]
            members = view(self._program.members)[begins[those][:, None] + np.arange(count, dtype=np.int32)]
            forbidden = members < 0
            rows = row_of[np.where(forbidden, ~members, members)]
            alive = ((rows > 0) | forbidden).all(axis=1) if all_of else (rows > 0).any(axis=1)
            rows = np.where(forbidden, ~rows, rows)[alive]
            found.append((some[alive], rows))
        return found


def _work_out(gates: Ints, members: Ints, all_of: bool, rows: Rows, used: int, row_of: Ints) -> int:
    """Write a row for each gate that deviates; how many rows are used then."""
    count = members.shape[1]
    if count > _WIDE:
        return _work_out_wide(gates, members, all_of, rows, used, row_of)
    for begin in range(0, len(gates), _AT_ONCE):
        some = members[begin : begin + _AT_ONCE]
        result = rows[some[:, 0]]
        for at in range(1, count):
            column = some[:, at]
            if not all_of:
                there = np.flatnonzero(column)
                if 2 * len(there) > len(column):
                    result |= rows[column]
                elif len(there):
                    result[there] |= rows[column[there]]
            elif (column >= 0).all():
                result &= rows[column]
            else:
                needed, unwanted = np.flatnonzero(column >= 0), np.flatnonzero(column < -1)
                result[needed] &= rows[column[needed]]
                result[unwanted] &= ~rows[~column[unwanted]]
        here = result.any(axis=1)
        kept = int(np.count_nonzero(here))
        rows[used : used + kept] = result[here]
        row_of[gates[begin : begin + _AT_ONCE][here]] = np.arange(used, used + kept, dtype=np.int32)
        used += kept
    return used


def _work_out_wide(gates: Ints, members: Ints, all_of: bool, rows: Rows, used: int, row_of: Ints) -> int:
    """The same for gates of many members, each by itself."""
    for gate, some in zip(gates.tolist(), members, strict=True):
        if all_of:
            result = np.bitwise_and.reduce(rows[some[some >= 0]], axis=0)
            result &= ~np.bitwise_or.reduce(rows[~some[some < 0]], axis=0)
        else:
            result = np.bitwise_or.reduce(rows[some[some > 0]], axis=0)
        if result.any():
            rows[used] = result
            row_of[gate] = used
            used += 1
    return used
