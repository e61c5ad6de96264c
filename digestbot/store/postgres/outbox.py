"""Deliveries in PostgreSQL: claimed by many at once without waiting for each other, recorded under their fence."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from psycopg.rows import DictRow, dict_row

from digestbot.model.causes import Cause, sentence
from digestbot.model.deliveries import Delivery, DeliveryState, Outcome
from digestbot.store.codec import from_time, storable_text, to_destination
from digestbot.store.erasing import kept
from digestbot.store.postgres.connection import Connection
from digestbot.store.postgres.statements import columns, load

_SQL = load("ledger.sql")
_DONE = frozenset({DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.DROPPED})
_RECORDED = attrgetter(
    *("id", "state", "planned_at", "attempts", "parts_sent", "not_before", "lease_until", "cause", "reason", "answer"),
    *("possible_duplicate", "done_at"),
)


def claim(
    connection: Connection, now: datetime, lease: timedelta, limit: int, digests: Set[str] | None
) -> list[Delivery]:
    """Take deliveries that may leave; those whose lease is over become unknown first."""
    arguments = {
        "now": from_time(now),
        "until": from_time(now + lease),
        "limit": limit,
        "digests": None if digests is None else [storable_text(each) for each in digests],
        **_lease_over(),
    }
    of = "" if digests is None else "_of"
    connection.execute(_SQL[f"give_up_leases{of}"], arguments)
    return _select(connection, f"claim{of}", arguments) if limit else []


def _lease_over() -> dict[str, object]:
    return {"cause": Cause.LEASE_OVER.value, "reason": sentence(Cause.LEASE_OVER)}


def claim_of_kind(connection: Connection, kind: str, now: datetime, lease: timedelta, limit: int) -> list[Delivery]:
    """`claim`, of the deliveries of one kind of channel."""
    arguments = {"now": from_time(now), "until": from_time(now + lease), "limit": limit, "kind": kind}
    connection.execute(_SQL["give_up_leases_of_kind"], arguments | _lease_over())
    return _select(connection, "claim_of_kind", arguments) if limit else []


def patience_of_kind(connection: Connection, kind: str, now: datetime) -> list[Delivery]:
    """Deliveries of a kind that ended their destination for good, or that wait because it asked for patience."""
    return _select(connection, "patience_of_kind", {"kind": kind, "now": from_time(now)})


def record(connection: Connection, outcomes: Sequence[Outcome]) -> int:
    """Write outcomes down; the number taken."""
    asked = {storable_text(each.delivery) for each in outcomes}
    known = {each.id: each for each in _select(connection, "hold_deliveries", (sorted(asked),))}
    after: dict[str, Delivery] = {}
    taken = 0
    for outcome in outcomes:
        name = storable_text(outcome.delivery)
        before = after.get(name) or known.get(name)
        late = (
            before is not None and outcome.state is DeliveryState.SENDING and before.state is not DeliveryState.SENDING
        )
        if before is not None and before.fence == outcome.fence and not late:
            after[name] = _after(before, outcome)
            taken += 1
    if after:
        rows = [_RECORDED(each) for each in after.values()]
        connection.execute(_SQL["record"], columns(rows))
    return taken


def _after(before: Delivery, outcome: Outcome) -> Delivery:
    """The delivery with what became of it."""
    if outcome.state is DeliveryState.PLANNED:
        handed_back = before.state is DeliveryState.SENDING  # nothing was tried
        attempts = before.attempts - 1 if handed_back else 0
        planned_at = before.planned_at if handed_back else outcome.at
        before = replace(before, attempts=attempts, planned_at=planned_at)
    from_time(outcome.at)  # refuses a time without a zone
    return replace(
        before,
        state=outcome.state,
        parts_sent=outcome.parts_sent,
        cause=outcome.cause,
        reason=None if outcome.reason is None else storable_text(outcome.reason),
        answer=None if outcome.answer is None else storable_text(outcome.answer),
        possible_duplicate=outcome.possible_duplicate,
        not_before=outcome.not_before,
        done_at=outcome.at if outcome.state in _DONE else None,
        lease_until=before.lease_until if outcome.state is DeliveryState.SENDING else None,
    )


def deliveries(
    connection: Connection,
    digest: str | None,
    subscriptions: Set[str] | None,
    address: str | None,
    states: Set[DeliveryState] | None,
    ids: Set[str] | None,
) -> list[Delivery]:
    """Deliveries in the order they were planned."""
    asked = {
        "digest": None if digest is None else storable_text(digest),
        "subscriptions": None if subscriptions is None else list(map(storable_text, subscriptions)),
        "states": None if states is None else [each.value for each in states],
        "ids": None if ids is None else list(map(storable_text, ids)),
        "addresses": None if address is None else spellings(connection, address),
    }
    return _select(connection, "deliveries", asked)


def spellings(connection: Connection, address: str) -> list[str]:
    """The spellings of one address among all deliveries, in small letters: few are not the folded one."""
    folded = kept(address)
    others = (each for (each,) in connection.execute(_SQL["other_spellings"]))
    return [folded, *(each for each in others if kept(each) == folded)]


def count(connection: Connection, states: Set[DeliveryState]) -> dict[DeliveryState, int]:
    """How many stand in each of these states."""
    rows = connection.execute(_SQL["count_deliveries"], {"states": [each.value for each in states]})
    return {DeliveryState(state): number for state, number in rows}


def _select(connection: Connection, statement: str, arguments: Any) -> list[Delivery]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return [delivery(row) for row in cursor.execute(_SQL[statement], arguments)]


def delivery(row: DictRow) -> Delivery:
    """The delivery of a row with all its columns."""
    known = {**row, "destination": to_destination(row["destination"]), "state": DeliveryState(row["state"])}
    known["cause"] = None if row["cause"] is None else Cause(row["cause"])
    del known["number"]
    return Delivery(**known)
