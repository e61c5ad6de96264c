"""Reads the bibliography that Microsoft Word keeps (Sources.xml)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.element_papers import element_papers
from digestbot.readers.frames.element_text import children, text_at, text_of
from digestbot.readers.frames.xml import root_of
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date

_NAMESPACE = "schemas.openxmlformats.org/officeDocument/2006/bibliography"


class WordSources:
    """The reader of Word's sources."""

    name = "word-sources"
    title = "bibliography of Microsoft Word (Sources.xml)"

    def recognises(self, head: str) -> float:
        """By its root and namespace."""
        return 0.95 if root_of(head).rpartition(":")[2] == "Sources" and _NAMESPACE in head else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Source by source."""
        yield from element_papers(content, ("Source",), _paper, when_empty="it holds no sources")


def _paper(source: Element) -> Paper | None:
    title = text_at(source, "Title")
    if not title:
        return None
    named = children(source, "Author", "Author", "NameList", "Person")
    groups = (text_of(each) for each in children(source, "Author", "Author", "Corporate"))
    return Paper(
        title=title,
        abstract=text_at(source, "Comments") or None,
        authors=fields.named((*map(_name, named), *groups)),
        journal=text_at(source, "JournalName") or text_at(source, "ConferenceName") or None,
        published=iso_date(*(text_at(source, part) or None for part in ("Year", "Month", "Day"))),
        ids=fields.ids(doi=text_at(source, "DOI") or text_at(source, "StandardNumber") or text_at(source, "URL")),
        url=text_at(source, "URL") or None,
        source=WordSources.name,
    )


def _name(person: Element) -> str:
    return " ".join(filter(None, (text_at(person, part) for part in ("First", "Middle", "Last"))))
