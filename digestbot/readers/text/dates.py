"""Dates as dumps write them, made one form, each as exact as the dump: a day, a month or a year."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from digestbot.model.partial_date import PartialDate, exactness

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}
_NAME_OF_MONTH = r"(?P<month>[A-Za-z]{3,9})\.?"
_WRITTEN_DATES = (
    re.compile(r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)"),
    re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?!\d)"),
    re.compile(
        rf"(?:[A-Za-z]{{3,9}},?\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s.-]+{_NAME_OF_MONTH},?[\s-]+(?P<year>\d{{4}}|\d\d(?=\s+\d\d?:))(?!\d)"
    ),
    re.compile(
        rf"(?:[A-Za-z]{{3,9}},\s+)?{_NAME_OF_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})(?!\d)"
    ),
    re.compile(rf"(?P<year>\d{{4}})[\s/-]+{_NAME_OF_MONTH}[\s/-]+(?P<day>\d{{1,2}})(?!\d)"),
    re.compile(
        r"[A-Za-z]{3}\s+(?P<month>[A-Za-z]{3})\s+(?P<day>\d{1,2})\s+\d\d?:\d\d(?::\d\d)?\s+(?:[A-Z]{2,5}\s+)?(?P<year>\d{4})"
    ),
    re.compile(r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})(?!\d)"),
)
_SLASHED_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")
_YEAR = re.compile(r"\(?\[?c?(?P<year>1[4-9]\d\d|2[01]\d\d)\]?\)?[.,;]?")
_SEASON = r"(?:spring|summer|autumn|fall|winter|q[1-4]|early|late|mid)"
_MONTHS_OF_YEAR = (
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})"),
    re.compile(rf"(?P<year>\d{{4}})[\s,/-]+{_NAME_OF_MONTH}"),
    re.compile(rf"{_NAME_OF_MONTH},?[\s/-]+(?P<year>\d{{4}})"),
)
# a year with what is no single month, or no month at all
_YEAR_AND_MORE = re.compile(
    rf"(?P<year>\d{{4}})[\s/-]+(?:[A-Za-z]{{3,9}}\.?\s?[-/–]\s?[A-Za-z]{{3,9}}\.?|{_SEASON})"
    rf"|(?:[A-Za-z]{{3,9}}\.?\s?[-/–]\s?[A-Za-z]{{3,9}}\.?|{_SEASON})[\s,]+(?P<last>\d{{4}})",
    re.IGNORECASE,
)


def iso_date(*parts: object) -> date | None:
    """The date of a text ("26 Feb 2024", "2024-02-26T08:00:00Z", "May 2024") or of year, month and day.

    Months may be names. What is not said is not invented: "2024" is a `PartialDate`, and so is what of
    "3/4/2024" can be read in one way alone.
    """
    if len(parts) > 1:
        return _of_parts(*(_text(part) for part in (*parts, None, None)[:3]))
    written = _text(parts[0]) if parts else ""
    if not written:
        return None
    for form in _WRITTEN_DATES:
        found = form.match(written)
        if found and (day := _calendar_date(found["year"], found["month"], found["day"])):
            return day
    slashed = _SLASHED_DATE.match(written)
    return _of_slashed(*slashed.groups()) if slashed else _coarse(written.rstrip("/"))


def most_exact(dates: Iterable[date | None]) -> date | None:
    """The first of the dates that are known most exactly; None when there is none."""
    return max(filter(None, dates), key=exactness, default=None)


def _text(part: object) -> str:
    return "" if part is None else str(part).strip()


def _of_parts(year: str, month: str, day: str) -> date | None:
    whole = _calendar_date(year, month, day) if month and day else None
    return whole or (_month_of(year, month) if month else None) or _year(year)


def _of_slashed(one: str, other: str, year: str) -> date | None:
    first, second = int(one), int(other)
    if first > 12 or first == second:
        return _calendar_date(year, other, one)
    return _calendar_date(year, one, other) if second > 12 else _year(year)


def _coarse(written: str) -> date | None:
    """The month or the year that a text without a day names."""
    for form in _MONTHS_OF_YEAR:
        found = form.fullmatch(written)
        if found and (month := _month_of(found["year"], found["month"])):
            return month
    found = _YEAR_AND_MORE.fullmatch(written)
    return _year((found["year"] or found["last"]) if found else written)


def _month_of(year: str, month: str) -> date | None:
    number = _MONTHS.get(month.lower().rstrip(".")) or (int(month) if month.isdecimal() and len(month) < 3 else 0)
    full = _year(year)
    return PartialDate(full.year, number) if full is not None and 1 <= number <= 12 else None


def _year(year: str) -> date | None:
    found = _YEAR.fullmatch(year)
    return PartialDate(int(found["year"])) if found else None


def _calendar_date(year: str, month: str, day: str) -> date | None:
    number = _MONTHS.get(month.lower().rstrip(".")) or (int(month) if month.isdecimal() else 0)
    if not (year.isdecimal() and day.isdecimal() and len(year) in (2, 4)):
        return None
    full = int(year) if len(year) == 4 else int(year) + (1900 if int(year) >= 70 else 2000)
    try:
        return date(full, number, int(day)) if full >= 1400 else None
    except ValueError:
        return None
