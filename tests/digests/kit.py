"""Subscriptions, papers of the log and records for tests that say every value themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from digestbot.model.cadence import parse_cadence
from digestbot.model.digests import Counts, DigestRecord, DigestVerdict, EntryRecord, Slot, Trend, Window
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.model.subscriptions import Destination, RuleSpec, Subscription
from digestbot.rules.combine import combine
from digestbot.subscribers.compiled import CompiledRules, CompiledSubscription

NAME = "lab"


def utc(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """A moment of March 2026; its second is a Monday."""
    return datetime(2026, 3, day, hour, minute, second, tzinfo=UTC)


def subscription(cadence: str = "daily 08:00", keywords: tuple[str, ...] = ("speech",), **fields: Any) -> Subscription:
    to = (Destination("file", {"path": "out"}),)
    spec = RuleSpec(keywords=keywords)
    return Subscription(NAME, "The lab", fields.pop("timezone", "UTC"), parse_cadence(cadence), spec, to, **fields)


def compiled(subscription: Subscription) -> CompiledSubscription:
    rule = combine(keywords=subscription.spec.keywords)
    return CompiledSubscription(
        subscription, CompiledRules(rule, tuple((each.label, each.label) for each in rule.clauses))
    )


def logged(place: int, title: str = "Speech", at: datetime | None = None, **fields: Any) -> LoggedPaper:
    return LoggedPaper(place, f"title:{place}", at or utc(1), Paper(title=f"{title} {place}", **fields))


def record(
    slot: Slot, opened_at: datetime, *, trend: dict[str, int] | None = None, entries: tuple[EntryRecord, ...] = ()
) -> DigestRecord:
    """An earlier digest; `trend` is how many papers each rule found."""
    found = tuple(Trend(label, label, count, 0.0) for label, count in (trend or {}).items())
    key = f"{NAME}/{slot.label}"
    return DigestRecord(
        key, NAME, "The lab", slot, opened_at, Window(0, 0), DigestVerdict.SEND, entries, (), Counts(), (), found
    )


def slot(day: int, hour: int = 8) -> Slot:
    """A cadence's slot."""
    return Slot(f"2026-03-{day:02}T{hour:02}:00", date(2026, 3, day), utc(day, hour))
