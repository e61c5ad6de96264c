"""What a batch of papers answered: kept as rows of the shared program, told as rules and papers when asked."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from digestbot.core.errors import DigestbotError


class Block(Protocol):
    """Some of the papers, beginning with `start`, and for which of them the nodes of rules deviate."""

    start: int
    size: int

    def nodes(self) -> Sequence[int]:
        """The rules' nodes that deviate for one of the papers, each once."""
        ...

    def papers(self, node: int) -> Sequence[int]:
        """The papers, by their index in the batch, for which `node` deviates, in order."""
        ...

    def pairs(self, register: Register) -> Pairs:
        """Every pair of a rule's slot and a paper, in two arrays of one length."""
        ...

    def count(self, register: Register) -> int:
        """How many pairs there are."""
        ...


GONE = -1


class Pairs(NamedTuple):
    """Rules and papers that match, pair by pair: arrays of 32-bit whole numbers.

    A rule is told by its slot, of which `Matches.rule` is the id, a paper by its index in the batch.
    """

    slots: Sequence[int]
    papers: Sequence[int]


class Register:
    """Which rule stands in which slot, and which slots hang on a node.

    Slots are never used twice. Of slot s: ``ids[s]`` (None once removed), ``node[s]``, ``default[s]`` (0, 1,
    or GONE once removed) and ``later[s]``, the next slot of the same node, -1 after the last. The first slot
    of a node is ``head[node]``, -1 where no rule hangs on it.
    """

    def __init__(self) -> None:
        self.ids: list[str | None] = []
        self.node = array("i")
        self.default = array("b")
        self.later = array("i")
        self.head = array("i")
        self.slots: dict[str, int] = {}
        self.inverted: dict[int, None] = {}
        self.changes = 0

    def add(self, rule: str, node: int, default: bool) -> None:
        """Give a rule that has none a slot."""
        slot = len(self.ids)
        self.ids.append(rule)
        self.node.append(node)
        self.default.append(default)
        self._file(slot, node, default)
        self.slots[rule] = slot
        self.changes += 1

    def remove(self, rule: str) -> None:
        """Empty a rule's slot. Raises KeyError when there is no such rule."""
        slot = self.slots.pop(rule)
        self.ids[slot] = None
        self.default[slot] = GONE
        self.inverted.pop(slot, None)
        self.changes += 1

    def _file(self, slot: int, node: int, default: bool) -> None:
        if default:
            self.inverted[slot] = None
            self.later.append(-1)
        else:
            if node >= len(self.head):
                self.head.extend([-1] * (node + 1 - len(self.head)))
            self.later.append(self.head[node])
            self.head[node] = slot

    def restore(self, ids: list[str | None]) -> None:
        """Make what is derived anew, after the arrays were read back."""
        self.ids = ids
        self.slots = {rule: slot for slot, rule in enumerate(ids) if rule is not None}
        self.inverted = {slot: None for slot, default in enumerate(self.default) if default == 1}

    def answering(self, node: int) -> Iterator[int]:
        """The slots of the rules that answer exactly where `node` deviates."""
        slot = self.head[node] if node < len(self.head) else -1
        while slot >= 0:
            if self.default[slot] != GONE:
                yield slot
            slot = self.later[slot]


def slots_and_papers(register: Register, block: Block) -> Iterator[tuple[int, Sequence[int]]]:
    """Each slot whose rule matches in the block, with its papers in order."""
    head, later, default = register.head, register.later, register.default
    for node in block.nodes():
        papers: Sequence[int] = ()
        slot = head[node] if node < len(head) else -1
        while slot >= 0:
            if default[slot] != GONE:
                papers = papers or block.papers(node)
                yield slot, papers
            slot = later[slot]
    for slot in register.inverted:
        papers = _remaining(block, register.node[slot])
        if papers:
            yield slot, papers


def _remaining(block: Block, node: int) -> Sequence[int]:
    every = range(block.start, block.start + block.size)
    deviating = set(block.papers(node))
    return [each for each in every if each not in deviating] if deviating else every


class Matches:
    """The pairs of rules and papers of one batch; papers are told by their index in it.

    It reads from the engine it came from: use it up before rules are added or removed.
    """

    def __init__(self, register: Register, blocks: Sequence[Block]) -> None:
        self._register = register
        self._blocks = blocks
        self._changes = register.changes

    def __iter__(self) -> Iterator[tuple[str, Sequence[int]]]:
        """Each rule that matches, with its papers in order; once per block where a batch has several."""
        self._check()
        for block in self._blocks:
            for slot, papers in slots_and_papers(self._register, block):
                yield self.rule(slot), papers

    def pairs(self) -> Iterator[tuple[str, int]]:
        """Every (rule, paper) pair."""
        for rule, papers in self:
            for paper in papers:
                yield rule, paper

    def by_rule(self) -> dict[str, list[int]]:
        """Each rule that matches, with all its papers in order."""
        self._check()
        found: dict[int, list[int]] = {}
        for block in self._blocks:
            for slot, papers in slots_and_papers(self._register, block):
                if slot in found:
                    found[slot].extend(papers)
                else:
                    found[slot] = list(papers)
        return {self.rule(slot): papers for slot, papers in found.items()}

    def count(self) -> int:
        """How many pairs there are."""
        self._check()
        return sum(block.count(self._register) for block in self._blocks)

    def arrays(self) -> Iterator[Pairs]:
        """Every pair as compact arrays, block by block: for a million rules, of which few ids are wanted."""
        self._check()
        for block in self._blocks:
            yield block.pairs(self._register)

    def rule(self, slot: int) -> str:
        """The id of the rule in a slot of `arrays`."""
        self._check()
        rule = self._register.ids[slot]
        assert rule is not None  # a slot that matched holds a rule as long as nothing changed
        return rule

    def _check(self) -> None:
        if self._register.changes != self._changes:
            raise DigestbotError("the engine's rules changed since these matches were found: match again")
