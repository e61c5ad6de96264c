"""Reads XML of papers that no other reader knows, by the names of its elements: EndNote, MODS, Zotero's RDF, ..."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.formats import arxiv
from digestbot.readers.frames.element_fields import ElementFields, person
from digestbot.readers.frames.element_papers import element_papers
from digestbot.readers.frames.element_text import child, children, text_at, text_of
from digestbot.readers.frames.xml import local, root_of
from digestbot.readers.text import fields
from digestbot.readers.text.dates import most_exact
from digestbot.readers.text.names import NAMES, folded

# what a paper's element is called, by those who write lists of them
_RECORDS = (
    *("record", "paper", "article", "publication", "mods", "reference", "document", "dc", "resource"),
    *("work", "item", "entry", "row", "preprint", "pub"),
)
_KNOWN = frozenset(_RECORDS)
# and by Zotero's RDF
_ZOTERO = "http://www.zotero.org/namespaces/export#"
_ZOTERO_RECORDS = ("Article", "Book", "BookSection", "Document", "Description", "Manuscript", "Report", "Thesis")
_TAG = re.compile(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)[\s>]")
_TITLES = frozenset(NAMES["title"])
_SIGNS = frozenset((*NAMES["abstract"], *NAMES["doi"], *NAMES["authors"], *NAMES["arxiv"], "namepart"))
_OTHERS = frozenset({"html", "rss", "rdf", "feed", "svg", "opml", "urlset", "tei"})


class PlainXml:
    """The reader of XML whose elements are named as papers' fields are."""

    name = "xml"
    title = "XML with a paper's usual fields (EndNote, MODS, Dublin Core, Zotero's RDF)"

    def recognises(self, head: str) -> float:
        """By an element of a paper's name with a title, and an abstract, identifier or author."""
        root = root_of(head).rpartition(":")[2]
        if root == "RDF" and _ZOTERO in head:
            return 0.97
        if not root or root.lower() in _OTHERS:
            return 0.0
        tags = set(_TAG.findall(head))
        names = set(map(folded, tags))
        return 0.35 if tags & _KNOWN and names & _TITLES and names & _SIGNS else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Element by element; one that tells nothing but a title is no paper for certain, and skipped."""
        names = _ZOTERO_RECORDS if _ZOTERO in content.head else _RECORDS
        yield from element_papers(content, names, made, when_empty=None)


def made(record: Element) -> Paper | None:
    """The paper that a record tells of; None where nothing but a title says that it is one."""
    told = ElementFields(record)
    title = _title(record) or told.first("title")
    people = _people(record, told)
    urls = list(told.all_texts("url", "id"))
    ids = _ids(record, told)
    abstract = told.first("abstract")
    is_item = child(record, "itemType") is not None  # Zotero says what it is
    if not title or not (ids or people or abstract or is_item):
        return None
    return Paper(
        title=title,
        abstract=abstract or None,
        authors=people,
        journal=told.journal() or None,
        published=most_exact(told.dates()),
        categories=arxiv.categories(told.texts("categories")),
        ids=ids,
        url=next((each for each in urls if each.startswith(("http://", "https://"))), None),
        source=PlainXml.name,
    )


def _title(record: Element) -> str:
    """As MODS keeps it: the article before it, and the second part; "" for what is no MODS."""
    for info in children(record, "titleInfo"):
        parts = (text_at(info, "nonSort"), text_at(info, "title"))
        return ": ".join(filter(None, (" ".join(filter(None, parts)), text_at(info, "subTitle"))))
    return ""


def _people(record: Element, told: ElementFields) -> tuple[str, ...]:
    """Of one element for each, of one that lists them, or of MODS's names."""
    mods = [each for each in children(record, "name") if _is_author(each)]
    if mods:
        return fields.named(_mods_name(each) for each in mods)
    persons = [each for each in record.iter() if local(each.tag) == "Person" and child(each, "surname") is not None]
    if persons:  # Zotero's
        return fields.named(map(person, persons))
    found = [name for each in told.elements("authors") if "$$" not in (name := person(each))]  # Primo's subfields
    return fields.names(found[0] if len(found) == 1 and re.search(r";|\sand\s", found[0]) else found)


def _is_author(name: Element) -> bool:
    roles = [text_of(each).lower() for each in children(name, "role", "roleTerm")]
    return not roles or "author" in roles or "aut" in roles or "creator" in roles


def _mods_name(name: Element) -> str:
    parts = {each.get("type"): text_of(each) for each in children(name, "namePart")}
    if "family" in parts:
        return f"{parts.get('given', '')} {parts['family']}".strip()
    return fields.name(parts.get(None, "") or text_at(name, "displayForm"))


def _ids(record: Element, told: ElementFields) -> dict[str, str]:
    texts = [*told.all_texts("doi", "arxiv", "id", "url")]
    texts += [text_at(each, "identifier") for part in children(record, "isPartOf") for each in part]
    arxivs = (fields.arxiv_id(each) for each in texts if "arxiv" in each.lower())
    return fields.ids(
        arxiv=next((found[0] for found in arxivs if found), None),
        doi=next(filter(None, map(fields.doi, texts)), None),
    )
