"""Reads RIS, which reference managers and publishers' "export citation" buttons write.

Exports leave out the blanks that the format asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.tagged import TaggedRecord, tagged_records
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date, most_exact
from digestbot.readers.text.markup import readable

_TAGGED = re.compile(r"[ \t\ufeff]{0,4}([A-Z][A-Z0-9])[ \t]{1,3}-(?:[ \t]|$)(.*)")
_TAG_LINE = re.compile(r"^[ \t]{0,4}([A-Z][A-Z0-9])[ \t]{1,3}-(?:[ \t]|$)", re.MULTILINE)
_FIRST = re.compile(r"^[ \t\ufeff]{0,4}TY[ \t]{1,3}-", re.MULTILINE)
_LAST = re.compile(r"^[ \t]{0,4}ER[ \t]{1,3}-", re.MULTILINE)
_TITLES = ("TI", "T1", "CT")
_BOOKS = frozenset({"BOOK", "EBOOK", "EDBOOK", "CONF", "CPAPER", "RPRT", "THES", "SER", "WHOLE"})
_PMCID = re.compile(r"PMC\d{4,9}")
_PUBMED = re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/(\d{1,9})")


class RIS:
    """The reader of .ris files."""

    name = "ris"
    title = "RIS (.ris), as reference managers export it"

    def recognises(self, head: str) -> float:
        """By a record's first line, else by several lines of its make with the one that ends a record."""
        if _FIRST.search(head):
            return 0.95
        tags = _TAG_LINE.findall(head)
        return 0.5 if "ER" in tags and len(tags) >= 3 else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Record by record. One that a new one follows without an end stands; at the file's end it is cut off.

        Some programs write no first line (TY): where no record has one, none has lost it.
        """
        needs_first = _FIRST.search(content.head) is not None or len(_LAST.findall(content.head)) < 2
        for record, is_whole in tagged_records(content, _TAGGED, lambda _, tag, __: tag == "TY", ends=("ER",)):
            if not is_whole:
                reason = "the file ends within this record (no ER line)"
                yield Skipped(record.line, "incomplete", reason, record.begins)
            elif needs_first and "TY" not in record.tags:
                yield Skipped(record.line, "unreadable", "a record without its first line (TY)", record.begins)
            else:
                yield _made(record)


def _made(record: TaggedRecord) -> Paper | Skipped:
    title = _title(record)
    if not title:
        return Skipped(record.line, "unreadable", "a record without a title", record.begins)
    urls = [url for value in record.all("UR", "L2", "LK", "L1") for url in value.split() if "://" in url]
    dates = (iso_date(value.rstrip("/")) for value in record.all("DA", "PY", "Y1"))
    return Paper(
        title=title,
        abstract=readable(" ".join(record.all("AB"))) or readable(" ".join(record.all("N2"))) or None,
        authors=_authors(record),
        journal=_journal(record, title),
        published=most_exact(dates),
        keywords=fields.keywords("\n".join(record.all("KW"))),
        ids=_ids(record, urls),
        url=urls[0].rstrip(";,") if urls else None,
        source=RIS.name,
    )


def _journal(record: TaggedRecord, title: str) -> str | None:
    found = (readable(record.first(tag)) for tag in ("JO", "JF", "T2", "JA", "J2", "BT"))
    return next((each for each in found if each and each != title), None)


def _authors(record: TaggedRecord) -> tuple[str, ...]:
    """One a line; some programs write all in one, with semicolons between."""
    written = [readable(each.replace("\n", " ")) for _, each in record.tagged("AU", "A1")]
    return fields.names(name for each in written for name in (each.split(";") if "; " in each else (each,)))


def _title(record: TaggedRecord) -> str:
    kind = record.first("TY").upper()
    own = _TITLES + (("BT",) if kind in _BOOKS else ()) + ("ST",)
    if kind == "ELEC":  # a page with no name but its site's
        own += ("T2",)
    return next(filter(None, (readable(record.first(tag)) for tag in own)), "")


def _ids(record: TaggedRecord, urls: list[str]) -> dict[str, str]:
    numbers = record.all("DO", "DI", "M3")
    arxiv = (
        fields.arxiv_id(text) for text in (*urls, *numbers, *record.all("AN", "T2", "JO")) if "rxiv" in text.lower()
    )
    pmcid = _PMCID.search(" ".join((*record.all("C2", "AN", "U2"), *urls)))
    pubmed = _PUBMED.search(" ".join(urls))
    return fields.ids(
        arxiv=next((found[0] for found in arxiv if found), None),
        doi=next(filter(None, map(fields.doi, (*numbers, *urls))), None),
        pmid=pubmed[1] if pubmed else None,
        pmcid=pmcid[0] if pmcid else None,
    )
