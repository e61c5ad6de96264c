"""Planning by shards: the digests are those the daemon makes, to the byte, and each is planned with its job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from digestbot.bootstrap import shipped
from digestbot.digests import due_turns, pending
from digestbot.digests.base import Moment
from digestbot.matching import rule_index, stretch
from digestbot.matching.engine import Engine
from digestbot.model.digests import DigestRecord
from digestbot.model.papers import Paper
from digestbot.model.subscribers import SubscriberRecord
from digestbot.rules.combine import Combined
from digestbot.runtime.cluster import agenda
from digestbot.runtime.cluster.jobs import defer_deliveries
from digestbot.runtime.cluster.planning import Planner
from digestbot.store.postgres.store import PostgresStore
from digestbot.subscribers.files import read_topics
from digestbot.subscribers.records import RecordCompiler
from tests.runtime.cluster.kit import member
from tests.servers.postgres import PostgresServer

START = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
TOPICS = read_topics(shipped("nowhere"), shipped("subscriptions") / "topics.toml")[0]
WORDS = ("graph", "speech", "multilingual", "low-resource", "survey", "vision", "robot", "protein")


@pytest.fixture
def store(postgres: PostgresServer) -> Iterator[PostgresStore]:
    with PostgresStore(postgres.url()) as opened:
        yield opened


def papers(first: int, count: int, random: Random) -> list[Paper]:
    return [
        Paper(title=f"{' '.join(random.sample(WORDS, 3))} number {n}", abstract=random.choice(WORDS), upvotes=n % 7)
        for n in range(first, first + count)
    ]


def members(count: int, random: Random) -> list[SubscriberRecord]:
    wants = [
        {
            "query": None,
            "keywords": random.sample(WORDS, 1 + n % 3),
            "topics": ["multilingual"] if n % 5 == 0 else [],
            "exclude": random.sample(WORDS, n % 2),
            "max_entries": 1 + n % 6,
            "order": random.choice(("relevance", "upvotes", "newest")),
            "cadence": random.choice(("daily 08:00", "instant", "weekdays 08:00")),
            "timezone": random.choice(("UTC", "Europe/Berlin")),
            "first_run": "last 7 days" if n % 9 == 0 else "baseline",
        }
        for n in range(count // 3)
    ]
    known = [{key: value for key, value in each.items() if value is not None} for each in wants]
    records = [member(f"r{n:03}", **random.choice(known)) for n in range(count)]
    return [replace(each, wants={k: v for k, v in each.wants.items() if k != "query"}) for each in records]


def expected(store: PostgresStore, now: datetime) -> dict[str, DigestRecord]:
    """What the daemon would open, each by itself."""
    wants, problems = RecordCompiler(TOPICS).read(store.subscribers())
    assert not problems
    due = [(compiled, turns[0]) for compiled in wants if (turns := due_turns(compiled, store, now))]
    found = [pending(compiled, store, turn.slot, now, turn.until) for compiled, turn in due]
    return {each.key: each for each in found if store.digest(each.key) is None}


def planned(store: PostgresStore, planner: Planner, now: datetime) -> int:
    moment = Moment(now, store.head())
    for number in agenda.unseen_buckets(store):
        planner.enroll(number, moment)
    return sum(planner.plan(shard, moment) for shard in agenda.due_shards(store, moment))


def test_shards_make_the_digests_the_daemon_makes(store: PostgresStore) -> None:
    """Over four days: carried papers, updated ones, first runs, changed rules, somebody who left."""
    random = Random(3)
    planner = Planner(store, TOPICS, defer_deliveries)
    everybody = members(60, random)
    store.put_subscribers(everybody)
    store.merge(papers(0, 10, random), now=START)
    assert planned(store, planner, START) > 0  # the first runs of those who are told at once
    opened = 0
    for day in range(4):
        now = START + timedelta(days=day, hours=1)
        news = papers(day * 20, 30, random)  # some of them known, with other upvotes
        store.merge(news, now=now)
        should = expected(store, now)
        assert planned(store, planner, now) == len(should)
        there = {each.key: each for each in store.digests()}
        assert {key: there[key] for key in should} == should
        opened += len(should)
        changed = replace(everybody[day], wants={**everybody[day].wants, "keywords": ["number"]})
        store.put_subscribers([changed])
        store.remove_subscribers([everybody[-1 - day].id])
        assert planned(store, planner, now) == len(expected(store, now))
    assert opened > 100


def test_deliveries_are_planned_with_a_job_that_carries_them(store: PostgresStore) -> None:
    store.put_subscribers([member(f"r{n}", query="number") for n in range(450)])
    planner = Planner(store, TOPICS, defer_deliveries)
    planned(store, planner, START)
    store.merge(papers(0, 3, Random(1)), now=START)
    assert planned(store, planner, START + timedelta(hours=1)) == 450
    with store.reading() as connection:
        jobs = connection.execute("select count(*), count(distinct queueing_lock) from procrastinate_jobs").fetchone()
    assert jobs == (3, 3)


def test_a_transaction_that_fails_leaves_neither_digest_nor_job(store: PostgresStore) -> None:
    store.put_subscribers([member("r1", query="number")])

    def failing(*arguments: object) -> None:
        defer_deliveries(*arguments)  # type: ignore[arg-type]  # what it was given
        raise RuntimeError("killed in between")

    planned(store, Planner(store, TOPICS, defer_deliveries), START)
    store.merge(papers(0, 3, Random(1)), now=START)
    with pytest.raises(RuntimeError, match="in between"):
        planned(store, Planner(store, TOPICS, failing), START)
    with store.reading() as connection:
        assert connection.execute("select count(*) from procrastinate_jobs").fetchone() == (0,)
    assert store.digests() == []
    assert planned(store, Planner(store, TOPICS, defer_deliveries), START) == 1


def test_a_fault_that_one_rule_brings_keeps_no_other_digest_back_and_is_tried_again(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store.put_subscribers([member(f"r{n}", query=f"number OR word{n}") for n in range(5)])
    planner = Planner(store, TOPICS, defer_deliveries)
    planned(store, planner, START)
    store.merge(papers(0, 3, Random(1)), now=START)

    def faulty(sets: Iterable[Combined]) -> Engine:
        sets = list(sets)
        if any("word3" in each.rule.text for each in sets):
            raise KeyError("a fault")
        return built(sets)

    built = rule_index.engine_of
    with monkeypatch.context() as patch:
        patch.setattr(stretch, "engine_of", faulty)
        patch.setattr(rule_index, "engine_of", faulty)
        assert planned(store, planner, START) == 4
        assert planned(store, planner, START + timedelta(minutes=9)) == 0
    assert "the digest of r3 could not be made" in caplog.text
    assert planned(store, planner, START + timedelta(minutes=11)) == 1


def test_a_rule_set_of_very_many_is_shared_out(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agenda, "MOST", 20)
    store.put_subscribers([member(f"r{n}", query="number") for n in range(70)])
    planner = Planner(store, TOPICS, defer_deliveries)
    planned(store, planner, START)
    store.merge(papers(0, 3, Random(1)), now=START)
    moment = Moment(START, store.head())
    shards = list(agenda.due_shards(store, moment))
    assert [(each.slice, each.slices) for each in shards] == [(n, 4) for n in range(4)]
    assert sum(planner.plan(each, moment) for each in shards) == 70


def test_few_who_are_due_are_one_shard(store: PostgresStore) -> None:
    store.put_subscribers([member(f"r{n}", query=f"number OR word{n}") for n in range(30)])
    planned(store, Planner(store, TOPICS, defer_deliveries), START)
    store.merge(papers(0, 3, Random(1)), now=START)
    (shard,) = agenda.due_shards(store, Moment(START, store.head()))
    assert (shard.first % agenda.WIDTH, shard.stop % agenda.WIDTH) == (0, 0)
