"""The life of a digest: due -> match -> compose -> into the ledger."""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digestbot.core.cadence import moment
from digestbot.core.catching_up import MOST, Turn, turns
from digestbot.core.deliveries import Delivery, State, delivery_id
from digestbot.core.digests import Counts, DigestRecord, EntryRecord, Slot, Trend, Verdict, Window
from digestbot.core.papers import LoggedPaper
from digestbot.core.subscriptions import CatchUp, Subscription, WhenEmpty
from digestbot.matching.answering import Answering
from digestbot.matching.ranking import Found, rank
from digestbot.matching.taste import NO_TASTE, Taste
from digestbot.people.liking import liked_by
from digestbot.store.base import Standing, Store
from digestbot.subscribers.files import Want

log = logging.getLogger(__name__)

# So many earlier digests are what a digest is compared with.
BEFORE = 4
# So many papers at most are read and matched once for several digests; what is older each reads for itself.
MOST_SHARED = 20_000
# Stands in the label of a slot that no cadence made.
_BY_HAND = "-to-"


@dataclass(frozen=True, slots=True)
class Candidates:
    """The papers one digest chooses from: those of the window, those carried over, and what was sent before."""

    window: Window
    papers: Sequence[LoggedPaper]
    carried: Sequence[LoggedPaper]
    delivered: Set[str]
    earlier: Sequence[DigestRecord] = ()
    liked: Taste = NO_TASTE


class Together:
    """What the digests of some subscriptions share: the papers of their windows, read once and matched once.

    The digests are the same to the byte as each by itself: a window that ends elsewhere (the log has grown, or
    it is caught up slot by slot) is read anew, and what was not matched for all is matched for the one.
    """

    def __init__(self, store: Store, wants: Sequence[Want]) -> None:
        self._store = store
        self._upto = store.head()
        standings = [(want.subscription, store.standing(want.subscription.id)) for want in wants]
        # A first run looks through the whole log for the few papers of its days: nothing to match for others.
        starts = sorted(covered(s, at) for s, at in standings if at and (at.cursor is not None or not s.first_run_days))
        self._after = max(starts[1], self._upto - MOST_SHARED) if len(starts) > 1 else self._upto
        self._papers = list(store.window(self._after, self._upto))
        shared = {each.sequence: each for each in self._papers}
        if len(wants) > 1:
            shared |= store.logged({place for _, at in standings if at for place in at.carry})
        self._rules = {want.subscription.id: want.rule for want in wants}
        self._answering = Answering(self._rules, list(shared.values()))

    def window(self, window: Window) -> Iterable[LoggedPaper]:
        """The papers of a window, as the store gives them."""
        if window.upto != self._upto or window.after < self._after:
            return self._store.window(window.after, window.upto)
        first = bisect_right(self._papers, window.after, key=lambda each: each.sequence)
        return self._papers[first:]

    def find(self, want: Want, papers: Sequence[LoggedPaper], today: date) -> list[Found]:
        """The papers that answer a subscription's rules, in their order."""
        name = want.subscription.id
        try:
            return self._answering.find(name, papers, today=today)
        except Exception:  # a fault that one rule brings must keep no other digest back: each by itself now
            if not self._answering.shares:
                raise
            log.exception("the rules of %d subscriptions could not be matched together", len(self._rules))
            self._answering = Answering(self._rules)
            return self._answering.find(name, papers, today=today)


def hand_slot(subscription: Subscription, head: int, now: datetime) -> Slot:
    """The slot of a send by hand: one a day for each state of the log, so that twice is not two digests.

    It is dated with the day's first moment, so that what a preview shows is to the byte what is sent later.
    """
    zone = ZoneInfo(subscription.timezone)
    day = now.astimezone(zone).date()
    return Slot(label=f"{day.isoformat()}{_BY_HAND}{head}", day=day, at=moment(datetime.combine(day, time()), zone))


