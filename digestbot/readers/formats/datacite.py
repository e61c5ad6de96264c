"""Reads DataCite's records: its JSON API's answers, and dumps with one record a line."""

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
from digestbot.readers.text.markup import readable

_SIGN = re.compile(r'"schemaVersion"\s*:\s*"https?://(?:schema\.)?datacite\.org|"type"\s*:\s*"dois"|"titleType"\s*:')
_TITLES = re.compile(r'"titles"\s*:\s*\[')
# what a record says of itself in many words, best first; a table of contents and a series' name are no abstract
_ABSTRACTS = ("Abstract", "Other", "Methods", "TechnicalInfo", None)
_DATES = ("Issued", "Available", "Submitted", "Created")
_ARXIV_CATEGORY = re.compile(r"\(([a-z-]+(?:\.[A-Za-z-]{2,})?)\)\s*$")


class DataCite:
    """The reader of DataCite JSON."""

    name = "datacite"
    title = "DataCite JSON: answers of its API, or one record a line"

    def recognises(self, head: str) -> float:
        """By the schema's name or a record's type, with titles as DataCite lists them."""
        if head.lstrip()[:1] not in ("[", "{"):
            return 0.0
        titled = _TITLES.search(head) is not None
        if _SIGN.search(head):
            return 0.95 if titled else 0.5
        return 0.5 if titled and re.search(r'"creators"\s*:\s*\[', head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Record by record: of a list, of an answer's "data", or one a line."""
        yield from papers(content, ("data",), _paper)


def _paper(record: JsonObject) -> Paper | None:
    about = part(record, "attributes") or part(part(record, "data"), "attributes") or record
    title = _title(about)
    if not title:
        return None
    identifiers = (text(each, "identifier") for each in parts(about, "identifiers"))
    doi = fields.doi(text(about, "doi")) or fields.doi(text(record, "id"))
    return Paper(
        title=title,
        abstract=_abstract(about),
        authors=tuple(filter(None, map(_name, parts(about, "creators")))),
        journal=text(part(about, "container"), "title"),
        published=_published(about),
        categories=tuple(_categories(about)),
        ids=fields.ids(doi=doi or next(filter(None, map(fields.doi, identifiers)), None)),
        url=text(about, "url"),
        source=DataCite.name,
    )


def _title(about: JsonObject) -> str:
    """The first title that is not only a part of one."""
    titles = parts(about, "titles") or parts(about, "title")
    main = [each for each in titles if text(each, "titleType") != "Subtitle"]
    found = (readable(text(each, "title") or "") for each in (*main, *titles))
    return next(filter(None, found), "") or readable(text(about, "title") or "")


def _abstract(about: JsonObject) -> str | None:
    described: dict[str | None, list[str]] = {}
    for each in parts(about, "descriptions"):
        words = readable(text(each, "description") or "")
        if words:
            described.setdefault(text(each, "descriptionType"), []).append(words)
    return next((described[kind][0] for kind in _ABSTRACTS if kind in described), None)


def _name(creator: Any) -> str:
    given, family = text(creator, "givenName"), text(creator, "familyName")
    if given and family:
        return readable(f"{given} {family}")
    name = readable(text(creator, "name", "creatorName") or "")
    is_person = text(creator, "nameType") != "Organizational"
    return fields.name(name) if is_person else name


def _published(about: JsonObject) -> date | None:
    dates = {text(each, "dateType"): iso_date(text(each, "date")) for each in parts(about, "dates")}
    return most_exact((*(dates.get(kind) for kind in _DATES), iso_date(text(about, "publicationYear"))))


def _categories(about: JsonObject) -> Iterator[str]:
    """arXiv's classes, which stand in brackets behind their names."""
    for each in parts(about, "subjects"):
        found = _ARXIV_CATEGORY.search(text(each, "subject") or "")
        if found and (text(each, "subjectScheme") or "").lower() == "arxiv":
            yield found[1]
