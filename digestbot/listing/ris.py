"""Reads RIS, which reference managers and publishers' "export citation" buttons write.

Read line by line: exports hold hundreds of thousands of records, break their lines where they like and
leave out the blanks that the format asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from digestbot.core.errors import DumpError, Problem
from digestbot.core.papers import Paper
from digestbot.listing import fields
from digestbot.listing.base import Layout, Skipped
from digestbot.listing.content import Content
from digestbot.listing.markup import readable

_TAGGED = re.compile(r"[ \t]{0,4}([A-Z][A-Z0-9])[ \t]{1,3}-(?:[ \t]|$)(.*)")
_TAG_LINE = re.compile(r"^[ \t]{0,4}([A-Z][A-Z0-9])[ \t]{1,3}-(?:[ \t]|$)", re.MULTILINE)
_FIRST = re.compile(r"^[ \t\ufeff]{0,4}TY[ \t]{1,3}-", re.MULTILINE)
_TITLES = ("TI", "T1", "CT")
_BOOKS = frozenset({"BOOK", "EBOOK", "EDBOOK", "CONF", "CPAPER", "RPRT", "THES", "SER", "WHOLE"})
_MOST_LINES = 100_000  # of one record; papers have had five thousand authors
_PMCID = re.compile(r"PMC\d{4,9}")
_PUBMED = re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/(\d{1,9})")


@dataclass(slots=True)
class _Record:
    """The values of one record by tag, in order, and the line it begins on."""

    line: int
    begins: str
    values: dict[str, list[str]] = field(default_factory=dict)
    lines: int = 0
    last: str | None = None

    def add(self, tag: str, value: str) -> None:
        self.values.setdefault(tag, []).append(value.strip())
        self.last = tag
        self.lines += 1

    def go_on(self, text: str) -> None:
        """A line without a tag belongs to the value before it."""
        self.lines += 1
        if self.last is not None and text.strip():
            self.values[self.last].append("\n" + text.strip())

    def all(self, *tags: str) -> list[str]:
        """The values of the tags, each with the lines that go on with it."""
        found: list[str] = []
        for tag in tags:
            for value in self.values.get(tag, ()):
                if value.startswith("\n") and found:
                    found[-1] += value
                else:
                    found.append(value.strip())
        return [value for value in found if value]

    def first(self, *tags: str) -> str | None:
        return next(iter(self.all(*tags)), None)


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
        """Record by record. One that a new one follows without an end stands; at the file's end it is cut off."""
        record: _Record | None = None
        for number, line in content.lines():
            if record is not None and record.lines > _MOST_LINES:
                way_out = "check that this is the right file"
                raise DumpError(Problem("a record without an end", content.name, record.line, way_out=way_out))
            tagged = _TAGGED.match(line)
            if tagged is None:
                if record is not None:
                    record.go_on(line)
                continue
            tag = tagged[1]
            if record is not None and tag in ("TY", "ER"):
                yield _made(record)
                record = None
            if tag == "ER":
                continue
            if record is None:
                record = _Record(number, fields.excerpt(line))
            record.add(tag, tagged[2])
        if record is not None:
            yield Skipped(record.line, "incomplete", "the file ends within this record (no ER line)", record.begins)


def _made(record: _Record) -> Paper | Skipped:
    if "TY" not in record.values:
        return Skipped(record.line, "unreadable", "a record without its first line (TY)", record.begins)
    title = _title(record)
    if not title:
        return Skipped(record.line, "unreadable", "a record without a title", record.begins)
    urls = [url for value in record.all("UR", "L2", "LK", "L1") for url in value.split() if "://" in url]
    dates = (fields.iso_date(value.rstrip("/")) for value in record.all("DA", "PY", "Y1"))
    return Paper(
        title=title,
        abstract=readable(" ".join(record.all("AB"))) or readable(" ".join(record.all("N2"))) or None,
        authors=fields.names(readable(each.replace("\n", " ")) for each in record.all("AU", "A1")),
        published=next(filter(None, dates), None),
        ids=_ids(record, urls),
        url=urls[0].rstrip(";,") if urls else None,
        source=RIS.name,
    )


def _title(record: _Record) -> str:
    kind = (record.first("TY") or "").upper()
    own = _TITLES + (("BT",) if kind in _BOOKS else ()) + ("ST",)
    if kind == "ELEC":  # a page with no name but its site's
        own += ("T2",)
    return next(filter(None, (readable(record.first(tag) or "") for tag in own)), "")


def _ids(record: _Record, urls: list[str]) -> dict[str, str]:
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
