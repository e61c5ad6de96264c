"""The planning benchmark: ``python -m tests.bench.planning [--subscriptions 10000] [--papers 500] [--corpus PATH]``.

That many subscriptions are due at one moment, with that many new papers. Their digests are made together, and
those of a sample each by itself; the sample's are compared before anything is printed.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TypeVar

from digestbot.bootstrap import shipped
from digestbot.digests import hand_slot, pending
from digestbot.digests.base import Moment
from digestbot.digests.pipeline import Pipeline
from digestbot.digests.store_queue import StoreQueue
from digestbot.model.cadence import parse_cadence
from digestbot.model.catching_up import Turn
from digestbot.model.digests import DigestRecord
from digestbot.model.papers import Paper
from digestbot.model.subscriptions import Destination, RuleSpec, Subscription
from digestbot.rules.combine import combine
from digestbot.rules.folding import words
from digestbot.rules.topics import Topics
from digestbot.store import open_store
from digestbot.store.base import Store
from digestbot.subscribers.compiled import CompiledRules, CompiledSubscription
from digestbot.subscribers.files import read_topics
from tests.bench.workload import CORPUS, papers

AIM = 0.08
"""Milliseconds of CPU for each match, of digests that are made together."""
_SEED = 11
_START = datetime(2024, 6, 15, 7, tzinfo=UTC)
_NOW = _START + timedelta(hours=1)

Result = TypeVar("Result")


def subscriptions(count: int, some: list[Paper], topics: Topics, random: Random) -> Iterator[CompiledSubscription]:
    """Subscriptions as people have them: up to two topics and some words and phrases of real papers."""
    names = list(topics)
    for number in range(count):
        split = [words(random.choice(some).title).split for _ in range(4)]
        phrases = [" ".join(each[at : at + 2]) for each in split for at in (random.randrange(len(each)),)]
        chosen = tuple(random.sample(names, random.randrange(3)))
        spec = RuleSpec(keywords=tuple(phrases[: 1 + random.randrange(4)]), topics=chosen)
        to = (Destination("file", {"path": "out"}),)
        name = f"reader-{number}"
        rule = combine(keywords=spec.keywords, topics=spec.topics, taxonomy=topics)
        subscription = Subscription(name, name, "UTC", parse_cadence("daily 08:00"), spec, to)
        yield CompiledSubscription(
            subscription, CompiledRules(rule, tuple((each.label, each.label) for each in rule.clauses))
        )


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """How many seconds of this process's CPU a call takes, and its result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def together(wants: list[CompiledSubscription], store: Store) -> list[DigestRecord]:
    """The digests that would be opened, all at once."""
    moment = Moment(_NOW, store.head())
    turns = [(each, [Turn(hand_slot(each.subscription, moment.head, _NOW))]) for each in wants]
    pipeline = Pipeline(store)
    made = [each for lot in StoreQueue(store, turns, moment).due() for each in pipeline.compose(lot, moment)]
    return [each.opening.record for each in made if each.opening is not None]


def alone(compiled: CompiledSubscription, store: Store) -> DigestRecord:
    """The digest that would be opened for one."""
    return pending(compiled, store, hand_slot(compiled.subscription, store.head(), _NOW), _NOW)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscriptions", type=int, default=10_000)
    parser.add_argument("--papers", type=int, default=500)
    parser.add_argument("--sample", type=int, default=50)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    asked = parser.parse_args()
    random = Random(_SEED)
    some = papers(asked.corpus, asked.papers * 2, random)
    topics, _, _ = read_topics(Path("nowhere"), shipped("subscriptions") / "topics.toml")
    reading, wants = timed(lambda: list(subscriptions(asked.subscriptions, some, topics, random)))
    with tempfile.TemporaryDirectory() as folder, open_store("tinydb:data", home=Path(folder)) as store:
        store.merge(some[asked.papers :], now=_START - timedelta(days=1))
        store.register([each.subscription.id for each in wants], now=_START)
        store.merge(some[: asked.papers], now=_START)
        sample = random.sample(wants, min(asked.sample, len(wants)))
        by_itself, expected = timed(lambda: [alone(each, store) for each in sample])
        at_once, records = timed(lambda: together(wants, store))
        by_key = {each.key: each for each in records}
        assert all(by_key[each.key] == each for each in expected), "together differs from each by itself"
    found = sum(each.counts.found for each in records)
    print(f"{len(wants):,} subscriptions due, {asked.papers} new papers, {found:,} matches; seconds of CPU")
    print(f"their rules made ready   {reading:8.1f}")
    print(f"each digest by itself    {by_itself * len(wants) / len(sample):8.1f}  ({len(sample)} of them, scaled)")
    print(f"all digests together     {at_once:8.1f}  ({at_once / found * 1e3:.3f} ms a match; aim: {AIM:g})")


if __name__ == "__main__":
    main()
