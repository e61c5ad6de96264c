"""The benchmark of likers: ``python -m tests.bench.likers [--readers 1000] [--days 4] [--papers 500] [--corpus PATH]``.

Readers with rules have their digests opened day after day, once as they are and once with ten liked papers each, over
a log that had 5,000 papers before; in seconds of CPU. The first day makes what is kept from then on.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from digestbot.bootstrap import shipped
from digestbot.digests import open_by_hand
from digestbot.model.papers import Paper
from digestbot.model.subscriptions import LikeSpec
from digestbot.store import open_store
from digestbot.subscribers.compiled import CompiledSubscription
from digestbot.subscribers.files import read_topics
from tests.bench.planning import subscriptions, timed
from tests.bench.workload import CORPUS, papers

_SEED = 11
_START = datetime(2024, 6, 15, 7, tzinfo=UTC)
_PAST, _LIKED = 5_000, 10


def opened(readers: Sequence[CompiledSubscription], past: Sequence[Paper], days: Sequence[Sequence[Paper]]) -> str:
    """The seconds that each day's digests take."""
    took = []
    with tempfile.TemporaryDirectory() as folder, open_store("tinydb:data", home=Path(folder)) as store:
        store.merge(past, now=_START - timedelta(days=14))
        store.register([each.subscription.id for each in readers], now=_START)
        for day, some in enumerate(days):
            now = _START + timedelta(days=day)
            store.merge(some, now=now)
            took.append(timed(lambda now=now: list(open_by_hand(readers, store, now)))[0])  # type: ignore[misc]
    return "".join(f"{each:8.1f}" for each in took) + f"   in all {sum(took):.1f}"


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=1_000)
    parser.add_argument("--days", type=int, default=4)
    parser.add_argument("--papers", type=int, default=500)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    asked = parser.parse_args()
    random = Random(_SEED)
    some = papers(asked.corpus, _PAST + asked.days * asked.papers, random)
    past, new = some[:_PAST], some[_PAST:]
    days = [new[at : at + asked.papers] for at in range(0, len(new), asked.papers)]
    topics, _, _ = read_topics(Path("nowhere"), shipped("subscriptions") / "topics.toml")
    plain = list(subscriptions(asked.readers, some, topics, random))
    liking = [
        replace(each, subscription=replace(each.subscription, like=LikeSpec(papers=tuple(liked))))
        for each in plain
        for liked in ([one.title for one in random.sample(past, _LIKED)],)
    ]
    print(f"{asked.readers:,} readers, {asked.papers} new papers a day; seconds of CPU, day by day")
    for name, readers in (("by rules alone", plain), ("with likes", liking), ("by rules alone", plain)):
        print(f"{name:15}{opened(readers, past, days)}", flush=True)


if __name__ == "__main__":
    main()
