"""How far subscriptions have come, and their digests, in PostgreSQL: thousands by the same statements as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import datetime
from typing import Any

from digestbot.model.digests import DigestRecord
from digestbot.store.base import Cursor, Opening
from digestbot.store.codec import JsonObject, from_delivery, from_digest, from_time, storable, storable_text, to_digest
from digestbot.store.opening import moved
from digestbot.store.postgres.connection import Connection
from digestbot.store.postgres.paper_log import as_json, known_as
from digestbot.store.postgres.statements import columns, load

_SQL = load("ledger.sql")


def register(connection: Connection, subscriptions: Iterable[str], now: datetime) -> None:
    """Note the log's head for those not yet known."""
    names = list(dict.fromkeys(map(storable_text, subscriptions)))
    connection.execute(_SQL["register"], {"subscriptions": names, "now": from_time(now)})


def register_subscribers(connection: Connection, now: datetime) -> None:
    """Note the log's head for active subscribers not yet known."""
    connection.execute(_SQL["register_subscribers"], {"now": from_time(now)})


def cursors(connection: Connection, subscriptions: Iterable[str], statement: str = "standings") -> dict[str, Cursor]:
    """How far each has come."""
    asked = {storable_text(each): each for each in subscriptions}
    rows = connection.execute(_SQL[statement], (list(asked),))
    return {asked[name]: Cursor(head, seen, cursor, tuple(carry)) for name, head, seen, cursor, carry in rows}


def delivered(connection: Connection, subscription: str) -> Set[str]:
    """The works that stood in one of its digests."""
    return frozenset(key for (key,) in connection.execute(_SQL["delivered"], (storable_text(subscription),)))


def delivered_of(connection: Connection, subscriptions: Iterable[str], works: Set[str]) -> dict[str, Set[str]]:
    """Which of these works each has had: looked up only in digests that come after the first of their places."""
    found: dict[str, set[str]] = {each: set() for each in subscriptions}
    asked = {storable_text(each): each for each in found}
    key_at = dict(
        connection.execute(_SQL["places_of"], ([known_as(storable_text(work)) for work in works],)).fetchall()
    )
    if key_at and found:
        arguments = {"subscriptions": list(asked), "first": min(key_at), "places": list(key_at)}
        for name, place in connection.execute(_SQL["delivered_of"], arguments):
            found[asked[name]].add(key_at[place])
    return {name: frozenset(keys) for name, keys in found.items()}


class Book:
    """Digests being opened within one transaction, in which nobody else opens any of the same subscriptions."""

    def __init__(self, connection: Connection, openings: Sequence[Opening]) -> None:
        self._connection = connection
        self._openings = openings
        # Encoded before anything is locked: what cannot be stored changes nothing.
        self._records = list(_encoded([each.record for each in openings]))
        self._deliveries = [
            [delivery_columns(storable(from_delivery(delivery))[0]) for delivery in each.deliveries]
            for each in openings
        ]

    def open(self) -> list[bool]:
        """Open those that may be, one after the other; which."""
        before = self._held()
        keys = [record["key"] for record, _ in self._records]
        known = {key for (key,) in self._connection.execute(_SQL["keys_there"], (keys,))}
        after: dict[str, Cursor] = {}
        opened = []
        for opening, (record, _) in zip(self._openings, self._records, strict=True):
            name = record["subscription"]
            cursor = None if record["key"] in known else moved(after.get(name, before.get(name)), opening.record)
            opened.append(cursor is not None)
            if cursor is not None:
                known.add(record["key"])
                after[name] = cursor
        self._write(opened, after)
        return opened

    def _held(self) -> dict[str, Cursor]:
        """How far the subscriptions have come, theirs to us until the end; those never seen are begun."""
        first = {
            record["subscription"]: (opening.record.window.after, opening.record.opened_at)
            for opening, (record, _) in reversed(list(zip(self._openings, self._records, strict=True)))
            if moved(None, opening.record) is not None
        }
        rows = [(name, head, from_time(seen)) for name, (head, seen) in first.items()]
        if rows:
            self._connection.execute(_SQL["first_standings"], columns(rows))
        return cursors(self._connection, {r["subscription"] for r, _ in self._records}, "hold_standings")

    def _write(self, opened: Sequence[bool], after: dict[str, Cursor]) -> None:
        copy_digests(self._connection, [each for each, taken in zip(self._records, opened, strict=True) if taken])
        planned = {row[0]: row for rows, yes in zip(self._deliveries, opened, strict=True) if yes for row in rows}
        with self._connection.cursor() as cursor:
            for (known,) in cursor.execute(_SQL["ids_there"], (list(planned),)).fetchall():
                del planned[known]
            with cursor.copy(_SQL["copy_deliveries"]) as copy:
                for row in planned.values():
                    copy.write_row(row)
            moves = [(name, each.position, _as_array(each.carry)) for name, each in after.items()]
            if moves:
                cursor.execute(_SQL["move_standings"], columns(moves))


def _encoded(records: Iterable[DigestRecord]) -> Iterator[tuple[JsonObject, bytes]]:
    """The records as they are stored. Digests by the same rules share their entries, which are spelled once."""
    entries: dict[int, list[JsonObject]] = {}
    for record in records:
        said = from_digest(record, entries.get(id(record.entries)))
        entries[id(record.entries)] = said["entries"]
        yield storable(said)


def _as_array(places: Iterable[int]) -> str:
    """Places as the text of an array: lists of unequal length cannot be handed over as one."""
    return f"{{{','.join(map(str, places))}}}"


def copy_digests(connection: Connection, records: Sequence[tuple[JsonObject, bytes]]) -> None:
    """Write digests (as the codec spells them, and the bytes of that) in this order."""
    with connection.cursor() as cursor, cursor.copy(_SQL["copy_digests"]) as copy:
        for record, encoded in records:
            places = _as_array(entry["sequence"] for entry in record["entries"])
            upto = record["window"]["upto"]
            copy.write_row((record["key"], record["subscription"], upto, places, encoded.decode()))


def delivery_columns(said: JsonObject) -> tuple[Any, ...]:
    """A delivery (as the codec spells it) as it is written: the order is that of ``copy_deliveries``."""
    return (
        *(said["id"], said["digest"], said["subscription"], as_json(said["destination"]), said["state"]),
        *(said["planned_at"], said["attempts"], said["parts_sent"], said["not_before"], said["lease_until"]),
        *(said["fence"], said["cause"], said["reason"], said["answer"], said["possible_duplicate"], said["done_at"]),
    )


def digest(connection: Connection, key: str) -> DigestRecord | None:
    """The digest with this key."""
    row = connection.execute(_SQL["digest"], (storable_text(key),)).fetchone()
    return to_digest(row[0]) if row is not None else None


def digests(connection: Connection, newest: int | None) -> list[DigestRecord]:
    """All digests in the order they were opened, the last `newest` of them."""
    return [to_digest(record) for (record,) in connection.execute(_SQL["digests"], (newest,))]


def count(connection: Connection) -> int:
    """How many there are."""
    (number,) = connection.execute(_SQL["count_digests"]).fetchone() or (0,)
    return int(number)


def digests_of(
    connection: Connection, subscriptions: Iterable[str], newest: int | None
) -> Iterator[tuple[str, DigestRecord]]:
    """Each subscription's last `newest` digests, in the order they were opened."""
    asked = {storable_text(each): each for each in subscriptions}
    rows = connection.execute(_SQL["digests_of"], {"subscriptions": list(asked), "newest": newest})
    return ((asked[name], to_digest(record)) for name, record in rows)
