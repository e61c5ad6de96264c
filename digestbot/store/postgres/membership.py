"""Subscribers and suppressed addresses in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any

from digestbot.model.subscribers import (
    BUCKETS,
    Membership,
    SubscriberRecord,
    Suppression,
    bucket,
    folded_address,
)
from digestbot.store.codec import from_subscriber, from_suppression, storable, storable_text, to_subscriber
from digestbot.store.postgres.connection import Connection
from digestbot.store.postgres.paper_log import as_json
from digestbot.store.postgres.statements import load

_SQL = load("membership.sql")
PAGE = 2_000  # subscribers fetched at once


def put(connection: Connection, records: Iterable[SubscriberRecord]) -> None:
    """Add them, or put them in the place of those with the same ids, page by page.

    More than a page are given in the order of their ids.
    """
    rows = map(columns, records)
    while some := list(islice(rows, PAGE)):
        with connection.cursor() as cursor:
            # In one order for everybody, so that two who write never wait for each other in a ring.
            cursor.executemany(_SQL["put"], sorted(some, key=itemgetter(0)))


def columns(record: SubscriberRecord) -> tuple[Any, ...]:
    """A subscriber as it is written, without its revision."""
    said, _ = storable(from_subscriber(record))
    addresses = list(to_subscriber(said).addresses)
    times = said["added_at"], said["changed_at"]
    return said["id"], bucket(said["id"]), said["state"], as_json(said["wants"]), addresses, *times


def remove(connection: Connection, ids: Iterable[str]) -> int:
    """Take them out, and what their readers said and like; how many were there."""
    names = list(map(storable_text, ids))
    connection.execute(_SQL["remove_opinions"], (names,))
    connection.execute(_SQL["remove_libraries"], (names,))
    return connection.execute(_SQL["remove"], (names,)).rowcount


def these(connection: Connection, ids: Iterable[str]) -> Iterator[SubscriberRecord]:
    """Those with these ids."""
    return map(subscriber, connection.execute(_SQL["these"], (list(map(storable_text, ids)),)))


def names(connection: Connection, ids: Iterable[str] | None, buckets: range | None, address: str | None) -> list[str]:
    """The ids, in order, among which those are that fit everything given; not all three may be None."""
    if ids is not None:
        return sorted(set(map(storable_text, ids)))
    if address is not None:
        rows = connection.execute(_SQL["ids_at"], (storable_text(folded_address(address)),))
    else:
        rows = connection.execute(_SQL["ids_in"], _bounds(buckets))
    return sorted(name for (name,) in rows)


def page(connection: Connection, after: str) -> list[SubscriberRecord]:
    """The next `PAGE` of all after this id."""
    return [subscriber(row) for row in connection.execute(_SQL["page"], {"after": after, "limit": PAGE})]


def count(connection: Connection, buckets: range | None) -> dict[Membership, int]:
    """How many there are in each state."""
    return {Membership(state): number for state, number in connection.execute(_SQL["count"], _bounds(buckets))}


def mark(connection: Connection, buckets: range) -> str:
    """Another word whenever one of these buckets' subscribers came, changed or went."""
    (row,) = connection.execute(_SQL["mark"], _bounds(buckets))
    return "{}-{}".format(*row)


def suppress(connection: Connection, suppressions: Sequence[Suppression]) -> None:
    """Note the addresses; the first reason of each stays."""
    rows = []
    for each in suppressions:
        said, _ = storable(from_suppression(each))
        rows.append((said["address"], said["reason"], said["since"], said["evidence"]))
    with connection.cursor() as cursor:
        cursor.executemany(_SQL["suppress"], sorted(rows, key=itemgetter(0)))


def release(connection: Connection, addresses: Iterable[str]) -> int:
    """Forget the addresses; how many were noted."""
    folded = [storable_text(folded_address(each)) for each in addresses]
    return connection.execute(_SQL["release"], (folded,)).rowcount


def suppressions(connection: Connection, addresses: Iterable[str] | None) -> dict[str, Suppression]:
    """What is suppressed, all or of these."""
    if addresses is None:
        rows = connection.execute(_SQL["suppressions"])
    else:
        folded = [storable_text(folded_address(each)) for each in addresses]
        rows = connection.execute(_SQL["suppressions_of"], (folded,))
    return {address: Suppression(address, reason, since, evidence) for address, reason, since, evidence in rows}


def _bounds(buckets: range | None) -> tuple[int, int]:
    return (0, BUCKETS) if buckets is None else (buckets.start, buckets.stop)


def subscriber(row: Any) -> SubscriberRecord:
    """The subscriber of a row: id, state, wants, added_at, changed_at, revision."""
    identifier, state, wants, added_at, changed_at, revision = row
    return SubscriberRecord(identifier, Membership(state), wants, added_at, changed_at, revision)
