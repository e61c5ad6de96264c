"""A large newsletter on a cluster of this machine: ``python -m tests.bench.cluster [--subscribers 1000000] ...``.

PostgreSQL is started, the subscribers are stored, and from then on it is measured: papers are ingested, real worker
processes plan a digest for everybody, and deliver the first of them to a local mail sink. ``--scaling`` instead sends
mails to a sink that answers 20 ms late, with 1, 2 and 4 workers that send one at a time.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from digestbot.bootstrap import shipped
from digestbot.digests.base import Moment
from digestbot.ingest.pipeline import ingest
from digestbot.ingest.sources.files import read_dumps
from digestbot.model.papers import Paper
from digestbot.model.subscribers import Membership, SubscriberRecord
from digestbot.runtime.cluster import agenda
from digestbot.runtime.cluster.jobs import defer_deliveries
from digestbot.runtime.cluster.planning import Planner
from digestbot.store.postgres.store import PostgresStore
from digestbot.subscribers.files import read_topics
from tests.bench.postgres import OPTIONS
from tests.bench.workload import CORPUS, Workload, papers
from tests.delivery.kit import ROOT, configure
from tests.servers.postgres import PostgresServer, open_server

_LATE = 0.02  # seconds
_LOOK = 5.0  # seconds between two looks at the memory of all processes, each of which takes a third of one
_SEED = 17


def rule_sets(count: int, some: Sequence[Paper], random: Random) -> list[dict[str, Any]]:
    """What people ask for: words and phrases of real papers, sometimes with an exclusion, a threshold, a topic."""
    workload = Workload(some, _SEED)

    def keyword() -> str:
        return workload.term("word" if random.random() < 0.4 else "phrase", random)

    def one() -> dict[str, Any]:
        wants: dict[str, Any] = {"keywords": [keyword() for _ in range(1 + random.randrange(4))]}
        if random.random() < 0.1:
            wants["exclude"] = [keyword()]
        if random.random() < 0.1:
            wants["query"] = f"upvotes>={random.choice((5, 10, 20, 50))} {keyword()}"
        if random.random() < 0.02:
            wants["topics"] = ["multilingual"]
        return wants

    return [one() for _ in range(count)]


def members(count: int, sets: Sequence[dict[str, Any]], at: datetime) -> Iterator[SubscriberRecord]:
    """So many subscribers, each with one of the rule sets."""
    random = Random(_SEED)
    for number in range(count):
        to = [{"channel": "email", "address": f"reader{number}@example.org"}]
        wants = {"name": "Papers", "cadence": "daily 08:00", **random.choice(sets), "to": to}
        yield SubscriberRecord(f"r{number:08}", Membership.ACTIVE, wants, at, at)


def cpu() -> float:
    """CPU seconds of the processes that have ended: of the workers so far."""
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime


def told(what: str, seconds: float, more: str = "") -> None:
    print(f"{what:<46} {seconds:8.1f} s  {more}", flush=True)


class Bench:
    """A server, a working directory, workers: and what they used."""

    def __init__(self, home: Path, server: PostgresServer, port: int, **settings: object) -> None:
        self.home, self.server, self.url = home, server, server.url()
        configure(home, STORE=self.url, SMTP_URL=f"smtp://127.0.0.1:{port}", ALLOW_NETWORKS="127.0.0.1", **settings)
        self.store = PostgresStore(self.url)
        self.workers: list[subprocess.Popen[bytes]] = []
        self.peaks: dict[str, int] = {}

    def ask(self, sql: str) -> tuple[Any, ...]:
        with psycopg.connect(self.url) as connection:
            row = connection.execute(sql.encode()).fetchone()
            assert row is not None
            return tuple(row)

    @contextmanager
    def working(self, count: int, *options: str) -> Iterator[None]:
        command = [sys.executable, "-m", "digestbot", "--home", str(self.home), "worker", *options]
        with (self.home / "workers.log").open("ab") as out:
            self.workers = [subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out) for _ in range(count)]
        try:
            yield
        finally:
            for each in self.workers:
                each.terminate()
            for each in self.workers:
                each.wait()

    def until(self, done: Callable[[], bool], every: float = 1.0) -> float:
        """Wait for it, watching the memory; when it came."""
        looked = 0.0
        while not done():
            assert all(each.poll() is None for each in self.workers), (self.home / "workers.log").read_text()[-3000:]
            if time.monotonic() - looked > _LOOK:
                self._look()
                looked = time.monotonic()
            time.sleep(every)
        came = time.perf_counter()
        self._look()
        return came

    def _look(self) -> None:
        servers = [each for each in map(int, filter(str.isdigit, os.listdir("/proc"))) if _parent(each) == "postgres"]
        found = {f"worker {n}": _pss(each.pid) for n, each in enumerate(self.workers, 1)}
        found["PostgreSQL"] = sum(map(_pss, servers))
        found["all together"] = sum(found.values())
        for name, size in found.items():
            self.peaks[name] = max(size, self.peaks.get(name, 0))

    def counts(self) -> tuple[float, ...]:
        """So far: rows written, WAL bytes, milliseconds in statements."""
        return self.ask(
            "select tup_inserted + tup_updated + tup_deleted, pg_current_wal_lsn() - '0/0', active_time "
            "from pg_stat_database where datname = current_database()"
        )


def _parent(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _pss(pid: int) -> int:
    """The memory of a process in bytes, what it shares with others only by its share."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


