"""Reads BibTeX and BibLaTeX: reference managers' exports, publishers' citations, a whole anthology."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.formats.bibtex.entries import BibtexEntry, entries
from digestbot.readers.formats.bibtex.people import people
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date, most_exact
from digestbot.readers.text.markup import fold_spaces, plain, untex

_BEGINS = re.compile(
    r"^[ \t]*@[ \t]*[A-Za-z][\w-]*+\s*+[{(]\s*+(?:[^\s,={}]*+\s*+,|title\s*+=)", re.IGNORECASE | re.MULTILINE
)
_FIELD = re.compile(
    r"^[ \t]*(?:title|author|booktitle|year|date|journal|url|doi)\s*=\s*[{\"\w]", re.IGNORECASE | re.MULTILINE
)
_ONLY_MACROS = re.compile(r"^[ \t]*@(?:string|comment|preamble)\s*[{(]", re.IGNORECASE | re.MULTILINE)
_NO_BRACE = re.compile(r"^[ \t]*@(?!(?:string|comment|preamble)\b)[A-Za-z]+[ \t]*[,=\n]", re.IGNORECASE | re.MULTILINE)
_ESCAPED = re.compile(r"\\([_%&#~$])")
_URL = re.compile(r"https?://[^\s{}\\\"<>]+")
_ACL = re.compile(r"aclanthology\.org/([A-Z]\d\d-\d{4,5}|\d{4}\.[\w-]+\.\d+)", re.IGNORECASE)
_DBLP = re.compile(r"(?:dblp\.org/rec/|^DBLP:)([\w/+.:-]+?)(?:\.bib|\.html)?$", re.IGNORECASE)
_ARXIV_CATEGORY = re.compile(r"[a-z-]+(?:\.[A-Za-z-]{2,})?")


class BibTeX:
    """The reader of .bib files."""

    name = "bibtex"
    title = "BibTeX or BibLaTeX (.bib)"

    def recognises(self, head: str) -> float:
        """By lines that begin an entry, and fields within."""
        if head.lstrip()[:1] in ("<", "[", "{"):
            return 0.0
        if _BEGINS.search(head):
            if head.count("](http") > 2 * head.count("@"):
                return 0.4  # a page of links that ends in how to cite it
            return 0.95 if _FIELD.search(head) or re.search(r"\btitle\s*=\s*[{\"]", head, re.IGNORECASE) else 0.4
        return 0.5 if _ONLY_MACROS.search(head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Entry by entry; one that the end of the file cuts off is incomplete."""
        is_empty = True
        for entry in entries(content):
            is_empty = False
            title = _title(entry)
            if entry.last and not entry.closed:
                yield Skipped(entry.line, "incomplete", "the file ends within this entry", entry.text)
            elif title:
                yield _paper(entry, title)
            else:
                yield Skipped(entry.line, "unreadable", "an entry without a title", entry.text)
        if is_empty and (lost := _NO_BRACE.search(content.head)):
            line = content.head.count("\n", 0, lost.start()) + 1
            yield Skipped(line, "unreadable", "an entry without its opening brace", lost[0].strip())
        elif is_empty:
            yield Layout(notes=["the file holds no entries"], empty=True)


def _title(entry: BibtexEntry) -> str:
    title = _text(entry, "title")
    if title and (subtitle := _text(entry, "subtitle")):
        return f"{title}: {subtitle}"
    return title


def _text(entry: BibtexEntry, *names: str) -> str:
    """The first of the fields that has text, made readable; empty when there is none."""
    for name in names:
        if name in entry.fields and (text := untex(plain(entry.fields[name]))):
            return text
    return ""


def _raw(entry: BibtexEntry, *names: str) -> str:
    """The first of the fields that has text, with its escapes taken off: an address, an identifier."""
    for name in names:
        text = fold_spaces(_ESCAPED.sub(r"\1", entry.fields.get(name, "")).replace("{", "").replace("}", ""))
        if text:
            return text
    return ""


def _paper(entry: BibtexEntry, title: str) -> Paper:
    url = _URL.search(_ESCAPED.sub(r"\1", " ".join(entry.fields.get(name, "") for name in ("url", "howpublished"))))
    return Paper(
        title=title,
        abstract=_text(entry, "abstract") or None,
        authors=people(entry.fields.get("author", "")),
        organization=_text(entry, "institution", "school") or None,
        journal=_text(entry, "journal", "journaltitle", "booktitle") or None,
        published=_published(entry),
        categories=tuple(_categories(entry)),
        keywords=fields.keywords(_text(entry, "keywords", "keyword")),
        ids=_ids(entry, url[0] if url else None),
        url=url[0] if url else None,
        source=BibTeX.name,
    )


def _published(entry: BibtexEntry) -> date | None:
    by_parts = iso_date(*(_raw(entry, part) or None for part in ("year", "month", "day")))
    return most_exact((iso_date(_raw(entry, "date")), by_parts))


def _categories(entry: BibtexEntry) -> Iterator[str]:
    """The arXiv class, which only a preprint's entry has."""
    primary = _raw(entry, "primaryclass", "eprintclass")
    if _ARXIV_CATEGORY.fullmatch(primary):
        yield primary


def _ids(entry: BibtexEntry, url: str | None) -> dict[str, str]:
    acl = _ACL.search(url or "")
    dblp = _DBLP.search(_raw(entry, "biburl")) or _DBLP.search(entry.key)
    pmid, pmcid = _raw(entry, "pmid", "pubmed"), _raw(entry, "pmcid", "pmc")
    return fields.ids(
        arxiv=_arxiv(entry, url),
        doi=_raw(entry, "doi") or fields.doi(url or ""),
        pmid=pmid if pmid.isdecimal() else None,
        pmcid=pmcid.upper() if re.fullmatch(r"PMC\d+", pmcid, re.IGNORECASE) else None,
        acl=acl[1] if acl else None,
        dblp=dblp[1] if dblp else None,
    )


def _arxiv(entry: BibtexEntry, url: str | None) -> str | None:
    eprint = _raw(entry, "eprint", "arxivid", "arxiv")
    kind = _raw(entry, "archiveprefix", "eprinttype").lower()
    if eprint and kind in ("", "arxiv") and (found := fields.arxiv_id(eprint)):
        return found[0]
    for text in (url, *(_raw(entry, name) for name in ("journal", "journaltitle", "note", "howpublished", "number"))):
        if text and "arxiv" in text.lower() and (found := fields.arxiv_id(text)):
            return found[0]
    return None
