"""Papers, digests and deliveries for the stores' tests, with what does not matter filled in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from digestbot.model.causes import Cause
from digestbot.model.deliveries import Delivery, DeliveryState, Outcome, delivery_id
from digestbot.model.digests import Counts, DigestRecord, DigestVerdict, EntryRecord, Highlight, Slot, Window
from digestbot.model.subscribers import Membership, SubscriberRecord
from digestbot.model.subscriptions import Destination
from digestbot.store.base import Opening

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LEASE = timedelta(minutes=5)


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def digest(
    label: str = "2026-03-02T08:00",
    *,
    subscription: str = "ml",
    window: tuple[int, int] = (0, 0),
    entries: Sequence[int] = (),
    carry: Sequence[int] = (),
    carried: Sequence[int] = (),
) -> DigestRecord:
    return DigestRecord(
        key=f"{subscription}/{label}",
        subscription=subscription,
        name="Multilingual models",
        slot=Slot(label, date(2026, 3, 2), NOW),
        opened_at=NOW,
        window=Window(*window),
        verdict=DigestVerdict.SEND,
        entries=tuple(
            EntryRecord(place, ("topic:ml",), ("bert",), (Highlight("title", 0, 4),), carried=place in carried)
            for place in entries
        ),
        sections=(("topic:ml", "Machine learning"),),
        counts=Counts(read=5, found=3, shown=len(entries)),
        carry=tuple(carry),
    )


def delivery(record: DigestRecord, who: str = "ada", state: DeliveryState = DeliveryState.PLANNED) -> Delivery:
    to = Destination("email", {"address": f"{who}@example.org"})
    return Delivery(delivery_id(record.key, to), record.key, record.subscription, to, state, NOW)


def outcome(
    claimed: Delivery,
    state: DeliveryState = DeliveryState.SENT,
    *,
    at: datetime = NOW,
    cause: Cause | None = Cause.ANSWERED,
    reason: str | None = "250 taken",
    parts: int = 1,
    not_before: datetime | None = None,
) -> Outcome:
    return Outcome(claimed.id, claimed.fence, state, parts, at, cause, reason, reason, not_before=not_before)


def opening(record: DigestRecord, *who: str) -> Opening:
    return Opening(record, [delivery(record, each) for each in who])


def subscriber(
    name: str = "s-1", *, state: Membership = Membership.ACTIVE, address: str = "ada@example.org", **wants: object
) -> SubscriberRecord:
    to = [{"channel": "email", "address": address}]
    return SubscriberRecord(name, state, {"name": name, "to": to, **wants}, NOW, NOW)
