"""Copies of the checkout that faults are put into, and the tests that are run in them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.mutants.faults import Mutant
from tests.mutants.warm import CAUGHT

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
"""Seconds; faults that make tests hang for so long, and for four times what they need without, are caught."""
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__", ".hypothesis")


@dataclass(frozen=True, slots=True)
class Reach:
    """Which functions each of a room's tests reaches (as `module:line`), and how many seconds it takes."""

    tests: dict[str, frozenset[str]]
    seconds: dict[str, float]
    on_a_server: bool

    def of(self, mutant: Mutant) -> list[str]:
        """The tests that reach a fault's function; where none does those that reach its module; or else all. The
        quickest first."""
        function, module = f"{mutant.module}:{mutant.function}", f"{mutant.module}:"
        nearest = [name for name, reached in self.tests.items() if function in reached]
        near = [name for name, reached in self.tests.items() if any(each.startswith(module) for each in reached)]
        return sorted(nearest or near or self.tests, key=self.seconds.__getitem__)


class Copies:
    """Copies of the checkout, one for each process at work; the checkout itself is never touched."""

    def __init__(self, folder: Path, count: int) -> None:
        self._free = SimpleQueue[_Copy]()
        self._every = [_Copy(folder / str(number)) for number in range(count)]
        for each in self._every:
            self._free.put(each)

    def reach(self, tests: Sequence[str], on_a_server: bool) -> Reach:
        """Run a room's tests as it stands."""
        copy = self._free.get()
        try:
            return copy.reach(tests, on_a_server)
        finally:
            self._free.put(copy)

    def caught(self, reach: Reach, mutant: Mutant) -> bool:
        """Whether a test that reaches the fault fails with it in."""
        copy = self._free.get()
        try:
            return copy.caught(reach, mutant)
        finally:
            self._free.put(copy)

    def close(self) -> None:
        """End the processes that have collected tests."""
        for each in self._every:
            each.close()


class _Copy:
    def __init__(self, folder: Path) -> None:
        self._folder, self._root = folder, folder / "checkout"
        self._warm: _Warm | None = None
        shutil.copytree(ROOT, self._root, ignore=_LEFT_OUT)
        if (ROOT.parent / "shared").is_dir():
            (folder / "shared").symlink_to(ROOT.parent / "shared")

    def reach(self, tests: Sequence[str], on_a_server: bool) -> Reach:
        into, there = self._folder / "reach.json", [each for each in tests if (self._root / each).exists()]
        with _pytest(self._root, on_a_server, there, REACH_INTO=str(into)) as process:
            process.wait()
        found = json.loads(into.read_text(encoding="utf-8"))
        reached = {name: frozenset(functions) for name, (functions, _) in found.items()}
        return Reach(reached, {name: seconds for name, (_, seconds) in found.items()}, on_a_server)

    def caught(self, reach: Reach, mutant: Mutant) -> bool:
        if self._warm is None or self._warm.reach is not reach:
            self.close()
            self._warm = _Warm(self._root, reach)
        tests = reach.of(mutant)
        patience = PATIENCE + 4 * sum(reach.seconds[each] for each in tests)
        module = self._root / mutant.module
        plain = module.read_text(encoding="utf-8")
        module.write_text(mutant.source, encoding="utf-8")
        try:
            warm = self._warm.answer(module, plain, mutant.source, tests, patience)
            return warm == CAUGHT or self._caught_afresh(reach, tests, patience)
        finally:
            module.write_text(plain, encoding="utf-8")

    def _caught_afresh(self, reach: Reach, tests: Sequence[str], patience: float) -> bool:
        """Whether a process of its own finds the fault."""
        listed = self._folder / "tests.json"
        listed.write_text(json.dumps(tests), encoding="utf-8")
        with _pytest(self._root, reach.on_a_server, _files(tests), "-x", REACH_FROM=str(listed)) as process:
            try:
                return process.wait(patience) != 0
            except subprocess.TimeoutExpired:
                process.kill()
                return True

    def close(self) -> None:
        if self._warm is not None:
            self._warm.close()


class _Warm:
    """A process that has collected a room's tests and answers for each fault; see `warm.py`."""

    def __init__(self, root: Path, reach: Reach) -> None:
        self.reach = reach
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        ends = {"WARM_ASKED": str(theirs_in), "WARM_TOLD": str(theirs_out)}
        options = ("-p", "tests.mutants.warm")
        self._process = _pytest(
            root, reach.on_a_server, _files(reach.tests), *options, gets=(theirs_in, theirs_out), **ends
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._asks, self._tells = os.fdopen(ours_out, "w"), os.fdopen(ours_in)
        self._tells.readline()  # it is ready: no fault stands in a file that it imports

    def answer(self, module: Path, plain: str, source: str, tests: Sequence[str], timeout: float) -> str:
        """What a fork with the fault finds."""
        question = {"file": str(module), "plain": plain, "source": source, "tests": tests, "timeout": timeout}
        print(json.dumps(question), file=self._asks, flush=True)
        return self._tells.readline().strip()

    def close(self) -> None:
        self._asks.close()
        self._process.wait()
        self._tells.close()


def _files(tests: Sequence[str] | dict[str, frozenset[str]]) -> list[str]:
    return list(dict.fromkeys(each.partition("::")[0] for each in tests))


def _pytest(
    root: Path, on_a_server: bool, tests: Sequence[str], *options: str, gets: Sequence[int] = (), **environ: str
) -> subprocess.Popen[bytes]:
    """Run tests in a copy; whatever they draw by chance is drawn alike."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", "--hypothesis-seed=0"]
    command += ["-p", "tests.mutants.reaching", *options, *([] if on_a_server else ["-k", "not postgres"])]
    environ = os.environ | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"} | environ
    return subprocess.Popen(
        [*command, *tests],
        cwd=root,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=gets,
    )
