"""The library of a source: what it holds is liked, and kept by the store as it was last fetched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from digestbot.ingest.pipeline import Ingested, take_in
from digestbot.ingest.sources.base import Memory, Source, SourceError
from digestbot.model.papers import Paper
from digestbot.store.base import Merged, Store
from digestbot.store.works import Works
from digestbot.subscribers.library import MOST_LIKED, kept_of


def gather(source: Source, store: Store, memory: Memory, now: datetime, form: str | None) -> Iterator[Ingested]:
    """Bring the library that the store keeps of a source up to what it holds; what became of each dump.

    Of a source that gives all it holds the library is replaced, once all of that could be read; to that of another
    papers are added. Raises StoreError.
    """
    name = kept_of(source.name)
    if not store.library_mark(name):
        memory.values.clear()  # it is gone, or was never filled: what is remembered of the source is of another one
    shelf, complete = _Shelf(store.library(name)), False
    try:
        for dump in source.fetch(memory, now):
            if memory.whole:
                shelf.empty_once()
            yield take_in(dump, shelf, form)
        complete = True
    except SourceError as error:
        yield Ingested(source.name, 0, Merged(0, 0, 0), error=error)
    finally:
        if memory.whole and complete:
            shelf.empty_once()  # if nothing came, nothing is held there any more
        if complete or not memory.whole:
            shelf.keep(store, name)


class _Shelf:
    """The works of a library as they change, the first `MOST_LIKED` of them."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self._before, self._works, self._emptied = papers, Works(papers), False

    def empty_once(self) -> None:
        """What is held now stands there alone."""
        if not self._emptied:
            self._works, self._emptied = Works(), True

    def merge(self, papers: Sequence[Paper], so_far: Merged) -> Merged:
        """Counted as new are those that were not there before."""
        before = Works(self._before)
        new = 0
        for each in papers:
            if len(self._works) < MOST_LIKED or each in self._works:
                new += self._works.add(each) and each not in before
        return Merged(so_far.new + new, so_far.updated, so_far.duplicate + len(papers) - new)

    def keep(self, store: Store, name: str) -> None:
        """Keep it, if it changed."""
        papers = self._works.papers
        if papers != self._before:
            store.put_library(name, papers)
