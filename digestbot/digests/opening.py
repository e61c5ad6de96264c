"""Opening digests: what they choose from is gathered, they are composed, and go into the ledger."""

from __future__ import annotations

from datetime import datetime, timedelta

from digestbot.digests.composing import Candidates, choose, compose, plan
from digestbot.digests.due import covered
from digestbot.digests.together import Together
from digestbot.model.catching_up import Turn
from digestbot.model.digests import Counts, DigestRecord, DigestVerdict, Slot, Window
from digestbot.model.subscriptions import Subscription
from digestbot.store.base import Cursor, Store
from digestbot.subscribers.files import CompiledSubscription
from digestbot.subscribers.taste import liked_by

# So many earlier digests are what a digest is compared with.
BEFORE = 4


def pending(
    compiled: CompiledSubscription,
    store: Store,
    slot: Slot,
    now: datetime,
    until: datetime | None = None,
    together: Together | None = None,
) -> DigestRecord:
    """The digest that would be opened for `slot`, of papers logged up to `until`; nothing changes."""
    together = together or Together(store, [compiled])
    candidates = _candidates(compiled.subscription, store, now, until, together)
    found = together.find(compiled, [*candidates.carried, *candidates.papers], slot.day)
    return compose(compiled, candidates, found, choose(compiled.subscription, candidates, found), slot, now)


def _candidates(
    subscription: Subscription, store: Store, now: datetime, until: datetime | None, together: Together
) -> Candidates:
    cursor = store.cursor(subscription.id) or Cursor(store.head(), now, None, ())
    window = _window(store, covered(subscription, cursor), until)
    papers = together.window(window)
    if cursor.position is None and subscription.first_run_days is not None:
        since = (cursor.first_seen - timedelta(days=subscription.first_run_days)).date()
        papers = (
            each
            for each in papers
            if each.sequence > cursor.first_head or (each.paper.published or each.logged_at.date()) >= since
        )
    papers = [each for each in papers if not each.paper.baseline or each.sequence <= cursor.first_head]
    fresh = {each.key for each in papers}
    carried = [each for each in store.logged(cursor.carry).values() if each.key not in fresh]
    earlier = [
        each for each in store.digests(subscription.id, newest=BEFORE) if each.verdict is not DigestVerdict.MISSED
    ]
    liked = liked_by(subscription, store)
    return Candidates(window, papers, carried, store.delivered(subscription.id), earlier, liked)


def open_digest(
    compiled: CompiledSubscription, store: Store, slot: Slot, now: datetime, together: Together | None = None
) -> DigestRecord | None:
    """Open the digest of `slot` and plan its deliveries; None when it was opened before."""
    return take_turn(compiled, store, Turn(slot), now, together)


def take_turn(
    compiled: CompiledSubscription, store: Store, turn: Turn, now: datetime, together: Together | None = None
) -> DigestRecord | None:
    """Open the digest of a turn and plan its deliveries; None when it was opened before."""
    if turn.passed_over:
        record = _passed_over(compiled.subscription, store, turn, now)
    else:
        record = pending(compiled, store, turn.slot, now, turn.until, together)
    return record if store.open_digest(record, plan(compiled, record, now)) else None


def _passed_over(subscription: Subscription, store: Store, turn: Turn, now: datetime) -> DigestRecord:
    """The record of what is not sent because its time was missed. What was carried goes on to the next digest."""
    cursor = store.cursor(subscription.id) or Cursor(store.head(), now, None, ())
    window = _window(store, covered(subscription, cursor), turn.until)
    read = sum(1 for _ in store.window(window.after, window.upto))
    return DigestRecord(
        key=f"{subscription.id}/{turn.slot.label}",
        subscription=subscription.id,
        name=subscription.name,
        slot=turn.slot,
        opened_at=now,
        window=window,
        verdict=DigestVerdict.MISSED,
        counts=Counts(read=read),
        carry=cursor.carry,
    )


def _window(store: Store, after: int, until: datetime | None) -> Window:
    """From `after` to the head, or to the last place that was logged by `until`."""
    head = store.head()
    if until is not None:
        logged = store.logged(range(after + 1, head + 1)).values()
        head = max((each.sequence for each in logged if each.logged_at <= until), default=after)
    return Window(after, head)
