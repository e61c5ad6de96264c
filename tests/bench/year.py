"""A year of papers on the embedded store: ``python -m tests.bench.year [--papers 300000] [--few 3000]``.

Two working directories, with a few papers and with as many as a year of arXiv (real papers, and copies of them with
other ids and titles), meet the same commands, each a process of its own: wall clock, seconds of CPU and peak memory,
and how many times the few the many cost. Ends with 1 where a bound is missed.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.bench.ingest import CORPUS
from tests.bench.running import cpu_of, idle_memory

MORE = 250  # papers that come in at the end
BOUNDS = {"status": (1.0, 120), "match": (20.0, None)}  # seconds, MB
FIRST, TIMES, IDLE = 1.0, 1.5, 200  # seconds to the first result, times the few, MB of an idle daemon
_A_MONTH = 25_000  # papers with ids of one
_SUBSCRIPTION = (
    'cadence = "daily 08:00"\nquery = "transformer OR translation"\n[[to]]\nchannel = "file"\npath = "out"\n'
)


class Cost(NamedTuple):
    """What a command took: seconds on the clock and of CPU, of both to its first line of output, and MB at most."""

    wall: float
    cpu: float
    first: float
    first_cpu: float
    memory: float

    def __str__(self) -> str:
        first = f"first line after {self.first:6.2f} s (CPU {self.first_cpu:5.2f} s)"
        return f"{self.wall:7.2f} s (CPU {self.cpu:6.2f} s), {first}, {self.memory:5.0f} MB"


def lines(corpus: Path) -> Iterator[str]:
    """Papers without end, as JSON: the real ones, then the same with other ids, titles and some other words."""
    random = Random(5)
    with gzip.open(corpus, "rt", encoding="utf-8") as read:
        real = [json.loads(line) for line in read]
    for number in count():
        paper = dict(real[number % len(real)])
        month = number // _A_MONTH
        paper["id"] = f"{10 + month // 12:02}{1 + month % 12:02}.{number % _A_MONTH:05}"
        if number >= len(real):
            paper["title"] = f"{paper['title']} {number:x} {random.choice(real)['title'].split()[0]}"
            some = paper["abstract"].split(" ")
            for _ in range(len(some) // 10):
                some[random.randrange(len(some))] = random.choice(some)
            paper["abstract"] = " ".join(some)
        yield json.dumps(paper)


def written(path: Path, some: Iterator[str], number: int) -> Path:
    with path.open("w", encoding="utf-8") as out:
        for _, line in zip(range(number), some, strict=False):
            out.write(line + "\n")
    return path


def cost(home: Path, *words: str) -> Cost:
    """What a command takes."""
    command = [sys.executable, "-m", "digestbot", "--home", str(home), *words]
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.read(1)
        first, first_cpu = time.monotonic(), cpu_of(process.pid)
        process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{words} ended with {process.returncode}")
    cpu, wall = used.ru_utime + used.ru_stime, time.monotonic() - began
    return Cost(wall, cpu, first - began, first_cpu, used.ru_maxrss / 1024)


def measured(home: Path, corpus: Path, papers: int, tries: int) -> dict[str, Cost]:
    """All commands with so many papers behind them; the best of some tries, for other work must not count."""
    home.mkdir()
    (home / ".env").write_text("DIGESTBOT_LISTEN=127.0.0.1:0\n")
    some = lines(corpus)
    costs = {"ingest of all": cost(home, "ingest", str(written(home / "all.jsonl", some, papers)))}
    (home / "all.jsonl").unlink()
    (home / "subscriptions").mkdir(exist_ok=True)
    (home / "subscriptions" / "mine.toml").write_text(_SUBSCRIPTION)
    dumps = [written(home / f"{number}.jsonl", some, MORE) for number in range(tries)]
    costs[f"ingest of {MORE}"] = min((cost(home, "ingest", str(each)) for each in dumps), key=lambda each: each.cpu)
    newest = json.loads(dumps[-1].read_text().splitlines()[0])["id"]
    for name, words in {
        "status": ["status"],
        "preview": ["preview", "mine"],
        "explain": ["explain", newest, "mine"],
        "match": ["match", "transformer"],
    }.items():
        costs[name] = min((cost(home, *words) for _ in range(tries)), key=lambda each: each.cpu)
    for name, each in costs.items():
        print(f"{papers:>9,} papers  {name:<14} {each}", flush=True)
    return costs


def main() -> int:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=300_000)
    parser.add_argument("--few", type=int, default=3_000)
    parser.add_argument("--tries", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=30, help="how long the daemon is left idle")
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    asked = parser.parse_args()
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        few = measured(Path(folder, "few"), asked.corpus, asked.few, asked.tries)
        many = measured(Path(folder, "many"), asked.corpus, asked.papers, asked.tries)
        size = sum(path.stat().st_size for path in Path(folder, "many", "data").iterdir())
        print(f"{size / 1e6:,.0f} MB on the disk")
        for name in (f"ingest of {MORE}", "preview", "explain"):
            times = many[name].cpu / few[name].cpu
            print(f"{name}: {times:.2f} times what it costs with {asked.few:,} papers")
            missed += [name] if times > TIMES else []
        now, most = idle_memory(Path(folder, "many"), asked.seconds)
        print(f"idle daemon: {now:.0f} MB ({most:.0f} MB at most)")
    for name, (seconds, memory) in BOUNDS.items():
        missed += [name] if many[name].wall > seconds or (memory and many[name].memory > memory) else []
    missed += ["first result"] if many["match"].first > FIRST else []
    missed += ["idle daemon"] if now > IDLE else []
    print(f"missed: {', '.join(missed) or 'nothing'}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
