"""Reads PubMed's own text format (.nbib, "MEDLINE"), as PubMed and PMC send and save it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.tagged import TaggedRecord, tagged_records
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date, most_exact
from digestbot.readers.text.markup import fold_spaces, readable
from digestbot.readers.text.short_names import short_name

_TAGGED = re.compile(r"([A-Z][A-Z0-9]{1,3}) {0,2}- ?(.*)")
_RECORD = re.compile(r"^(?:PMID ?- ?\d+|PMC {0,2}- ?PMC\d+|PMID- )", re.MULTILINE)
_FIELD = re.compile(r"^(?:TI  - |FAU - |AU  - |STAT- |OWN - |DP  - |JT  - )", re.MULTILINE)
_OF_RIS = re.compile(r"^(?:TY|ER) {2}-", re.MULTILINE)
_BEGINNERS = frozenset({"PMID", "PMC", "UI", "OWN", "STAT", "VI", "IS"})
# whose abstract it is stands before one that the authors did not write for this record
_OTHER_ABSTRACT = re.compile(r"(?:Publisher|AIDS|KIE|NASA|PIP|plain-language-summary) ?: ?", re.IGNORECASE)


class Nbib:
    """The reader of .nbib files."""

    name = "nbib"
    title = "PubMed text (.nbib, MEDLINE)"

    def recognises(self, head: str) -> float:
        """By a PubMed number with fields of this make after it."""
        if not _FIELD.search(head):
            return 0.0
        if _RECORD.search(head):
            return 0.95
        return 0.4 if len(_FIELD.findall(head)) >= 4 and not _OF_RIS.search(head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Record by record. PubMed ends each with its source line (SO); a last one that lacks it is cut off."""
        has_ends = False
        for record, is_whole in tagged_records(content, _TAGGED, _begins_another):
            if not is_whole and has_ends and "SO" not in record.tags and not _is_book(record):
                yield Skipped(record.line, "incomplete", "the file ends within this record", record.begins)
                return
            has_ends = has_ends or record.last == "SO"
            yield _made(record)


def _is_book(record: TaggedRecord) -> bool:
    """Whether it is of a book or a chapter in one, which PubMed writes without a source."""
    return bool(record.tags & {"BTI", "CTI", "CTDT"}) and "AID" in record.tags


def _begins_another(record: TaggedRecord, tag: str, blank: bool) -> bool:
    if tag == "PMID":  # PMC writes its own number before it
        return "PMID" in record.tags or (blank and record.tags != {"PMC"})
    return blank and tag in _BEGINNERS and bool(record.tags & {"TI", "BTI", "SO", "JT", "AU", "FAU"})


def _made(record: TaggedRecord) -> Paper | Skipped:
    title = readable(record.first("TI", "BTI", "TT", "CTI"))
    if not title:
        return Skipped(record.line, "unreadable", "a record without a title", record.begins)
    pmid, pmcid = record.first("PMID", "UI").split(" ")[0], record.first("PMC").split(" ")[0]
    named = " ".join(record.all("AID", "LID"))
    doi = re.search(r"(10\.\d{4,9}/\S+) \[doi\]", named)
    return Paper(
        title=title,
        abstract=_abstract(record),
        authors=_authors(record),
        journal=record.first("JT", "TA") or None,
        published=most_exact(map(iso_date, (record.first("DP"), record.first("DEP")))),
        keywords=fields.keywords([*(each.partition("/")[0] for each in record.all("MH")), *record.all("OT")]),
        ids=fields.ids(
            doi=doi[1] if doi else None,
            pmid=pmid if pmid.isdecimal() else None,
            pmcid=pmcid if re.fullmatch(r"PMC\d+(?:\.\d+)?", pmcid) else None,
        ),
        url=f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid.isdecimal() else None,
        source="pubmed",
    )


def _abstract(record: TaggedRecord) -> str | None:
    own = readable(record.first("AB"))
    return own or _OTHER_ABSTRACT.sub("", readable(record.first("OAB")), count=1) or None


def _authors(record: TaggedRecord) -> tuple[str, ...]:
    """Full names and corporate ones as they come; else the short ones, "Takeuchi Y" as "Y Takeuchi"."""
    if "FAU" in record.tags:
        tagged = record.tagged("FAU", "CN")
        people = (fields.name(name) if tag == "FAU" else fold_spaces(name) for tag, name in tagged)
        return fields.named(people)
    short = record.all("AU", "CN")
    return fields.named(each if each == "et al" else short_name(each) for each in short)