@contextmanager
def sink(late: float = 0.0) -> Iterator[int]:
    command = [sys.executable, "-m", "tests.servers.sink", str(late)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def filled(bench: Bench, subscribers: int, rules: int, some: Sequence[Paper]) -> None:
    """Everybody is there since yesterday; nothing has been ingested since."""
    before, began = datetime.now(UTC) - timedelta(days=1), time.perf_counter()
    records = members(subscribers, rule_sets(rules, some, Random(_SEED)), before)
    while batch := list(islice(records, 5_000)):
        bench.store.put_subscribers(batch)
    topics, _, _ = read_topics(Path("nowhere"), shipped("subscriptions") / "topics.toml")
    planner = Planner(bench.store, topics, defer_deliveries)
    for number in agenda.unseen_buckets(bench.store):
        planner.enroll(number, Moment(before, 0))
    told(f"(store {subscribers:,} subscribers, {rules:,} rule sets)", time.perf_counter() - began)


def dump(folder: Path, corpus: Path, count: int) -> Path:
    """The first papers of the corpus, as a dump."""
    path = folder / "new.jsonl"
    with gzip.open(corpus, "rt", encoding="utf-8") as lines, path.open("w", encoding="utf-8") as out:
        for line in islice(lines, count):
            read = json.loads(line)
            read["categories"] = read["categories"].split()
            out.write(json.dumps({**read, "ids": {"arxiv": read.pop("id")}}) + "\n")
    return path


def run(asked: argparse.Namespace) -> None:
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = open_server(OPTIONS)
        stack.callback(server.remove)
        bench = Bench(home, server, stack.enter_context(sink()))
        stack.callback(bench.store.close)
        filled(bench, asked.subscribers, asked.rules, papers(asked.corpus, 20_000, Random(_SEED)))
        path = dump(home, asked.corpus, asked.papers)
        print(f"load of the machine before: {os.getloadavg()[0]:.1f}; {os.cpu_count()} cores", flush=True)
        before, began = bench.counts(), time.perf_counter()
        bench.store.register_subscribers(now=datetime.now(UTC))
        for each in ingest([str(path)], read_dumps, bench.store, subscriptions=(), now=datetime.now(UTC)):
            assert each.error is None, each.error
        ingested, used = time.perf_counter(), cpu()
        told(f"ingest {asked.papers:,} papers", ingested - began, f"{bench.store.head()} in the log")
        with bench.working(asked.workers, "--queues", "tick,plan", "--concurrency", "1"):
            at = bench.until(lambda: planned(bench, asked.subscribers))
        after = bench.counts()
        share = (after[2] - before[2]) / 1e3 / (asked.workers * (at - ingested))
        told(
            f"plan {asked.subscribers:,} digests, {asked.workers} workers",
            at - ingested,
            f"{share:.0%} in the database, {cpu() - used:.0f} s of CPU in the workers",
        )
        told("from ingest to all planned", at - began, f"{asked.subscribers / (at - ingested):,.0f} a second")
        mails, found = bench.ask("select count(*), count(distinct digest) from deliveries")
        print(f"{mails:,} deliveries of {found:,} digests planned; {asked.subscribers - found:,} hold nothing")
        print(f"written: {after[0] - before[0]:,.0f} rows, {float(after[1] - before[1]) / 1e6:,.0f} MB of WAL")
        many = min(asked.deliver, mails)
        began, before, used = time.perf_counter(), after, cpu()
        with bench.working(asked.workers, "--queues", "tick,email", "--concurrency", "1"):
            at = bench.until(lambda: sent(bench, 2 * many) >= many)
            count, after = sent(bench), bench.counts()
        share = (after[2] - before[2]) / 1e3 / (asked.workers * (at - began))
        more = f"{count / (at - began):,.0f} a second, {share:.0%} in the database"
        told(f"deliver {count:,}", at - began, f"{more}, {cpu() - used:.0f} s of CPU in the workers")
        (again,) = bench.ask("select count(*) from deliveries where attempts > 1")
        print(f"tried more than once: {again}")
        for name, size in bench.peaks.items():
            print(f"{name:<46} {size / 1e6:8.0f} MB at most")
        print(f"load after: {os.getloadavg()[0]:.1f}")


def planned(bench: Bench, count: int) -> bool:
    """Whether everybody has been looked at, and no job is left."""
    (jobs,) = bench.ask("select count(*) from procrastinate_jobs where queue_name = 'plan'")
    return jobs == 0 and bench.ask("select count(*) from digests") == (count,)


def sent(bench: Bench, among: int = 1_000_000_000) -> int:
    """How many of the first deliveries, which go out first, were sent; to count all takes its time among millions."""
    (number,) = bench.ask(f"select count(*) from deliveries where state = 'sent' and number <= {among}")
    return int(number)


def scaling(asked: argparse.Namespace) -> None:
    """How many mails leave within the same time, by the number of workers."""
    rates: dict[int, float] = {}
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = open_server(OPTIONS)
        stack.callback(server.remove)
        bench = Bench(home, server, stack.enter_context(sink(_LATE)), CONCURRENCY=1)
        stack.callback(bench.store.close)
        some = papers(asked.corpus, 2_000, Random(_SEED))
        filled(bench, asked.subscribers, asked.rules, some)
        bench.store.merge(some[: asked.papers], now=datetime.now(UTC))
        with bench.working(2, "--queues", "tick,plan"):
            bench.until(lambda: planned(bench, asked.subscribers))
        for workers in (1, 2, 4, 1):
            idle = os.getloadavg()[0]
            with bench.working(workers, "--queues", "tick,email", "--concurrency", "1"):
                start = sent(bench)
                bench.until(lambda: sent(bench) >= start + 30 * workers, 0.05)  # noqa: B023  # called at once
                first, began = sent(bench), time.perf_counter()
                time.sleep(asked.seconds)
                rate = (sent(bench) - first) / (time.perf_counter() - began)
            base = rates.setdefault(workers, rate)
            times = rate / rates[1]
            print(f"{workers} workers: {rate:6.1f} mails a second, {times:.2f} x one ({times / workers:.0%} of linear)"
                  f"; load before: {idle:.1f}; first measured {base:.1f}", flush=True)  # fmt: skip


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscribers", type=int, default=1_000_000)
    parser.add_argument("--rules", type=int, default=50_000)
    parser.add_argument("--papers", type=int, default=2_000)
    parser.add_argument("--deliver", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--scaling", action="store_true", help="delivery with 1, 2 and 4 workers instead")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each measurement of --scaling")
    asked = parser.parse_args()
    (scaling if asked.scaling else run)(asked)


if __name__ == "__main__":
    main()
