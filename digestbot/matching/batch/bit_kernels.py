"""The inner loops of the fast path over rows of bits, compiled by numba: from atoms to rules and papers.

A row is kept packed: ``masks[node]`` tells which of its (up to 64) words of 64 papers are not empty, and those
words alone stand in ``words`` from ``offsets[node]`` on. A node with mask 0 deviates nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int32]
Bytes: TypeAlias = npt.NDArray[np.uint8]
Longs: TypeAlias = npt.NDArray[np.int64]
Words64: TypeAlias = npt.NDArray[np.uint64]
Shorts: TypeAlias = npt.NDArray[np.uint16]
_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])

WIDTH = 64
"""The most words in a row."""

_ONE = np.uint64(1)
_NONE = np.uint64(0)
_PAIRS, _FOURS, _BYTES, _SUM = (np.uint64(int(each * 8, 16)) for each in ("55", "33", "0F", "01"))


def compiled(kernel: _Kernel) -> _Kernel:
    """The kernel compiled, kept on disk where there is a place for it."""
    try:
        return cast(_Kernel, numba.njit(cache=True, nogil=True)(kernel))
    except RuntimeError:  # neither the package's folder nor the user's cache can be written to
        return cast(_Kernel, numba.njit(nogil=True)(kernel))


def inlined(kernel: _Kernel) -> _Kernel:
    """A part of kernels, compiled into each: a call would hand over every array on the stack."""
    return cast(_Kernel, numba.njit(forceinline=True)(kernel))


@inlined
def ones(word: np.uint64) -> np.uint64:
    """How many bits are set: one instruction, as the compiler knows this pattern."""
    word = word - ((word >> _ONE) & _PAIRS)
    word = (word & _FOURS) + ((word >> np.uint64(2)) & _FOURS)
    word = (word + (word >> np.uint64(4))) & _BYTES
    return (word * _SUM) >> np.uint64(56)


@inlined
def lowest(word: np.uint64) -> np.uint64:
    """The place of the lowest bit that is set: one instruction as well."""
    return ones((word & (~word + _ONE)) - _ONE)


@compiled
def pack_atoms(atoms: Ints, papers: Ints, masks: Words64, offsets: Ints, words: Words64) -> int:
    """Make rows of atoms and the papers they hold of; how many words are used then. Masks are 0 before."""
    fresh = np.empty(len(atoms), np.uint32)
    count = 0
    for at in range(len(atoms)):
        atom = np.uint32(atoms[at])
        if masks[atom] == _NONE:
            fresh[count] = atom
            count += 1
        masks[atom] |= _ONE << np.uint64(papers[at] >> 6)
    used = np.uint64(0)
    for at in range(count):
        offsets[fresh[at]] = used
        used += ones(masks[fresh[at]])
    words[:used] = _NONE
    for at in range(len(atoms)):
        atom = np.uint32(atoms[at])
        below = (_ONE << np.uint64(papers[at] >> 6)) - _ONE
        words[np.uint64(offsets[atom]) + ones(masks[atom] & below)] |= _ONE << np.uint64(papers[at] & 63)
    return int(used)


@compiled
def any_of(
    gates: Ints, first: Ints, members: Ints, masks: Words64, offsets: Ints, words: Words64, used: int, at: int
) -> tuple[int, int]:  # fmt: skip
    """Work out the ANY gates from ``gates[at]`` on; the words used, and the gate to go on from.

    It stops early when the words are full. Where a single member deviates, the gate shares its words.
    """
    gathered = np.zeros(WIDTH, np.uint64)
    while at < len(gates) and used + WIDTH <= len(words):
        gate = gates[at]
        at += 1
        mask, last = _NONE, np.uint32(0)
        begin, end = np.uint32(first[gate]), np.uint32(first[gate + 1])
        alone = True
        for place in range(begin, end):
            member = np.uint32(members[place])
            if masks[member]:
                alone = mask == _NONE
                mask |= masks[member]
                last = member
        if mask == _NONE:
            continue
        masks[gate] = mask
        if alone:
            offsets[gate] = offsets[last]
            continue
        for place in range(begin, end):
            _gather(np.uint32(members[place]), masks, offsets, words, gathered)
        offsets[gate] = used
        while mask:
            word = lowest(mask)
            mask &= mask - _ONE
            words[used] = gathered[word]
            gathered[word] = _NONE
            used += 1
    return used, at


@inlined
def _gather(member: np.uint32, masks: Words64, offsets: Ints, words: Words64, gathered: Words64) -> None:
    """Add a row to one that is not packed."""
    mask, offset = masks[member], np.uint64(offsets[member])
    while mask:
        gathered[lowest(mask)] |= words[offset]
        mask &= mask - _ONE
        offset += _ONE


@compiled
def all_of(
    gates: Ints, hubs: Ints, spokes: Ints, rest_ends: Ints, rest: Ints,
    masks: Words64, offsets: Ints, words: Words64, used: int, at: int,
) -> tuple[int, int]:  # fmt: skip
    """Work out the ALL gates from ``gates[at]`` on; the words used, and the gate to go on from.

    A gate's hub is a required member that many gates have, unpacked once for all of them; the words of its
    spoke, the rarest (itself where it is the only one), are held against it; what is left meets the rest, a
    forbidden one as its complement.
    """
    unpacked = np.zeros(WIDTH, np.uint64)
    opened = np.int64(-1)
    while at < len(gates) and used + WIDTH <= len(words):
        hub, spoke = np.uint32(hubs[at]), np.uint32(spokes[at])
        mask = masks[hub] & masks[spoke]
        if mask:
            mask = _common(mask, rest, rest_ends[at], rest_ends[at + 1], masks)
        if mask:
            if hub != spoke and hub != opened:
                unpacked[:] = _NONE
                _gather(hub, masks, offsets, words, unpacked)
                opened = np.int64(hub)
            packed, offset, left, begin = masks[spoke], np.uint64(offsets[spoke]), _NONE, used
            while mask:
                bit = mask & (~mask + _ONE)
                found = words[offset + ones(packed & (bit - _ONE))]
                if hub != spoke:
                    found &= unpacked[ones(bit - _ONE)]
                if found:
                    found = _with_rest(found, bit, rest, rest_ends[at], rest_ends[at + 1], masks, offsets, words)
                    if found:
                        left |= bit
                        words[used] = found
                        used += 1
                mask ^= bit
            if left:
                masks[gates[at]] = left
                offsets[gates[at]] = begin
        at += 1
    return used, at


@inlined
def _common(mask: np.uint64, rest: Ints, begin: int, end: int, masks: Words64) -> np.uint64:
    """What the required ones of the other members leave of a mask."""
    for at in range(np.uint32(begin), np.uint32(end)):
        if rest[at] >= 0:
            mask &= masks[np.uint32(rest[at])]
    return mask


@inlined
def _with_rest(
    found: np.uint64, bit: np.uint64, rest: Ints, begin: int, end: int,
    masks: Words64, offsets: Ints, words: Words64,
) -> np.uint64:  # fmt: skip
    """What the other members leave of one word."""
    for at in range(np.uint32(begin), np.uint32(end)):
        each = rest[at]
        member = np.uint32(each if each >= 0 else ~each)
        if masks[member] & bit:
            word = words[np.uint64(offsets[member]) + ones(masks[member] & (bit - _ONE))]
            found &= word if each >= 0 else ~word
    return found


@compiled
def list_papers(
    nodes: Ints, masks: Words64, offsets: Ints, words: Words64, live: Ints, ends: Longs, papers: Shorts,
    at: int, count: int, end: int,
) -> tuple[int, int, int]:  # fmt: skip
    """From ``nodes[at]`` on: which deviate (``live``, as places in `nodes`), and their papers, end to end.

    The node to go on from, how many are live, and how many papers are told; it stops early when `papers` is
    full.
    """
    while at < len(nodes) and end + WIDTH * WIDTH + 1 <= len(papers):
        node = np.uint32(nodes[at])
        mask = masks[node]
        if mask:
            offset, place = np.uint64(offsets[node]), np.uint64(end)
            while mask:
                base, word = lowest(mask) << np.uint64(6), words[offset]
                # Most words hold one bit or two: writing two, more than there may be, is quicker than to ask.
                after = place + ones(word)
                papers[place] = base + lowest(word)
                word &= word - _ONE
                papers[place + _ONE] = base + lowest(word)
                word &= word - _ONE
                place += np.uint64(2)
                while word:
                    papers[place] = base + lowest(word)
                    word &= word - _ONE
                    place += _ONE
                place = after
                mask &= mask - _ONE
                offset += _ONE
            end = int(np.int64(place))
            live[count] = at
            ends[count] = end
            count += 1
        at += 1
    return at, count, end


@compiled
def fan_out(
    live: Ints, ends: Longs, papers: Shorts, slots: Ints, slot_ends: Ints, start: int,
    out_slots: Ints, out_papers: Ints, at: int, place: int,
) -> tuple[int, int, int]:  # fmt: skip
    """The pairs of every slot of the live nodes and their papers, from ``slots[place]`` of ``live[at]`` on.

    Where to go on from, and how many pairs are told; it stops early when a slot's papers do not fit.
    """
    count = 0
    while at < len(live):
        begin, end = ends[at - 1] if at else np.int64(0), ends[at]
        while place < slot_ends[live[at]]:
            if count + end - begin > len(out_slots):
                return at, place, count
            for paper in range(begin, end):
                out_slots[count] = slots[place]
                out_papers[count] = papers[paper] + start
                count += 1
            place += 1
        at += 1
        place = slot_ends[live[at] - 1] if at < len(live) and live[at] else 0
    return at, place, count
