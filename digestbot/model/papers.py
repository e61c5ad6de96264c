"""The paper: one work, whatever dumps it was seen in, and how two sightings of it become one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from operator import attrgetter
from types import MappingProxyType
from typing import Any, TypeAlias

from digestbot.model.partial_date import from_iso, refines

ET_AL = "et al."
"""The last of ``authors`` where a dump names only the first of them."""

GUID = "guid"
"""The scheme of what a feed calls an entry: its guid with its link. It is no name that people know a paper by."""

_NO_IDS: Mapping[str, str] = MappingProxyType({})

JsonObject: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One work as a dump tells it. What a dump does not say is None or empty, never invented.

    ``authors`` holds names in the dump's order; ``author_count`` is their number as the dump states
    it, or as the names give it. A list that ends in `ET_AL` has ``more_authors`` than it names; their number is
    None then, unless the dump states it. ``published`` is the paper's own date, not the listing's, as exact as the
    dump has it: a `PartialDate` for a month or a year. ``journal`` is the journal, series or proceedings it appeared
    in, as the dump writes it. ``keywords`` are those of its authors and the headings of an index (MeSH). ``ids`` maps
    a scheme (``arxiv`` without version, ``doi`` in lower case, ...) to the identifier. ``kind`` is ``new``, ``cross``,
    ``replaced`` or None. ``baseline`` is for what a source held when it was first read, where it was told to begin with
    what comes after: known, and no news.
    """

    title: str
    abstract: str | None = None
    authors: tuple[str, ...] = ()
    author_count: int | None = None
    organization: str | None = None
    journal: str | None = None
    upvotes: int | None = None
    published: date | None = None
    categories: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    ids: Mapping[str, str] = field(default_factory=lambda: _NO_IDS)
    url: str | None = None
    source: str | None = None
    kind: str | None = None
    more_authors: bool = False
    baseline: bool = False

    def __post_init__(self) -> None:
        if not self.authors:
            return
        if self.authors[-1] == ET_AL:
            object.__setattr__(self, "authors", self.authors[:-1])
            object.__setattr__(self, "more_authors", bool(self.authors))
        if self.author_count is not None:
            object.__setattr__(self, "more_authors", False)  # the number says it better
        elif not self.more_authors and self.authors:
            object.__setattr__(self, "author_count", len(self.authors))

    @property
    def link(self) -> str | None:
        """Where a reader can look: the dump's own URL, else what the arXiv id or the DOI gives."""
        if self.url:
            return self.url
        if "arxiv" in self.ids:
            return f"https://arxiv.org/abs/{self.ids['arxiv']}"
        if "doi" in self.ids:
            return f"https://doi.org/{self.ids['doi']}"
        return None

    def to_json(self) -> JsonObject:
        """The paper as ``read --json`` writes it: lists for tuples, an ISO date, null for absent.

        Names without an ``author_count`` are a list that breaks off.
        """
        data = {
            "title": self.title,
            "abstract": self.abstract,
            "authors": list(self.authors),
            "author_count": self.author_count,
            "organization": self.organization,
            "journal": self.journal,
            "upvotes": self.upvotes,
            "published": self.published.isoformat() if self.published else None,
            "categories": list(self.categories),
            "ids": dict(self.ids),
            "url": self.url,
            "source": self.source,
            "kind": self.kind,
        }
        if self.keywords:  # few dumps have them
            data["keywords"] = list(self.keywords)
        if self.baseline:  # of stored papers alone
            data["baseline"] = True
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Paper:
        """The paper that `to_json` wrote; keys it does not know are left alone, absent ones are None.

        Raises KeyError without a title and ValueError for a date that is none.
        """
        published = data.get("published")
        return cls(
            title=data["title"],
            abstract=data.get("abstract"),
            authors=tuple(data.get("authors") or ()),
            author_count=data.get("author_count"),
            organization=data.get("organization"),
            journal=data.get("journal"),
            upvotes=data.get("upvotes"),
            published=from_iso(published) if published else None,
            categories=tuple(data.get("categories") or ()),
            keywords=tuple(data.get("keywords") or ()),
            ids=dict(data.get("ids") or {}),
            url=data.get("url"),
            source=data.get("source"),
            kind=data.get("kind"),
            more_authors=bool(data.get("authors")) and data.get("author_count", 0) is None,
            baseline=bool(data.get("baseline")),
        )


@dataclass(frozen=True, slots=True)
class LoggedPaper:
    """A paper as it stands at one place of the paper log.

    ``sequence`` is that place (1, 2, ...), ``key`` names the work and stays the same however often it is
    logged again, ``logged_at`` is when (UTC).
    """

    sequence: int
    key: str
    logged_at: datetime
    paper: Paper


_FIELDS = tuple(each.name for each in fields(Paper))
_VALUES = attrgetter(*_FIELDS)


def changed(paper: Paper, changes: Mapping[str, Any]) -> Paper:
    """The paper with these fields otherwise: `dataclasses.replace` in half the time, for many papers."""
    return Paper(**{**dict(zip(_FIELDS, _VALUES(paper), strict=True)), **changes})


_KEPT = ("title", "source", "ids", "author_count", "more_authors", "kind", "baseline")
_MERGED = tuple(each.name for each in fields(Paper) if each.name not in _KEPT)
_TOLD = attrgetter(*_MERGED)
_SEEN = attrgetter(*(each.name for each in fields(Paper) if each.name not in ("url", "kind", "baseline", "ids")))


def merge(known: Paper, seen: Paper) -> Paper:
    """The known paper with what a later sighting adds; `known` itself when that is nothing.

    Gaps are filled, upvotes refreshed (they grow), ids joined, a longer list of authors, categories or keywords
    taken, a whole abstract for an excerpt that ends in dots, and a day for its month or year. Nothing is ever
    emptied or shortened by a poorer dump; title and source stay those first seen, unless the feed that
    gave the title corrects it. A stated number of authors gives way to names.
    """
    changes: dict[str, Any] = {}
    for name in () if _TOLD(known) == _TOLD(seen) else _MERGED:
        old, new = getattr(known, name), getattr(seen, name)
        if new == old:
            continue
        grows = name in ("authors", "categories", "keywords") and len(new) > len(old)
        if name == "abstract" and old and new:
            # An alert's excerpt ends in dots; the whole abstract is no other one.
            grows = old.endswith(("…", "...")) and len(new) > len(old)
        if name == "published" and old and new:
            grows = refines(old, new)
        refreshed = name == "upvotes" and new is not None
        filled = old is None and new is not None
        if grows or refreshed or filled:
            changes[name] = new
    if "authors" in changes:
        stated = known.author_count if (known.author_count or 0) >= len(seen.authors) else None
        changes["author_count"] = seen.author_count if not seen.more_authors else stated
        changes["more_authors"] = seen.more_authors
    elif known.author_count is None and seen.author_count is not None:
        changes["author_count"] = seen.author_count
    if seen.title != known.title and known.ids.get(GUID) == seen.ids.get(GUID) is not None:
        changes["title"] = seen.title
    if not known.ids.keys() >= seen.ids.keys():
        changes["ids"] = {**seen.ids, **known.ids}
    return replace(known, **changes) if changes else known


def visible_change(old: Paper, new: Paper) -> bool:
    """Whether a rule could answer differently for `new`: such a change takes a new place in the log."""
    if old is new:
        return False
    if _SEEN(old) != _SEEN(new):
        return True
    return old.ids != new.ids and _told_ids(old) != _told_ids(new)


def _told_ids(paper: Paper) -> JsonObject:
    return {scheme: value for scheme, value in paper.ids.items() if scheme != GUID}
