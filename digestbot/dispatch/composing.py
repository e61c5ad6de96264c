"""A digest composed of what was found, and why one holds nothing; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from digestbot.core.deliveries import Delivery, State, delivery_id
from digestbot.core.digests import Counts, DigestRecord, EntryRecord, Slot, Trend, Verdict, Window
from digestbot.core.papers import LoggedPaper
from digestbot.core.subscriptions import Subscription, WhenEmpty
from digestbot.matching.ranking import Found, rank
from digestbot.matching.taste import NO_TASTE, Taste
from digestbot.subscribers.files import Want


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


def choose(subscription: Subscription, candidates: Candidates, found: Sequence[Found]) -> Choice:
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
    want: Want, candidates: Candidates, found: Sequence[Found], choice: Choice, slot: Slot, now: datetime
) -> DigestRecord:
    """The digest of one subscription from its candidates, what it found among them and shows of that. Pure."""
    subscription = want.subscription
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
        sections=want.headings,
        counts=counts,
        carry=choice.carry,
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


def _verdict(counts: Counts, candidates: Candidates) -> Verdict:
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
        score=found.score,
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
