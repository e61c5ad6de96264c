"""The newest papers of the log on indexes: new ones come in at one end, and the oldest leave at the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from digestbot.matching.search.inverted_index import Flags, InvertedIndex, Stop, never
from digestbot.matching.search.ranked import Ranked, RankedSearch
from digestbot.model.papers import LoggedPaper
from digestbot.rules.ast import Node

MOST = 20_000
"""So many papers are kept ready, which takes some 200 MB."""
_ON_A_SHELF = 2_500  # so many are made ready anew at most when one comes in


@dataclass(frozen=True, slots=True)
class _Row:
    """A index, where each work stands on it, and which of its papers no later one has taken the place of."""

    index: InvertedIndex
    place_of: dict[str, int]
    newest: Flags

    @classmethod
    def of(cls, papers: Sequence[LoggedPaper]) -> _Row:
        return cls(
            InvertedIndex(papers),
            {each.key: at for at, each in enumerate(papers)},
            np.ones(len(papers), dtype=np.bool_),
        )

    def without(self, works: Iterable[str]) -> _Row:
        gone = [self.place_of[each] for each in works if each in self.place_of]
        if not gone:
            return self
        newest = self.newest.copy()
        newest[gone] = False
        return _Row(self.index, self.place_of, newest)

    def papers(self) -> list[LoggedPaper]:
        return [paper for paper, newest in zip(self.index.papers, self.newest.tolist(), strict=True) if newest]


@dataclass(frozen=True, slots=True)
class RecentIndex:
    """Up to `MOST` papers, and a little more; ``upto`` is the place of the log that they reach to. It never changes:
    what comes later makes another one.
    """

    upto: int = 0
    rows: tuple[_Row, ...] = ()

    def __len__(self) -> int:
        return sum(int(each.newest.sum()) for each in self.rows)

    def with_later(self, papers: Sequence[LoggedPaper], upto: int) -> RecentIndex:
        """The same with the papers that were logged since, each work once, up to a place of the log."""
        later = papers[-MOST:]
        works = [each.key for each in later]
        rows = [each.without(works) for each in self.rows]
        last = rows[-1].papers() if rows else []
        if rows and len(last) + len(later) <= _ON_A_SHELF:
            later = [*last, *later]
            rows.pop()
        rows += [_Row.of(later[at : at + _ON_A_SHELF]) for at in range(0, len(later), _ON_A_SHELF)]
        counts = [int(each.newest.sum()) for each in rows]
        while counts and sum(counts) - counts[0] >= MOST:
            del rows[0], counts[0]
        return RecentIndex(upto, tuple(each for each in rows if each.newest.any()))

    def newest(self, count: int) -> list[LoggedPaper]:
        """The newest so many papers, in the order of the log."""
        found: list[LoggedPaper] = []
        for row in reversed(self.rows):
            if len(found) < count:
                found = [*row.papers(), *found]
        return found[-count:]

    def rank(self, search: RankedSearch) -> list[Ranked]:
        """The papers that fit a question best, the best first."""
        for row in self.rows:
            search.look_in(row.index, row.newest)
        return search.best()

    def answering(self, rule: Node, today: date, stop: Stop = never) -> Iterator[tuple[int, list[LoggedPaper]]]:
        """Shelf by index, the newest first: how many papers were asked, and which of them answer, newest first.

        Raises TimeUp soon after `stop` says so.
        """
        for row in reversed(self.rows):
            flags = row.index.answering(rule, today, stop) & row.newest
            found = np.flatnonzero(flags)[::-1].tolist()
            yield int(row.newest.sum()), [row.index.papers[at] for at in found]
