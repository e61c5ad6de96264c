"""The matching benchmark: ``python -m tests.bench.matching [--sizes 1000,10000] [--papers N] [--corpus PATH]``.

All methods stand in one run on one workload, and their match sets are compared before anything is printed.
Building is measured in a process of its own, for its time and its peak memory.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import islice, pairwise
from pathlib import Path
from random import Random

from digestbot.matching.engine import Engine, Speed
from digestbot.model.papers import Paper
from digestbot.rules.ast import Node
from digestbot.rules.parser import parse_node
from tests.bench.rivals import Naive, Prefilter, pairs
from tests.bench.workload import CORPUS, Workload, papers

_TODAY = date(2024, 6, 15)
_SEED = 7
_SOURCE = 10_000
"""How many papers the rules are drawn from."""


def seconds(work: Callable[[], object]) -> float:
    """How long the processor works for one call: what other programs do meanwhile is not counted."""
    start = time.process_time()
    work()
    return time.process_time() - start


class Timed:
    """An iterator that knows how long it took to make its items, so that a build can be told without."""

    def __init__(self, items: Iterator[tuple[str, Node]]) -> None:
        self._items = items
        self.seconds = 0.0

    def __iter__(self) -> Iterator[tuple[str, Node]]:
        return self

    def __next__(self) -> tuple[str, Node]:
        start = time.process_time()
        try:
            return next(self._items)
        finally:
            self.seconds += time.process_time() - start


def peak_megabytes() -> float:
    """The most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def build(size: int, corpus: Path) -> None:
    """The child that builds: prints its seconds and megabytes."""
    workload = Workload(papers(corpus, _SOURCE, Random(_SEED)), _SEED)
    gc.collect()
    gc.freeze()
    before = peak_megabytes()
    rules = Timed(workload.rules(size))
    whole = time.process_time()
    engine = Engine.build(rules)
    whole = time.process_time() - whole - rules.seconds
    assert len(engine) == size
    print(json.dumps({"build": whole, "before": before, "peak": peak_megabytes()}))


def child(*arguments: str) -> dict[str, float]:
    """What a child process prints."""
    command = [sys.executable, "-m", "tests.bench.matching", *arguments]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def engine_rate(engine: Engine, some: Sequence[Paper]) -> tuple[float, int]:
    """Papers a second with every pair written out, and the number of pairs; the second pass of two."""
    count = 0

    def work() -> None:
        nonlocal count
        count = sum(len(each.papers) for each in engine.match(some, today=_TODAY).arrays())

    work()
    return len(some) / seconds(work), count


