"""How fast dumps come in: `python -m tests.bench.ingest [DUMP]`, beside a loop that only parses the same JSON.

The corpus (or the JSON Lines dump named, .gz or not) is parsed, read, and ingested into an empty TinyDB store,
each in a process of its own; per step: seconds of processor time (the best of some rounds in turn, for other work on
the machine must not count; on the clock beside it), papers a second, peak memory. A feed made of its papers is read
beside feedparser, where that is installed. Importing digestbot, once a process however much is read, is timed apart.
"""

from __future__ import annotations

import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html import escape
from importlib import import_module
from pathlib import Path
from typing import IO

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "arxiv-20k.jsonl.gz"
AIM = 5.0  # times the bare loop
ROUNDS = 5
ENTRIES = 2_000  # of the feed


def opened(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]  # no IO[bytes]


def bare(path: Path) -> int:
    """What it costs at least: the same bytes unpacked and parsed by the standard library."""
    count = 0
    with opened(path) as lines:
        for line in lines:
            json.loads(line)
            count += 1
    return count


def read(path: Path) -> int:
    from digestbot.ingest.sources.files import read_dumps
    from digestbot.readers import open_listing

    count = 0
    for dump in read_dumps(str(path)):
        with dump.open() as stream:
            listing = open_listing(stream, dump.name)
            for _ in listing:
                pass
            count += listing.papers
    return count


def ingested(path: Path) -> int:
    from digestbot.ingest.pipeline import ingest
    from digestbot.ingest.sources.files import read_dumps
    from digestbot.store import open_store

    with tempfile.TemporaryDirectory() as folder, open_store("tinydb:data", home=Path(folder)) as store:
        done = ingest([str(path)], read_dumps, store, subscriptions=["bench"], now=datetime.now(UTC))
        return sum(each.found for each in done)


def by_feedparser(path: Path) -> int:
    feedparser = import_module("feedparser")  # compared with, where it is installed; the house does not need it
    return len(feedparser.parse(path.read_bytes()).entries)


STEPS: dict[str, Callable[[Path], int]] = {
    "bare": bare,
    "read": read,
    "ingest": ingested,
    "feed": read,
    "feedparser": by_feedparser,
}


def feed_of(path: Path, folder: Path) -> Path:
    """The first papers as the Atom feed of a journal."""

    def entries() -> Iterator[str]:
        with opened(path) as lines:
            for number, line in zip(range(ENTRIES), lines, strict=False):
                record = json.loads(line)
                yield (
                    f"<entry><id>urn:{number}</id><title>{escape(record['title'])}</title>"
                    f"<author><name>A. Author</name></author><published>2026-01-01T00:00:00Z</published>"
                    f"<summary>{escape(record['abstract'])}</summary></entry>\n"
                )

    feed = folder / "feed.xml"
    head = '<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>Journal</title>\n'
    feed.write_text(head + "".join(entries()) + "</feed>\n", encoding="utf-8")
    return feed


def imported() -> float:
    """Seconds to import what reading and storing takes."""
    start = time.perf_counter()
    for module in ("ingest.pipeline", "readers.registry", "ingest.sources.files", "store.tinydb.store"):
        import_module(f"digestbot.{module}")
    return time.perf_counter() - start


def measured(step: str, path: Path) -> tuple[int, float, float, float, float]:
    """Papers, seconds of processor and of clock, peak MB and seconds of importing, of a step in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.ingest", step, str(path)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    papers, seconds, clock, peak, importing = done.stdout.split()
    return int(papers), float(seconds), float(clock), float(peak), float(importing)


def main() -> None:
    if len(sys.argv) == 3 and sys.argv[1] in STEPS:
        importing = 0.0 if sys.argv[1] in ("bare", "feedparser") else imported()
        start, clock = time.process_time(), time.perf_counter()
        papers = STEPS[sys.argv[1]](Path(sys.argv[2]))
        seconds, clock = time.process_time() - start, time.perf_counter() - clock
        print(papers, seconds, clock, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, importing)
        return
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS
    if not path.exists():
        raise SystemExit(f"{path} is not there: name a dump")
    with tempfile.TemporaryDirectory() as folder:
        feed = feed_of(path, Path(folder))
        rounds: dict[str, list[tuple[int, float, float, float, float]]] = {}
        for step in list(STEPS) * ROUNDS:
            try:
                rounds.setdefault(step, []).append(measured(step, feed if step.startswith("feed") else path))
            except SystemExit as error:
                if "No module named 'feedparser'" not in str(error):
                    raise
    least = min(seconds for _, seconds, *_ in rounds["bare"])
    for step in STEPS:
        if not rounds[step]:
            print(f"{step} is not installed")
            continue
        papers, seconds, clock, peak, _ = min(rounds[step], key=lambda each: each[1])
        beside = f"{seconds / least:5.1f} times the bare loop" if not step.startswith("feed") else ""
        took = f"{seconds:7.2f} s ({clock:.2f}) {papers / seconds:9.0f}/s"
        print(f"{step:10} {papers:7} papers {took} {peak:7.0f} MB  {beside}")
    print(f"importing digestbot: {min(importing for *_, importing in rounds['ingest']):.2f} s, once a process")
    print(f"aim: the whole ingest within {AIM:.0f} times the bare loop")


if __name__ == "__main__":
    main()
