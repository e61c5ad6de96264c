"""Opening digests: what they choose from is gathered, they are composed, and go into the ledger."""

from __future__ import annotations

from datetime import datetime, timedelta

from digestbot.core.catching_up import Turn
from digestbot.core.digests import Counts, DigestRecord, Slot, Verdict, Window
from digestbot.core.subscriptions import Subscription
from digestbot.dispatch.composing import Candidates, choose, compose, plan
from digestbot.dispatch.due import covered
from digestbot.dispatch.together import Together
from digestbot.people.liking import liked_by
from digestbot.store.base import Standing, Store
from digestbot.subscribers.files import Want

# So many earlier digests are what a digest is compared with.
BEFORE = 4


def pending(
    want: Want, store: Store, slot: Slot, now: datetime, until: datetime | None = None, together: Together | None = None
) -> DigestRecord:
    """The digest that would be opened for `slot`, of papers logged up to `until`; nothing changes."""
    together = together or Together(store, [want])
    candidates = _candidates(want.subscription, store, now, until, together)
    found = together.find(want, [*candidates.carried, *candidates.papers], slot.day)
    return compose(want, candidates, found, choose(want.subscription, candidates, found), slot, now)


def _candidates(
    subscription: Subscription, store: Store, now: datetime, until: datetime | None, together: Together
) -> Candidates:
    standing = store.standing(subscription.id) or Standing(store.head(), now, None, ())
    window = _window(store, covered(subscription, standing), until)
    papers = together.window(window)
    if standing.cursor is None and subscription.first_run_days is not None:
        since = (standing.first_seen - timedelta(days=subscription.first_run_days)).date()
        papers = (
            each
            for each in papers
            if each.sequence > standing.first_head or (each.paper.published or each.logged_at.date()) >= since
        )
    papers = [each for each in papers if not each.paper.baseline or each.sequence <= standing.first_head]
    fresh = {each.key for each in papers}
    carried = [each for each in store.logged(standing.carry).values() if each.key not in fresh]
    earlier = [each for each in store.digests(subscription.id, newest=BEFORE) if each.verdict is not Verdict.MISSED]
    liked = liked_by(subscription, store)
    return Candidates(window, papers, carried, store.delivered(subscription.id), earlier, liked)


def open_digest(
    want: Want, store: Store, slot: Slot, now: datetime, together: Together | None = None
) -> DigestRecord | None:
    """Open the digest of `slot` and plan its deliveries; None when it was opened before."""
    return take_turn(want, store, Turn(slot), now, together)


def take_turn(
    want: Want, store: Store, turn: Turn, now: datetime, together: Together | None = None
) -> DigestRecord | None:
    """Open the digest of a turn and plan its deliveries; None when it was opened before."""
    if turn.passed_over:
        record = _passed_over(want.subscription, store, turn, now)
    else:
        record = pending(want, store, turn.slot, now, turn.until, together)
    return record if store.open_digest(record, plan(want, record, now)) else None


def _passed_over(subscription: Subscription, store: Store, turn: Turn, now: datetime) -> DigestRecord:
    """The record of what is not sent because its time was missed. What was carried goes on to the next digest."""
    standing = store.standing(subscription.id) or Standing(store.head(), now, None, ())
    window = _window(store, covered(subscription, standing), turn.until)
    read = sum(1 for _ in store.window(window.after, window.upto))
    return DigestRecord(
        key=f"{subscription.id}/{turn.slot.label}",
        subscription=subscription.id,
        name=subscription.name,
        slot=turn.slot,
        opened_at=now,
        window=window,
        verdict=Verdict.MISSED,
        counts=Counts(read=read),
        carry=standing.carry,
    )


def _window(store: Store, after: int, until: datetime | None) -> Window:
    """From `after` to the head, or to the last place that was logged by `until`."""
    head = store.head()
    if until is not None:
        logged = store.logged(range(after + 1, head + 1)).values()
        head = max((each.sequence for each in logged if each.logged_at <= until), default=after)
    return Window(after, head)
