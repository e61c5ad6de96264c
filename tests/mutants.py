"""Small faults put into the rooms that decide, one at a time, and what the tests say: `python -m tests.mutants`.

A fault is one token's worth of a change that a user could notice: a comparison a step off, a number one too large, a
condition turned round, a call left out. Each is put into a copy of the checkout, whose nearest tests are run; one that
all of them pass with is named at the end. What a room's tests are stands in `NEAREST`.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
NEAREST: dict[str, tuple[str, ...]] = {
    "digests": ("tests/digests",),
    "model/cadence.py": ("tests/model", "tests/digests"),
    "model/catching_up.py": ("tests/model", "tests/digests"),
    "model/soft_bounces.py": ("tests/model",),
    "model/refusals.py": ("tests/model",),
    "matching/ranking.py": ("tests/matching/test_ranking.py", "tests/digests"),
    "matching/taste.py": ("tests/matching/test_taste.py", "tests/matching/test_ranking.py"),
    "delivery/decisions.py": ("tests/delivery/test_decisions.py", "tests/delivery/test_dispatcher.py"),
    "delivery/destinations.py": ("tests/delivery/test_destinations.py", "tests/delivery/test_dispatcher.py"),
    "delivery/dispatcher.py": ("tests/delivery/test_dispatcher.py", "tests/delivery/test_servers.py"),
    "delivery/wanted.py": ("tests/delivery/test_dispatcher.py",),
    "store/merging.py": ("tests/store/test_merging.py", "tests/store/test_tinydb.py", "tests/store/test_contract.py"),
    "store/identity.py": ("tests/store/test_merging.py", "tests/store/test_tinydb.py", "tests/store/test_contract.py"),
    "bounces/handler.py": ("tests/bounces",),
    "rendering/excerpt.py": ("tests/rendering/test_text.py", "tests/rendering/test_pages.py"),
    "subscribers/rows.py": ("tests/subscribers", "tests/stories/test_subscribers.py"),
}
"""By room or module that decides: the tests that are nearest to it."""
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__", ".hypothesis")
PATIENCE = 300  # seconds; a fault that makes the tests hang is caught

_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add,
}  # fmt: skip
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: the module (from the checkout), the line, what stood there, what stands there now, the new source."""

    module: Path
    line: int
    before: str
    after: str
    source: str


def mutants_of(module: Path) -> Iterator[Mutant]:
    """Every fault that can be put into a module, in the order of its source."""
    text = (ROOT / module).read_text(encoding="utf-8")
    for number in range(len(list(_faults(ast.parse(text))))):
        tree = ast.parse(text)
        node, put_in = list(_faults(tree))[number]
        before = _shown(node)
        put_in()
        yield Mutant(
            module, getattr(getattr(node, "target", node), "lineno", 0), before, _shown(node), ast.unparse(tree)
        )


def _shown(node: ast.AST) -> str:
    """A fault as people read it: of a condition only what is asked."""
    return ast.unparse(getattr(node, "test", node))


def _faults(tree: ast.AST) -> Iterator[tuple[ast.AST, Callable[[], object]]]:
    """Where a fault can be put in, and what puts it there. Types and texts are no place for one."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(ops=[op, *_]) if type(op) in _SWAPS:
                yield node, partial(node.ops.__setitem__, 0, _SWAPS[type(op)]())
            case ast.BoolOp(op=op) | ast.BinOp(op=op) if type(op) in _SWAPS:
                yield node, partial(setattr, node, "op", _SWAPS[type(op)]())
            case ast.UnaryOp(op=ast.Not()):
                yield node, partial(setattr, node, "operand", ast.UnaryOp(ast.Not(), node.operand))
            case ast.IfExp(test=test) | ast.If(test=test) | ast.comprehension(ifs=[test, *_]):
                yield node, partial(_negate, node, test)
            case ast.Constant(value=bool(value)):
                yield node, partial(setattr, node, "value", not value)
            case ast.Constant(value=int(value)):
                yield node, partial(setattr, node, "value", value + 1)
            case ast.Call(func=ast.Name(id=name)) if name in _NAMES:
                yield node, partial(setattr, node.func, "id", _NAMES[name])
            case ast.Expr(value=ast.Call()):
                yield node, partial(setattr, node, "value", ast.Constant(None))


def _negate(node: ast.IfExp | ast.If | ast.comprehension, test: ast.expr) -> None:
    turned = ast.UnaryOp(ast.Not(), test)
    if isinstance(node, ast.comprehension):
        node.ifs[0] = turned
    else:
        node.test = turned


def chosen(asked: Sequence[str], count: int, seed: int) -> list[tuple[str, Mutant]]:
    """So many faults of these rooms (all without any), the same for the same seed; each room has its share."""
    rooms = {room: _modules(room) for room in NEAREST if not asked or any(room.startswith(each) for each in asked)}
    drawn = random.Random(seed)
    found = {room: [each for module in modules for each in mutants_of(module)] for room, modules in rooms.items()}
    whole = sum(map(len, found.values()))
    return [
        (room, each)
        for room, every in found.items()
        for each in drawn.sample(every, min(len(every), max(1, round(count * len(every) / whole))))
    ]


def _modules(room: str) -> list[Path]:
    place = ROOT / "digestbot" / room
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
    return [each.relative_to(ROOT) for each in files if each.name != "__init__.py"]


class Copies:
    """Copies of the checkout, one for each process at work; the checkout itself is never touched."""

    def __init__(self, folder: Path, count: int) -> None:
        self._free = SimpleQueue[Path]()
        for number in range(count):
            copy = folder / str(number) / "checkout"
            shutil.copytree(ROOT, copy, ignore=_LEFT_OUT)
            if (ROOT.parent / "shared").is_dir():
                (copy.parent / "shared").symlink_to(ROOT.parent / "shared")
            self._free.put(copy)

    def caught(self, room: str, mutant: Mutant) -> bool:
        """Whether the nearest tests fail with the fault in."""
        copy = self._free.get()
        module, tests = copy / mutant.module, [each for each in NEAREST[room] if (copy / each).exists()]
        plain = module.read_text(encoding="utf-8")
        module.write_text(mutant.source, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", *tests]
        try:
            environ = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
            done = subprocess.run(command, cwd=copy, env=environ, capture_output=True, timeout=PATIENCE, check=False)
            return done.returncode != 0
        except subprocess.TimeoutExpired:
            return True
        finally:
            module.write_text(plain, encoding="utf-8")
            self._free.put(copy)


def main() -> int:
    """Put faults in and tell what survived; 1 when more than a tenth did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rooms", nargs="*", help=f"of {', '.join(NEAREST)}; all without any")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    todo = chosen(options.rooms, options.count, options.seed)
    tried, caught = Counter(room for room, _ in todo), Counter[str]()
    with TemporaryDirectory() as folder, ThreadPoolExecutor(options.processes) as pool:
        copies = Copies(Path(folder), options.processes)
        for (room, each), found in zip(todo, pool.map(lambda one: copies.caught(*one), todo), strict=True):
            caught[room] += found
            if not found:
                print(f"survived: {each.module}:{each.line}: {each.before}  ->  {each.after}", flush=True)
    print("\n| room | faults | caught |\n|---|---|---|")
    for room, count in tried.items():
        print(f"| {room} | {count} | {caught[room]} |")
    print(f"| all | {len(todo)} | {caught.total()} ({100 * caught.total() / len(todo):.0f} %) |")
    return int(caught.total() < 0.9 * len(todo))


if __name__ == "__main__":
    sys.exit(main())
