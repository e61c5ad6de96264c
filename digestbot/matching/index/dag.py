"""All rules as one graph of shared gates, told in deviations from what holds of a paper without any atom.

Every node has a value for the empty paper, its default; what is kept and evaluated is only whether a paper
deviates from it. NOT thereby vanishes (it deviates where its rule does), and two gates are left: ANY deviates
where one of its members does; ALL where every required member does and no forbidden one. What deviates
nowhere costs nothing: a gate is looked at only when a member it watches deviates.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable

from digestbot.matching.batch.sparse_lists import Lists

NEVER = 0
"""The node that deviates nowhere."""

ATOM, ANY, ALL = 0, 1, 2

RARE, COMMON, VAGUE, FREQUENT = 0, 4, 64, 1 << 16
"""How often an atom is thought to hold, counted in uses: phrases and the like, words, prefixes, numbers."""


class Program:
    """Nodes 0, 1, 2, ... of which members stand before their gates; grows at its end only.

    Of node n: ``kind``, ``level`` (0 for atoms, gates above all their members), ``uses`` (of how many gates it
    is a member, and more the more often it is thought to deviate); its members are
    ``members[first[n] : first[n + 1]]``, a forbidden one as its complement ``~m``. The required members of an
    ALL stand first, those of fewest uses before the others: what few rules ask for is rare.
    """

    def __init__(self) -> None:
        self.kind = array("b")
        self.level = array("i")
        self.height = 0
        self.uses = array("i")
        self.first = array("i", [0])
        self.members = array("i")
        self.watches = Lists(2)
        self._shared: tuple[dict[tuple[int, ...], int], ...] = ({}, {}, {})
        self._grow(ATOM, 0, RARE)

    def __len__(self) -> int:
        return len(self.kind)

    def atom(self, frequency: int) -> int:
        """A new node that deviates where a scan says so."""
        return self._grow(ATOM, 0, frequency)

    def any_of(self, members: Iterable[int]) -> int:
        """The node that deviates where one of the members does."""
        chosen = sorted({*members})
        if chosen and chosen[0] == NEVER:
            del chosen[0]
        if len(chosen) < 2:
            return chosen[0] if chosen else NEVER
        return self._gate(ANY, chosen, ())

    def all_of(self, required: Iterable[int], forbidden: Collection[int] = ()) -> int:
        """The node that deviates where all of `required` (one or more) and none of `forbidden` do."""
        wanted = sorted({*required})
        if wanted[0] == NEVER:
            return NEVER
        unwanted: list[int] = []
        if forbidden:
            if not {*forbidden}.isdisjoint(wanted):
                return NEVER
            unwanted = sorted(~each for each in {*forbidden} if each != NEVER)
        return wanted[0] if len(wanted) == 1 and not unwanted else self._gate(ALL, wanted, unwanted)

    def watching(self) -> Lists:
        """Which gates may deviate once a node does: rows (gate, other) under the node.

        Where `other` deviates too, so does the gate; if it is told as its complement, its members are to be
        looked at. Every `other` but the node itself is an atom.
        """
        self.watches.catch_up(len(self), self._watches_from)
        return self.watches

    def _watches_from(self, begin: int) -> tuple[array[int], array[int], array[int]]:
        """The columns of the gates from `begin` on: an ANY watches all its members, an ALL its rarest."""
        nodes, gates, others = array("i"), array("i"), array("i")
        level, members = self.level, self.members
        start = self.first[begin]
        for gate, (kind, end) in enumerate(zip(self.kind[begin:], self.first[begin + 1 :], strict=True), begin):
            if kind == ALL:
                node, other = members[start], members[start + 1]
                known = other >= 0 and level[other] == 0
                nodes.append(node)
                others.append(other if known else node)
                gates.append(gate if known and end - start == 2 else ~gate)
            elif kind == ANY:
                some = members[start:end]
                nodes.extend(some)
                others.extend(some)
                gates.extend([gate] * len(some))
            start = end
        return nodes, gates, others

    def _gate(self, kind: int, required: list[int], forbidden: Iterable[int]) -> int:
        """The gate of these members, each sorted."""
        node = len(self.kind)
        known = self._shared[kind].setdefault((*required, *forbidden), node)
        if known != node:
            return known
        levels, uses = self.level, self.uses
        required.sort(key=uses.__getitem__)
        used = uses[required[0 if kind == ALL else -1]]
        level = 0
        for each in required:
            uses[each] += 1
            if levels[each] > level:
                level = levels[each]
        for each in forbidden:
            if levels[~each] > level:
                level = levels[~each]
        self.members.extend(required)
        self.members.extend(forbidden)
        return self._grow(kind, level + 1, used)

    def _grow(self, kind: int, level: int, uses: int) -> int:
        """A new node, whose members are the last ones that are no other's."""
        node = len(self.kind)
        self.kind.append(kind)
        self.level.append(level)
        if level > self.height:
            self.height = level
        self.uses.append(uses)
        self.first.append(len(self.members))
        return node
