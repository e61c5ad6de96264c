"""A million rules against a batch of papers: build, add or remove one, match."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, TypeAlias

from digestbot.matching.index.atoms import Atoms
from digestbot.matching.index.bit_rows import RowBlock, atom_rows, deviations, deviations_of_one
from digestbot.matching.index.compiler import Compiler
from digestbot.matching.index.dag import Program
from digestbot.matching.index.scanner import Scan
from digestbot.matching.matches import Block, Matches, Register
from digestbot.model.garbage import uncollected
from digestbot.model.papers import Paper
from digestbot.rules.ast import Node

if TYPE_CHECKING:
    from digestbot.matching.batch.arrays import ArrayMatcher
    from digestbot.matching.batch.compiled import FastMatcher

Speed: TypeAlias = Literal["python", "numpy", "numba"]
"""What matches: Python alone, numpy's arrays, or loops compiled by numba; the pairs are the same."""

PAPERS_AT_ONCE = 2048
# Measured: what each way costs a paper, a paper and rule, and to be started with its first papers.
_PAPER_SECONDS = {"python": 150e-6, "numpy": 65e-6, "numba": 30e-6}
_RULE_SECONDS = {"python": 5e-9, "numpy": 0.8e-9, "numba": 0.1e-9}
_START_SECONDS = {"python": 0.0, "numpy": 0.3, "numba": 2.0}
_FEW_PAPERS = 32


@cache
def _installed(speed: Speed) -> bool:
    return speed == "python" or find_spec(speed) is not None


class Engine:
    """Rules by their ids, compiled into one program."""

    def __init__(self) -> None:
        self._program = Program()
        self._atoms = Atoms(self._program)
        self._register = Register()
        self._matchers: dict[Speed, ArrayMatcher | FastMatcher] = {}
        self.speed: Speed | None = None

    @classmethod
    def build(cls, rules: Iterable[tuple[str, Node]]) -> Engine:
        """The engine for these rules; of several with one id the last counts."""
        engine = cls()
        compiler = Compiler(engine._atoms)
        with uncollected():
            for rule, node in rules:
                engine._put(rule, node, compiler)
        return engine

    def __len__(self) -> int:
        return len(self._register.slots)

    def __contains__(self, rule: object) -> bool:
        return rule in self._register.slots

    def add(self, rule: str, node: Node) -> None:
        """Add a rule, in the place of the one that has this id."""
        self._put(rule, node, Compiler(self._atoms))

    def remove(self, rule: str) -> None:
        """Take a rule out. Raises KeyError when there is none with this id."""
        self._register.remove(rule)

    def match(self, papers: Sequence[Paper], *, today: date) -> Matches:
        """Which rules each of the papers answers; `today` is what ages are counted to."""
        return Matches(self._register, list(self._blocks(papers, Scan(self._atoms, today))))

    def _blocks(self, papers: Sequence[Paper], scan: Scan) -> Iterator[Block]:
        matcher = self._matcher(self.speed or self._quickest(len(papers)))
        at_once = matcher.papers_at_once() if matcher else PAPERS_AT_ONCE
        for start in range(0, len(papers), at_once):
            some = papers[start : start + at_once]
            if matcher:
                yield matcher.match(scan, some, start, self._register)
            else:
                found = map(scan.atoms_of, some)
                if len(some) == 1:
                    rows = dict.fromkeys(deviations_of_one(self._program, next(found)), 1)
                else:
                    rows = self._rules_rows(deviations(self._program, atom_rows(found)))
                yield RowBlock(start, len(some), rows)

    def _rules_rows(self, rows: dict[int, int]) -> dict[int, int]:
        """The rows of nodes that rules hang on."""
        register = self._register
        wanted = {node for node, _ in register.hanging().under(rows)}
        wanted.update(register.node[slot] for slot in register.inverted)
        return {node: row for node, row in rows.items() if node in wanted}

    def _matcher(self, speed: Speed) -> ArrayMatcher | FastMatcher | None:
        # Both are slow to import: only where it pays.
        if speed == "numpy" and speed not in self._matchers:
            from digestbot.matching.batch.arrays import ArrayMatcher

            self._matchers[speed] = ArrayMatcher(self._atoms)
        if speed == "numba" and speed not in self._matchers:
            from digestbot.matching.batch.compiled import FastMatcher

            self._matchers[speed] = FastMatcher(self._atoms)
        return self._matchers.get(speed)

    def _quickest(self, papers: int) -> Speed:
        """The way that is likely done first, its start included."""

        def seconds(speed: Speed) -> float:
            start = 0.0 if speed in self._matchers else _START_SECONDS[speed]
            return start + papers * (_PAPER_SECONDS[speed] + len(self) * _RULE_SECONDS[speed])

        ways: tuple[Speed, ...] = ("python", "numpy", "numba")
        few = papers < _FEW_PAPERS
        return "python" if few else min(filter(_installed, ways), key=seconds)

    def _put(self, rule: str, node: Node, compiler: Compiler) -> None:
        compiled = compiler.compile(node)
        if rule in self._register.slots:
            self._register.remove(rule)
        self._register.add(rule, compiled.node, compiled.default)
