"""Reads Ovid's text exports: records that begin with their number in angle brackets, tagged or labelled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date, most_exact
from digestbot.readers.text.markup import readable
from digestbot.readers.text.short_names import short_name

_NUMBER = re.compile(r"(?P<indent>[ \t]{0,4})<\d{1,7}\.?[ \t]*>\s*")
_NUMBERS = re.compile(
    r"^[ \t]{0,4}<\d{1,7}\.?[ \t]*>[ \t]*\n"
    r"(?:[ \t]{0,4}[A-Z][A-Z0-9][ \t]{1,4}- |[A-Z][A-Za-z ()/-]{2,40}\n[ \t]+\S)",
    re.MULTILINE,
)
_TAGGED = re.compile(r"([A-Z][A-Z0-9])[ \t]{1,4}-[ \t]?(.*)")
_LABEL = re.compile(r"[A-Z][A-Za-z()/ -]{1,40}")
_NAMES = {
    "TI": "title", "title": "title", "AU": "authors", "author": "authors", "authors": "authors", "author(s)": "authors",
    "AB": "abstract", "abstract": "abstract", "DO": "doi", "DI": "doi", "doi number": "doi",
    "digital object identifier": "doi", "doi": "doi", "SO": "source", "source": "source", "JN": "journal",
    "journal name": "journal", "YR": "year", "year of publication": "year", "DP": "date", "date of publication": "date",
    "publication date": "date", "MH": "keywords", "KW": "keywords", "mesh subject headings": "keywords",
    "subject headings": "keywords", "keyword heading": "keywords",
    "PM": "pmid", "pubmed id": "pmid", "LK": "url", "link to the ovid full text": "url",
}  # fmt: skip
_KIND_BEHIND = re.compile(r"\s*\[[A-Z][A-Za-z ,/&-]{2,40}\]\.?\s*\Z")
_NOTE_ON_PERSON = re.compile(r"\s*\[[^\[\]]*\]")
_AFFILIATION_MARK = re.compile(r"(?<=\w)[ .]?\s*\(?\d{1,3}(?:,(?:\d{1,3}|[*+#]))*\)?\s*\Z")
_DATE_IN_SOURCE = re.compile(
    r"(?:\b([A-Z][a-z]{2,8})\.?\s+)?\b((?:19|20)\d\d)(?:\s+([A-Z][a-z]{2,8}))?(?:\s+(\d{1,2}))?\b"
)


@dataclass(slots=True)
class _Record:
    line: int
    said: dict[str, list[str]] = field(default_factory=dict)
    current: list[str] = field(default_factory=list)

    def say(self, name: str, value: str) -> None:
        known = _NAMES.get(name) or _NAMES.get(name.lower())
        self.current = self.said.setdefault(known, []) if known else []
        if value.strip():
            self.current.append(value.strip())

    def go_on(self, text: str, *, is_new: bool) -> None:
        if is_new or not self.current:
            self.current.append(text.strip())
        else:
            self.current[-1] += " " + text.strip()

    def first(self, name: str) -> str:
        return " ".join(self.said.get(name, ()))


class Ovid:
    """The reader of Ovid's exports."""

    name = "ovid"
    title = "Ovid's text export, tagged or labelled (<1>, <2>, ...)"

    def recognises(self, head: str) -> float:
        """By numbers in angle brackets, each before a tag or a label."""
        return 0.96 if _NUMBERS.search(head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Record by record."""
        record: _Record | None = None
        indent = ""
        for number, line in content.lines():
            if begins := _NUMBER.fullmatch(line):
                if record is not None:
                    yield _made(record)
                record, indent = _Record(number), begins["indent"]
            elif record is not None and line.strip():
                _take(record, line.removeprefix(indent))
        if record is not None:
            yield _made(record)


def _take(record: _Record, line: str) -> None:
    tagged = _TAGGED.match(line)
    if tagged:
        record.say(tagged[1], tagged[2])
    elif line[0] in " \t":
        record.go_on(line, is_new=False)
    elif _LABEL.fullmatch(line.strip()):
        record.say(line.strip(), "")


def _made(record: _Record) -> Paper | Skipped:
    title = _KIND_BEHIND.sub("", readable(record.first("title")))
    if not title:
        return Skipped(record.line, "unreadable", "a record without a title", fields.excerpt(str(record.said)[:200]))
    written = (_NOTE_ON_PERSON.sub("", text) for text in record.said.get("authors", ()))
    people = [part for text in written for part in text.split(";")]
    source, pmid = record.first("source"), record.first("pmid")
    return Paper(
        title=title,
        abstract=readable(record.first("abstract")) or None,
        authors=fields.named(_name(part) for part in people),
        journal=readable(record.first("journal") or source.split(".")[0]) or None,
        published=_published(record, source),
        keywords=fields.keywords(record.said.get("keywords")),
        ids=fields.ids(doi=record.first("doi"), pmid=pmid if pmid.isdecimal() else None),
        source=Ovid.name,
    )


def _name(written: str) -> str:
    text = _AFFILIATION_MARK.sub("", readable(written)).strip(" .")
    return fields.name(text) if "," in text else short_name(text)


def _published(record: _Record, source: str) -> date | None:
    """By its own fields, else by what the source ends with: "12(3):1-9, January 2026."."""
    found = list(_DATE_IN_SOURCE.finditer(source))
    in_source = (found[-1][2], found[-1][1] or found[-1][3], found[-1][4]) if found else (None, None, None)
    return most_exact((iso_date(record.first("date")), iso_date(*in_source), iso_date(record.first("year")[:4])))
