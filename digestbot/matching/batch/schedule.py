"""The order in which compiled loops work out a program's gates: numbered for the cache, sorted by what they share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from digestbot.matching.batch.word_table import Ints, view
from digestbot.matching.index.dag import ALL, ANY, ATOM, Program


class Conjunctions(NamedTuple):
    """ALL gates of one level, those of one hub side by side, and what else each needs or forbids."""

    gates: Ints
    hubs: Ints
    spokes: Ints
    rest_ends: Ints
    rest: Ints


class Disjunctions(NamedTuple):
    """ANY gates of one level."""

    gates: Ints
    first: Ints
    members: Ints


class Plan:
    """A program as it was when this was made, its nodes numbered anew: ``place[node]``.

    Atoms stand first, those that many gates use before the others; gates keep their order, so that what
    one rule needs lies close together. ``levels`` are to be worked out one after another.
    """

    def __init__(self, program: Program) -> None:
        kind, uses = view(program.kind), view(program.uses)
        atoms = np.flatnonzero(kind == ATOM)
        order = np.concatenate((atoms[np.argsort(-uses[atoms], kind="stable")], np.flatnonzero(kind != ATOM)))
        self.place = np.empty(len(kind), np.int32)
        self.place[order] = np.arange(len(kind), dtype=np.int32)
        # Atoms have no members and gates keep their order: so do the members.
        members = view(program.members)
        forbidden = members < 0
        placed = self.place[np.where(forbidden, ~members, members)]
        self._members: Ints = np.where(forbidden, ~placed, placed)
        counts = np.diff(view(program.first))[order]
        self._first = np.concatenate((np.zeros(1, np.int32), np.cumsum(counts, dtype=np.int32)))
        kind, level = kind[order], view(program.level)[order]
        self.levels: list[tuple[Disjunctions, Conjunctions]] = []
        for height in range(1, program.height + 1):
            here = level == height
            both = (np.flatnonzero(here & (kind == each)).astype(np.int32) for each in (ANY, ALL))
            self.levels.append((self._disjunctions(next(both)), self._conjunctions(next(both))))

    def __len__(self) -> int:
        return len(self.place)

    def _disjunctions(self, gates: Ints) -> Disjunctions:
        return Disjunctions(gates, self._first, self._members)

    def _conjunctions(self, gates: Ints) -> Conjunctions:
        if not len(gates):
            return Conjunctions(gates, gates, gates, np.zeros(1, np.int32), gates)
        members, owners = self._members_of(gates)
        required = members >= 0
        begins = np.flatnonzero(np.diff(owners[required], prepend=-1))
        hubs = np.minimum.reduceat(members[required], begins)
        spokes = np.maximum.reduceat(members[required], begins)
        order = np.argsort(hubs, kind="stable")
        gates, hubs, spokes = gates[order], hubs[order], spokes[order]
        members, owners = self._members_of(gates)
        others = (members != hubs[owners]) & (members != spokes[owners])
        counts = np.bincount(owners[others], minlength=len(gates))
        ends = np.concatenate((np.zeros(1, np.int32), np.cumsum(counts, dtype=np.int32)))
        return Conjunctions(gates, hubs, spokes, ends, members[others])

    def _members_of(self, gates: Ints) -> tuple[Ints, Ints]:
        """Every member of the gates, in order, and which of the gates it is of."""
        begins = self._first[gates]
        counts = self._first[gates + 1] - begins
        after = np.cumsum(counts)
        flat = np.arange(int(after[-1])) + np.repeat(begins - (after - counts), counts)
        return self._members[flat], np.repeat(np.arange(len(gates), dtype=np.int32), counts)
