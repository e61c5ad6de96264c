"""Reads PubMed's XML: baseline and update files, E-utilities' answers, books as well as articles."""

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
from digestbot.readers.text.markup import fold_spaces

_RECORDS = ("PubmedArticle", "PubmedBookArticle", "MedlineCitation")
_ROOTS = frozenset({"PubmedArticleSet", "PubmedBookArticleSet", "MedlineCitationSet", *_RECORDS})


class PubMed:
    """The reader of PubMed XML."""

    name = "pubmed"
    title = "PubMed XML (PubmedArticleSet)"

    def recognises(self, head: str) -> float:
        """By the root's name."""
        return 0.97 if root_of(head) in _ROOTS else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Article by article, book by book."""
        yield from element_papers(content, _RECORDS, _paper, when_empty="the set holds no articles")


def _paper(record: Element) -> Paper | None:
    citation = record if local(record.tag) == "MedlineCitation" else child(record, "MedlineCitation")
    book = child(record, "BookDocument")
    article = book if book is not None else child(citation, "Article")
    title = next(filter(None, (text_at(article, *path) for path in _TITLES)), "")
    if not title:
        return None
    pmid = text_at(citation if citation is not None else book, "PMID")
    return Paper(
        title=title,
        abstract=_abstract(child(article, "Abstract")) or _abstract(child(citation, "OtherAbstract")) or None,
        authors=tuple(_authors(article, book)),
        journal=text_at(article, "Journal", "Title") or text_at(article, "Journal", "ISOAbbreviation") or None,
        published=_published(article, book),
        keywords=fields.keywords(text_of(each) for path in _KEYWORDS for each in children(citation, *path)),
        ids=_ids(record, article, book, pmid),
        url=f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid.isdecimal() else None,
        source=PubMed.name,
    )


_KEYWORDS = (("MeshHeadingList", "MeshHeading", "DescriptorName"), ("KeywordList", "Keyword"))
_TITLES = (("ArticleTitle",), ("VernacularTitle",), ("Book", "BookTitle"))


def _abstract(element: Element | None) -> str:
    """The parts in order, each behind its label where it has one ("METHODS: ...")."""
    parts = []
    for part in children(element, "AbstractText"):
        label, text = fold_spaces(part.get("Label") or ""), text_of(part)
        if text:
            parts.append(f"{label}: {text}" if label and label.upper() != "UNLABELLED" else text)
    return " ".join(parts)


def _authors(article: Element | None, book: Element | None) -> Iterator[str]:
    lists = [each for each in children(article, "AuthorList") if each.get("Type") != "editors"]
    if not lists and book is not None:
        lists = [each for each in children(book, "Book", "AuthorList") if each.get("Type") != "editors"]
    for people in lists:
        for person in children(people, "Author"):
            first = text_at(person, "ForeName") or text_at(person, "FirstName") or text_at(person, "Initials")
            parts = (first, text_at(person, "LastName"), text_at(person, "Suffix"))
            name = " ".join(filter(None, parts)) or text_at(person, "CollectiveName")
            if name:
                yield name
        if people.get("CompleteYN") == "N":
            yield ET_AL


def _published(article: Element | None, book: Element | None) -> date | None:
    paths = (("ArticleDate",), ("Journal", "JournalIssue", "PubDate"))
    places = [child(article, *path) for path in paths] + [child(book, "Book", "PubDate")]
    return most_exact(
        iso_date(*(text_at(place, part) or None for part in ("Year", "Month", "Day")))
        or iso_date(text_at(place, "MedlineDate")[:4])
        for place in places
    )


def _ids(record: Element, article: Element | None, book: Element | None, pmid: str) -> dict[str, str]:
    """Its own, not those of the works it cites."""
    named = {each.get("EIdType"): text_of(each) for each in children(article, "ELocationID")}
    for data in ("PubmedData", "PubmedBookData"):
        for each in children(record, data, "ArticleIdList", "ArticleId"):
            named.setdefault(each.get("IdType"), text_of(each))
    for each in children(book, "ArticleIdList", "ArticleId"):
        named.setdefault(each.get("IdType"), text_of(each))
    pmcid = named.get("pmc", "")
    return fields.ids(
        doi=named.get("doi"),
        pmid=pmid if pmid.isdecimal() else None,
        pmcid=pmcid if re.fullmatch(r"PMC\d+(?:\.\d+)?", pmcid) else None,
    )
