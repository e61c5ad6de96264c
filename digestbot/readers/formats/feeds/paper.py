"""An entry of a feed made a paper: arXiv's with its kinds and categories, a journal's with its DOI."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from digestbot.model.papers import Paper
from digestbot.readers.formats import arxiv
from digestbot.readers.formats.feeds.entry import FeedEntry
from digestbot.readers.formats.feeds.guids import guid_of
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date, most_exact
from digestbot.readers.text.markup import fold_spaces, plain, readable

_KINDS = {"new": "new", "cross": "cross", "replace": "replaced", "replace-cross": "replaced"}
# before 2024 the title said it: "... . (arXiv:2311.01234v2 [cs.CL] UPDATED)"
_OLD_TITLE = re.compile(r"\.?\s*\(arXiv:(?P<id>\S+)\s+\[(?P<category>[\w.-]+)\](?P<mark>[^()]*)\)\s*$")
_ANNOUNCED = re.compile(
    r"arXiv:(?P<id>\S+)\s+Announce Type:\s*(?P<kind>[\w-]+)\s+(?:Abstract:\s*)?(?P<abstract>.*)", re.DOTALL
)
_SCIENCE_DIRECT = re.compile(r"Publication date:.*?Source:.*?(?:Author\(s\):\s*(?P<authors>.*))?$", re.DOTALL)
_PUBMED = re.compile(r"\bABSTRACT\b\s*(?P<abstract>.*?)\s*PMID:\s*\d", re.DOTALL)
_DOI_PATH = re.compile(
    r"/doi/(?:abs/|full/|pdf/|epdf/|epub/|ref/)?(10\.\d{4,9}/[^?#]+?)(?:/(?:full|abstract|pdf|html|meta))?(?:[?#].*)?$"
)
_PMID = re.compile(r"(?:pubmed:|pmid:\s*|pubmed\.ncbi\.nlm\.nih\.gov/)(\d{1,8})\b", re.IGNORECASE)


def comment(entry: FeedEntry) -> str:
    """The authors' comment, where arXiv says that a paper was withdrawn."""
    return entry.first("comment")


def arxiv_paper(entry: FeedEntry, *, announced: bool) -> Paper | None:
    """A paper of arXiv's API, or `announced` in its daily feed, whose dates are the announcement's."""
    title = readable(entry.first("title"))
    said = _ANNOUNCED.match(plain(entry.first("description", "summary")))
    old = _OLD_TITLE.search(title)
    if old:
        title = title[: old.start()]
    if not title:
        return None
    kind = _KINDS.get(entry.first("announce_type") or (said["kind"] if said else ""))
    if old:
        mark = old["mark"]
        kind = "replaced" if "UPDATED" in mark else "cross" if "CROSS" in mark else "new"
    links = list(entry.links())
    named = said or old
    reference = next((link for link in links if fields.arxiv_id(link)), named["id"] if named else "")
    abstract = said["abstract"] if said else entry.first("description", "summary")
    return Paper(
        title=title,
        abstract=readable(abstract) or None,
        authors=_arxiv_authors(entry),
        journal=arxiv.journal(entry.first("journal_ref", "journal_reference")),
        published=None if announced else iso_date(entry.first("published")),
        categories=arxiv.categories([*entry.terms(), *([old["category"]] if old else [])]),
        ids=fields.ids(arxiv=reference, doi=entry.first("doi")),
        url=_url(links),
        source=arxiv.SOURCE,
        kind=kind,
    )


def journal_paper(entry: FeedEntry, source: str) -> Paper | None:
    """A paper of any other feed; its `source` is the feed's title."""
    title = readable(entry.first("title"))
    if not title:
        return None
    links = list(entry.links())
    authors = _authors(entry)
    abstract = readable(entry.first("description", "summary"))
    science_direct = _SCIENCE_DIRECT.match(abstract)
    if science_direct:
        authors = authors or fields.names(science_direct["authors"] or "")
        abstract = ""
    body = readable(entry.first("encoded", "content")) if not abstract or any(map(_PMID.search, links)) else ""
    pubmed = _PUBMED.search(body)
    names = list(entry.all("doi", "identifier"))
    return Paper(
        title=title,
        abstract=(pubmed["abstract"] if pubmed else abstract or body) or None,
        authors=authors,
        journal=fold_spaces(entry.first("publicationname")) or None,
        published=_published(entry),
        categories=tuple(dict.fromkeys(term for term in map(fold_spaces, entry.terms()) if term)),
        ids=fields.ids(
            arxiv=next((link for link in links if "arxiv" in link.lower()), None),
            doi=next(filter(None, map(fields.doi, (*names, *_dois(links)))), None),
            pmid=next((found[1] for found in map(_PMID.search, (*names, *links)) if found), None),
            guid=guid_of(entry, _url(links)),
        ),
        url=_url(links),
        source=source,
    )


def _dois(links: list[str]) -> Iterator[str]:
    """DOIs in addresses, where the address says that it is one."""
    for link in links:
        if "doi.org/" in link or link.lower().startswith("doi:"):
            yield link
        elif found := _DOI_PATH.search(link):
            yield found[1]


def _arxiv_authors(entry: FeedEntry) -> tuple[str, ...]:
    """One element each in the API, all in one text in the feeds (in tags, before 2024)."""
    people = [plain(text) for text in entry.people()]
    return tuple(map(readable, people)) if len(people) > 1 else arxiv.authors(people[0] if people else "")


def _authors(entry: FeedEntry) -> tuple[str, ...]:
    people = [readable(text) for text in entry.people()]
    if len(people) > 1:
        return tuple(dict.fromkeys(filter(None, map(fields.name, people))))
    return fields.names(people[0]) if people and people[0] else ()


def _published(entry: FeedEntry) -> date | None:
    dates = map(iso_date, entry.all("published", "pubdate", "date", "publicationdate", "issued"))
    return most_exact(dates)


def _url(links: list[str]) -> str | None:
    return next((link for link in links if link.startswith(("http://", "https://")) and " " not in link), None)