def due_turns(want: Want, store: Store, now: datetime) -> list[Turn]:
    """The digests that are due now, the earliest first; none when none is."""
    standing = store.standing(want.subscription.id)
    if standing is None or want.subscription.rests(now):
        return []
    last = store.digests(want.subscription.id, newest=1)
    return turns_since(want.subscription, standing, last[-1] if last else None, store.head(), now)


def turns_since(
    subscription: Subscription, standing: Standing, last: DigestRecord | None, head: int, now: datetime
) -> list[Turn]:
    """The digests that are due for one that does not rest; ``last`` is its last one, ``head`` the log's. Pure."""
    if subscription.cadence.instant:
        news = head > covered(subscription, standing) or standing.carry
        return [Turn(hand_slot(subscription, head, now))] if news else []
    after = max(_turn_taken(subscription, last), standing.first_seen) if last else standing.first_seen
    if subscription.pause_ends is not None:  # its turns are not made up for: what came meanwhile waits for the next
        after = max(after, subscription.pause_ends - timedelta.resolution)
    zone, most = ZoneInfo(subscription.timezone), 1 if subscription.catch_up is CatchUp.MERGE else MOST
    return turns(subscription.catch_up, subscription.cadence.missed(zone, after=after, now=now, most=most))


def _turn_taken(subscription: Subscription, record: DigestRecord) -> datetime:
    """Up to when a digest has taken the turns: a crash in the middle of catching up must not end it."""
    merged = subscription.catch_up is CatchUp.MERGE or _BY_HAND in record.slot.label
    return record.opened_at if merged else min(record.opened_at, record.slot.at)


def pending(
    want: Want, store: Store, slot: Slot, now: datetime, until: datetime | None = None, together: Together | None = None
) -> DigestRecord:
    """The digest that would be opened for `slot`, of papers logged up to `until`; nothing changes."""
    together = together or Together(store, [want])
    candidates = _candidates(want.subscription, store, now, until, together)
    found = together.find(want, [*candidates.carried, *candidates.papers], slot.day)
    return compose(want, candidates, found, slot, now)


def covered(subscription: Subscription, standing: Standing) -> int:
    """The log place after which this subscription's next window begins."""
    if standing.cursor is not None:
        return standing.cursor
    return 0 if subscription.first_run_days is not None else standing.first_head


def _window(store: Store, after: int, until: datetime | None) -> Window:
    """From `after` to the head, or to the last place that was logged by `until`."""
    head = store.head()
    if until is not None:
        logged = store.logged(range(after + 1, head + 1)).values()
        head = max((each.sequence for each in logged if each.logged_at <= until), default=after)
    return Window(after, head)


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


def compose(want: Want, candidates: Candidates, found: Sequence[Found], slot: Slot, now: datetime) -> DigestRecord:
    """The digest of one subscription from its candidates, and what it found among them. Pure."""
    subscription = want.subscription
    over = {each.sequence for each in candidates.carried}
    fresh = [each for each in found if each.logged.key not in candidates.delivered]
    ordered = rank(fresh, subscription.order, candidates.liked)
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
    if record.verdict is Verdict.MISSED:
        return False
    return record.verdict is Verdict.SEND or want.subscription.when_empty is not WhenEmpty.SKIP


def quiet(record: DigestRecord) -> str:
    """Why a digest holds nothing: three kinds of quiet, none of them a fault."""
    counts = record.counts
    reasons = {
        Verdict.NOTHING_NEW: "nothing new to read since the last digest",
        Verdict.NOTHING_MATCHED: f"none of {counts.read} new papers matches the rules",
        Verdict.ALREADY_SENT: f"{counts.already_sent} of {counts.read} new papers match and all were sent before",
        Verdict.MISSED: f"its time was missed, and catch_up is latest: {counts.read} new papers are passed over",
    }
    return reasons.get(record.verdict, str(record.verdict))


def plan(want: Want, record: DigestRecord, now: datetime) -> list[Delivery]:
    """The deliveries of a digest: one for each destination when it leaves, none otherwise."""
    if not leaves(want, record):
        return []
    return [Delivery(delivery_id(record.key, to), record.key, to, State.PLANNED, now) for to in want.subscription.to]


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
