"""What somebody likes, as past papers measure it, and which papers that brings. No store is asked here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from digestbot.matching.evaluate import Evaluator
from digestbot.matching.folded_paper import FoldedPaper
from digestbot.matching.like.cut import cut, so_many
from digestbot.matching.like.frequencies import Frequencies
from digestbot.matching.like.likeness import Interest, Liked, Likeness, vectors
from digestbot.matching.like.past import Past, first_seen
from digestbot.matching.like.terms import counts
from digestbot.matching.like.vectors import Vectors
from digestbot.model.digests import EntryRecord, Likened
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.rules.ast import Rule
from digestbot.store.works import Works

LIKE = "like"
"""The label of what comes by likeness."""

Counted = Callable[[Paper], Counter[str]]


@dataclass(frozen=True, slots=True)
class LikeProfile:
    """What one subscription likes, and what that is measured by."""

    interest: Interest
    known: Works
    likened: Likened
    frequencies: Frequencies

    def likeness(self, paper: Paper) -> Likeness:
        """How like one paper is to it."""
        text = counts(paper)
        (score,) = self.interest.scores(self.vectors([text]))
        return self.interest.likeness(paper, text, score, self.likened.cut)

    def vectors(self, texts: Sequence[Counter[str]]) -> Vectors:
        """Papers as it scores them."""
        return vectors(self.frequencies, texts, asks=self.interest.asks)

    def passing(
        self, papers: Sequence[LoggedPaper], known: Vectors, allowed: Rule | None, day: date, found: Set[str]
    ) -> list[tuple[float, LoggedPaper]]:
        """What passes of papers with these vectors, the best first; neither what is liked itself, nor not `allowed`,
        nor a work that is `found` otherwise.
        """
        # A work that came twice in the window is there once, as it is last.
        above = self.interest.passing(known, self.likened.cut)
        newest = {each.key: each for each in papers} if above else {}
        passing = {
            each.key: (score, each)
            for place, score in above
            for each in (papers[place],)
            if newest[each.key] is each and each.key not in found
        }
        wanted = Evaluator(allowed, day) if allowed else None
        return [
            (score, each)
            for score, each in sorted(passing.values(), key=lambda one: (-one[0], one[1].key))
            if each.paper not in self.known and (wanted is None or wanted.matches(FoldedPaper(each.paper)))
        ]

    def entry(self, logged: LoggedPaper, text: Counter[str], score: float) -> EntryRecord:
        """What a digest says of a paper that passes: the liked paper that is nearest, and the words they share."""
        how = self.interest.likeness(logged.paper, text, score, self.likened.cut)
        near = how.near.title if how.near else ""
        return EntryRecord(logged.sequence, (LIKE,), how.words, likeness=how.score, near=near)


class Measure:
    """Past papers as tastes are measured by them. ``counted`` tells the terms of a paper."""

    def __init__(self, papers: Iterable[LoggedPaper], counted: Counted = counts) -> None:
        seen = first_seen(papers)
        dated = [each.paper for each, day in seen if day is not None]
        self._papers = dated or [each.paper for each, _ in seen]
        self._counted = counted
        self.past = Past.of((counted(each.paper), day) for each, day in seen)
        self.frequencies = Frequencies.of(self.past.texts)

    @cached_property
    def _by_words(self) -> Vectors:
        return vectors(self.frequencies, self.past.measured, asks=False)

    @cached_property
    def _by_question(self) -> Vectors:
        return vectors(self.frequencies, self.past.measured, asks=True)

    def profile(self, works: Works, about: str, per_week: int, *, upto: int, unknown: int = 0) -> LikeProfile:
        """What somebody likes, over the past papers up to a place of the log; ``unknown`` papers are not there."""
        interest = Interest(Liked(works.papers, about), self.frequencies, self._counted)
        weeks, dated = self.past.span
        likened = Likened(
            cut=self._cut(interest, per_week, works) if interest else 0.0,
            per_week=per_week,
            past=len(self.past.texts),
            upto=upto,
            weeks=weeks,
            dated=dated,
            liked=len(works),
            bare=sum(not each.abstract for each in works.papers),
            unknown=unknown,
        )
        return LikeProfile(interest, works, likened, self.frequencies)

    def _cut(self, interest: Interest, per_week: int, known: Works) -> float:
        """Where so many a week passed, not counting what is liked itself."""
        scores = interest.measured(self._by_question if interest.asks else self._by_words)
        weeks = self.past.span.weeks
        enough = min(so_many(weeks, per_week) + len(known) + 1, len(scores))
        best = np.argpartition(-scores, enough - 1)[:enough] if enough else np.arange(0)
        order = best[np.argsort(-scores[best])]
        others = (float(scores[at]) for at in order if self._papers[at] not in known)
        return cut(others, weeks, per_week)
