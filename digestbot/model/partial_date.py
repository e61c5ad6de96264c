"""A date as exact as a dump tells it: a year, or a year with its month."""

from __future__ import annotations

import re
from datetime import date
from typing import Self, SupportsIndex

_WRITTEN = re.compile(r"(\d{4})(?:-(\d\d))?")


class PartialDate(date):
    """A year, or a year and a month. Among days it stands for its first, and is equal to none of them.

    So ``published>=2026`` is true of "2026", and sorting needs no other rule; `isoformat` says no more than is known.
    """

    __slots__ = ("_has_month",)
    _has_month: bool

    def __new__(cls, year: SupportsIndex, month: SupportsIndex | None = None, day: SupportsIndex = 1) -> Self:
        """`day` is for the standard library's own calls; it is 1."""
        made = super().__new__(cls, year, 1 if month is None else month, 1)
        made._has_month = month is not None
        return made

    @property
    def has_month(self) -> bool:
        """Whether the month is known."""
        return self._has_month

    def isoformat(self) -> str:
        """``2026`` or ``2026-05``."""
        return f"{self.year:04}-{self.month:02}" if self._has_month else f"{self.year:04}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PartialDate) and self.isoformat() == other.isoformat()

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return date.__hash__(self)

    def __repr__(self) -> str:
        return f"PartialDate({self.isoformat()!r})"

    def __reduce__(self) -> tuple[type[Self], tuple[int, int | None]]:
        return type(self), (self.year, self.month if self._has_month else None)


def from_iso(text: str) -> date:
    """The date that `isoformat` wrote: a day, a month or a year. Raises ValueError for a text that is none."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return date.fromisoformat(text)
    return PartialDate(int(found[1]), int(found[2]) if found[2] else None)


def exactness(day: date) -> int:
    """How much of it is known: 1 the year, 2 the month, 3 the day."""
    return 3 if not isinstance(day, PartialDate) else 2 if day.has_month else 1


def refines(coarse: date, fine: date) -> bool:
    """Whether `fine` says the same day, month or year as `coarse`, and more of it."""
    return exactness(fine) > exactness(coarse) and fine.isoformat().startswith(coarse.isoformat())
