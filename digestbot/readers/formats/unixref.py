"""Reads Crossref's Unixref and deposit XML: what its OpenURL and content negotiation give, and what publishers send."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.element_papers import element_papers
from digestbot.readers.frames.element_text import children, text_at
from digestbot.readers.frames.xml import local, root_of
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date, most_exact

_ROOTS = frozenset({"doi_records", "doi_batch", "crossref_result", "crossref"})
_WORKS = (
    "journal_article", "conference_paper", "posted_content", "content_item", "report-paper", "dissertation",
    "book_metadata",
)  # fmt: skip
_CONTAINERS = {"journal_metadata": "full_title", "proceedings_metadata": "proceedings_title"}
_RECORD = re.compile(r"<(?:[\w.-]+:)?(?:doi_record|query)[\s>]")


class Unixref:
    """The reader of Crossref's XML."""

    name = "unixref"
    title = "Crossref's XML (Unixref, deposits)"

    def recognises(self, head: str) -> float:
        """By its root and a work within."""
        root = root_of(head).rpartition(":")[2]
        return 0.95 if root in _ROOTS and any(f"{work}" in head for work in _WORKS) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Record by record, each with the journal it stands in."""
        names = ("doi_record", "query") if _RECORD.search(content.head) else _WORKS
        yield from element_papers(content, names, _paper, when_empty="it holds no works")


def _paper(record: Element) -> Paper | None:
    work = next((each for name in _WORKS for each in record.iter() if local(each.tag) == name), record)
    title = text_at(work, "titles", "title")
    if not title:
        return None
    subtitle = text_at(work, "titles", "subtitle")
    people = [*(each for each in children(work, "contributors") for each in each), *children(work, "person_name")]
    return Paper(
        title=f"{title}: {subtitle}" if subtitle else title,
        abstract=text_at(work, "abstract") or None,
        authors=fields.named(_name(each) for each in people if each.get("contributor_role", "author") == "author"),
        journal=_journal(record) or None,
        published=_published(work),
        ids=fields.ids(doi=text_at(work, "doi_data", "doi")),
        url=text_at(work, "doi_data", "resource") or None,
        source=Unixref.name,
    )


def _name(person: Element) -> str:
    if local(person.tag) == "organization":
        return "".join(person.itertext()).strip()
    return f"{text_at(person, 'given_name')} {text_at(person, 'surname')}".strip()


def _published(work: Element) -> date | None:
    places = [*children(work, "publication_date"), *children(work, "posted_date"), *children(work, "approval_date")]
    return most_exact(iso_date(*(text_at(each, part) or None for part in ("year", "month", "day"))) for each in places)


def _journal(record: Element) -> str:
    """Of the journal or the proceedings, where the record is more than the work."""
    places = {local(each.tag): each for each in record.iter() if local(each.tag) in _CONTAINERS}
    found = (text_at(places.get(name), title) for name, title in _CONTAINERS.items())
    return next(filter(None, found), "")
