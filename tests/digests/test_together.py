"""Digests made together: the same as each by itself, whatever windows, carried papers and first runs there are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from digestbot.digests import Together, hand_slot, open_digest, pending
from digestbot.matching.answering import Answering
from digestbot.model.cadence import parse_cadence
from digestbot.model.papers import Paper
from digestbot.model.subscriptions import Destination, RuleSpec, Subscription
from digestbot.rules.combine import combine
from digestbot.store import open_store
from digestbot.store.base import Store
from digestbot.subscribers.files import CompiledSubscription

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
WORDS = ("speech", "models", "agents", "vision", "translation", "survey", "graphs")
ZONES = ("UTC", "Pacific/Apia", "America/Los_Angeles")


def compiled(number: int, random: Random) -> CompiledSubscription:
    spec = RuleSpec(keywords=tuple(random.sample(WORDS, 2)), query=random.choice((None, "age<=2")))
    rule = combine(keywords=spec.keywords, query=spec.query)
    subscription = Subscription(
        f"s{number}",
        f"Number {number}",
        random.choice(ZONES),
        parse_cadence("daily 08:00"),
        spec,
        (Destination("file", {"path": "out"}),),
        max_entries=random.randrange(1, 6),
        first_run_days=random.choice((None, 3)),
    )
    return CompiledSubscription(subscription, rule, tuple((each.label, each.label) for each in rule.clauses))


def papers(count: int, random: Random) -> list[Paper]:
    return [
        Paper(title=f"{' '.join(random.choices(WORDS, k=2))} {random.randrange(10**9)}", published=START.date())
        for _ in range(count)
    ]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store("tinydb:data", home=tmp_path) as opened:
        yield opened


def test_they_are_the_same_as_each_by_itself(store: Store) -> None:
    random = Random(5)
    wants: list[CompiledSubscription] = []
    now, compared = START, 0
    for _ in range(6):
        fresh = [compiled(len(wants) + n, random) for n in range(4)]
        wants += fresh
        store.register([each.subscription.id for each in fresh], now=now)
        store.merge(papers(12, random), now=now)
        now += timedelta(days=1)
        due = random.sample(wants, random.randrange(1, len(wants) + 1))  # the others lag behind
        together = Together(store, due)
        for each in due:
            slot = hand_slot(each.subscription, store.head(), now)
            alone = pending(each, store, slot, now)
            assert pending(each, store, slot, now, None, together) == alone
            assert open_digest(each, store, slot, now, together) == alone
            compared += len(alone.entries)
    assert compared > 50
    assert any(record.counts.carried_in for record in store.digests())


def test_a_log_that_grows_meanwhile_is_read_anew(store: Store) -> None:
    random = Random(6)
    wants = [compiled(number, random) for number in range(3)]
    store.register([each.subscription.id for each in wants], now=START)
    store.merge(papers(5, random), now=START)
    together = Together(store, wants)
    store.merge(papers(5, random), now=START)
    for each in wants:
        slot = hand_slot(each.subscription, store.head(), START)
        assert pending(each, store, slot, START, None, together) == pending(each, store, slot, START)


def test_a_fault_in_matching_them_together_keeps_no_digest_back(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    random = Random(7)
    wants = [compiled(number, random) for number in range(3)]
    store.register([each.subscription.id for each in wants], now=START)
    store.merge(papers(20, random), now=START)
    slots = [(each, hand_slot(each.subscription, store.head(), START)) for each in wants]
    alone = [pending(each, store, slot, START) for each, slot in slots]

    def fail(self: Answering, today: object) -> None:
        raise KeyError("a fault")

    monkeypatch.setattr(Answering, "_matched_once", fail)
    together = Together(store, wants)
    assert [pending(each, store, slot, START, None, together) for each, slot in slots] == alone
    assert "could not be matched together" in caplog.text
