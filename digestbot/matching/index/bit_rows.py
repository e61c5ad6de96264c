"""Bit rows in plain Python: whole numbers hold one bit a paper, and only what deviates is looked at."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from digestbot.matching.index.dag import Program
from digestbot.matching.matches import Pairs, Register, slots_and_papers

_SPARSE = 8
_FIRST_ONLY = (0,)
_BITS = [tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256)]


def atom_rows(found: Iterable[Iterable[int]]) -> dict[int, int]:
    """From the atoms of each paper the rows: bit p of row a says that atom a holds of paper p."""
    papers: defaultdict[int, list[int]] = defaultdict(list)
    for at, atoms in enumerate(found):
        for atom in atoms:
            papers[atom].append(at)
    return {atom: _row(places) for atom, places in papers.items()}


def _row(places: Sequence[int]) -> int:
    if len(places) <= _SPARSE:
        row = 0
        for at in places:
            row |= 1 << at
        return row
    bits = bytearray((places[-1] >> 3) + 1)
    for at in places:
        bits[at >> 3] |= 1 << (at & 7)
    return int.from_bytes(bits, "little")


def deviations(program: Program, rows: dict[int, int]) -> dict[int, int]:
    """Add to the rows of the atoms those of every gate that deviates for some paper."""
    pending: list[dict[int, int]] = [{} for _ in range(program.height + 1)]
    level, watching = program.level, program.watching()
    fresh = list(rows)
    for waiting in [{}, *pending[1:]]:
        if waiting:
            fresh = _settle(program, rows, waiting)
        for node, watches in watching.under(fresh):
            row, each = rows[node], iter(watches)
            for gate, other in zip(each, each, strict=True):
                if gate < 0:  # worked out when its turn comes
                    if other in rows:
                        pending[level[~gate]][~gate] = 0
                elif both := row & rows.get(other, 0):
                    due = pending[level[gate]]
                    due[gate] = due.get(gate, 0) | both
        fresh = []
    return rows


def deviations_of_one(program: Program, atoms: Iterable[int]) -> set[int]:
    """The atoms of a single paper with every gate that deviates for it."""
    here = set(atoms)
    level, first, members, watching = program.level, program.first, program.members, program.watching()
    pending: list[list[int]] = [[] for _ in range(program.height + 1)]
    fresh = list(here)
    for waiting in pending:
        for gate in waiting:
            for member in members[first[gate] : first[gate + 1]]:
                if (member not in here) if member >= 0 else (~member in here):
                    break
            else:
                here.add(gate)
                fresh.append(gate)
        for _, watches in watching.under(fresh):
            each = iter(watches)
            for gate, other in zip(each, each, strict=True):
                if other in here:
                    if gate < 0:
                        pending[level[gate := ~gate]].append(gate)
                    elif gate not in here:
                        here.add(gate)
                        fresh.append(gate)
        fresh.clear()
    return here


def _settle(program: Program, rows: dict[int, int], waiting: dict[int, int]) -> list[int]:
    first, members = program.first, program.members
    fresh = []
    for gate, row in waiting.items():
        if not row:
            row = -1
            for member in members[first[gate] : first[gate + 1]]:
                row &= rows.get(member, 0) if member >= 0 else ~rows.get(~member, 0)
                if not row:
                    break
        if row:
            rows[gate] = row
            fresh.append(gate)
    return fresh


def places(row: int) -> Sequence[int]:
    """The papers of a row, in order."""
    if row == 1:
        return _FIRST_ONLY
    if row.bit_count() <= _SPARSE:
        found = []
        while row:
            lowest = row & -row
            found.append(lowest.bit_length() - 1)
            row ^= lowest
        return found
    packed = row.to_bytes((row.bit_length() + 7) >> 3, "little")
    return [base * 8 + bit for base, byte in enumerate(packed) if byte for bit in _BITS[byte]]


class RowBlock:
    """A block whose rows are whole numbers."""

    def __init__(self, start: int, size: int, rows: Mapping[int, int]) -> None:
        self.start = start
        self.size = size
        self._rows = rows

    def nodes(self) -> Sequence[int]:
        """The nodes that deviate."""
        return tuple(self._rows)

    def papers(self, node: int) -> Sequence[int]:
        """The papers for which `node` deviates."""
        found = places(self._rows.get(node, 0))
        return [self.start + at for at in found] if self.start else found

    def pairs(self, register: Register) -> Iterator[Pairs]:
        """Every pair of a rule's slot and a paper."""
        slots, papers = array("i"), array("i")
        for slot, some in slots_and_papers(register, self):
            slots.extend([slot] * len(some))
            papers.extend(some)
        yield Pairs(slots, papers)

    def count(self, register: Register) -> int:
        """How many pairs there are."""
        return sum(len(papers) for _, papers in slots_and_papers(register, self))
