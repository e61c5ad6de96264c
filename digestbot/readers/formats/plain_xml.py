"""Reads XML of papers that no other reader knows, by the names of its elements: EndNote, MODS, Zotero's RDF, ..."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.formats import arxiv
from digestbot.readers.frames.element_papers import element_papers
from digestbot.readers.frames.element_text import children, text_at, text_of
from digestbot.readers.frames.xml import local, root_of
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date, most_exact

# what a paper's element is called, by those who write lists of them
_RECORDS = ("record", "paper", "article", "publication", "mods", "reference", "document", "dc")
# and by Zotero's RDF
_ZOTERO = "http://www.zotero.org/namespaces/export#"
_ZOTERO_RECORDS = ("Article", "Book", "BookSection", "Document", "Description", "Manuscript", "Report", "Thesis")
# per field the names of its elements, in small letters, the surest first; `a/b` is b within a
_NAMES: Mapping[str, tuple[str, ...]] = {
    "title": ("titles/title", "titleinfo/title", "title", "articletitle"),
    "abstract": ("abstract", "summary", "description"),
    "author": ("authors/author", "author", "creator"),
    "date": ("dateissued", "publicationdate", "published", "pubdate", "issued", "date", "pub-dates/date"),
    "id": ("electronic-resource-num", "doi", "arxiv", "arxivid", "arxiv_id", "identifier", "id"),
    "url": ("related-urls/url", "url", "link", "identifier"),
    "journal": (
        "relateditem/title",
        "titles/secondary-title",
        "journal",
        "journaltitle",
        "periodical/full-title",
        "publicationtitle",
        "container-title",
    ),
    "category": ("category", "subject"),
}
_TITLE = re.compile(r"<(?:[\w.-]+:)?title[\s>]", re.IGNORECASE)
_RECORD = re.compile(rf"<(?:[\w.-]+:)?(?:{'|'.join(_RECORDS)})[\s>]")
_SIGN = re.compile(
    r"<(?:[\w.-]+:)?(?:abstract|electronic-resource-num|doi|creator|authors?|arxiv_?id|namePart)[\s>]", re.IGNORECASE
)
_OTHERS = frozenset({"html", "rss", "rdf", "feed", "svg", "opml", "urlset", "tei"})
_PART_OF = frozenset({"relateditem", "secondary-title", "periodical", "ispartof"})  # the journal's, not the paper's


class PlainXml:
    """The reader of XML whose elements are named as papers' fields are."""

    name = "xml"
    title = "XML with a paper's usual fields (EndNote, MODS, Dublin Core, Zotero's RDF)"

    def recognises(self, head: str) -> float:
        """By an element of a paper's name with a title, and an abstract, identifier or author."""
        root = root_of(head).rpartition(":")[2]
        if root == "RDF" and _ZOTERO in head:
            return 0.97
        if not root or root.lower() in _OTHERS or not _RECORD.search(head):
            return 0.0
        return 0.35 if _TITLE.search(head) and _SIGN.search(head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Element by element; one that tells nothing but a title is no paper for certain, and skipped."""
        names = _ZOTERO_RECORDS if _ZOTERO in content.head else _RECORDS
        yield from element_papers(content, names, _paper, when_empty="it holds no papers")


def _paper(record: Element) -> Paper | None:
    title = _title(record)
    people = _people(record)
    ids = _ids(record)
    abstract = _first(record, "abstract")
    if not title or not (ids or people or abstract):
        return None
    urls = (each for each in _texts(record, "url") if each.startswith(("http://", "https://")))
    return Paper(
        title=title,
        abstract=abstract or None,
        authors=people,
        journal=text_at(record, "relatedItem", "titleInfo", "title") or _first(record, "journal") or None,
        published=most_exact(map(iso_date, _texts(record, "date"))),
        categories=arxiv.categories(_texts(record, "category")),
        ids=ids,
        url=next(urls, None),
        source=PlainXml.name,
    )


def _title(record: Element) -> str:
    """With what MODS keeps apart: the article before it, and the second part."""
    for info in children(record, "titleInfo"):
        parts = (text_at(info, "nonSort"), text_at(info, "title"))
        return ": ".join(filter(None, (" ".join(filter(None, parts)), text_at(info, "subTitle"))))
    return _first(record, "title")


def _people(record: Element) -> tuple[str, ...]:
    """Of one element for each, of one that lists them, or of MODS's names."""
    mods = [each for each in children(record, "name") if _is_author(each)]
    if mods:
        return fields.named(_mods_name(each) for each in mods)
    persons = list(_below(record, "person", "li", depth=6))
    if persons:  # Zotero's
        return fields.named(f"{text_at(each, 'givenName')} {text_at(each, 'surname')}".strip() for each in persons)
    found = _texts(record, "author")
    return fields.names(found[0] if len(found) == 1 and re.search(r";|\sand\s", found[0]) else found)


def _is_author(name: Element) -> bool:
    roles = [text_of(each).lower() for each in children(name, "role", "roleTerm")]
    return not roles or "author" in roles or "aut" in roles or "creator" in roles


def _mods_name(name: Element) -> str:
    parts = {each.get("type"): text_of(each) for each in children(name, "namePart")}
    if "family" in parts:
        return f"{parts.get('given', '')} {parts['family']}".strip()
    return fields.name(parts.get(None, "") or text_at(name, "displayForm"))


def _ids(record: Element) -> dict[str, str]:
    texts = [*_texts(record, "id"), *_texts(record, "url")]
    texts += [text_at(each, "identifier") for part in children(record, "isPartOf") for each in part]
    arxivs = (fields.arxiv_id(each) for each in texts if "arxiv" in each.lower())
    return fields.ids(
        arxiv=next((found[0] for found in arxivs if found), None),
        doi=next(filter(None, map(fields.doi, texts)), None),
    )


def _first(record: Element, field: str) -> str:
    return next(iter(_texts(record, field)), "")


def _texts(record: Element, field: str) -> list[str]:
    """The texts under the first of a field's names that has any."""
    for name in _NAMES[field]:
        parent, _, own = name.rpartition("/")
        if found := [text for each in _below(record, own, parent) if (text := text_of(each))]:
            return found
    return []


def _below(element: Element, name: str, parent: str, depth: int = 4) -> Iterator[Element]:
    """Elements of this name some levels below, in `parent` where one is given; not those of a journal."""
    for each in element:
        tag = local(each.tag).lower()
        if tag == name and (not parent or local(element.tag).lower() == parent):
            yield each
        elif depth and tag not in _PART_OF:
            yield from _below(each, name, parent, depth - 1)
