"""The running benchmark: ``python -m tests.bench.running [--subscriptions 10000] [--idle 1000] [--papers 20000]``.

Starts real daemons. The first has that many subscriptions: how long until it is ready (it answers /ready, and its
first round is over). The second has `--idle` subscriptions and that many papers: its resident memory when it has
nothing to do. Ends with 1 when a bound is missed.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from digestbot.bootstrap import shipped
from digestbot.model.papers import Paper
from digestbot.rules.folding import words
from digestbot.runtime.health.pulse import last_mark
from digestbot.store import open_store
from digestbot.subscribers.files import read_topics
from tests.bench.workload import CORPUS, papers

LONGEST_START = 5.0  # seconds
LARGEST = 300  # MB
_SEED = 7
_BATCH = 1000


def subscribe(home: Path, count: int, some: Sequence[Paper], random: Random) -> None:
    """Files as people write them: up to two topics, some words and phrases of real papers, a mail each."""
    topics, _, _ = read_topics(home / "subscriptions", shipped("subscriptions") / "topics.toml")
    names = list(topics)
    folder = home / "subscriptions"
    folder.mkdir(parents=True)
    hour = (datetime.now(ZoneInfo("Europe/Berlin")).hour + 12) % 24  # nothing falls due while it is measured
    for number in range(count):
        titles = [words(random.choice(some).title).split for _ in range(4)]
        phrases = [" ".join(each[at : at + 2]) for each in titles for at in (random.randrange(len(each)),)]
        text = (
            f'name = "Reader {number}"\ntimezone = "Europe/Berlin"\n'
            f'cadence = "weekdays {hour:02}:{random.randrange(60):02}"\n'
            f"topics = {random.sample(names, random.randrange(3))}\nkeywords = {phrases}\nmax_entries = 20\n\n"
            f'[[to]]\nchannel = "email"\naddress = "reader{number}@example.org"\n'
        )
        (folder / f"reader-{number}.toml").write_text(text, encoding="utf-8")


def prepared(home: Path, subscriptions: int, some: Sequence[Paper], stored: int) -> None:
    """A working directory whose papers are known to every subscription already: nothing is due, nothing is sent."""
    subscribe(home, subscriptions, some, Random(_SEED))
    (home / ".env").write_text("DIGESTBOT_SMTP_URL=smtp://127.0.0.1:9\nDIGESTBOT_LISTEN=127.0.0.1:0\n")
    now = datetime.now(UTC)
    with open_store("tinydb:data", home=home) as store:
        for at in range(0, stored, _BATCH):
            store.merge(some[at : at + _BATCH], now=now - timedelta(minutes=1))
        store.register([path.stem for path in (home / "subscriptions").glob("*.toml")], now=now)


@contextmanager
def running(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A daemon that has said where it serves, and that address; told to stop at the end."""
    command = [sys.executable, "-m", "digestbot", "--home", str(home), "run"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        lines = iter(process.stderr.readline, "")
        url = next((found[1] for line in lines if (found := re.search(r"serving at (\S+)", line))), None)
        if url is None:
            raise SystemExit("the daemon ended")
        yield process, url
    finally:
        process.terminate()
        process.communicate()


def ready_after(home: Path) -> tuple[float, float]:
    """Seconds from the start until the daemon is ready: of the clock, and of its CPU."""
    began, started = time.monotonic(), datetime.now(UTC)
    with running(home) as (process, url):
        while True:
            mark = last_mark(home)
            if mark is not None and mark >= started:
                with urllib.request.urlopen(f"{url}/ready") as answer:
                    assert answer.status == 200
                return time.monotonic() - began, cpu_of(process.pid)
            time.sleep(0.02)


def cpu_of(pid: int) -> float:
    """Seconds of CPU a process has used so far."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> tuple[float, float]:
    """Megabytes of a process in memory: now, and at its most."""
    status = Path(f"/proc/{pid}/status").read_text()
    now, most = (int(re.findall(rf"{name}:\s+(\d+) kB", status)[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return now, most


def idle_memory(home: Path, seconds: float) -> tuple[float, float]:
    """Megabytes of a daemon that has gone its rounds for so many seconds with nothing to do."""
    with running(home) as (process, url):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            urllib.request.urlopen(f"{url}/metrics").close()  # as somebody's Prometheus does meanwhile
            time.sleep(1)
        return resident(process.pid)


def main() -> int:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscriptions", type=int, default=10_000)
    parser.add_argument("--idle", type=int, default=1_000)
    parser.add_argument("--papers", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=45)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    asked = parser.parse_args()
    some = papers(asked.corpus, asked.papers, Random(_SEED))
    with tempfile.TemporaryDirectory() as folder:
        many, idle = Path(folder, "many"), Path(folder, "idle")
        prepared(many, asked.subscriptions, some, 500)
        times = sorted(ready_after(many) for _ in range(asked.runs))
        wall, cpu = times[len(times) // 2]
        print(f"run with {asked.subscriptions} subscriptions: ready after {wall:.1f} s ({cpu:.1f} s of CPU)")
        prepared(idle, asked.idle, some, asked.papers)
        now, most = idle_memory(idle, asked.seconds)
        print(f"idle with {asked.idle} subscriptions, {asked.papers} papers: {now:.0f} MB ({most:.0f} MB at most)")
    return 0 if wall < LONGEST_START and now < LARGEST else 1


if __name__ == "__main__":
    sys.exit(main())
