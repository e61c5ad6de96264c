"""What one merge knows of all works that were logged before it."""

from __future__ import annotations

from collections.abc import Sequence

from digestbot.store.merging import Work
from digestbot.store.tinydb.papers import PaperLog


class LogCatalogue:
    """Of one merge: a work that it met is not read again, however many of its names are asked for."""

    def __init__(self, papers: PaperLog) -> None:
        self._papers = papers
        self._works: dict[str, Work | None] = {}
        self.taken = papers.taken

    def by_id(self, key: str) -> Work | None:
        """The work with this id key."""
        found = self._papers.named(key)
        return self._work(found) if found is not None else None

    def by_title(self, folded: str) -> Sequence[Work]:
        """The works with this folded title, first logged first."""
        works = [work for work in map(self._work, self._papers.titled(folded)) if work is not None]
        return sorted(works, key=lambda work: work.first or 0) if len(works) > 1 else works

    def _work(self, key: str) -> Work | None:
        if key not in self._works:
            standing = self._papers.standing(key)
            self._works[key] = standing.work if standing is not None else None
        return self._works[key]
