"""What the embedded store costs, and whether it costs more as it fills: ``python -m tests.bench.store``."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

from digestbot.model.causes import Cause
from digestbot.model.deliveries import Delivery, DeliveryState, Outcome, delivery_id
from digestbot.model.digests import DigestRecord, DigestVerdict, Slot, Window
from digestbot.model.papers import Paper
from digestbot.model.subscriptions import Destination
from digestbot.store import open_store
from digestbot.store.base import Store

PAPERS, DUMP, DELIVERIES, GROUP = 20_000, 250, 10_000, 100
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEASE = timedelta(minutes=10)


def synthetic(count: int, random: Random) -> list[Paper]:
    vocabulary = [f"{a}{b}{c}" for a in ("tra", "lin", "mo") for b in ("gu", "de", "sca") for c in ("ling", "rs", "x")]

    def text(length: int) -> str:
        return " ".join(random.choices(vocabulary, k=length))

    return [
        Paper(
            title=f"{text(9)} {number}",
            abstract=text(180),
            authors=tuple(text(2) for _ in range(5)),
            upvotes=random.randrange(50),
            categories=("cs.CL", "cs.LG"),
            ids={"arxiv": f"{2000 + number // 100_000}.{number % 100_000:05d}"},
        )
        for number in range(count)
    ]


def timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def told(what: str, seconds: Iterable[float], per: int = 1) -> None:
    """Medians of the first and the last tenth, and the longest, in microseconds per operation."""
    times = [each / per * 1e6 for each in seconds]
    tenth = max(len(times) // 10, 1)
    first, last = median(times[:tenth]), median(times[-tenth:])
    print(f"{what:<52} first {first:>9.1f} us   last {last:>9.1f} us   worst {max(times):>10.1f} us")


def planned(label: str) -> tuple[DigestRecord, list[Delivery]]:
    slot = Slot(label, NOW.date(), NOW)
    record = DigestRecord(f"all/{label}", "all", "All", slot, NOW, Window(0, 0), DigestVerdict.SEND)
    people = (Destination("email", {"address": f"reader{n}@example.org"}) for n in range(DELIVERIES))
    return record, [
        Delivery(delivery_id(record.key, to), record.key, record.subscription, to, DeliveryState.PLANNED, NOW)
        for to in people
    ]


def sent(store: Store, digests: set[str], *, claims: int, records: int) -> Iterator[float]:
    """Seconds of one claim and of recording what it took, in groups of `records`."""
    done = False
    while not done:

        def step() -> None:
            nonlocal done
            claimed = store.claim(now=NOW, lease=LEASE, limit=claims, digests=digests)
            done = not claimed
            outcomes = [
                Outcome(d.id, d.fence, DeliveryState.SENT, 1, NOW, Cause.ANSWERED, "250 2.0.0 Ok: queued")
                for d in claimed
            ]
            for start in range(0, len(outcomes), records):
                store.record(outcomes[start : start + records])

        seconds = timed(step)
        if not done:
            yield seconds


def bare_sync(folder: Path) -> float:
    """The median cost of adding 200 bytes to a file and waiting for the disk, in seconds."""
    with (folder / "bare").open("ab") as file:

        def step() -> None:
            file.write(b"x" * 200)
            file.flush()
            os.fdatasync(file.fileno())

        return median(timed(step) for _ in range(200))


def read_through(store: Store) -> None:
    for _ in store.window(0, PAPERS):
        pass


def reopen(home: Path) -> None:
    open_store("tinydb:data", home=home).close()


def main() -> None:
    papers = synthetic(PAPERS, Random(1))
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        with open_store("tinydb:data", home=home) as store:
            dumps = [papers[start : start + DUMP] for start in range(0, PAPERS, DUMP)]
            for what in ("new", "known"):
                merges = [timed(partial(store.merge, dump, now=NOW)) for dump in dumps]
                told(f"merge a {what} paper, in dumps of {DUMP}", merges, DUMP)
            told("find by title", [timed(partial(store.find, paper.title)) for paper in papers[:2000]])
            told(f"read a window of {PAPERS}, per paper", [timed(partial(read_through, store))], PAPERS)
        size = sum(path.stat().st_size for path in (home / "data").glob("papers.*"))
        reopened = min(timed(partial(reopen, home)) for _ in range(3))
        print(f"reopen with {PAPERS} papers ({size / 1e6:.0f} MB): {reopened:.2f} s")
        for claims, records in ((GROUP, GROUP), (GROUP, 1), (1, 1)):
            print(f"a bare append of 200 bytes with its sync, now: {bare_sync(home) * 1e6:.0f} us")
            with open_store("tinydb:data", home=home) as store:
                record, deliveries = planned(f"{claims}-{records}")
                opened = timed(partial(store.open_digest, record, deliveries))
                print(f"open a digest with {DELIVERIES} deliveries: {opened * 1000:.0f} ms")
                told(
                    f"claim {claims}, record {records} at a time, per delivery",
                    sent(store, {record.key}, claims=claims, records=records),
                    claims,
                )
        print(f"reopen with {3 * DELIVERIES} deliveries too: ", end="")
        print(f"{timed(partial(reopen, home)):.2f} s")


if __name__ == "__main__":
    main()
