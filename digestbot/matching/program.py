"""All rules as one graph of shared gates, told in deviations from what holds of a paper without any atom.

Every node has a value for the empty paper, its default; what is kept and evaluated is only whether a paper
deviates from it. NOT thereby vanishes (it deviates where its rule does), and two gates are left: ANY deviates
where one of its members does; ALL where every required member does and no forbidden one. What deviates
nowhere costs nothing: a gate is looked at only when a member it watches deviates.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator

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
        chosen = sorted({*members} - {NEVER})
        if len(chosen) < 2:
            return chosen[0] if chosen else NEVER
        return self._gate(ANY, chosen, max(self.frequency[each] for each in chosen))

    def all_of(self, required: Iterable[int], forbidden: Iterable[int]) -> int:
        """The node that deviates where all of `required` (one or more) and none of `forbidden` do."""
        wanted, unwanted = {*required}, {*forbidden} - {NEVER}
        if NEVER in wanted or wanted & unwanted:
            return NEVER
        if len(wanted) == 1 and not unwanted:
            return wanted.pop()
        members = [*sorted(wanted), *sorted(~each for each in unwanted)]
        return self._gate(ALL, members, min(self.frequency[each] for each in wanted))

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

    def _gate(self, kind: int, members: list[int], frequency: int) -> int:
        key = array("i", [kind, *members]).tobytes()
        known = self._shared.get(key)
        if known is not None:
            return known
        nodes = [each if each >= 0 else ~each for each in members]
        node = self._grow(kind, 1 + max(self.level[each] for each in nodes), frequency, members)
        self._shared[key] = node
        for each in nodes:
            self.uses[each] += 1
        if kind == ANY:
            for each in nodes:
                self._watch(each, node)
        else:
            self._watch(min((each for each in members if each >= 0), key=self._rarity), node)
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

    def _watch(self, node: int, gate: int) -> None:
        self.later.append(self.head[node])
        self.gates.append(gate)
        self.head[node] = len(self.gates) - 1

    def _rarity(self, node: int) -> tuple[int, int]:
        return self.frequency[node], self.uses[node]
