"""What the PostgreSQL store takes for a large newsletter: ``python -m tests.bench.postgres [SUBSCRIPTIONS]``.

The server is one of our own with its disk waited for; subscribers are stored, their digests planned in shards as
workers do it, and the deliveries claimed and recorded. Matching and mail are not in it.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from random import Random

import psycopg

from digestbot.model.causes import Cause
from digestbot.model.deliveries import Delivery, DeliveryState, Outcome, delivery_id
from digestbot.model.digests import Counts, DigestRecord, DigestVerdict, EntryRecord, Slot, Window
from digestbot.model.subscribers import BUCKETS, Membership, SubscriberRecord
from digestbot.model.subscriptions import Destination
from digestbot.store.base import Opening
from digestbot.store.postgres.store import PostgresStore
from tests.bench.store import NOW, synthetic
from tests.servers.postgres import open_server

PAPERS, ENTRIES, SHARD, GROUP = 2_000, 10, 500, 500
LEASE = timedelta(minutes=10)
# As deploy/ advises for a server that shares its machine; commits wait for the disk.
OPTIONS = "-c shared_buffers=512MB -c max_wal_size=4GB -c checkpoint_timeout=15min -c max_connections=60"


def told(what: str, count: int, work: Callable[[], object]) -> None:
    """How long it took, how many a second, and the share that this process computed itself."""
    began, own = time.perf_counter(), time.process_time()
    work()
    seconds, computed = time.perf_counter() - began, time.process_time() - own
    print(f"{what:<44} {seconds:8.1f} s  {count / seconds:10,.0f}/s  {computed / seconds:4.0%} in Python", flush=True)


def subscribers(count: int) -> Iterator[SubscriberRecord]:
    for number in range(count):
        wants = {
            "name": f"Reader {number}",
            "keywords": [f"topic {number % 50_000}", "low-resource"],
            "to": [{"channel": "email", "address": f"reader{number}@example.org"}],
        }
        yield SubscriberRecord(f"r{number:07}", Membership.ACTIVE, wants, NOW, NOW)


def opening(name: str, after: int, head: int, number: int) -> Opening:
    """A digest as it is composed for a subscription: ten papers of the window, with reasons."""
    slot = Slot(f"2026-01-01T08:00-{head}", NOW.date(), NOW)
    entries = tuple(
        EntryRecord(after + 1 + (number * 7 + each * 13) % (head - after), ("low-resource",), ("low-resource",))
        for each in range(ENTRIES)
    )
    record = DigestRecord(
        key=f"{name}/{slot.label}",
        subscription=name,
        name="Reader",
        slot=slot,
        opened_at=NOW,
        window=Window(after, head),
        verdict=DigestVerdict.SEND,
        entries=entries,
        sections=(("low-resource", "low-resource"),),
        counts=Counts(read=head - after, found=ENTRIES, shown=ENTRIES),
    )
    to = Destination("email", {"address": f"{name}@example.org"})
    return Opening(
        record, [Delivery(delivery_id(record.key, to), record.key, record.subscription, to, DeliveryState.PLANNED, NOW)]
    )


def batches(records: Iterator[SubscriberRecord], size: int) -> Iterator[list[SubscriberRecord]]:
    while batch := list(islice(records, size)):
        yield batch


def plan(store: PostgresStore, shards: Sequence[range], head: int, changed: set[str]) -> None:
    """Open all digests: read what each shard needs, compose, write; five statements and a copy a shard."""
    for buckets in shards:
        names = [each.id for each in store.subscribers(buckets=buckets)]
        cursors = store.cursors(names)
        store.delivered_of(names, changed)
        store.earlier(names, newest=1)
        openings = [
            opening(name, cursors[name].position or 0, head, number) for number, name in enumerate(names) if name
        ]
        assert all(store.open_digests(openings))


def deliver(store: PostgresStore, most: int) -> None:
    done = 0
    while done < most and (claimed := store.claim(now=NOW, lease=LEASE, limit=GROUP)):
        outcomes = [
            Outcome(each.id, each.fence, DeliveryState.SENT, 1, NOW, Cause.ANSWERED, "250 2.0.0 Ok: queued")
            for each in claimed
        ]
        done += store.record(outcomes)


def main(count: int) -> None:
    server = open_server(OPTIONS)
    url = server.url()
    stride = max(BUCKETS * SHARD // count, 1)
    shards = [range(start, min(start + stride, BUCKETS)) for start in range(0, BUCKETS, stride)]
    try:
        with PostgresStore(url) as store:
            papers = synthetic(2 * PAPERS, Random(1))
            told(f"merge {PAPERS} papers", PAPERS, lambda: store.merge(papers[:PAPERS], now=NOW))
            told(f"merge them again, {PAPERS} known", PAPERS, lambda: store.merge(papers[:PAPERS], now=NOW))

            def put() -> None:
                for batch in batches(subscribers(count), 5_000):
                    store.put_subscribers(batch)

            def register() -> None:
                for batch in batches(subscribers(count), 5_000):
                    store.register([each.id for each in batch], now=NOW)

            told(f"store {count:,} subscribers", count, put)
            told(f"register {count:,} subscriptions", count, register)
            told("read them all, shard by shard", count, lambda: [list(store.subscribers(buckets=b)) for b in shards])
            head = store.head()
            told(f"plan {count:,} digests, {len(shards)} shards", count, lambda: plan(store, shards, head, set()))
            store.merge(papers[PAPERS:], now=NOW)
            changed = {each.key for each in islice(store.window(0, head), 50)}
            head = store.head()
            told("plan the next day's, 50 papers known", count, lambda: plan(store, shards, head, changed))
            told("claim and record 20,000 deliveries", 20_000, lambda: deliver(store, 20_000))
        with psycopg.connect(url) as connection:
            for name, size in connection.execute(
                "select relname, pg_total_relation_size(oid) from pg_class where relkind = 'r' "
                "and relnamespace = current_schema()::regnamespace order by 2 desc limit 5"
            ):
                print(f"{name:<12} {size / 1e6:8.0f} MB")
        print(f"this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB at most")
    finally:
        server.remove()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
