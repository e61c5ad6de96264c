"""The ledger's documents in TinyDB: how a cursor is written, and what becomes of a delivery."""

from __future__ import annotations

from typing import Any

from digestbot.model.causes import Cause, sentence
from digestbot.model.deliveries import DeliveryState, Outcome
from digestbot.store.base import Cursor
from digestbot.store.codec import from_time

_DONE = frozenset({DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.DROPPED})


def from_cursor(subscription: str, cursor: Cursor) -> dict[str, Any]:
    """How far a subscription has come."""
    return {
        "subscription": subscription,
        "first_head": cursor.first_head,
        "first_seen": from_time(cursor.first_seen),
        "cursor": cursor.position,
        "carry": list(cursor.carry),
    }


def abandon(entry: Any) -> None:
    """Its sender is gone, and nobody knows whether it left."""
    entry.update(
        state=DeliveryState.UNKNOWN.value,
        lease_until=None,
        not_before=None,
        cause=Cause.LEASE_OVER.value,
        reason=sentence(Cause.LEASE_OVER),
        possible_duplicate=True,
    )


def apply(entry: dict[str, Any], outcome: Outcome) -> None:
    """Put an outcome into a delivery's document."""
    if outcome.state is DeliveryState.PLANNED:
        if entry["state"] == DeliveryState.SENDING.value:
            entry["attempts"] -= 1  # handed back: nothing was tried
        else:
            entry.update(attempts=0, planned_at=from_time(outcome.at))
    entry.update(
        state=outcome.state.value,
        parts_sent=outcome.parts_sent,
        cause=outcome.cause and outcome.cause.value,
        reason=outcome.reason,
        answer=outcome.answer,
        possible_duplicate=outcome.possible_duplicate,
        not_before=None if outcome.not_before is None else from_time(outcome.not_before),
        done_at=from_time(outcome.at) if outcome.state in _DONE else None,
    )
    if outcome.state is not DeliveryState.SENDING:
        entry["lease_until"] = None
