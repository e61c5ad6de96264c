"""How soon `run` is ready: ``python -m tests.bench.start [--files 10000] [--runs 3]``.

Real daemons with that many files of subscriptions and the pages on, nothing due. Ready is one that answers /ready and
whose first round is over. Cold, every file is compiled; warm, what was compiled is read back; and with one file changed
since. Told are seconds of the clock and of the daemon's CPU, the medians of the runs; it ends with 1 where the warm
start takes longer by the clock than the aim for so many files.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.bench.running import prepared, ready_after
from tests.bench.workload import CORPUS, papers

AIMS = {10_000: 2.0, 100_000: 15.0}
"""Seconds by the clock for up to so many files."""
_SEED = 7


def measured(what: str, home: Path, runs: int, before: Callable[[], object]) -> float:
    """The seconds until it is ready, by the clock; `before` each start something is done."""
    times = []
    for _ in range(runs):
        before()
        times.append(ready_after(home))
    wall, cpu = statistics.median(each for each, _ in times), statistics.median(each for _, each in times)
    print(f"{what:<24} ready after {wall:6.2f} s  ({cpu:6.2f} s of CPU)", flush=True)
    return wall


def main() -> int:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        prepared(home, asked.files, papers(asked.corpus, 500, Random(_SEED)), 500)
        compiled, one = home / "data" / "compiled", home / "subscriptions" / "reader-0.toml"
        changed = iter(range(1, asked.runs + 1))
        print(f"{asked.files:,} files of subscriptions")
        measured("cold", home, 1, lambda: compiled.unlink(missing_ok=True))
        wall = measured("warm", home, asked.runs, lambda: None)
        text = one.read_text(encoding="utf-8")
        measured("warm, one file changed", home, asked.runs, lambda: one.write_text(f"{text}# {next(changed)}\n"))
    aim = next((most for files, most in AIMS.items() if asked.files <= files), None)
    print(f"aim: {aim:g} s by the clock where it is warm" if aim else "no aim for so many files")
    return int(aim is not None and wall > aim)


if __name__ == "__main__":
    sys.exit(main())
