"""A million rules against a batch of papers: build, add or remove one, match."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, BinaryIO, Literal

from digestbot.core.papers import Paper
from digestbot.matching.atoms import Atoms
from digestbot.matching.compiling import Compiled, Compiler
from digestbot.matching.image import Buffer, load, save
from digestbot.matching.matches import Block, Ledger, Matches
from digestbot.matching.program import NEVER, Program
from digestbot.matching.rows import RowBlock, atom_rows, deviations
from digestbot.matching.scanning import Scan
from digestbot.matching.verdicts import Verdict, verdict
from digestbot.rules.ast import Node

if TYPE_CHECKING:
    from digestbot.matching.fast import FastMatcher

PAPERS_AT_ONCE = 2048
# Measured: what the plain way costs a paper, and a paper and rule; what importing the fast way costs.
_SCAN_SECONDS = 150e-6
_RULE_SECONDS = 5e-9
_FAST_START_SECONDS = 2.0
_FEW_PAPERS = 32


@cache
def _numba_is_installed() -> bool:
    return find_spec("numba") is not None


class Engine:
    """Rules by their ids, compiled into one program."""

    def __init__(self) -> None:
        self._program = Program()
        self._atoms = Atoms(self._program)
        self._ledger = Ledger()
        self._fast: FastMatcher | None = None
        self.speed: Literal["plain", "fast"] | None = None

    @classmethod
    def build(cls, rules: Iterable[tuple[str, Node]]) -> Engine:
        """The engine for these rules; of several with one id the last counts."""
        engine = cls()
        compiler = Compiler(engine._atoms)
        for rule, node in rules:
            engine._put(rule, node, compiler)
        return engine

    @classmethod
    def load(cls, buffer: Buffer) -> Engine:
        """The engine whose image this is: the content of a file, or a memory map of it.

        Raises ImageError for one that is damaged or of another version.
        """
        engine = cls()
        load(buffer, engine._atoms, engine._ledger)
        return engine

    def save(self, file: BinaryIO) -> None:
        """Write an image of the compiled rules."""
        save(file, self._atoms, self._ledger)

    def __len__(self) -> int:
        return len(self._ledger.slots)

    def __contains__(self, rule: object) -> bool:
        return rule in self._ledger.slots

    def add(self, rule: str, node: Node) -> None:
        """Add a rule, in the place of the one that has this id."""
        self._put(rule, node, Compiler(self._atoms))

    def remove(self, rule: str) -> None:
        """Take a rule out. Raises KeyError when there is none with this id."""
        self._ledger.remove(rule)

    def match(self, papers: Sequence[Paper], *, today: date) -> Matches:
        """Which rules each of the papers answers; `today` is what ages are counted to."""
        return Matches(self._ledger, list(self._blocks(papers, Scan(self._atoms, today))))

    def _blocks(self, papers: Sequence[Paper], scan: Scan) -> Iterator[Block]:
        fast = self._fast_matcher(len(papers))
        at_once = fast.papers_at_once() if fast else PAPERS_AT_ONCE
        for start in range(0, len(papers), at_once):
            some = papers[start : start + at_once]
            if fast:
                yield fast.match(scan, some, start, self._ledger)
            else:
                rows = deviations(self._program, atom_rows(map(scan.atoms_of, some)))
                yield RowBlock(start, len(some), self._rules_rows(rows))

    def _rules_rows(self, rows: dict[int, int]) -> dict[int, int]:
        """The rows of nodes that rules hang on."""
        head = self._ledger.head
        inverted = {self._ledger.node[slot] for slot in self._ledger.inverted}
        return {n: row for n, row in rows.items() if (n < len(head) and head[n] >= 0) or n in inverted}

    def _fast_matcher(self, papers: int) -> FastMatcher | None:
        """The compiled way, where it is installed and its start is worth it."""
        if self.speed == "plain" or (self.speed is None and not self._pays(papers)):
            return None
        if self._fast is None:
            from digestbot.matching.fast import FastMatcher  # numba is slow to import: only where it pays

            self._fast = FastMatcher(self._atoms)
        return self._fast

    def _pays(self, papers: int) -> bool:
        if papers < _FEW_PAPERS or not _numba_is_installed():
            return False
        seconds = papers * (_SCAN_SECONDS + len(self) * _RULE_SECONDS)
        return self._fast is not None or seconds > _FAST_START_SECONDS

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """The rules that match no paper, or every paper, whatever it is."""
        ledger = self._ledger
        return {
            rule: Verdict.ALWAYS if ledger.default[slot] else Verdict.NEVER
            for rule, slot in ledger.slots.items()
            if ledger.node[slot] == NEVER
        }

    def _put(self, rule: str, node: Node, compiler: Compiler) -> None:
        known = verdict(node)
        compiled = Compiled(NEVER, known is Verdict.ALWAYS) if known else compiler.compile(node)
        if rule in self._ledger.slots:
            self._ledger.remove(rule)
        self._ledger.add(rule, compiled.node, compiled.default)
