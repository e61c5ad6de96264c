"""The inner loops of the fast path over rows of bits, compiled by numba: from atoms to rules and papers.

Rows are 64-bit words, one bit a paper. ``row_of[node]`` is the row of a node that deviates, or -1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

from digestbot.matching.program import ALL, ANY

Ints: TypeAlias = npt.NDArray[np.int32]
Bytes: TypeAlias = npt.NDArray[np.uint8]
Longs: TypeAlias = npt.NDArray[np.int64]
Words64: TypeAlias = npt.NDArray[np.uint64]
_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])


def compiled(kernel: _Kernel) -> _Kernel:
    """The kernel compiled, kept on disk where there is a place for it."""
    try:
        return cast(_Kernel, numba.njit(cache=True, nogil=True)(kernel))
    except RuntimeError:  # neither the package's folder nor the user's cache can be written to
        return cast(_Kernel, numba.njit(nogil=True)(kernel))


@compiled
def mark(atom: int, paper: int, row_of: Ints, rows: Words64, used: int) -> int:
    """Set one bit, in a new row where the atom has none yet; how many rows are used then."""
    if atom < 0:
        return used
    row = row_of[atom]
    if row < 0:
        row = used
        row_of[atom] = row
        used += 1
    rows[row, paper >> 6] |= np.uint64(1) << np.uint64(paper & 63)
    return used


@compiled
def mark_pairs(atoms: Ints, papers: Ints, row_of: Ints, rows: Words64, used: int) -> int:
    """Set the bits of atoms found elsewhere; how many rows are used then."""
    for at in range(len(atoms)):
        used = mark(atoms[at], papers[at], row_of, rows, used)
    return used


@compiled
def settle(
    kind: npt.NDArray[np.int8], first: Ints, members: Ints, row_of: Ints, rows: Words64, used: int, gate: int
) -> tuple[int, int]:  # fmt: skip
    """Work out gates from `gate` on, each after its members; the rows used, and the gate to go on from.

    It stops early when the rows are full.
    """
    while gate < len(kind) and used < len(rows):
        here = False
        if kind[gate] == ANY:
            here = _disjunction(members[first[gate] : first[gate + 1]], row_of, rows, used)
        elif kind[gate] == ALL:
            here = _conjunction(members[first[gate] : first[gate + 1]], row_of, rows, used)
        if here:
            row_of[gate] = used
            used += 1
        gate += 1
    return used, gate


@compiled
def _disjunction(members: Ints, row_of: Ints, rows: Words64, used: int) -> bool:
    """Write what any member brings into row `used`; whether it is anything."""
    here = False
    for member in members:
        row = row_of[member]
        if row >= 0:
            for word in range(rows.shape[1]):
                if here:
                    rows[used, word] |= rows[row, word]
                else:
                    rows[used, word] = rows[row, word]
            here = True
    return here


@compiled
def _conjunction(  # noqa: C901  split up, the loops would not stay in registers
    members: Ints, row_of: Ints, rows: Words64, used: int
) -> bool:
    """Write what all members leave into row `used`; whether it is anything. The first is a required one."""
    width = rows.shape[1]
    for member in members:
        if member >= 0 and row_of[member] < 0:
            return False
    row = row_of[members[0]]
    for word in range(width):
        rows[used, word] = rows[row, word]
    left = np.uint64(1)
    for at in range(1, len(members)):
        left = np.uint64(0)
        member = members[at]
        if member >= 0:
            row = row_of[member]
            for word in range(width):
                rows[used, word] &= rows[row, word]
                left |= rows[used, word]
        else:
            row = row_of[~member]
            for word in range(width):
                if row >= 0:
                    rows[used, word] &= ~rows[row, word]
                left |= rows[used, word]
        if left == 0:
            break
    if left == 0:
        for word in range(width):
            rows[used, word] = 0
    return bool(left != 0)


_DE_BRUIJN = 0x022FDD63CC95386D
_PLACES = np.zeros(64, np.int32)
for _bit in range(64):
    _PLACES[((_DE_BRUIJN << _bit) & (2**64 - 1)) >> 58] = _bit


@compiled
def papers_of_rows(numbers: Ints, rows: Words64, ends: Longs, papers: Ints, fill: bool) -> int:
    """The papers of each row, end to end, when `fill`; their number in any case."""
    count = 0
    for at in range(len(numbers)):
        row = numbers[at]
        for word in range(rows.shape[1]):
            bits = rows[row, word]
            while bits:
                lowest = bits & (~bits + np.uint64(1))
                if fill:
                    papers[count] = word * 64 + _PLACES[(lowest * np.uint64(_DE_BRUIJN)) >> np.uint64(58)]
                count += 1
                bits ^= lowest
        ends[at] = count
    return count


@compiled
def fan_out(
    node: Ints, default: npt.NDArray[np.int8], place: Ints, ends: Longs, papers: Ints,
    start: int, size: int, out_slots: Ints, out_papers: Ints, fill: bool,
) -> int:  # fmt: skip
    """The pairs of every rule and its papers, when `fill`; their number in any case.

    ``place[node]`` says which of ``ends`` is the node's, -1 for none.
    """
    count = 0
    for slot in range(len(node)):
        at = place[node[slot]]
        begin = ends[at - 1] if at > 0 else np.int64(0)
        end = ends[at] if at >= 0 else np.int64(0)
        if default[slot] == 0:
            if fill:
                out_slots[count : count + end - begin] = slot
                out_papers[count : count + end - begin] = papers[begin:end]
            count += int(end - begin)
        elif default[slot] > 0:
            if fill:
                _complement(papers[begin:end], start, size, out_papers[count:])
                out_slots[count : count + size - (end - begin)] = slot
            count += int(size - (end - begin))
    return count


@compiled
def _complement(papers: Ints, start: int, size: int, out: Ints) -> None:
    """Write the papers from `start` on that are not among `papers`."""
    count, at = 0, 0
    for paper in range(start, start + size):
        if at < len(papers) and papers[at] == paper:
            at += 1
        else:
            out[count] = paper
            count += 1
