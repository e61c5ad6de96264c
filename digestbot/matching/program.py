"""All rules as one graph of shared gates, told in deviations from what holds of a paper without any atom.

Every node has a value for the empty paper, its default; what is kept and evaluated is only whether a paper
deviates from it. NOT thereby vanishes (it deviates where its rule does), and two gates are left: ANY deviates
where one of its members does; ALL where every required member does and no forbidden one. What deviates
nowhere costs nothing: a gate is looked at only when a member it watches deviates.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator

NEVER = 0
"""The node that deviates nowhere."""

ATOM, ANY, ALL = 0, 1, 2

RARE, COMMON, FREQUENT = 0, 1, 2
"""How often a node is thought to deviate: phrases and the like, single words, whatever is vaguer."""


class Program:
    """Nodes 0, 1, 2, ... of which members stand before their gates; grows at its end only.

    Of node n: ``kind``, ``level`` (0 for atoms, gates above all their members), ``frequency``; its members
    are ``members[first[n] : first[n + 1]]``, a forbidden one as its complement ``~m``. The gates that watch
    n are the list ``head[n]``, ``later[entry]``, ... of entries, ended by -1, with ``gates[entry]``.
    """

    def __init__(self) -> None:
        self.kind = array("b")
        self.level = array("i")
        self.height = 0
        self.frequency = array("b")
        self.uses = array("i")
        self.first = array("i", [0])
        self.members = array("i")
        self.head = array("i")
        self.later = array("i")
        self.gates = array("i")
        self._shared: dict[bytes, int] = {}
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
        return self._gate(ANY, chosen)

    def all_of(self, required: Iterable[int], forbidden: Collection[int]) -> int:
        """The node that deviates where all of `required` (one or more) and none of `forbidden` do."""
        wanted = {*required}
        if NEVER in wanted:
            return NEVER
        members = sorted(wanted)
        if forbidden:
            unwanted = {*forbidden} - {NEVER}
            if not wanted.isdisjoint(unwanted):
                return NEVER
            members += sorted(~each for each in unwanted)
        return members[0] if len(members) == 1 else self._gate(ALL, members)

    def members_of(self, node: int) -> array[int]:
        """The members of a gate; none for an atom."""
        return self.members[self.first[node] : self.first[node + 1]]

    def watchers(self, node: int) -> Iterator[int]:
        """The gates that may deviate once `node` does."""
        entry = self.head[node]
        while entry >= 0:
            yield self.gates[entry]
            entry = self.later[entry]

    def restore(self) -> None:
        """Make what is derived anew, after the arrays were read back; older gates are not shared any more."""
        self.height = max(self.level)

    def _gate(self, kind: int, members: list[int]) -> int:
        key = array("i", [kind, *members]).tobytes()
        known = self._shared.get(key)
        if known is not None:
            return known
        levels, uses, frequencies = self.level, self.uses, self.frequency
        level, most, rarest, least, fewest = 0, RARE, NEVER, FREQUENT + 1, 0
        for each in members:
            member = each if each >= 0 else ~each
            if levels[member] > level:
                level = levels[member]
            used = uses[member]
            uses[member] = used + 1
            if each >= 0:
                frequency = frequencies[member]
                if frequency > most:
                    most = frequency
                if frequency < least or (frequency == least and used < fewest):
                    rarest, least, fewest = member, frequency, used
        node = self._grow(kind, level + 1, most if kind == ANY else least, members)
        self._shared[key] = node
        head, later, gates = self.head, self.later, self.gates
        for each in members if kind == ANY else (rarest,):
            later.append(head[each])
            head[each] = len(gates)
            gates.append(node)
        return node

    def _grow(self, kind: int, level: int, frequency: int, members: Iterable[int] = ()) -> int:
        self.kind.append(kind)
        self.level.append(level)
        if level > self.height:
            self.height = level
        self.frequency.append(frequency)
        self.uses.append(0)
        self.head.append(-1)
        self.members.extend(members)
        self.first.append(len(self.members))
        return len(self.kind) - 1
