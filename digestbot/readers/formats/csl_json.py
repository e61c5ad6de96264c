"""Reads CSL-JSON, the citation data that Zotero, Pandoc and DOI resolvers exchange."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from digestbot.model.papers import JsonObject, Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.json_records import papers, part, parts, text
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date, most_exact
from digestbot.readers.text.markup import fold_spaces, readable

_TYPE = re.compile(
    r'"type"\s*:\s*"(?:article|article-journal|article-magazine|article-newspaper|bill|book|broadcast|chapter|classic'
    r"|collection|dataset|document|entry|entry-dictionary|entry-encyclopedia|event|figure|graphic|hearing|interview"
    r"|legal_case|legislation|manuscript|map|motion_picture|musical_score|pamphlet|paper-conference|patent"
    r"|performance|periodical|personal_communication|post|post-weblog|regulation|report|review|review-book|software"
    r'|song|speech|standard|thesis|treaty|webpage)"'
)
_SIGN = re.compile(
    r'"(?:issued|accessed|submitted)"\s*:\s*\{\s*"(?:date-parts|raw|literal|season)"|"citation-key"\s*:'
    r'|"container-title"\s*:\s*"|"family"\s*:\s*"'
)
_NO_CSL = re.compile(r'"author"\s*:\s*"|"authors"\s*:')  # where CSL has a list of names
_CROSSREF = re.compile(r'"message-type"\s*:|"reference-count"\s*:|"indexed"\s*:\s*\{')
# Zotero keeps what CSL has no variable for in the note, one a line
_IN_NOTE = re.compile(r"^[ \t]*(DOI|PMID|PMCID|arXiv)[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


class CSLJSON:
    """The reader of CSL-JSON."""

    name = "csl-json"
    title = "CSL-JSON, as Zotero and others export it"

    def recognises(self, head: str) -> float:
        """By an item's type, with a date or a name as CSL writes them."""
        if head.lstrip()[:1] not in ("[", "{") or '"title"' not in head or _CROSSREF.search(head):
            return 0.0
        if _NO_CSL.search(head):
            return 0.0
        return 0.85 if _TYPE.search(head) and _SIGN.search(head) else 0.35 if _SIGN.search(head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Item by item: of a list, of a library's "items", or one a line."""
        yield from papers(content, ("items",), _paper)


def _paper(item: JsonObject) -> Paper | None:
    title = readable(text(item, "title", "title-short") or "")
    if not title:
        return None
    noted = {name.lower(): value for name, value in _IN_NOTE.findall(text(item, "note") or "")}
    url = text(item, "URL")
    return Paper(
        title=title,
        abstract=readable(text(item, "abstract") or "") or None,
        authors=fields.named(map(_name, parts(item, "author"))),
        journal=readable(text(item, "container-title") or "") or None,
        published=_published(item),
        keywords=fields.keywords(text(item, "keyword")),
        ids=fields.ids(
            arxiv=noted.get("arxiv") or _arxiv(item, url),
            doi=fields.doi(text(item, "DOI")) or noted.get("doi") or fields.doi(url),
            pmid=_number(text(item, "PMID") or noted.get("pmid")),
            pmcid=_pmcid(text(item, "PMCID") or noted.get("pmcid")),
        ),
        url=url,
        source=CSLJSON.name,
    )


def _name(person: Any) -> str:
    """ "Ludwig van Beethoven", with every part that CSL tells apart; a literal as it stands."""
    keys = ("given", "dropping-particle", "non-dropping-particle", "family", "suffix")
    name = " ".join(filter(None, (text(person, key) for key in keys)))
    return fold_spaces(readable(name or text(person, "literal") or ""))


def _published(item: JsonObject) -> date | None:
    return most_exact(_dated(item, key) for key in ("issued", "available-date", "submitted"))


def _dated(item: JsonObject, key: str) -> date | None:
    when = part(item, key)
    dates = parts(when, "date-parts")
    if dates and isinstance(dates[0], list) and dates[0]:
        return iso_date(*dates[0][:3])
    return iso_date(text(when, "raw", "literal") or text(item, key))


def _arxiv(item: JsonObject, url: str | None) -> str | None:
    """The arXiv id where the item names it: CSL has several places for it."""
    is_arxiv = "arxiv" in (text(item, "archive", "publisher", "container-title") or "").lower()
    candidates = [
        url,
        text(item, "DOI"),
        *(text(item, key) for key in ("number", "archive_location", "archive-location")),
    ]
    for candidate in candidates:
        found = fields.arxiv_id(candidate) if is_arxiv or "arxiv" in (candidate or "").lower() else None
        if found:
            return found[0]
    return None


def _number(value: str | None) -> str | None:
    return value if value and value.isdecimal() else None


def _pmcid(value: str | None) -> str | None:
    return value.upper() if value and re.fullmatch(r"PMC\d+", value, re.IGNORECASE) else None
