"""Reads MARC XML, as library catalogues give it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.element_papers import element_papers
from digestbot.readers.frames.element_text import children, text_of
from digestbot.readers.frames.xml import local
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date, most_exact

_FIELD = re.compile(r"<(?:[\w.-]+:)?datafield\b[^>]*\btag=[\"']245[\"']")
_CLOSING = " /:;,="
_YEAR = re.compile(r"(?<!\d)(?:1[4-9]|20)\d\d(?!\d)")


class MarcXml:
    """The reader of MARC XML."""

    name = "marc-xml"
    title = "MARC XML of a library catalogue"

    def recognises(self, head: str) -> float:
        """By a field of a title."""
        return 0.95 if head.lstrip()[:1] == "<" and _FIELD.search(head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Record by record."""
        yield from element_papers(content, ("record",), made, when_empty="it holds no records")


def made(record: Element) -> Paper | None:
    """The paper, or the book, that a record tells of."""
    title, rest = (" ".join(_told(record, ("245",), code)).strip(_CLOSING) for code in ("a", "b"))
    if not title:
        return None
    dates = (_YEAR.search(each) for each in _told(record, ("264", "260"), "c"))
    urls = _told(record, ("856",), "u")
    numbers = [*_told(record, ("024",), "a"), *urls]
    return Paper(
        title=f"{title}: {rest}" if rest else title,
        abstract=" ".join(_told(record, ("520",), "a")) or None,
        authors=fields.named(fields.name(each.strip(_CLOSING + ".")) for each in _told(record, ("100", "700"), "a")),
        journal=next(iter(_told(record, ("773",), "t")), "").strip(_CLOSING + ".") or None,
        published=most_exact(iso_date(found[0]) for found in dates if found),
        ids=fields.ids(
            doi=next(filter(None, map(fields.doi, numbers)), None),
            arxiv=next((each for each in numbers if "arxiv" in each.lower()), None),
        ),
        url=next((each for each in urls if each.startswith(("http://", "https://"))), None),
        source=MarcXml.name,
    )


def _told(record: Element, tags: tuple[str, ...], code: str) -> list[str]:
    """The texts of a subfield in the fields of these tags."""
    places = (each for each in record.iter() if local(each.tag) == "datafield" and each.get("tag") in tags)
    return [
        text
        for each in places
        for part in children(each, "subfield")
        if part.get("code") == code
        if (text := text_of(part))
    ]
