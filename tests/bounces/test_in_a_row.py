"""Soft bounces in a row as the ledger and the audit log have them: what counts, since when, and what is noted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from digestbot.bounces.handler import READER, refused, written_down
from digestbot.model.audit import Act, AuditEntry
from digestbot.model.causes import Cause
from digestbot.model.deliveries import Delivery, DeliveryState, Outcome, delivery_id
from digestbot.model.refusals import Judgement, Weight
from digestbot.model.subscribers import Membership, SubscriberRecord
from digestbot.model.subscriptions import Destination
from digestbot.store import open_store
from digestbot.store.base import Store
from tests.digests.kit import NAME, record, slot, utc

ADA = "ada@example.org"
TO = Destination("email", {"address": "Ada@example.org"})
FULL = Judgement(Weight.SOFT, "the mailbox is full")
NONE = Judgement(Weight.HARD, "there is no such mailbox")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store("tinydb:data", home=tmp_path) as opened:
        opened.register([NAME], now=utc(1))
        yield opened


def sent(store: Store, day: int, to: Destination = TO) -> Delivery:
    """A digest of a day whose mail was taken at eight."""
    made = record(slot(day), utc(day, 8))
    planned = Delivery(delivery_id(made.key, to), made.key, NAME, to, DeliveryState.PLANNED, utc(day, 8))
    store.open_digest(made, [planned])
    (claimed,) = store.claim(now=utc(day, 8), lease=timedelta(minutes=15), limit=1)
    outcome = Outcome(claimed.id, claimed.fence, DeliveryState.SENT, 1, utc(day, 8), Cause.ANSWERED)
    store.record([outcome])
    (found,) = store.deliveries(ids={claimed.id})
    return found


def back(store: Store, day: int, hour: int = 9, *, minute: int = 0, judged: Judgement = FULL) -> tuple[str, bool]:
    """The mail of a day comes back at that hour; what is said, and whether its address is suppressed for it."""
    verdict = written_down(store, sent(store, day), judged, "452 full", f"mail:{day}", utc(day, hour, minute))
    assert verdict.address == ADA
    assert verdict.act is (Act.SOFT_BOUNCE if judged is FULL else Act.HARD_BOUNCE)
    return verdict.why, verdict.suppressed


def released(store: Store, day: int, hour: int = 9, minute: int = 0) -> None:
    entry = AuditEntry(utc(day, hour, minute), "operator", Act.RELEASED, ADA, "", "", f"release:{day}:{hour}:{minute}")
    store.release([ADA], noting=[entry])


def test_the_fifth_in_a_row_over_four_days_suppresses_and_all_of_it_is_noted(store: Store) -> None:
    said = [back(store, day) for day in range(2, 7)]
    assert [text for text, _ in said] == [f"the mailbox is full ({n} in a row)" for n in range(1, 6)]
    assert [silent for _, silent in said] == [False] * 4 + [True]
    entries = store.audit(ADA)
    assert [each.act for each in entries] == [Act.SOFT_BOUNCE] * 5 + [Act.SUPPRESSED]
    assert {each.who for each in entries} == {READER}
    assert (entries[-1].detail, entries[-1].id) == ("bounced again and again", "mail:6:row")
    (why,) = (each.evidence for each in store.suppressions([ADA]).values())
    assert why == "5 digests in a row came back since 02 Mar 2026; the last: 452 full"


def test_five_within_less_than_four_days_are_not_enough(store: Store) -> None:
    said = [back(store, day, 10 if day == 2 else 9) for day in range(2, 7)]
    assert [silent for _, silent in said] == [False] * 5
    assert back(store, 7) == ("the mailbox is full (6 in a row)", True)


def test_a_release_begins_the_row_anew_and_the_last_release_counts(store: Store) -> None:
    for day in (2, 3, 4):
        back(store, day)
    released(store, 4, 9)  # in the very moment of the last of them
    assert back(store, 5) == ("the mailbox is full (1 in a row)", False)
    released(store, 5, 12)
    assert back(store, 6) == ("the mailbox is full (1 in a row)", False)
    assert back(store, 7) == ("the mailbox is full (2 in a row)", False)


def test_what_came_back_to_another_or_for_good_is_no_part_of_the_row(store: Store) -> None:
    other = sent(store, 2, Destination("email", {"address": "bob@example.org"}))
    written_down(store, other, FULL, "452 full", "mail:bob", utc(2, 9))
    assert back(store, 3, judged=NONE) == ("there is no such mailbox", True)
    released(store, 3, 8)
    assert back(store, 4) == ("the mailbox is full (1 in a row)", False)


def test_a_mail_that_arrived_ends_the_row(store: Store) -> None:
    back(store, 2)
    sent(store, 3)
    assert back(store, 7) == ("the mailbox is full (2 in a row)", False), "whether that arrived is not known yet"
    assert back(store, 8) == ("the mailbox is full (2 in a row)", False), "it has not come back for five days"


def test_what_arrived_at_another_of_the_same_digest_ends_no_row(store: Store) -> None:
    for day in (2, 3, 4, 5):
        back(store, day)
    made = record(slot(7), utc(7, 8))
    both = [Destination("email", {"address": each}) for each in ("bob@example.org", ADA)]
    store.open_digest(
        made,
        [Delivery(delivery_id(made.key, to), made.key, NAME, to, DeliveryState.PLANNED, utc(7, 8)) for to in both],
    )
    for each in store.claim(now=utc(7, 8), lease=timedelta(minutes=15), limit=2):
        store.record([Outcome(each.id, each.fence, DeliveryState.SENT, 1, utc(7, 8), Cause.ANSWERED)])
    (hers,) = [each for each in store.deliveries(digest=made.key) if each.destination == both[1]]
    verdict = written_down(store, hers, FULL, "452 full", "mail:7", utc(7, 9))
    assert (verdict.why, verdict.suppressed) == ("the mailbox is full (5 in a row)", True)


@pytest.mark.parametrize(
    ("state", "answer", "channel", "act"),
    [
        (DeliveryState.FAILED, "550 5.1.1 no such user", "email", Act.HARD_BOUNCE),
        (DeliveryState.FAILED, "552 5.2.2 full", "email", Act.SOFT_BOUNCE),
        (DeliveryState.FAILED, "550 5.7.1 policy", "email", None),
        (DeliveryState.FAILED, None, "email", Act.SOFT_BOUNCE),
        (DeliveryState.DEFERRED, "550 5.1.1 no such user", "email", None),
        (DeliveryState.FAILED, "550 5.1.1 no such user", "apprise", None),
    ],
)
def test_what_a_refusal_while_sending_brings_about(
    store: Store, state: DeliveryState, answer: str | None, channel: str, act: Act | None
) -> None:
    to = Destination(channel, {"address": "Ada@example.org"})
    delivery = Delivery("d1", "lab/1", NAME, to, DeliveryState.SENDING, utc(2), fence=3)
    outcome = Outcome("d1", 3, state, 0, utc(2), Cause.REFUSED, answer, answer)
    assert refused(store, delivery, outcome, utc(2, 9)) is None, "an address of a file is its owner's to mend"
    wants = {"to": [{"channel": channel, "address": ADA}]}
    store.put_subscribers([SubscriberRecord(NAME, Membership.ACTIVE, wants, utc(1), utc(1))])
    verdict = refused(store, delivery, outcome, utc(2, 9))
    assert (verdict and verdict.act) == act
    assert [(each.act, each.id, each.at) for each in store.audit(ADA)] == (
        [(act, "refused:d1:3", utc(2, 9))] if act else []
    )
    assert bool(store.suppressions([ADA])) is (act is Act.HARD_BOUNCE)
