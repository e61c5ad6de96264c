"""Soft bounces in a row: counted from the ledger, ended by a digest that arrived. Section H 75 of the faults."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from digestbot.model.deliveries import Delivery, DeliveryState
from digestbot.model.soft_bounces import IN_A_ROW, SETTLED, SPAN, strikes, too_many
from digestbot.model.subscriptions import Destination

NOW = datetime(2026, 3, 20, 8, 0, tzinfo=UTC)
TO = Destination("email", {"address": "ada@example.org"})


def sent(days_ago: int, state: DeliveryState = DeliveryState.SENT, reason: str = "250 ok") -> Delivery:
    at = NOW - timedelta(days=days_ago)
    return Delivery(f"d{days_ago}", f"ml/{days_ago}", "ml", TO, state, at, done_at=at, answer=reason)


def struck(*days_ago: int) -> dict[str, datetime]:
    return {f"d{day}": NOW - timedelta(days=day) for day in days_ago}


def test_a_digest_that_arrived_ends_the_row() -> None:
    deliveries = [sent(day) for day in range(20)]
    assert len(strikes(deliveries, struck(0, 1, 2, 3, 4), NOW)) == 5
    assert len(strikes(deliveries, struck(0, 1, 2, 9, 10, 11), NOW)) == 3
    assert strikes(deliveries, struck(9, 10), NOW) == []


def test_one_of_which_it_is_not_known_yet_ends_nothing() -> None:
    """A report of a full mailbox may take days; until then nobody knows that the digest arrived."""
    deliveries = [sent(day) for day in range(10)]
    assert len(strikes(deliveries, struck(4, 5, 6), NOW)) == 3
    assert timedelta(days=5) == SETTLED


def test_refusals_while_sending_count_by_the_same_model() -> None:
    full, spam = "h refused the recipient: 552 5.2.2 Mailbox full", "h refused the message: 554 5.7.1 spam"
    deliveries = [
        sent(0, DeliveryState.FAILED, full),
        sent(1, DeliveryState.FAILED, spam),
        sent(2, DeliveryState.FAILED, full),
    ]
    assert len(strikes(deliveries, struck(3), NOW)) == 2
    assert len(strikes([*deliveries, sent(3)], struck(3), NOW)) == 3
    assert strikes([replace(sent(0), state=DeliveryState.DROPPED)], {}, NOW) == []


def test_too_many_are_many_over_some_days() -> None:
    hour = timedelta(hours=1)
    assert not too_many([NOW - n * hour for n in range(50)])
    assert not too_many([NOW, NOW - SPAN])
    row = [NOW - n * timedelta(days=1) for n in range(IN_A_ROW)]
    assert too_many(row)
    assert not too_many(row[:-1])
    assert not too_many([])
