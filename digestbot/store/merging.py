"""Which works a dump's papers are, and what of them changed: decided here, written down by a backend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Protocol

from digestbot.model.papers import GUID, Paper, merge, visible_change
from digestbot.store.base import Merged
from digestbot.store.identity import (
    clash,
    decides,
    id_keys,
    may_be_corrected,
    new_key,
    same_by_title,
    tells_apart,
    title_keys,
)


@dataclass(slots=True, eq=False)
class Work:
    """One work while a dump is merged.

    ``first`` is its first log place and ``logged`` what stands at its last one, None for a work not yet
    in the log. ``paper`` is its newest state. ``ids`` (id keys) and ``titles`` (folded) are all it is
    known by; ``also_titles`` are titles it was seen under besides its own, as written. ``into`` is the key
    of the work that this one turned out to be. ``is_plain`` is a new one seen once: its paper says all of it.
    """

    key: str
    first: int | None
    logged: Paper | None
    paper: Paper
    ids: set[str]
    titles: set[str]
    also_titles: list[str] = field(default_factory=list)
    into: str | None = None
    is_plain: bool = False

    @property
    def takes_place(self) -> bool:
        """Whether it is to be logged: it is new, or a rule could answer differently."""
        return self.into is None and (self.logged is None or visible_change(self.logged, self.paper))

    @property
    def also_ids(self) -> list[str]:
        """Id keys it was seen under besides those of its paper."""
        return sorted(self.ids.difference(id_keys(self.paper)))


class Catalogue(Protocol):
    """The works a backend knows. Works that turned out to be others are never returned."""

    def by_id(self, key: str) -> Work | None:
        """The work with this id key."""
        ...

    def by_title(self, folded: str) -> Sequence[Work]:
        """The works with this folded title, first logged first."""
        ...

    def taken(self, key: str) -> bool:
        """Whether a work was ever named so."""
        ...


class Merging:
    """One dump being merged: `see` each paper, then `works` and `counts` tell what came of it."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._fetched: dict[str, Work] = {}
        self._works: dict[str, Work] = {}
        self._by_id: dict[str, str] = {}
        self._by_title: dict[str, list[str]] = {}
        self._sightings: list[str] = []

    def see(self, paper: Paper) -> None:
        """Take in one paper of the dump."""
        ids, titles = id_keys(paper), title_keys(paper.title)
        group = self._same(paper, ids, titles)
        if group:
            work = min(group, key=lambda each: each.first or inf)
            for other in group:
                if other is not work:
                    self._join(work, other)
            work.paper = merge(work.paper, paper)
            self._learn(work, paper, ids, titles)
        else:
            work = self._new(paper, ids, titles)
        self._sightings.append(work.key)

    def works(self) -> Iterator[Work]:
        """The works seen, in the order of the dump, and those that turned out to be another."""
        return iter(self._works.values())

    def counts(self) -> Merged:
        """Each paper once: a work's first sighting by what became of the work, the others as duplicates."""
        new = updated = 0
        for key in {self._resolved(key).key for key in self._sightings}:
            work = self._works[key]
            if work.logged is None:
                new += 1
            elif work.takes_place:
                updated += 1
        return Merged(new=new, updated=updated, duplicate=len(self._sightings) - new - updated)

    def _same(self, paper: Paper, ids: list[str], titles: list[str]) -> list[Work]:
        """The works that this paper shows to be one, the one with the surest id first."""
        group: list[Work] = []
        known = set(ids)
        for key in ids:
            work = self._find_id(key)
            # An id shared by mistake must not weld works whose other ids differ; the surest id decides.
            if work is None or work in group:
                continue
            # A feed that has but one entry may call whatever it is the same.
            if key.startswith(f"{GUID}:") and not may_be_corrected(work.paper.title, paper.title):
                continue
            if not ((group or not decides(key)) and clash(work.ids, known)):
                if not group:
                    known = set(work.ids)
                group.append(work)
                known |= work.ids
        known.update(ids)
        for title in titles:
            for work in self._find_title(title):
                papers = [paper, *(each.paper for each in group)]
                if (
                    work not in group
                    and not clash(work.ids, known)
                    and all(same_by_title(work.paper, each, title) for each in papers)
                ):
                    group.append(work)
                    known |= work.ids
        return group

    def _new(self, paper: Paper, ids: list[str], titles: list[str]) -> Work:
        base = key = ids[0] if ids else new_key(paper)
        number = 1
        while key in self._works or self._catalogue.taken(key):
            number += 1
            key = f"{base}~{number}"
        work = self._works[key] = Work(key, None, None, paper, set(ids), set(titles), is_plain=True)
        for each in ids:
            self._by_id.setdefault(each, key)
        for title in titles:
            self._by_title.setdefault(title, []).append(key)
        return work

    def _join(self, work: Work, other: Work) -> None:
        work.paper = merge(work.paper, other.paper)
        work.ids |= other.ids
        work.also_titles += [other.paper.title, *other.also_titles]
        work.titles |= other.titles
        for key in other.ids:
            self._by_id[key] = work.key
        other.into = work.key
        self._works[other.key] = other

    def _learn(self, work: Work, paper: Paper, ids: list[str], titles: list[str]) -> None:
        """What a further sighting adds to what the work is known by."""
        self._works.setdefault(work.key, work)
        work.is_plain = False
        work.ids.update(ids)
        for key in ids:
            self._by_id.setdefault(key, work.key)
        if not work.titles.issuperset(titles) and tells_apart(titles[0]):
            work.also_titles.append(paper.title)
            work.titles.update(titles)
            for title in titles:
                self._by_title.setdefault(title, []).append(work.key)

    def _resolved(self, key: str) -> Work:
        work = self._works[key]
        while work.into:
            work = self._works[work.into]
        return work

    def _find_id(self, key: str) -> Work | None:
        if key in self._by_id:
            return self._resolved(self._by_id[key])
        work = self._catalogue.by_id(key)
        return self._touched(work) if work is not None else None

    def _find_title(self, title: str) -> list[Work]:
        logged = [self._touched(work) for work in self._catalogue.by_title(title)]
        return [*logged, *(self._resolved(key) for key in self._by_title.get(title, ()))]

    def _touched(self, work: Work) -> Work:
        """The work as this merge has it by now, where it was met already."""
        if work.key in self._works:
            return self._resolved(work.key)
        return self._fetched.setdefault(work.key, work)
