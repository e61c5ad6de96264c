"""How long the playground and the search take for one rule over 20,000 stored papers, as the pages ask.

`python -m tests.bench.playground [--papers N] [--rounds N]`: real papers in a store on the disk, made ready once;
then every rule is looked up several times, with the chart of its weeks and the ten papers shown. It prints the
median and the 95th percentile in milliseconds of wall time, for typical rules (words and phrases drawn from the
papers) and for hostile ones, which are given up after their time.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from digestbot.bootstrap import App
from digestbot.model.papers import Paper
from digestbot.platform.clock import utc_now
from digestbot.platform.settings import Settings
from digestbot.rules.combine import combine
from digestbot.web.paper_search import PATIENCE, PaperSearch, weeks
from tests.bench import workload

KINDS = 300
HOSTILE = {
    "the": "the",
    "all but nothing": "NOT zzzz",
    "the most common phrase": '"of the"',
    "near, everywhere": '"the of and in to"~50',
    "a regular expression": r"/[A-Z]{3,}/",
    "two of them": r"/[a-z]+ing\b/ AND /\bof [a-z]+ of\b/",
    "a slow one (given up)": "/((a|e|i|o|u)[a-z ]{0,40}){3}q[a-z ]{20,40}zzz/",
}


def typical(papers: Sequence[Paper], random: Random) -> Iterator[str]:
    """Rules as people write them, in the words of the papers."""
    for _ in range(KINDS):
        words = [word for word in random.choice(papers).title.split() if word.isalnum()] or ["speech"]
        one, two = random.choice(words), " ".join(words[:2])
        yield random.choice(
            (
                one,
                f'"{two}"',
                f"title:{one} AND category:cs.CL",
                f"{one[:5]}*" if len(one) > 4 else one,
                f'"{two}" OR {one} upvotes>=5',
                f"{one} -survey",
                f'"{two}"~3',
                f"={one}",
            )
        )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    random = Random(5)
    now = datetime.now(UTC)
    read = [
        replace(paper, published=(now - timedelta(days=random.randrange(120))).date())
        for paper in workload.papers(workload.CORPUS, options.papers, random)
    ]
    with ExitStack() as stack:
        app = stack.enter_context(App(Settings(home=Path(stack.enter_context(TemporaryDirectory()))), utc_now))
        app.store.merge(read, now=now)
        before, start = _memory(), time.perf_counter()
        papers = PaperSearch(lambda: app.store)
        stack.callback(papers.close)
        ready = papers.look(combine(query="published>=1900 OR NOT published>=1900"), now.date()).asked
        print(f"{ready:,} papers made ready in {time.perf_counter() - start:.1f} s, +{_memory() - before} MB")
        rules = list(typical(read, random))
        times = [each for _ in range(options.rounds) for rule in rules for each in [_time(papers, rule)]]
        print(f"typical ({len(rules)} rules): {_figures(times)}")
        for name, rule in HOSTILE.items():
            print(f"{name}: {_figures([_time(papers, rule) for _ in range(5)])}")
        print(f"a rule is given up after {PATIENCE * 1000:.0f} ms; then the newest papers are shown that were asked")


def _time(papers: PaperSearch, written: str) -> float:
    start, today = time.perf_counter(), datetime.now(UTC).date()
    rule = combine(query=written)
    look = papers.look(rule, today, on_a_page=10)
    weeks(look.days or {}, today, 8)
    return (time.perf_counter() - start) * 1000


def _figures(times: Sequence[float]) -> str:
    ordered = sorted(times)
    return f"median {statistics.median(ordered):.1f} ms, p95 {ordered[int(len(ordered) * 0.95)]:.1f} ms"


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
