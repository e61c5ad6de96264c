"""Reads articles in JATS, the XML in which publishers and PubMed Central keep them: what stands before the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element

from digestbot.model.papers import ET_AL, Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.element_papers import element_papers
from digestbot.readers.frames.element_text import child, children, text_at, text_of
from digestbot.readers.frames.xml import local, root_of
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date, most_exact

_ROOTS = frozenset({"article", "pmc-articleset", "articles", "front-stub"})
_FRONT = re.compile(r"<(?:[\w.-]+:)?front[\s>]")
_META = re.compile(r"<(?:[\w.-]+:)?article-meta[\s>]")
_EARLIEST = ("epub", "pub", "ppub", "collection", None)


class JATS:
    """The reader of JATS."""

    name = "jats"
    title = "JATS XML (articles of PubMed Central and publishers)"

    def recognises(self, head: str) -> float:
        """By its root, with an article's metadata within."""
        root = root_of(head).rpartition(":")[2]
        if _META.search(head):
            return 0.95 if root in _ROOTS else 0.5
        return 0.6 if root == "pmc-articleset" else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Article by article; the text and the works it cites are passed over."""
        names = ("front",) if _FRONT.search(content.head) else ("article-meta",)
        yield from element_papers(content, names, _paper, when_empty="it holds no articles")


def _paper(front: Element) -> Paper | None:
    """The paper of an article's front, which tells of the journal too, or of its metadata alone."""
    meta = next(children(front, "article-meta"), front)
    title = text_at(meta, "title-group", "article-title")
    if not title:
        return None
    named = {each.get("pub-id-type"): text_of(each) for each in children(meta, "article-id")}
    pmcid = named.get("pmcid") or named.get("pmc") or ""
    own = [each for each in children(meta, "abstract") if each.get("abstract-type") is None]
    return Paper(
        title=title,
        abstract=next(filter(None, map(_abstract, own)), None),
        authors=fields.named(_authors(meta)),
        journal=text_at(front, "journal-meta", "journal-title-group", "journal-title")
        or text_at(front, "journal-meta", "journal-title")
        or None,
        published=_published(meta),
        keywords=fields.keywords(text_of(each) for each in children(meta, "kwd-group", "kwd")),
        ids=fields.ids(
            arxiv=named.get("arxiv"),
            doi=fields.doi(named.get("doi")),
            pmid=named.get("pmid"),
            pmcid=f"PMC{pmcid.removeprefix('PMC')}" if re.fullmatch(r"(?:PMC)?\d+", pmcid) else None,
        ),
        source=JATS.name,
    )


def _abstract(element: Element) -> str:
    """Its sections and paragraphs, without the heading "Abstract"."""
    parts = [text_of(each) for each in element]
    heading = local(element[0].tag) == "title" if len(element) else False
    return " ".join(filter(None, parts[1:] if heading else parts)) or text_of(element)


def _authors(meta: Element) -> Iterator[str]:
    for group in children(meta, "contrib-group"):
        for person in children(group, "contrib"):
            if person.get("contrib-type", "author") != "author":
                continue
            name = child(person, "name")
            name = child(person, "name-alternatives", "name") if name is None else name
            parts = (text_at(name, "given-names"), text_at(name, "surname"), text_at(name, "suffix"))
            yield " ".join(filter(None, parts)) or text_at(person, "collab") or text_at(person, "string-name")
        if any(True for _ in children(group, "etal")):
            yield ET_AL


def _published(meta: Element) -> date | None:
    dates = {each.get("pub-type") or each.get("date-type"): each for each in children(meta, "pub-date")}
    return most_exact(
        iso_date(*(text_at(dates.get(kind), part) or None for part in ("year", "month", "day"))) for kind in _EARLIEST
    )
