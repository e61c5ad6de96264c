"""Reads dblp's XML: the whole dump, a person's or a record's file, and answers of its search."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.element_papers import element_papers
from digestbot.readers.frames.element_text import children, text_at, text_of
from digestbot.readers.frames.xml import local, root_of
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date

_WORKS = (
    "article", "inproceedings", "proceedings", "book", "incollection", "phdthesis", "mastersthesis", "data",
)  # fmt: skip
_NOT_WORKS = ("www", "person")  # people's pages
_HIT = "hit"
_NUMBER = re.compile(r"\s+\d{4}$")  # tells people of the same name apart
_KEYED = re.compile(rf"<(?:{'|'.join(_WORKS)})\b[^<>]*\bkey=")


class DBLP:
    """The reader of dblp XML."""

    name = "dblp"
    title = "dblp XML: the dump, a person's publications, or an answer of its search"

    def recognises(self, head: str) -> float:
        """By its root, or an answer whose hits carry dblp's keys."""
        root = root_of(head)
        if root in ("dblp", "dblpperson"):
            return 0.97
        if root == "result" and ("dblp.org" in head or "<hits " in head):
            return 0.9
        return 0.8 if root in _WORKS and _KEYED.search(head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Record by record; the pages of people are passed over."""
        names, pages = (*_WORKS, _HIT), _NOT_WORKS
        yield from element_papers(content, names, _made, when_empty="it holds no publications", passed_over=pages)


def _made(element: Element) -> Paper | None:
    return _hit(element) if local(element.tag) == _HIT else _paper(element, element.get("key"))


def _hit(hit: Element) -> Paper | None:
    for info in children(hit, "info"):
        return _paper(info, text_at(info, "key"))
    return None


def _paper(record: Element, key: str | None) -> Paper | None:
    title = text_at(record, "title")
    if not title:
        return None
    people = [*children(record, "author"), *children(record, "authors", "author")]
    links = [text_of(each) for each in children(record, "ee")]
    doi = next(filter(None, map(fields.doi, (text_at(record, "doi"), *links))), None)
    arxiv = next(filter(None, map(fields.arxiv_id, (link for link in links if "arxiv" in link.lower()))), None)
    return Paper(
        title=title,
        authors=tuple(filter(None, (_NUMBER.sub("", text_of(each)) for each in people))),
        journal=text_at(record, "journal") or text_at(record, "booktitle") or text_at(record, "venue") or None,
        published=iso_date(text_at(record, "year")),
        ids=fields.ids(doi=doi, arxiv=arxiv[0] if arxiv else None, dblp=key),
        url=next((link for link in links if "://" in link), None),
        source=DBLP.name,
    )
