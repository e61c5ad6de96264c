"""The life of a digest: due -> match -> compose -> into the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from digestbot.core.cadence import moment
from digestbot.core.deliveries import Delivery, State, delivery_id
from digestbot.core.digests import Counts, DigestRecord, EntryRecord, Slot, Trend, Verdict, Window
from digestbot.core.papers import LoggedPaper
from digestbot.core.subscriptions import Subscription, WhenEmpty
from digestbot.matching.ranking import Found, find, rank
from digestbot.store.base import Standing, Store
from digestbot.subscribers.files import Want

# So many earlier digests are what a digest is compared with.
BEFORE = 4


@dataclass(frozen=True, slots=True)
class Candidates:
    """The papers one digest chooses from: those of the window, those carried over, and what was sent before."""

    window: Window
    papers: Sequence[LoggedPaper]
    carried: Sequence[LoggedPaper]
    delivered: Set[str]
    earlier: Sequence[DigestRecord] = ()


def hand_slot(subscription: Subscription, head: int, now: datetime) -> Slot:
    """The slot of a send by hand: one a day for each state of the log, so that twice is not two digests.

    It is dated with the day's first moment, so that what a preview shows is to the byte what is sent later.
    """
    zone = ZoneInfo(subscription.timezone)
    day = now.astimezone(zone).date()
    return Slot(label=f"{day.isoformat()}-to-{head}", day=day, at=moment(datetime.combine(day, time()), zone))


def due_slot(want: Want, store: Store, now: datetime) -> Slot | None:
    """The slot that is due now, None when none is: the last missed one stands for all before it."""
    subscription = want.subscription
    standing = store.standing(subscription.id)
    if standing is None or subscription.paused:
        return None
    if subscription.cadence.instant:
        start = _start(subscription, standing)
        return hand_slot(subscription, store.head(), now) if store.head() > start or standing.carry else None
    last = store.digests(subscription.id, newest=1)
    after = max(last[0].opened_at, standing.first_seen) if last else standing.first_seen
    return subscription.cadence.due(ZoneInfo(subscription.timezone), after=after, now=now)


def pending(want: Want, store: Store, slot: Slot, now: datetime) -> DigestRecord:
    """The digest that would be opened for `slot`; nothing changes."""
    return compose(want, _candidates(want.subscription, store, now), slot, now)


def _start(subscription: Subscription, standing: Standing) -> int:
    """The log place after which this subscription's next window begins."""
    if standing.cursor is not None:
        return standing.cursor
    return 0 if subscription.first_run_days is not None else standing.first_head


def _candidates(subscription: Subscription, store: Store, now: datetime) -> Candidates:
    head = store.head()
    standing = store.standing(subscription.id) or Standing(head, now, None, ())
    window = Window(_start(subscription, standing), head)
    papers: Iterable[LoggedPaper] = store.window(window.after, window.upto)
    if standing.cursor is None and subscription.first_run_days is not None:
        since = (standing.first_seen - timedelta(days=subscription.first_run_days)).date()
        papers = (
            each
            for each in papers
            if each.sequence > standing.first_head or (each.paper.published or each.logged_at.date()) >= since
        )
    papers = list(papers)
    fresh = {each.key for each in papers}
    carried = [each for each in store.logged(standing.carry).values() if each.key not in fresh]
    earlier = store.digests(subscription.id, newest=BEFORE)
    return Candidates(window, papers, carried, store.delivered(subscription.id), earlier)


def compose(want: Want, candidates: Candidates, slot: Slot, now: datetime) -> DigestRecord:
    """The digest of one subscription from its candidates. Pure: same candidates, same digest."""
    subscription = want.subscription
    over = {each.sequence for each in candidates.carried}
    everything = [*candidates.carried, *candidates.papers]
    found = find(want.rule, everything, today=slot.day)
    fresh = [each for each in found if each.logged.key not in candidates.delivered]
    ordered = rank(fresh, subscription.order)
    shown, rest = ordered[: subscription.max_entries], ordered[subscription.max_entries :]
    counts = Counts(
        read=len(candidates.papers),
        found=len(found),
        already_sent=len(found) - len(fresh),
        carried_in=sum(each.logged.sequence in over for each in fresh),
        left_out=len(rest),
        shown=len(shown),
    )
    return DigestRecord(
        key=f"{subscription.id}/{slot.label}",
        subscription=subscription.id,
        name=subscription.name,
        slot=slot,
        opened_at=now,
        window=candidates.window,
        verdict=_verdict(subscription, counts, candidates),
        entries=tuple(_entry(each, carried=each.logged.sequence in over) for each in shown),
        sections=want.headings,
        counts=counts,
        carry=tuple(each.logged.sequence for each in rest),
        trend=tuple(_trend(want, found, candidates)),
    )


def _trend(want: Want, found: Sequence[Found], candidates: Candidates) -> Iterator[Trend]:
    """What the window held by topic or rule, against the mean of the digests before; none for the first."""
    if not candidates.earlier:
        return
    new = {each.sequence for each in candidates.papers}
    for label, heading in want.headings:
        count = sum(label in each.labels for each in found if each.logged.sequence in new)
        before = [_matched(record, label) for record in candidates.earlier]
        if count or any(before):
            yield Trend(label, heading, count, sum(before) / len(before))


def _matched(record: DigestRecord, label: str) -> int:
    """How many papers of an earlier window answered a rule; of the first digest, which has no trend, those shown."""
    counted = {each.label: each.found for each in record.trend}
    return counted.get(label, 0) if record.trend else sum(label in each.rules for each in record.entries)


def _verdict(subscription: Subscription, counts: Counts, candidates: Candidates) -> Verdict:
    if counts.shown:
        return Verdict.SEND
    if counts.already_sent:
        return Verdict.ALREADY_SENT
    return Verdict.NOTHING_MATCHED if candidates.papers or candidates.carried else Verdict.NOTHING_NEW


def _entry(found: Found, *, carried: bool) -> EntryRecord:
    return EntryRecord(
        sequence=found.logged.sequence,
        rules=found.labels,
        words=found.words,
        highlights=found.highlights,
        carried=carried,
    )


def leaves(want: Want, record: DigestRecord) -> bool:
    """Whether the digest is sent: with papers always, without as the subscription wishes."""
    return record.verdict is Verdict.SEND or want.subscription.when_empty is not WhenEmpty.SKIP


def quiet(record: DigestRecord) -> str:
    """Why a digest holds nothing: three kinds of quiet, none of them a fault."""
    counts = record.counts
    reasons = {
        Verdict.NOTHING_NEW: "nothing new to read since the last digest",
        Verdict.NOTHING_MATCHED: f"none of {counts.read} new papers matches the rules",
        Verdict.ALREADY_SENT: f"{counts.already_sent} of {counts.read} new papers match and all were sent before",
    }
    return reasons.get(record.verdict, str(record.verdict))


def plan(want: Want, record: DigestRecord, now: datetime) -> list[Delivery]:
    """The deliveries of a digest: one for each destination when it leaves, none otherwise."""
    if not leaves(want, record):
        return []
    return [Delivery(delivery_id(record.key, to), record.key, to, State.PLANNED, now) for to in want.subscription.to]


def open_digest(want: Want, store: Store, slot: Slot, now: datetime) -> DigestRecord | None:
    """Open the digest of `slot` and plan its deliveries; None when it was opened before."""
    record = pending(want, store, slot, now)
    return record if store.open_digest(record, plan(want, record, now)) else None
