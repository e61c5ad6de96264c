"""The pipeline: each digest the same as by itself, whatever windows, carried papers and first runs there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from digestbot.digests import hand_slot, open_by_hand, open_turns, pending, pipeline
from digestbot.digests.base import Moment
from digestbot.digests.pipeline import Pipeline
from digestbot.digests.store_queue import StoreQueue
from digestbot.matching import rule_index, stretch
from digestbot.matching.engine import Engine
from digestbot.model.cadence import parse_cadence
from digestbot.model.catching_up import Turn
from digestbot.model.digests import DigestRecord, EntryRecord, Window
from digestbot.model.feedback import Feedback, Liking
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.model.subscriptions import Destination, RuleSpec, Subscription
from digestbot.rules.combine import Combined, combine
from digestbot.store import open_store
from digestbot.store.base import Store
from digestbot.subscribers.compiled import CompiledRules, CompiledSubscription
from tests.digests import kit

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
    return CompiledSubscription(
        subscription, CompiledRules(rule, tuple((each.label, each.label) for each in rule.clauses))
    )


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
        alone = [pending(each, store, hand_slot(each.subscription, store.head(), now), now) for each in due]
        assert composed(Pipeline(store), due, store, now) == alone
        assert list(open_by_hand(due, store, now)) == alone
        compared += sum(len(each.entries) for each in alone)
    assert compared > 50
    assert any(record.counts.carried_in for record in store.digests())


def composed(
    pipeline: Pipeline, wants: Sequence[CompiledSubscription], store: Store, now: datetime
) -> list[DigestRecord | Exception | None]:
    """What a pipeline would open of them by hand, or why it could not."""
    moment = Moment(now, store.head())
    turns = [(each, [Turn(hand_slot(each.subscription, moment.head, now))]) for each in wants]
    (lot,) = StoreQueue(store, turns, moment).due()
    return [each.opening.record if each.opening else each.error for each in pipeline.compose(lot, moment)]


def test_a_log_that_grows_meanwhile_is_read_anew(store: Store) -> None:
    random = Random(6)
    wants = [compiled(number, random) for number in range(3)]
    store.register([each.subscription.id for each in wants], now=START)
    store.merge(papers(5, random), now=START)
    pipeline = Pipeline(store)
    first = composed(pipeline, wants, store, START)
    store.merge(papers(5, random), now=START)
    alone = [pending(each, store, hand_slot(each.subscription, store.head(), START), START) for each in wants]
    assert composed(pipeline, wants, store, START) == alone
    assert first != alone


def test_a_fault_that_one_rule_brings_keeps_no_other_digest_back(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    random = Random(7)
    wants = [compiled(number, random) for number in range(5)]
    store.register([each.subscription.id for each in wants], now=START)
    store.merge(papers(20, random), now=START)
    alone = [pending(each, store, hand_slot(each.subscription, store.head(), START), START) for each in wants]
    bad = wants[3].rule

    def faulty(sets: Iterable[Combined]) -> Engine:
        sets = list(sets)
        if any(each is bad for each in sets):
            raise KeyError("a fault")
        return built(sets)

    built = rule_index.engine_of
    monkeypatch.setattr(stretch, "engine_of", faulty)
    monkeypatch.setattr(rule_index, "engine_of", faulty)
    made = composed(Pipeline(store), wants, store, START)
    assert [*made[:3], *made[4:]] == [*alone[:3], *alone[4:]]
    assert isinstance(made[3], KeyError)
    assert "could not be matched together" in caplog.text
    turns = [(each, [Turn(hand_slot(each.subscription, store.head(), START))]) for each in wants]
    opened = list(open_turns(store, turns, Moment(START, store.head())))
    assert [each.record for each in opened] == [*alone[:3], None, *alone[4:]]
    with pytest.raises(KeyError, match="a fault"):
        opened[3].result()
    now = START + timedelta(days=1)
    slots = [hand_slot(wants[3].subscription, head, now) for head in (1, 2)]
    twice = list(open_turns(store, [(wants[3], [Turn(each) for each in slots])], Moment(now, store.head())))
    assert len(twice) == 1, "where one turn fails the next is not tried"


@pytest.fixture
def reads(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The stretches of the log that are read."""
    read, window = list[tuple[int, int]](), store.window

    def noted(after: int, upto: int) -> Iterator[LoggedPaper]:
        read.append((after, upto))
        return window(after, upto)

    monkeypatch.setattr(store, "window", noted)
    return read


