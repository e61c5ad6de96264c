"""Reads the XML in which the ACL Anthology keeps its volumes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.element_text import child, children, text_at, text_of
from digestbot.readers.frames.xml import elements, local, root_of
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date
from digestbot.readers.text.markup import untex

_ID = re.compile(r"[A-Z]\d\d-\d{4,5}|\d{4}\.[\w-]+\.\d+")
_IN_DOI = re.compile(r"10\.18653/v1/([\w.-]+)", re.IGNORECASE)


class ACLAnthology:
    """The reader of the Anthology's XML files."""

    name = "acl-anthology"
    title = "ACL Anthology XML"

    def recognises(self, head: str) -> float:
        """By its root with volumes within, or a volume with papers."""
        root = root_of(head)
        if root == "collection" and re.search(r"<volume[\s>]", head):
            return 0.95
        return 0.8 if root == "volume" and re.search(r"<paper\s+id=", head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Paper by paper; a volume's front matter is none."""
        volume: Element | None = None
        is_empty = True
        for found in elements(content, ("meta", "paper")):
            if not isinstance(found, Skipped) and local(found.element.tag) == "meta":
                volume = found.element
                continue
            is_empty = False
            if isinstance(found, Skipped):
                yield found
                continue
            made = _paper(found.element, volume)
            yield made or Skipped(
                found.line, "unreadable", "a record without a title", fields.excerpt(text_of(found.element))
            )
        if is_empty:
            yield Layout(notes=["the volumes hold no papers"], empty=True)


def _paper(paper: Element, volume: Element | None) -> Paper | None:
    for formula in paper.iter():
        if local(formula.tag) == "tex-math":
            formula.text = untex(f"${formula.text or ''}$").strip("$")
            formula.tag = "span"
    title = text_at(paper, "title")
    if not title:
        return None
    url, doi = text_at(paper, "url"), text_at(paper, "doi")
    in_doi = _IN_DOI.fullmatch(doi)
    named = next(filter(_ID.fullmatch, (url, in_doi[1] if in_doi else "")), None)
    pdf = url if "://" in url else None
    return Paper(
        title=title,
        abstract=text_at(paper, "abstract") or None,
        authors=tuple(filter(None, map(_name, children(paper, "author")))),
        journal=text_at(volume, "booktitle") or None,
        published=iso_date(text_at(volume, "year"), text_at(volume, "month") or None, None),
        ids=fields.ids(doi=doi, acl=named),
        url=f"https://aclanthology.org/{named}/" if named else pdf,
        source=ACLAnthology.name,
    )


def _name(author: Element) -> str:
    """First and last; a name in another script that stands within as a variant is left out."""
    if child(author, "last") is None and child(author, "first") is None:
        return text_of(author)
    return " ".join(filter(None, (text_at(author, "first"), text_at(author, "last"))))
