"""Past papers: what tells how rare a word is, and how many papers a week exceed a score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from digestbot.matching.like.cut import Span, span
from digestbot.matching.like.frequencies import FEW
from digestbot.matching.like.terms import counts
from digestbot.model.papers import LoggedPaper, Paper

MOST = 10_000
"""Past papers that are looked at, the newest."""


class Past(NamedTuple):
    """The counts of their terms, and how long it took them to come in."""

    texts: list[Counter[str]]
    span: Span

    @classmethod
    def of(cls, papers: Iterable[tuple[Paper, date | None]]) -> Past:
        """Of papers, each with the day on which it came in."""
        texts, days = list[Counter[str]](), list[date | None]()
        for paper, day in papers:
            texts.append(counts(paper))
            days.append(day)
        return cls(texts, span(days))

    @property
    def told(self) -> str:
        """What they are, and what they do not tell, in a line."""
        weeks = f"over {self.span.weeks:.1f} weeks" if self.span.dated else "without days, taken as one week"
        few = f": fewer than {FEW}, so that hardly a word is known to be rare" if len(self.texts) < FEW else ""
        return f"measured by {len(self.texts):,} past papers {weeks}{few}"


def first_seen(papers: Iterable[LoggedPaper]) -> list[tuple[Paper, date]]:
    """Each work of a stretch of the log once, as it stands last, with the day on which it was first there.

    What a source held when it was first read came in on no day of its own, and is left out.
    """
    newest: dict[str, tuple[Paper, date]] = {}
    for each in papers:
        if not each.paper.baseline:
            day = newest[each.key][1] if each.key in newest else each.logged_at.date()
            newest[each.key] = each.paper, day
    return list(newest.values())
