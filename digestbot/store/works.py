"""Some works, each once, however many papers tell of them: without a store, for libraries and dumps."""

from __future__ import annotations

from collections.abc import Iterable

from digestbot.model.papers import Paper, merge
from digestbot.store.identity import id_keys, same_by_title, title_keys


class Works:
    """Papers by their ids and folded titles; what is told twice is merged into the first."""

    def __init__(self, papers: Iterable[Paper] = ()) -> None:
        self._papers: list[Paper] = []
        self._by_id: dict[str, int] = {}
        self._by_title: dict[str, list[int]] = {}
        for each in papers:
            self.add(each)

    def __len__(self) -> int:
        return len(self._papers)

    @property
    def papers(self) -> list[Paper]:
        """In the order in which they were first told."""
        return list(self._papers)

    def add(self, paper: Paper) -> bool:
        """Whether it is a work that was not there."""
        at = self._find(paper)
        if at is None:
            self._papers.append(paper)
        else:
            paper = self._papers[at] = merge(self._papers[at], paper)
        place = len(self._papers) - 1 if at is None else at
        for key in id_keys(paper):
            self._by_id.setdefault(key, place)
        for title in title_keys(paper.title):
            places = self._by_title.setdefault(title, [])
            if place not in places:
                places.append(place)
        return at is None

    def __contains__(self, paper: Paper) -> bool:
        return self._find(paper) is not None

    def _find(self, paper: Paper) -> int | None:
        for key in id_keys(paper):
            if key in self._by_id:
                return self._by_id[key]
        for title in title_keys(paper.title):
            for place in self._by_title.get(title, ()):
                if same_by_title(self._papers[place], paper, title):
                    return place
        return None
