"""Gates worked out by arrays and by compiled loops: as sets of papers say, whatever the room they begin with."""

from __future__ import annotations

from importlib.util import find_spec
from random import Random

import numpy as np
import pytest

from digestbot.matching.batch.nodes import Gates, Settling
from digestbot.matching.index.dag import ANY, ATOM, COMMON, NEVER, RARE, Program
from digestbot.matching.matches import Pairs, Register

fast = pytest.mark.skipif(find_spec("numba") is None, reason="numba, the extra `fast`, is not installed")
WAYS = [pytest.param("numpy"), pytest.param("numba", marks=fast)]


def settling(way: str, program: Program) -> Settling:
    if way == "numpy":
        return Gates(program)
    from digestbot.matching.batch.compiled_nodes import FastGates

    return FastGates(program)


def drawn(random: Random, atoms: int, gates: int) -> Program:
    program = Program()
    for _ in range(atoms):
        program.atom(random.choice((RARE, COMMON)))
    for _ in range(gates):
        some = random.sample(range(len(program)), min(len(program), random.choice((1, 2, 2, 3, 3, 5, 20))))
        if random.random() < 0.5:
            program.any_of(some)
        else:
            cut = random.randint(1, len(some))
            program.all_of(some[:cut], some[cut:])
    return program


def deviating(program: Program, papers: dict[int, set[int]]) -> dict[int, set[int]]:
    """The same told with sets."""
    found = {NEVER: set[int]()}
    for node in range(1, len(program)):
        members = program.members[program.first[node] : program.first[node + 1]]
        required = [found[each] for each in members if each >= 0]
        if program.kind[node] == ATOM:
            found[node] = papers.get(node, set())
        elif program.kind[node] == ANY:
            found[node] = set().union(*required)
        else:
            found[node] = set.intersection(*required).difference(*(found[~each] for each in members if each < 0))
    return found


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", [1, 63, 64, 65, 700, 2048])
def test_gates_deviate_where_sets_say(way: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "numba":
        monkeypatch.setattr("digestbot.matching.batch.compiled_nodes._LEAST", 1)
    for seed in range(20):
        random = Random(f"{size} {seed}")
        program = drawn(random, 30, 200)
        atoms = [node for node in range(1, len(program)) if program.kind[node] == ATOM]
        dense = random.choice((0.01, 0.3, 0.95))
        marks = [(atom, paper) for paper in range(size) for atom in atoms if random.random() < dense]
        marks += random.choices(marks, k=5) if marks else []
        expected = deviating(program, {atom: {p for a, p in marks if a == atom} for atom in atoms})
        nodes = sorted(random.sample(range(len(program)), len(program) // 2))
        live, ends, papers = settling(way, program).deviating(
            np.array([a for a, _ in marks], np.int32), np.array([p for _, p in marks], np.int32), size,
            np.array(nodes, np.int32),
        )  # fmt: skip
        begins = [0, *ends.tolist()]
        told = {
            nodes[at]: papers[begin:end].tolist()
            for at, begin, end in zip(live.tolist(), begins, ends.tolist(), strict=False)
        }
        assert told == {node: sorted(expected[node]) for node in nodes if expected[node]}


@fast
@pytest.mark.parametrize("piece", [6, 7, 20, 1 << 20])
def test_pairs_in_pieces_are_all_pairs(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from digestbot.matching.batch.blocks import Roster
    from digestbot.matching.batch.compiled import FastBlock

    monkeypatch.setattr("digestbot.matching.batch.compiled._PIECE", piece)
    register = Register()
    for rule, node in enumerate((3, 5, 5, 1, 3, 9, 5)):
        register.add(str(rule), node, False)
    register.add("not nine", 9, True)
    register.remove("1")
    roster = Roster(register)
    live = [roster.nodes.tolist().index(node) for node in (3, 5)]
    papers = np.array([0, 2, 4, 0, 1, 2, 3, 4, 5], np.uint16)
    block = FastBlock(100, 6, roster, np.array(live, np.int32), np.array([3, 9], np.int64), papers)
    pieces: list[Pairs] = list(block.pairs(register))
    told = [(slot, paper) for each in pieces for slot, paper in zip(*each, strict=True)]
    three = [(slot, 100 + paper) for slot in (0, 4) for paper in (0, 2, 4)]
    every = [(slot, 100 + paper) for slot in (2, 6, 7) for paper in range(6)]
    assert sorted(told) == sorted(three + every)
    assert block.count(register) == len(told)
