"""Reads PubMed's own text format (.nbib, "MEDLINE"), as PubMed and PMC send and save it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from digestbot.core.errors import DumpError, Problem
from digestbot.core.papers import Paper
from digestbot.listing import fields
from digestbot.listing.base import Layout, Skipped
from digestbot.listing.content import Content
from digestbot.listing.markup import fold_spaces, readable
from digestbot.listing.short_names import short_name

_TAGGED = re.compile(r"([A-Z][A-Z0-9]{1,3}) {0,2}- ?(.*)")
_RECORD = re.compile(r"^(?:PMID ?- ?\d+|PMC {0,2}- ?PMC\d+|PMID- )", re.MULTILINE)
_FIELD = re.compile(r"^(?:TI  - |FAU - |AU  - |STAT- |OWN - |DP  - |JT  - )", re.MULTILINE)
_BEGINNERS = frozenset({"PMID", "PMC", "UI", "OWN", "STAT", "VI", "IS"})
_MOST_LINES = 500_000  # of one record; a paper with five thousand authors has some 50 000
# whose abstract it is stands before one that the authors did not write for this record
_OTHER_ABSTRACT = re.compile(r"(?:Publisher|AIDS|KIE|NASA|PIP|plain-language-summary) ?: ?", re.IGNORECASE)


@dataclass(slots=True)
class _Record:
    """The values of one record by tag, in order; ``line`` is where it begins, ``begins`` that line."""

    line: int
    begins: str
    values: dict[str, list[str]] = field(default_factory=dict)
    people: list[tuple[str, str]] = field(default_factory=list)
    last: list[str] | None = None
    lines: int = 0

    def add(self, tag: str, value: str) -> None:
        self.last = self.values.setdefault(tag, [])
        self.last.append(value.strip())
        self.lines += 1
        if tag in ("FAU", "CN"):
            self.people.append((tag, value))

    def go_on(self, text: str) -> None:
        self.lines += 1
        if self.last:
            self.last.append(text.strip())

    def first(self, *tags: str) -> str:
        """The value of the first of the tags that has one; lines that go on with it belong to it."""
        return next(filter(None, (" ".join(self.values.get(tag, ())).strip() for tag in tags)), "")


class Nbib:
    """The reader of .nbib files."""

    name = "nbib"
    title = "PubMed text (.nbib, MEDLINE)"

    def recognises(self, head: str) -> float:
        """By a PubMed number with fields of this make after it."""
        if not _FIELD.search(head):
            return 0.0
        return 0.95 if _RECORD.search(head) else 0.4 if len(_FIELD.findall(head)) >= 4 else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Record by record. PubMed ends each with its source line (SO); a last one that lacks it is cut off."""
        record: _Record | None = None
        has_ends = False
        blank = False
        for number, line in content.lines():
            if not line.strip():
                blank = True
                continue
            if record is not None and record.lines > _MOST_LINES:
                way_out = "check that this is the right file"
                raise DumpError(Problem("a record without an end", content.name, record.line, way_out=way_out))
            tagged = _TAGGED.match(line)
            if tagged is None:
                if record is not None:
                    record.go_on(line)
                continue
            if record is not None and _begins_another(record, tagged[1], blank):
                has_ends = has_ends or "SO" in record.values
                yield _made(record)
                record = None
            if record is None:
                record = _Record(number, fields.excerpt(line))
            record.add(tagged[1], tagged[2])
            blank = False
        if record is None:
            return
        if has_ends and "SO" not in record.values:
            yield Skipped(record.line, "incomplete", "the file ends within this record", record.begins)
        else:
            yield _made(record)


def _begins_another(record: _Record, tag: str, blank: bool) -> bool:
    if tag == "PMID":  # PMC writes its own number before it
        return "PMID" in record.values or (blank and record.values.keys() != {"PMC"})
    return blank and tag in _BEGINNERS and bool(record.values.keys() & {"TI", "BTI", "SO", "JT", "AU", "FAU"})


def _made(record: _Record) -> Paper | Skipped:
    title = readable(record.first("TI", "BTI", "TT", "CTI"))
    if not title:
        return Skipped(record.line, "unreadable", "a record without a title", record.begins)
    pmid, pmcid = record.first("PMID", "UI").split(" ")[0], record.first("PMC").split(" ")[0]
    named = " ".join((*record.values.get("AID", ()), *record.values.get("LID", ())))
    doi = re.search(r"(10\.\d{4,9}/\S+) \[doi\]", named)
    return Paper(
        title=title,
        abstract=_abstract(record),
        authors=_authors(record),
        published=fields.iso_date(record.first("DP")) or fields.iso_date(record.first("DEP")),
        ids=fields.ids(
            doi=doi[1] if doi else None,
            pmid=pmid if pmid.isdecimal() else None,
            pmcid=pmcid if re.fullmatch(r"PMC\d+(?:\.\d+)?", pmcid) else None,
        ),
        url=f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid.isdecimal() else None,
        source="pubmed",
    )


def _abstract(record: _Record) -> str | None:
    own = readable(record.first("AB"))
    return own or _OTHER_ABSTRACT.sub("", readable(record.first("OAB")), count=1) or None


def _authors(record: _Record) -> tuple[str, ...]:
    """Full names and corporate ones as they come; else the short ones, "Takeuchi Y" as "Y Takeuchi"."""
    if any(tag == "FAU" for tag, _ in record.people):
        people = (fields.name(name) if tag == "FAU" else fold_spaces(name) for tag, name in record.people)
        return tuple(filter(None, people))
    return tuple(filter(None, map(short_name, (*record.values.get("AU", ()), *record.values.get("CN", ())))))
