"""Which digests are due: the turns of a cadence, and the slot of a send by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from digestbot.model.cadence import moment
from digestbot.model.catching_up import MOST, Turn, turns
from digestbot.model.digests import DigestRecord, OpenedTurn, Slot
from digestbot.model.subscriptions import CatchUp, Subscription
from digestbot.store.base import Cursor, Store
from digestbot.subscribers.compiled import CompiledSubscription

_BELIEVED = timedelta(hours=1)


def hand_slot(subscription: Subscription, head: int, now: datetime, *, waiting: bool = False) -> Slot:
    """The slot of a send by hand: one a day for each state of the log, so that twice is not two digests.

    That of a send of all that is `waiting` is another one.

    It is dated with the day's first moment, so that what a preview shows is to the byte what is sent later.
    """
    zone = ZoneInfo(subscription.timezone)
    day = now.astimezone(zone).date()
    at = moment(datetime.combine(day, time()), zone)
    label = f"{day.isoformat()}-to-{head}{'-waiting' if waiting else ''}"
    return Slot(label=label, day=day, at=at, by_hand=True)


def due_turns(compiled: CompiledSubscription, store: Store, now: datetime) -> list[Turn]:
    """The digests that are due now, the earliest first; none when none is."""
    cursor = store.cursor(compiled.subscription.id)
    if cursor is None or compiled.subscription.rests(now):
        return []
    last = store.last_turn(compiled.subscription.id)
    return turns_since(compiled.subscription, cursor, last, store.head(), now)


class NotYetDue:
    """Remembers until when subscriptions are not due, so that a round asks the ledger of few of them.

    That hangs on the cadence alone, as long as the subscription is the very same object; but nobody is believed for
    longer than an hour.
    """

    def __init__(self) -> None:
        self._until: dict[str, tuple[CompiledSubscription, datetime, datetime]] = {}

    def ask(self, compiled: CompiledSubscription, now: datetime, due: Callable[[], list[Turn]]) -> list[Turn]:
        """What `due` says of the subscription at that moment; nothing, and it is not asked, before the next slot."""
        subscription = compiled.subscription
        known, since, until = self._until.get(subscription.id, (None, now, now))
        if known is compiled and since <= now < until:  # the clock may have been set back
            return []
        turns = due()
        self._until.pop(subscription.id, None)
        if not turns and not subscription.cadence.instant:
            slot = subscription.cadence.following(ZoneInfo(subscription.timezone), now)
            until = min(slot.at, now + _BELIEVED) if slot else now + _BELIEVED
            self._until[subscription.id] = compiled, now, until
        return turns


def turns_since(
    subscription: Subscription, cursor: Cursor, last: DigestRecord | OpenedTurn | None, head: int, now: datetime
) -> list[Turn]:
    """The digests that are due for one that does not rest; ``last`` is its last one, ``head`` the log's. Pure."""
    if subscription.cadence.instant:
        news = head > covered(subscription, cursor) or cursor.carry
        return [Turn(hand_slot(subscription, head, now))] if news else []
    after = max(_turn_taken(subscription, last), cursor.first_seen) if last else cursor.first_seen
    if subscription.pause_ends is not None:  # its turns are not made up for: what came meanwhile waits for the next
        after = max(after, subscription.pause_ends - timedelta.resolution)
    zone, most = ZoneInfo(subscription.timezone), 1 if subscription.catch_up is CatchUp.MERGE else MOST
    return turns(subscription.catch_up, subscription.cadence.missed(zone, after=after, now=now, most=most))


def _turn_taken(subscription: Subscription, record: DigestRecord | OpenedTurn) -> datetime:
    """Up to when a digest has taken the turns: a crash in the middle of catching up must not end it."""
    merged = subscription.catch_up is CatchUp.MERGE or record.slot.by_hand
    return record.opened_at if merged else min(record.opened_at, record.slot.at)


def covered(subscription: Subscription, cursor: Cursor) -> int:
    """The log place after which this subscription's next window begins."""
    if cursor.position is not None:
        return cursor.position
    return 0 if subscription.first_run_days is not None else cursor.first_head