def alert_milliseconds(engine: Engine, some: Sequence[Paper]) -> float:
    """The median time of one paper against all rules."""
    taken = sorted(seconds(lambda each=each: engine.match([each], today=_TODAY).by_rule()) for each in some)  # type: ignore[misc]  # the loop's paper is bound at once
    return 1000 * taken[len(taken) // 2]


def change_milliseconds(engine: Engine) -> tuple[float, float]:
    """The slowest of some additions, of words, phrases and prefixes both known and new, and of removals."""
    texts = ("attention", '"speech of whales" OR quantizationlike*', "zyxwv qwert -plugh", "model* upvotes>=3")
    nodes = [(f"added-{at}", parse_node(text)) for at, text in enumerate(texts)]
    added = [seconds(lambda each=each: engine.add(*each)) for each in nodes]  # type: ignore[misc]  # bound at once
    removed = [seconds(lambda each=each: engine.remove(each[0])) for each in nodes]  # type: ignore[misc]  # bound at once
    return 1000 * max(added), 1000 * max(removed)


def measure(size: int, corpus: Path, every: Sequence[Paper], workload: Workload) -> dict[str, float]:
    """One size: every method in turn; raises AssertionError where they differ."""
    found: dict[str, float] = {"rules": size}
    built = child("--child-build", str(size), "--corpus", str(corpus))
    found |= {"build_s": built["build"], "build_mb": built["peak"], "build_mb_more": built["peak"] - built["before"]}
    engine = Engine.build(workload.rules(size))
    gc.collect()
    gc.freeze()
    found["alert_ms"] = alert_milliseconds(engine, every[-50:])
    found["add_ms"], found["remove_ms"] = change_milliseconds(engine)
    engine.speed = "numpy"
    some = every[: 4096 if size <= 100_000 else 2048]
    found["plain"], plain_pairs = engine_rate(engine, some)
    found["pairs"] = plain_pairs / len(some)
    engine.speed = "numba"
    try:
        found["fast"], fast_pairs = engine_rate(engine, every)
        half, _ = engine_rate(engine, every[: len(every) // 2])
        assert engine_rate(engine, some)[1] == plain_pairs
        found["fast_us_a_pair"] = 1e6 * (len(every) / found["fast"]) / max(1, fast_pairs)
        found["papers_slope"] = (len(every) / found["fast"]) / (len(every) // 2 / half)
    except ImportError:
        pass
    compare(engine, size, every, workload, found)
    return found


def compare(engine: Engine, size: int, every: Sequence[Paper], workload: Workload, found: dict[str, float]) -> None:
    """Add the rivals' rates; raises AssertionError when they find other pairs than the engine."""
    gc.disable()
    prefilter = Prefilter(workload.rules(size))
    gc.enable()
    gc.collect()
    gc.freeze()
    some = every[: max(50, min(2000, 20_000_000 // size))]
    pairs(prefilter, some[:10])
    rival: set[tuple[str, int]] = set()
    found["prefilter"] = len(some) / seconds(lambda: rival.update(pairs(prefilter, some)))
    ways: tuple[Speed, ...] = ("python", "numpy", "numba") if "fast" in found else ("python", "numpy")
    for speed in ways:
        engine.speed = speed
        assert {*engine.match(some, today=_TODAY).pairs()} == rival, f"{speed} differs from the prefilter"
    sample = min(size, 2000)
    naive = Naive(islice(workload.rules(size), sample))
    few = every[:20]
    asked: set[tuple[str, int]] = set()
    taken = seconds(lambda: asked.update(pairs(naive, few)))
    found["naive"] = len(few) / (taken * size / sample)
    known = {f"rule-{at}" for at in range(sample)}
    assert asked == {each for each in rival if each[0] in known and each[1] < len(few)}, "naive differs"


_COLUMNS = (
    ("rules", "rules", "{:,.0f}"),
    ("naive*", "naive", "{:,.2f}"),
    ("prefilter", "prefilter", "{:,.0f}"),
    ("plain", "plain", "{:,.0f}"),
    ("fast", "fast", "{:,.0f}"),
    ("plain/pre", "plain_ratio", "{:,.1f}"),
    ("fast/pre", "fast_ratio", "{:,.1f}"),
    ("fast/naive", "naive_ratio", "{:,.0f}"),
    ("pairs/paper", "pairs", "{:,.1f}"),
    ("build s", "build_s", "{:.2f}"),
    ("peak MB", "build_mb", "{:,.0f}"),
    ("add ms", "add_ms", "{:.2f}"),
    ("remove ms", "remove_ms", "{:.3f}"),
    ("alert ms", "alert_ms", "{:.2f}"),
)


def table(rows: Sequence[dict[str, float]]) -> str:
    """The figures as a Markdown table; methods in papers a second."""
    lines = ["| " + " | ".join(title for title, _, _ in _COLUMNS) + " |", "|" + "---|" * len(_COLUMNS)]
    for row in rows:
        row |= {"plain_ratio": row["plain"] / row["prefilter"]}
        if "fast" in row:
            row |= {"fast_ratio": row["fast"] / row["prefilter"], "naive_ratio": row["fast"] / row["naive"]}
        cells = [form.format(row[name]) if name in row else "-" for _, name, form in _COLUMNS]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def slopes(rows: Sequence[dict[str, float]]) -> Iterator[str]:
    """How the cost grows: with papers, and with rules and matches from each size to the next."""
    for row in rows:
        if "papers_slope" in row:
            yield f"{row['rules']:,.0f} rules: twice the papers cost {row['papers_slope']:.2f} times as much"
    for less, more in pairwise(rows):
        method = "fast" if "fast" in more else "plain"
        yield (
            f"{less['rules']:,.0f} to {more['rules']:,.0f} rules: {more['rules'] / less['rules']:.0f} times the "
            f"rules and {more['pairs'] / less['pairs']:.1f} times the matches cost "
            f"{less[method] / more[method]:.1f} times as much a paper"
        )


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,10000,100000,1000000")
    parser.add_argument("--papers", type=int, default=20_000)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--child-build", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child_build:
        build(asked.child_build, asked.corpus)
    else:
        every = papers(asked.corpus, asked.papers, Random(_SEED))
        workload = Workload(papers(asked.corpus, _SOURCE, Random(_SEED)), _SEED)
        rows = []
        for size in map(int, asked.sizes.split(",")):
            print(f"{size:,} rules ...", file=sys.stderr, flush=True)
            rows.append(measure(size, asked.corpus, every, workload))
            print(table(rows[-1:]), file=sys.stderr, flush=True)
        print(table(rows))
        print("\nPapers a second; every method found the same pairs on the papers it shared with the others.")
        print("* a loop over at most 2,000 of the rules, its time scaled to all of them.\n")
        print("\n".join(slopes(rows)))


if __name__ == "__main__":
    main()
