"""Where likeness is enough: a cut that so many papers a week have passed so far."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import islice
from typing import NamedTuple

WEEK = 7
_OUTLIERS = 100  # of so many papers one may be dated before or after all others


class DaySpan(NamedTuple):
    """How long it took some papers to come in; ``dated`` is False where no day says so, which counts as a week."""

    weeks: float
    dated: bool


def span(days: Iterable[date | None]) -> DaySpan:
    """The time between the first and the last of some days, both counted."""
    known = sorted(day for day in days if day is not None)
    if not known:
        return DaySpan(1.0, dated=False)
    aside = len(known) // _OUTLIERS
    return DaySpan(((known[-1 - aside] - known[aside]).days + 1) / WEEK, dated=True)


def so_many(weeks: float, per_week: float) -> int:
    """How many of the past papers pass."""
    return max(1, round(per_week * weeks))


def cut(best_first: Iterable[float], weeks: float, per_week: float) -> float:
    """The score that `per_week` of the past papers exceeded in a week; 0 where there were not so many."""
    return next(islice(best_first, so_many(weeks, per_week), None), 0.0)
