"""What a batch of papers answered: kept as rows of the shared program, told as rules and papers when asked."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from digestbot.matching.batch.sparse_lists import Lists
from digestbot.model.errors import DigestbotError


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

    def pairs(self, register: Register) -> Iterator[Pairs]:
        """Every pair of a rule's slot and a paper, in pieces."""
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

    Slots are never used twice. Of slot s: ``ids[s]`` (None once removed), ``node[s]`` and ``default[s]`` (0, 1,
    or GONE once removed). ``inverted`` are the slots of default 1.
    """

    def __init__(self) -> None:
        self.ids: list[str | None] = []
        self.node = array("i")
        self.default = array("b")
        self.slots: dict[str, int] = {}
        self.inverted: dict[int, None] = {}
        self.hangs = Lists(1)
        self.changes = 0

    def add(self, rule: str, node: int, default: bool) -> None:
        """Give a rule that has none a slot."""
        slot = len(self.ids)
        self.ids.append(rule)
        self.node.append(node)
        self.default.append(default)
        if default:
            self.inverted[slot] = None
        self.slots[rule] = slot
        self.changes += 1

    def remove(self, rule: str) -> None:
        """Empty a rule's slot. Raises KeyError when there is no such rule."""
        slot = self.slots.pop(rule)
        self.ids[slot] = None
        self.default[slot] = GONE
        self.inverted.pop(slot, None)
        self.changes += 1

    def hanging(self) -> Lists:
        """Under each node the slots of rules that answer exactly where it deviates, some of them GONE."""
        self.hangs.catch_up(len(self.ids), self._hangs_from)
        return self.hangs

    def _hangs_from(self, begin: int) -> tuple[array[int], array[int]]:
        slots = array("i", (slot for slot in range(begin, len(self.ids)) if self.default[slot] == 0))
        return array("i", map(self.node.__getitem__, slots)), slots


def slots_and_papers(register: Register, block: Block) -> Iterator[tuple[int, Sequence[int]]]:
    """Each slot whose rule matches in the block, with its papers in order."""
    default = register.default
    for node, slots in register.hanging().under(block.nodes()):
        papers = block.papers(node)
        for slot in slots:
            if default[slot] != GONE:
                yield slot, papers
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
        ids = self._register.ids
        for block in self._blocks:
            for slot, papers in slots_and_papers(self._register, block):
                rule = ids[slot]
                assert rule is not None  # its default says so
                yield rule, papers

    def pairs(self) -> Iterator[tuple[str, int]]:
        """Every (rule, paper) pair."""
        for rule, papers in self:
            for paper in papers:
                yield rule, paper

    def by_rule(self) -> dict[str, list[int]]:
        """Each rule that matches, with all its papers in order."""
        found: dict[str, list[int]] = {}
        for rule, papers in self:
            if rule in found:
                found[rule].extend(papers)
            else:
                found[rule] = list(papers)
        return found

    def count(self) -> int:
        """How many pairs there are."""
        self._check()
        return sum(block.count(self._register) for block in self._blocks)

    def arrays(self) -> Iterator[Pairs]:
        """Every pair as compact arrays, piece by piece: for a million rules, of which few ids are wanted."""
        self._check()
        for block in self._blocks:
            yield from block.pairs(self._register)

    def rule(self, slot: int) -> str:
        """The id of the rule in a slot of `arrays`."""
        self._check()
        rule = self._register.ids[slot]
        assert rule is not None  # a slot that matched holds a rule as long as nothing changed
        return rule

    def _check(self) -> None:
        if self._register.changes != self._changes:
            raise DigestbotError("the engine's rules changed since these matches were found: match again")