def come_to(store: Store, *positions: int) -> list[CompiledSubscription]:
    """Subscriptions whose digests have come so far in a log of ten papers."""
    names = [f"at{position}-{number}" for number, position in enumerate(positions)]
    store.register(names, now=START)
    store.merge([Paper(title=f"Speech {number}") for number in range(10)], now=START)
    for name, position in zip(names, positions, strict=True):
        before = replace(kit.record(kit.slot(1), START), key=f"{name}/x", subscription=name)
        store.open_digest(replace(before, window=Window(0, position)), [])
    return [kit.compiled(replace(kit.subscription(), id=name)) for name in names]


@pytest.mark.parametrize(
    ("positions", "read"),
    [
        ((8,), [(8, 10)]),
        ((8, 8), [(8, 10)]),
        ((7, 8), [(8, 10), (7, 10)]),  # one that lags behind the others reads for itself
        ((7, 7, 8), [(7, 10)]),
        ((6, 7, 8), [(7, 10), (6, 10)]),
        ((1, 1, 8), [(8, 10), (1, 10), (1, 10)]),  # too far behind to be waited for
        ((10,), [(10, 10)]),
        ((1,), [(10, 10), (1, 10)]),
    ],
)
def test_which_papers_are_read_for_all_and_which_for_one(
    store: Store,
    reads: list[tuple[int, int]],
    monkeypatch: pytest.MonkeyPatch,
    positions: tuple[int, ...],
    read: list[tuple[int, int]],
) -> None:
    monkeypatch.setattr(pipeline, "MOST_SHARED", 4)
    wants = come_to(store, *positions)
    made = composed(Pipeline(store), wants, store, START)
    assert reads == read
    assert [isinstance(each, DigestRecord) and each.counts.read for each in made] == [10 - each for each in positions]


def test_what_was_read_for_all_is_read_once_as_long_as_it_reaches(store: Store, reads: list[tuple[int, int]]) -> None:
    late, early = come_to(store, 8, 5)
    one = Pipeline(store)
    for wanted in (late, late, early, late, early):
        composed(one, [wanted], store, START)
    assert reads == [(8, 10), (5, 10)]
    store.merge([Paper(title="Speech of late")], now=START)
    composed(one, [late], store, START)
    assert reads[2:] == [(8, 11)]


@pytest.mark.parametrize("first", [0, 1])
def test_who_had_some_of_it_or_likes_some_of_it_is_shown_otherwise_than_who_asked_for_the_same(
    store: Store, first: int
) -> None:
    one, *others = come_to(store, 10, 10, 10, 10)
    plain, had, likes, other = one, *(replace(each, rules=one.rules) for each in others)
    news = [
        Paper(title="Speech a", authors=("Ada",)),
        Paper(title="Speech b", authors=("Eve",)),
        Paper(title="Speech c", authors=("Ada",)),
    ]
    store.merge(news, now=START)
    name = had.subscription.id
    sent = replace(kit.record(kit.slot(2), START, entries=(EntryRecord(12, ("x",)),)), window=Window(10, 10))
    store.open_digest(replace(sent, key=f"{name}/y", subscription=name), [])
    store.put_opinions([Feedback(likes.subscription.id, 11, Liking.MORE, START)])
    store.put_opinions([Feedback(other.subscription.id, 12, Liking.MORE, START)])
    wants = [plain, had, likes, other] if first == 0 else [other, likes, had, plain]
    made = composed(Pipeline(store), wants, store, START)
    shown = {
        each.subscription: [entry.sequence for entry in each.entries] for each in made if isinstance(each, DigestRecord)
    }
    assert list(map(shown.get, (each.subscription.id for each in (plain, had, likes, other)))) == [
        [11, 12, 13],
        [11, 13],
        [11, 13, 12],
        [12, 11, 13],
    ]
