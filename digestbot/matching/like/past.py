"""Past papers: what tells how rare a word is, and how many papers a week exceed a score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from digestbot.matching.like.cut import DaySpan, span
from digestbot.matching.like.frequencies import FEW
from digestbot.model.papers import LoggedPaper

MOST = 5_000
"""Past papers that are looked at, the newest."""


class Past(NamedTuple):
    """The counts of their terms; those with a day, by which a cut is measured (all, where none has one); their span."""

    texts: list[Counter[str]]
    measured: list[Counter[str]]
    span: DaySpan

    @classmethod
    def of(cls, papers: Iterable[tuple[Counter[str], date | None]]) -> Past:
        """Of the counts of papers, each with the day on which it came in, or None where nobody knows it."""
        told = list(papers)
        texts, dated = [text for text, _ in told], [text for text, day in told if day is not None]
        return cls(texts, dated or texts, span(day for _, day in told))

    @property
    def told(self) -> str:
        """What they are, and what they do not tell, in a line."""
        return measured_by(len(self.texts), self.span)


def measured_by(papers: int, past: DaySpan) -> str:
    """The same of their number and their span."""
    weeks = f"over {past.weeks:.1f} weeks" if past.dated else "without days, taken as one week"
    few = f": fewer than {FEW}, so that hardly a word is known to be rare" if papers < FEW else ""
    return f"measured by {papers:,} past papers {weeks}{few}"


def first_seen(papers: Iterable[LoggedPaper]) -> list[tuple[LoggedPaper, date | None]]:
    """Each work of a stretch of the log once, as it stands last, with the day on which it was first there.

    What a source held when it was first read came in on no day of its own.
    """
    newest: dict[str, tuple[LoggedPaper, date | None]] = {}
    for each in papers:
        day = None if each.paper.baseline else each.logged_at.date()
        newest[each.key] = each, newest[each.key][1] if each.key in newest else day
    return list(newest.values())
