"""A digest composed of what was found, and why one holds nothing; pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

from digestbot.matching.ranking import RankedMatch, rank
from digestbot.matching.taste import NO_TASTE, Taste
from digestbot.model.deliveries import Delivery, DeliveryState, delivery_id
from digestbot.model.digests import Counts, DigestRecord, DigestVerdict, EntryRecord, Slot, Trend, Window, digest_key
from digestbot.model.papers import LoggedPaper
from digestbot.model.subscriptions import GistSource, Subscription, WhenEmpty
from digestbot.subscribers.compiled import CompiledSubscription

COMPARED = 5
"""So many earlier digests are what a digest is compared with; with fewer, with none."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The papers one digest chooses from: those of the window, those carried over, and what was sent before.

    What was logged before ``since`` has waited long enough. ``rising`` tells by their keys how fast papers rise, where
    that is asked for.
    """

    window: Window
    papers: Sequence[LoggedPaper]
    carried: Sequence[LoggedPaper]
    delivered: Set[str]
    earlier: Sequence[DigestRecord] = ()
    liked: Taste = NO_TASTE
    since: datetime | None = None
    rising: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is shown of what was found, what is carried on, and how many there were."""

    entries: tuple[EntryRecord, ...]
    carry: tuple[int, ...]
    already_sent: int
    carried_in: int
    let_go: int = 0
    expired: int = 0


def choosing(subscription: Subscription) -> Hashable:
    """All that `choose` reads of a subscription: those with the same and equal candidates are shown the same."""
    share, days = subscription.waiting_share, subscription.waiting_days
    return subscription.order, subscription.max_entries, subscription.carry, share, days


def choose(subscription: Subscription, candidates: Candidates, found: Sequence[RankedMatch]) -> Choice:
    """What a subscription's digest shows of what it found among its candidates. Pure.

    What is new comes first; what had waited takes what room it leaves, up to its share of the whole.
    """
    over = {each.sequence for each in candidates.carried}
    fresh = [each for each in found if each.logged.key not in candidates.delivered]
    ordered = rank(fresh, subscription.order, candidates.liked, candidates.rising)
    news = [each for each in ordered if each.logged.sequence not in over]
    waiting = [each for each in ordered if each.logged.sequence in over]
    room = _room(subscription, len(news))
    shown, rest, still = news[: subscription.max_entries], news[subscription.max_entries :], waiting[room:]
    kept = [each for each in still if subscription.carry and not _expired(each, candidates)]
    return Choice(
        entries=tuple(
            _entry(each, carried=carried) for some, carried in ((shown, False), (waiting[:room], True)) for each in some
        ),
        carry=tuple(each.logged.sequence for each in (*(rest if subscription.carry else ()), *kept)),
        already_sent=len(found) - len(fresh),
        carried_in=len(waiting),
        let_go=0 if subscription.carry else len(rest),
        expired=len(still) - len(kept),
    )


def _room(subscription: Subscription, news: int) -> int:
    """How many of those that wait are shown: their share of a full digest, and of this one beside its news.

    One at least, where some may be: what waits is never forgotten behind few news, or none.
    """
    part, most = subscription.waiting_share, subscription.max_entries
    share, shown = int(most * part), min(news, most)
    if not news:
        return max(share, 1) if part else 0
    beside = most if part == 1 else max(int(shown * part / (1 - part)), 1)
    return min(share, beside, most - shown)


def _expired(waiting: RankedMatch, candidates: Candidates) -> bool:
    return candidates.since is not None and waiting.logged.logged_at < candidates.since


def compose(
    compiled: CompiledSubscription,
    candidates: Candidates,
    found: Sequence[RankedMatch],
    choice: Choice,
    slot: Slot,
    now: datetime,
) -> DigestRecord:
    """The digest of one subscription from its candidates, what it found among them and shows of that. Pure."""
    subscription = compiled.subscription
    counts = Counts(
        read=len(candidates.papers),
        found=len(found),
        already_sent=choice.already_sent,
        carried_in=choice.carried_in,
        left_out=len(choice.carry),
        shown=len(choice.entries),
        waiting_shown=sum(each.carried for each in choice.entries),
        let_go=choice.let_go,
        expired=choice.expired,
    )
    return DigestRecord(
        key=digest_key(subscription.id, slot),
        subscription=subscription.id,
        name=subscription.name,
        slot=slot,
        opened_at=now,
        window=candidates.window,
        verdict=_verdict(counts, candidates),
        entries=choice.entries,
        sections=compiled.headings,
        counts=counts,
        carry=choice.carry,
        trend=tuple(_trend(compiled, found, candidates)),
        brief=not choice.entries and subscription.when_empty is WhenEmpty.NOTE,
        gists=subscription.gist is not GistSource.NONE,
    )


def _trend(compiled: CompiledSubscription, found: Sequence[RankedMatch], candidates: Candidates) -> Iterator[Trend]:
    """What the window held by topic or rule, against the mean of the windows before, once there are enough of them."""
    new = {each.sequence for each in candidates.papers}
    # The first digest of older records counted nothing, which is not to say that there was nothing.
    known = [each for each in candidates.earlier if each.trend or not each.entries]
    counted = [{row.label: row.found for row in each.trend} for each in known]
    for label, heading in compiled.headings:
        count = sum(label in each.labels for each in found if each.logged.sequence in new)
        before = [each.get(label, 0) for each in counted]
        if count or any(before):
            yield Trend(label, heading, count, sum(before) / len(before) if len(before) >= COMPARED else None)


def _verdict(counts: Counts, candidates: Candidates) -> DigestVerdict:
    if counts.shown:
        return DigestVerdict.SEND
    if counts.already_sent:
        return DigestVerdict.ALREADY_SENT
    return DigestVerdict.NOTHING_MATCHED if candidates.papers or candidates.carried else DigestVerdict.NOTHING_NEW


def _entry(found: RankedMatch, *, carried: bool) -> EntryRecord:
    return EntryRecord(
        sequence=found.logged.sequence,
        rules=found.labels,
        words=found.words,
        highlights=found.highlights,
        carried=carried,
        score=found.score,
    )


def leaves(compiled: CompiledSubscription, record: DigestRecord) -> bool:
    """Whether the digest is sent: with papers always, without as the subscription wishes."""
    if record.verdict is DigestVerdict.MISSED:
        return False
    return record.verdict is DigestVerdict.SEND or compiled.subscription.when_empty is not WhenEmpty.SKIP


def quiet(record: DigestRecord) -> str:
    """Why a digest holds nothing: three kinds of quiet, none of them a fault."""
    counts = record.counts
    reasons = {
        DigestVerdict.NOTHING_NEW: "nothing new to read since the last digest",
        DigestVerdict.NOTHING_MATCHED: f"none of {counts.read} new papers matches the rules",
        DigestVerdict.ALREADY_SENT: f"{counts.already_sent} of {counts.read} new papers match and all were sent before",
        DigestVerdict.MISSED: f"its time was missed, and catch_up is latest: {counts.read} new papers are passed over",
    }
    return reasons.get(record.verdict, str(record.verdict))


def plan(compiled: CompiledSubscription, record: DigestRecord, now: datetime) -> list[Delivery]:
    """The deliveries of a digest: one for each destination when it leaves, none otherwise."""
    if not leaves(compiled, record):
        return []
    return [
        Delivery(delivery_id(record.key, to), record.key, record.subscription, to, DeliveryState.PLANNED, now)
        for to in compiled.subscription.to
    ]
