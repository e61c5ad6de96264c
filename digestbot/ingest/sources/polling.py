"""When a source is fetched again, and how it stands: decisions only, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from digestbot.model.cadence import Cadence

FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(hours=6)
_BY_THE_WAY = ("settled_for", "largest_mb")  # options that make no other source of it


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """One source as written: its kind and options checked, ``every`` a stretch of time or a cadence in ``timezone``.

    ``stale_after`` is how long it may bring nothing new before that is told; None: as long as it likes.
    Of its first run, papers older than ``first_run`` are no news, nor is any with ``baseline``. The papers of a
    ``library`` are what somebody likes, and never news.
    """

    name: str
    kind: str
    options: Mapping[str, Any]
    every: timedelta | Cadence
    timezone: str = "UTC"
    stale_after: timedelta | None = None
    format: str | None = None
    first_run: timedelta | None = None
    baseline: bool = False
    library: bool = False

    @property
    def place(self) -> str:
        """What the memory belongs to: with another URL, folder, query or use it is another source's."""
        where = {key: value for key, value in self.options.items() if key not in _BY_THE_WAY}
        return repr((self.kind, sorted(where.items()), *(["library"] if self.library else [])))


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What is known of a source: ``values`` are its memory's; the times are UTC.

    ``tried`` is the last fetch, ``read_at`` the last that went well, ``news`` the last that brought a new or
    changed paper (at first, when it was added); ``begun`` is when its first run was over; ``failing_since`` the
    first of ``failures`` in a row, ``reason`` the last one's; ``retry_at`` when a failed one is tried again;
    ``asked_to_wait`` whether the far side said so.
    """

    place: str
    values: Mapping[str, Any] = field(default_factory=dict)
    added: datetime | None = None
    tried: datetime | None = None
    read_at: datetime | None = None
    news: datetime | None = None
    begun: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    reason: str = ""
    retry_at: datetime | None = None
    asked_to_wait: bool = False
    unfinished: bool = False


class Health(StrEnum):
    """How a source stands: quiet, stale and broken are three things."""

    FRESH = "fresh"  # it brought something within its limit
    QUIET = "quiet"  # it answers, brought nothing the last time, and that is nothing special yet
    STALE = "stale"  # it answers, and has brought nothing new for longer than its limit
    BROKEN = "broken"  # it does not answer
    WAITING = "waiting"  # it was never fetched


@dataclass(frozen=True, slots=True)
class SourceVerdict:
    """How a source stands, since when, and why in words."""

    health: Health
    since: datetime | None
    reason: str


def next_fetch(config: SourceConfig, record: SourceRecord | None, now: datetime) -> datetime:
    """When the source is to be fetched; not after `now` when it is due."""
    if record is None or record.tried is None or record.unfinished:
        return now
    if record.retry_at is not None:
        return record.retry_at
    tried = min(record.tried, now)  # a clock set back must not hold it up
    if isinstance(config.every, timedelta):
        return tried + config.every
    zone = ZoneInfo(config.timezone)
    if config.every.due(zone, after=tried, now=now) is not None:
        return now
    upcoming = config.every.upcoming(zone, after=now, count=1)
    return upcoming[0].at if upcoming else now + timedelta(days=1)


def verdict(config: SourceConfig, record: SourceRecord | None, now: datetime) -> SourceVerdict:
    """How the source stands."""
    if record is None or record.tried is None:
        return SourceVerdict(Health.WAITING, None, f"never fetched yet{_first_run(config)}")
    if record.failures:
        return SourceVerdict(Health.BROKEN, record.failing_since, record.reason)
    since = record.news or record.added
    if config.stale_after is not None and since is not None and now - since > config.stale_after:
        days = (now - since).total_seconds() / 86_400
        limit = _days(config.stale_after)
        return SourceVerdict(Health.STALE, since, f"nothing new for {days:.1f} days; its limit is {limit}")
    if record.news == record.tried:
        return SourceVerdict(Health.FRESH, record.news, "brought something new at the last fetch")
    return SourceVerdict(Health.QUIET, since, "nothing new at the last fetch")


def is_baseline(config: SourceConfig, record: SourceRecord, published: date | None, now: datetime) -> bool:
    """Whether a paper that comes now is known from the start, and no news: the first run decides."""
    if record.begun is not None:
        return False
    old = config.first_run is not None and published is not None and published < (now - config.first_run).date()
    return config.baseline or old


def ways(config: SourceConfig) -> str:
    """How the source is read, in words: its schedule, its first run and its limit."""
    every = f"every {_stretch(config.every)}" if isinstance(config.every, timedelta) else config.every.text
    limit = f"stale after {_days(config.stale_after)}" if config.stale_after else "never called stale"
    return f"{every}{_first_run(config)}, {limit}"


def _first_run(config: SourceConfig) -> str:
    if config.library:
        return ", what it holds is liked and no news"
    if config.baseline:
        return ", what it holds at first is no news"
    return f", of what it holds at first the last {_days(config.first_run)} are news" if config.first_run else ""


def _days(stretch: timedelta) -> str:
    days = stretch.total_seconds() / 86_400
    return f"{days:.1f} days".replace(".0 days", " days") if days != 1 else "1 day"


def _stretch(stretch: timedelta) -> str:
    hours = stretch.total_seconds() / 3600
    return f"{hours:g} hours" if hours >= 1 else f"{hours * 60:g} minutes"


def succeeded(
    record: SourceRecord, values: Mapping[str, Any], now: datetime, *, news: bool, unfinished: bool
) -> SourceRecord:
    """The record after a fetch that went well."""
    return SourceRecord(
        record.place,
        values,
        added=record.added or now,
        tried=now,
        read_at=now,
        news=now if news else record.news,
        begun=record.begun or (None if unfinished else now),
        unfinished=unfinished,
    )


def failed(
    record: SourceRecord,
    values: Mapping[str, Any],
    now: datetime,
    reason: str,
    *,
    news: bool,
    permanent: bool,
    retry_after: timedelta | None = None,
) -> SourceRecord:
    """The record after a fetch that failed, what came before the failure kept.

    What may mend itself is tried again soon, then ever later, and not before the far side asked for; what will
    not is tried again at its usual time.
    """
    failures = record.failures + 1
    wait = min(FIRST_RETRY * 2 ** min(failures - 1, 10), LONGEST_RETRY)
    retry_at = None if permanent else now + max(wait, retry_after or timedelta(0))
    return replace(
        record,
        values=values,
        added=record.added or now,
        tried=now,
        news=now if news else record.news,
        failures=failures,
        failing_since=record.failing_since or now,
        reason=reason,
        retry_at=retry_at,
        asked_to_wait=retry_after is not None and not permanent,
        unfinished=False,
    )


_TIMES = ("added", "tried", "read_at", "news", "begun", "failing_since", "retry_at")


def written(record: SourceRecord) -> dict[str, Any]:
    """The record as JSON."""
    times = _TIMES
    kept = {name: value.astimezone(UTC).isoformat() for name in times if (value := getattr(record, name))}
    plain = ("place", "values", "failures", "reason", "asked_to_wait", "unfinished")
    return kept | {name: getattr(record, name) for name in plain}


def read(data: Mapping[str, Any]) -> SourceRecord:
    """The record in such JSON. Raises KeyError, TypeError or ValueError for what is none."""
    times = _TIMES
    found = {name: datetime.fromisoformat(data[name]) for name in times if name in data}
    if "read_at" in found and not data["unfinished"]:
        found.setdefault("begun", found["read_at"])  # of a file older than this word
    return SourceRecord(
        str(data["place"]),
        dict(data["values"]),
        failures=int(data["failures"]),
        reason=str(data["reason"]),
        asked_to_wait=bool(data["asked_to_wait"]),
        unfinished=bool(data["unfinished"]),
        **found,
    )
