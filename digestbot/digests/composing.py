"""A digest composed of what was found, and why one holds nothing; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from digestbot.matching.ranking import RankedMatch, rank
from digestbot.matching.taste import NO_TASTE, Taste
from digestbot.model.deliveries import Delivery, DeliveryState, delivery_id
from digestbot.model.digests import Counts, DigestRecord, DigestVerdict, EntryRecord, Slot, Trend, Window
from digestbot.model.papers import LoggedPaper
from digestbot.model.subscriptions import Subscription, WhenEmpty
from digestbot.subscribers.files import CompiledSubscription


@dataclass(frozen=True, slots=True)
class Candidates:
    """The papers one digest chooses from: those of the window, those carried over, and what was sent before."""

    window: Window
    papers: Sequence[LoggedPaper]
    carried: Sequence[LoggedPaper]
    delivered: Set[str]
    earlier: Sequence[DigestRecord] = ()
    liked: Taste = NO_TASTE


@dataclass(frozen=True, slots=True)
class Choice:
    """What is shown of what was found, what is carried on, and how many there were."""

    entries: tuple[EntryRecord, ...]
    carry: tuple[int, ...]
    already_sent: int
    carried_in: int


def choose(subscription: Subscription, candidates: Candidates, found: Sequence[RankedMatch]) -> Choice:
    """What a subscription's digest shows of what it found among its candidates. Pure."""
    over = {each.sequence for each in candidates.carried}
    fresh = [each for each in found if each.logged.key not in candidates.delivered]
    ordered = rank(fresh, subscription.order, candidates.liked)
    shown, rest = ordered[: subscription.max_entries], ordered[subscription.max_entries :]
    return Choice(
        entries=tuple(_entry(each, carried=each.logged.sequence in over) for each in shown),
        carry=tuple(each.logged.sequence for each in rest),
        already_sent=len(found) - len(fresh),
        carried_in=sum(each.logged.sequence in over for each in fresh),
    )


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
    )
    return DigestRecord(
        key=f"{subscription.id}/{slot.label}",
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
    )


def _trend(compiled: CompiledSubscription, found: Sequence[RankedMatch], candidates: Candidates) -> Iterator[Trend]:
    """What the window held by topic or rule, against the mean of the digests before; none for the first."""
    if not candidates.earlier:
        return
    new = {each.sequence for each in candidates.papers}
    for label, heading in compiled.headings:
        count = sum(label in each.labels for each in found if each.logged.sequence in new)
        before = [_matched(record, label) for record in candidates.earlier]
        if count or any(before):
            yield Trend(label, heading, count, sum(before) / len(before))


def _matched(record: DigestRecord, label: str) -> int:
    """How many papers of an earlier window answered a rule; of the first digest, which has no trend, those shown."""
    counted = {each.label: each.found for each in record.trend}
    return counted.get(label, 0) if record.trend else sum(label in each.rules for each in record.entries)


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
        Delivery(delivery_id(record.key, to), record.key, to, DeliveryState.PLANNED, now)
        for to in compiled.subscription.to
    ]
