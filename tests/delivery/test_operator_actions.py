"""Which deliveries a human means by a name, and what becomes of them when it is decided."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from digestbot.delivery.operator_actions import chosen, decided, noted, sent_by_hand
from digestbot.model.audit import Act
from digestbot.model.causes import Cause
from digestbot.model.deliveries import Delivery, DeliveryState, Outcome
from digestbot.model.errors import UsageError
from digestbot.model.subscriptions import Destination
from digestbot.store import open_store
from digestbot.store.base import Store
from tests.digests.kit import NAME, record, slot, utc

ADA, BOB = (Destination("email", {"address": f"{name}@example.org"}) for name in ("ada", "bob"))
LAB = Destination("slack", {"destination": "lab"})
STATES = {
    "aa01": (2, ADA, DeliveryState.SENT),
    "aa02": (2, BOB, DeliveryState.FAILED),
    "ab03": (2, LAB, DeliveryState.HELD),
    "ac04": (3, ADA, DeliveryState.HELD),
    "ad05": (3, BOB, DeliveryState.DROPPED),
    "ae06": (3, LAB, DeliveryState.DEFERRED),
}


@pytest.fixture(autouse=True)
def over_each_store() -> None:
    """Once is enough: it asks a store for nothing that the contract does not hold."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Two digests to three destinations each, which stand as STATES says."""
    with open_store("tinydb:data", home=tmp_path) as opened:
        opened.register([NAME], now=utc(1))
        for day in (2, 3):
            key = f"{NAME}/{slot(day).label}"
            opened.open_digest(
                record(slot(day), utc(day, 8)),
                [
                    Delivery(name, key, NAME, to, DeliveryState.PLANNED, utc(day, 8))
                    for name, (of, to, _) in STATES.items()
                    if of == day
                ],
            )
        for each in opened.claim(now=utc(4), lease=timedelta(minutes=15), limit=9):
            state = STATES[each.id][2]
            later = utc(5) if state is DeliveryState.DEFERRED else None
            opened.record([Outcome(each.id, each.fence, state, 0, utc(4), Cause.TEMPORARY, "x", not_before=later)])
        yield opened


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["aa02"], ["aa02"]),
        (["ab"], ["ab03"]),
        (["ac04", "ab03", "ac04"], ["ac04", "ab03"]),
        (["held"], ["ab03", "ac04"]),
        (["failed", "held"], ["aa02", "ab03", "ac04"]),
        (["unknown"], []),
        (["lab/2026-03-02T08:00"], ["aa02", "ab03"]),
        (["lab/2026-03-03T08:00"], ["ac04", "ae06"]),
        (["email ada@example.org"], ["ac04"]),  # the other one has left
        (["email bob@example.org"], ["aa02"]),  # the other one was dropped
        (["slack lab"], ["ab03", "ae06"]),
    ],
)
def test_what_a_name_means(store: Store, names: list[str], found: list[str]) -> None:
    assert [each.id for each in chosen(store, names)] == found


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("aa01", "aa01 is sent: nothing to decide about it"),
        ("ad05", "ad05 is dropped: nothing to decide about it"),
        ("ad", "ad05 is dropped: nothing to decide about it"),
        ("zz", "no delivery with the id 'zz'"),
        ("a", "4 deliveries with the id 'a'"),
        ("sent", "no delivery with the id 'sent'"),
    ],
)
def test_a_name_of_nothing_or_of_what_is_over_is_told(store: Store, name: str, why: str) -> None:
    with pytest.raises(UsageError) as told:
        chosen(store, [name])
    assert why in str(told.value)


@pytest.mark.parametrize(
    ("decision", "state", "doubt"),
    [
        ("retry", DeliveryState.PLANNED, False),
        ("hold", DeliveryState.HELD, True),
        ("drop", DeliveryState.DROPPED, True),
    ],
)
def test_what_a_decision_writes_down(decision: str, state: DeliveryState, doubt: bool) -> None:
    delivery = Delivery(
        "d1", "lab/1", NAME, ADA, DeliveryState.UNKNOWN, utc(2), parts_sent=2, fence=7, possible_duplicate=True
    )
    (outcome,) = decided(decision, [delivery], utc(4))
    assert (outcome.state, outcome.cause, outcome.possible_duplicate) == (state, Cause.BY_HAND, doubt)
    assert (outcome.delivery, outcome.fence, outcome.parts_sent, outcome.at) == ("d1", 7, 2, utc(4))
    (entry,) = noted(decision, [delivery], utc(4), "operator eve")
    assert entry.act is (Act.REPLAYED if decision == "retry" else Act.DECIDED)
    assert (entry.at, entry.who, entry.about, entry.reference) == (utc(4), "operator eve", "ada@example.org", "d1")
    assert entry.detail == f"{decision}: lab/1 -> email ada@example.org"


def test_what_was_sent_by_hand_is_noted_and_what_was_not_opened_is_not() -> None:
    (entry,) = sent_by_hand([None, record(slot(2), utc(2))], utc(4), "operator eve")
    assert (entry.act, entry.about, entry.reference) == (Act.SENT_BY_HAND, NAME, "lab/2026-03-02T08:00")
