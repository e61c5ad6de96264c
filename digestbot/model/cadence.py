"""When a digest is due: the cadences people write, and their slots in the subscription's own zone.

Every cadence but ``instant`` is a cron line over wall-clock times; what a clock change does to a wall-clock
time is decided in one place (`moment`).
"""

from __future__ import annotations

import difflib
import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import islice

from cronsim import CronSim, CronSimError

from digestbot.model.digests import Slot
from digestbot.model.errors import Problem, UsageError

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_EXAMPLES = "instant | daily 08:00 | weekdays 08:00 | weekly mon 08:00 | monthly 1 08:00 | a cron line"
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
# The longest stretch by which a zone's clock was ever set back, apart from moves of the date line.
_LONGEST_FOLD = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often: ``text`` as written, ``cron`` the wall-clock times (None for instant).

    ``monthday`` above 28 stands for the last day in months that are shorter.
    """

    text: str
    cron: str | None
    monthday: int | None = None

    @property
    def instant(self) -> bool:
        """Whether it is due as soon as there is something to send."""
        return self.cron is None

    def _walls(self, start: datetime, *, backwards: bool = False) -> Iterator[datetime]:
        """Wall-clock times (naive) after `start`, or before it, without end."""
        if self.cron is None:
            return
        for wall in CronSim(self.cron, start, backwards):
            if self.monthday is None or wall.day == min(self.monthday, monthrange(wall.year, wall.month)[1]):
                yield wall

    def due(self, zone: tzinfo, *, after: datetime, now: datetime) -> Slot | None:
        """The last slot in (after, now]: several missed ones become this one. None when there is none."""
        return next(iter(self.missed(zone, after=after, now=now, most=1)), None)

    def missed(self, zone: tzinfo, *, after: datetime, now: datetime, most: int) -> list[Slot]:
        """The slots in (after, now], the earliest first; the last `most` of them. Empty for instant."""
        latest = _latest(self, zone, now)
        if latest is None or latest.at <= after:
            return []
        if most == 1:
            return [latest]
        found: dict[datetime, Slot] = {}
        for wall in self._walls(_wall(now, zone) + _LONGEST_FOLD, backwards=True):
            slot = _slot(wall, zone)
            if slot is None or slot.at > now:
                continue
            if slot.at <= after or len(found) == most:
                break
            found.setdefault(slot.at, slot)
        return list(found.values())[::-1]

    def upcoming(self, zone: tzinfo, *, after: datetime, count: int) -> list[Slot]:
        """The next `count` slots after `after`; empty for instant."""
        found: dict[datetime, Slot] = {}
        for wall in self._walls(_wall(after, zone) - timedelta(minutes=1)):
            slot = _slot(wall, zone)
            if slot is not None and slot.at > after:
                found.setdefault(slot.at, slot)
            if len(found) == count:
                break
        return list(found.values())

    def following(self, zone: tzinfo, after: datetime) -> Slot | None:
        """The first slot after a moment; None for instant, and where there is none any more."""
        return _following(self, zone, after)


@lru_cache(maxsize=4096)
def _following(cadence: Cadence, zone: tzinfo, after: datetime) -> Slot | None:
    """The same, as `_latest` for many who ask at one moment."""
    return next(iter(cadence.upcoming(zone, after=after, count=1)), None)


@lru_cache(maxsize=4096)
def _latest(cadence: Cadence, zone: tzinfo, now: datetime) -> Slot | None:
    """The last slot up to `now`: thousands of subscriptions share a few cadences, and ask at the same moment."""
    for wall in cadence._walls(_wall(now, zone) + _LONGEST_FOLD, backwards=True):
        slot = _slot(wall, zone)
        if slot is not None and slot.at <= now:
            return slot
    return None


def _wall(instant: datetime, zone: tzinfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)


def _slot(wall: datetime, zone: tzinfo) -> Slot | None:
    """The slot of a wall-clock time; None on a day that the zone never had (Apia, 2011-12-30)."""
    at = moment(wall, zone)
    if at.astimezone(zone).date() != wall.date():
        midnight = moment(datetime.combine(wall.date(), time()), zone)
        if midnight.astimezone(zone).date() != wall.date():
            return None
    return Slot(label=wall.strftime("%Y-%m-%dT%H:%M"), day=wall.date(), at=at)


def moment(wall: datetime, zone: tzinfo) -> datetime:
    """When a wall clock in `zone` shows `wall` (naive), in UTC.

    In an autumn fold the first pass; in a spring gap, where it is never shown, the first moment after it.
    """
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # Read with the offset from before the gap, the time lies behind it: the change is in between.
    low, high = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), instant
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle <= low:
            break
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            low = middle
        else:
            high = middle
    return high


def parse_cadence(text: str) -> Cadence:
    """The cadence a person wrote. Raises UsageError with the way out."""
    words = text.lower().split()
    kind, rest = (words[0], words[1:]) if words else ("", [])
    if kind == "instant" and not rest:
        return Cadence(text, None)
    if kind in ("daily", "weekdays") and len(rest) == 1:
        days = "*" if kind == "daily" else "1-5"
        return Cadence(text, f"{_clock(rest[0], text)} * * {days}")
    if kind == "weekly" and len(rest) == 2:
        return Cadence(text, f"{_clock(rest[1], text)} * * {_weekday(rest[0], text)}")
    if kind == "monthly" and len(rest) == 2:
        return _monthly(rest[0], _clock(rest[1], text), text)
    if len(words) == 5 and not kind.isalpha():
        return _cron(text)
    near = difflib.get_close_matches(kind, ("instant", "daily", "weekdays", "weekly", "monthly"))
    hint = f"did you mean {near[0]!r}? " if near and near[0] != kind else ""
    raise UsageError(Problem(f"cadence {text!r} is not understood", way_out=f"{hint}write {_EXAMPLES}"))


def _clock(word: str, text: str) -> str:
    found = _CLOCK.fullmatch(word)
    if found is None:
        raise UsageError(
            Problem(f"cadence {text!r}: {word!r} is no time of day", way_out="write hours and minutes, 08:00")
        )
    return f"{int(found[2])} {int(found[1])}"


def _weekday(word: str, text: str) -> int:
    if word[:3] not in _DAYS or len(word) < 3:
        raise UsageError(
            Problem(f"cadence {text!r}: {word!r} is no weekday", way_out=f"write one of {', '.join(_DAYS)}")
        )
    return _DAYS.index(word[:3])


def _monthly(day: str, clock: str, text: str) -> Cadence:
    if not day.isdecimal() or not 1 <= int(day) <= 31:
        raise UsageError(Problem(f"cadence {text!r}: {day!r} is no day of the month", way_out="write 1 to 31"))
    if int(day) <= 28:
        return Cadence(text, f"{clock} {int(day)} * *")
    return Cadence(text, f"{clock} 28-31 * *", monthday=int(day))


def _cron(text: str) -> Cadence:
    """A cron line; one that never comes (31 April) is refused here, not found out by silence."""
    line = " ".join(text.split())
    try:
        never = not list(islice(CronSim(line, datetime.combine(date(2024, 1, 1), time())), 1))
    except CronSimError as error:
        raise UsageError(
            Problem(f"cadence {text!r}: {error}", way_out="minute hour day month weekday, 0 is Sunday")
        ) from error
    if never:
        raise UsageError(Problem(f"cadence {text!r} never comes", way_out="such a date does not exist"))
    return Cadence(text, line)
