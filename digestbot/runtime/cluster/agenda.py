"""The agenda: when each subscriber of the store is to be looked at again, so that a tick looks at nobody else.

It is worked out from the ledger and the subscribers' records, and worked out again wherever it does not fit them:
losing it costs one look at everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import TypeAlias
from zoneinfo import ZoneInfo

from digestbot.delivery.outages import FAILED
from digestbot.digests.base import LOT, Moment
from digestbot.model.cadence import Cadence, parse_cadence
from digestbot.model.subscribers import SubscriberRecord, bucket
from digestbot.model.subscriptions import RuleSpec, Subscription
from digestbot.store.postgres.connection import Connection
from digestbot.store.postgres.statements import columns, load
from digestbot.store.postgres.store import PostgresStore

_SQL = load("agenda.sql", __file__)
WIDTH = 256
"""Parts, and buckets, are counted by stretches of so many: 1/256 of all."""
FEWEST, MOST = 2_000, LOT
"""A shard has so many who are due, where there are so many: each reads the papers once, which takes as long as planning
some hundreds."""
_SHARDS = 100
"""Between the two, a tick makes so many shards: some for each worker, so that none ends long after the others."""
_NEVER = "infinity"
_EACH_DAY = parse_cadence("daily 00:00")
_Row: TypeAlias = tuple[str, int, int, int, str, int | None]
# A digest that could not be made is tried again after so long.
_AGAIN = timedelta(minutes=10)
_NEWEST = 10_000  # deliveries that are looked at to tell whether any leave


@dataclass(frozen=True, slots=True)
class Shard:
    """What one job plans: the parts from `first` up to `stop`, or a slice of them.

    Subscribers with the same rules are in one part, so that their rules are matched once; where a rule set has very
    many, they are shared out by slices.
    """

    first: int
    stop: int
    slice: int = 0
    slices: int = 1


def part(spec: RuleSpec) -> int:
    """The part of a rule set, 0 to 65,535."""
    said = repr((spec.keywords, spec.require, spec.exclude, spec.topics, spec.query))
    return int.from_bytes(sha256(said.encode("utf-8", "surrogatepass")).digest()[:2], "big")


def due_shards(store: PostgresStore, moment: Moment) -> Iterator[Shard]:
    """The shards in which somebody is due."""
    with store.reading() as connection:
        asked = {"now": moment.now, "head": moment.head, "width": WIDTH}
        rows = connection.execute(_SQL["due_shards"], asked).fetchall()
    most = min(max(sum(count for _, count in rows) // _SHARDS, FEWEST), MOST)
    first, stop, gathered = 0, 0, 0
    for number, count in rows:
        if gathered + count > most and gathered:
            yield from _shared_out(first, stop, gathered, most)
            gathered = 0
        first = number * WIDTH if not gathered else first
        stop, gathered = (number + 1) * WIDTH, gathered + count
    yield from _shared_out(first, stop, gathered, most)


def _shared_out(first: int, stop: int, count: int, most: int) -> Iterator[Shard]:
    slices = -(-count // most)
    yield from (Shard(first, stop, each, slices) for each in range(slices))


def due(store: PostgresStore, moment: Moment, shard: Shard) -> list[str]:
    """The ids of those in a shard who are due, those with the same rules side by side."""
    asked = {
        "now": moment.now,
        "head": moment.head,
        "first": shard.first,
        "stop": shard.stop,
        "slice": shard.slice,
        "slices": shard.slices,
    }
    with store.reading() as connection:
        return [name for (name,) in connection.execute(_SQL["due"], asked)]


def unseen_buckets(store: PostgresStore) -> list[int]:
    """The stretches of `WIDTH` buckets, by number, with subscribers who came or changed since anybody looked."""
    with store.reading() as connection:
        return [number for (number,) in connection.execute(_SQL["unseen_buckets"], {"width": WIDTH})]


def unseen(store: PostgresStore, number: int) -> list[str]:
    """The ids of those subscribers."""
    asked = {"first": number * WIDTH, "stop": (number + 1) * WIDTH}
    with store.reading() as connection:
        return [name for (name,) in connection.execute(_SQL["unseen"], asked)]


def with_opinions(store: PostgresStore, names: Iterable[str]) -> set[str]:
    """Those who ever said which papers they like: few, and only theirs are read one by one."""
    with store.reading() as connection:
        return {name for (name,) in connection.execute(_SQL["with_opinions"], (list(names),))}


def kinds_ready(store: PostgresStore, kinds: Sequence[str], now: datetime, most: int) -> dict[str, int]:
    """How many deliveries of each kind may leave now, some more than `most` at the most."""
    with store.reading() as connection:
        rows = connection.execute(_SQL["kinds_ready"], {"kinds": list(kinds), "now": now, "most": most})
        return {kind: number for kind, number in rows if number}


def kinds_out(store: PostgresStore) -> list[str]:
    """Which kinds of channel nothing leaves by, although something should, in words: as `Outages` tells the daemon."""
    asked = {"causes": [each.value for each in FAILED], "most": _NEWEST}
    with store.reading() as connection:
        rows = connection.execute(_SQL["kinds_out"], asked)
        return [f"nothing leaves by {kind}: {reason}" for kind, reason in rows]


class Page:
    """What is written into the agenda about some subscribers that were looked at together."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment
        self._rows: dict[str, _Row] = {}
        self._gone: list[str] = []

    def next(self, record: SubscriberRecord, subscription: Subscription, *, carries: bool = False) -> None:
        """It is due again with its next slot; without a cadence with the next paper, or the next day if it carries."""
        now, instant = self._moment.now, subscription.cadence.instant
        due_at = _next(subscription, now)
        if instant and carries and due_at == _NEVER and not subscription.paused:
            due_at = _upcoming(_EACH_DAY, subscription.timezone, now)
        self._put(record, subscription, due_at, self._moment.head if instant else None)

    def again(self, record: SubscriberRecord, subscription: Subscription) -> None:
        """It is to be looked at once more: it changed, or somebody else opened a digest meanwhile."""
        self._put(record, subscription, self._moment.now)

    def later(self, record: SubscriberRecord, subscription: Subscription) -> None:
        """Its digest could not be made."""
        self._put(record, subscription, self._moment.now + _AGAIN)

    def never(self, record: SubscriberRecord) -> None:
        """Its record is wrong: not before that changes."""
        self._put(record, None, _NEVER)

    def gone(self, names: Iterable[str]) -> None:
        """These are no more, or left."""
        self._gone.extend(names)

    def _put(
        self,
        record: SubscriberRecord,
        subscription: Subscription | None,
        due_at: datetime | str,
        head: int | None = None,
    ) -> None:
        of = part(subscription.spec) if subscription is not None else 0
        # As text: psycopg dumps a list by the type of its first item, and beside "infinity" there are times.
        self._rows[record.id] = record.id, bucket(record.id), of, record.revision, str(due_at), head

    def write(self, connection: Connection) -> None:
        """Write it down, in the transaction of what it follows from."""
        if self._rows:
            connection.execute(_SQL["put"], columns(self._rows.values()))
        if self._gone:
            connection.execute(_SQL["forget"], (self._gone,))


def _next(subscription: Subscription, now: datetime) -> datetime | str:
    """When it is due next. What is due when a pause ends is asked then: slots of the pause are not made up for."""
    if subscription.paused:
        return _NEVER
    ends = subscription.pause_ends
    if ends is not None and ends > now:
        return ends
    return _upcoming(subscription.cadence, subscription.timezone, now)


@lru_cache(maxsize=4096)
def _upcoming(cadence: Cadence, timezone: str, now: datetime) -> datetime | str:
    """A million subscribers have some hundreds of cadences and zones."""
    slots = cadence.upcoming(ZoneInfo(timezone), after=now, count=1)
    return slots[0].at if slots else _NEVER
