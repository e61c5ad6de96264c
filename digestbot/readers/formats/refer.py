"""Reads EndNote's import format (.enw, "refer"), which publishers' and Google Scholar's export buttons write."""

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

_TAGGED = re.compile(r"\ufeff?%([0-9A-Z?@!#$&()*+^>\[\]~<=])(?:[ \t]+(.*))?$")
_TITLE = re.compile(r"^\ufeff?%T[ \t]+\S", re.MULTILINE)
_BIBCODE = re.compile(r"\d{4}[A-Za-z&.][\w&.]{13}[A-Za-z.:]")  # what ADS, whose tags mean other things, calls a paper
_NAMED_DOI = re.compile(r"\bDOI:\s*(?:doi:)?(10\.\d{4,9}/[^\s;]+)", re.IGNORECASE)
_OTHER = re.compile(r"^\ufeff?%[0ADJBUXR@][ \t]+\S", re.MULTILINE)


class Refer:
    """The reader of .enw files."""

    name = "endnote"
    title = "EndNote import (.enw, refer: %0, %T, %A, ...), tagged text of NASA ADS"

    def recognises(self, head: str) -> float:
        """By a title, and another field of this make for each."""
        return 0.9 if _TITLE.search(head) and len(_OTHER.findall(head)) >= len(_TITLE.findall(head)) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Record by record; a blank line or a new type (%0) parts them. Nothing marks the end of the last one."""
        for record, _ in tagged_records(content, _TAGGED, _begins_another):
            title = readable(record.first("T"))
            if title:
                yield _paper(record, title)
            else:
                yield Skipped(record.line, "unreadable", "a record without a title (%T)", record.begins)


def _begins_another(record: TaggedRecord, tag: str, blank: bool) -> bool:
    if tag == "0":  # behind the title, too: Bepress writes that first
        return "0" in record.tags or bool(record.tags - {"T"})
    return blank and (tag in record.tags or tag == "T") and tag not in ("A", "K", "U")


def _paper(record: TaggedRecord, title: str) -> Paper:
    if _BIBCODE.fullmatch(record.first("R")):
        return _of_ads(record, title)
    urls = [url for value in record.all("U", ">") for url in value.split() if "://" in url]
    arxiv = (fields.arxiv_id(text) for text in (*urls, *record.all("J", "B", "R", "M")) if "arxiv" in text.lower())
    return Paper(
        title=title,
        abstract=readable(record.first("X")) or None,
        authors=fields.names(readable(each) for each in record.all("A")),
        journal=record.first("J", "B") or None,
        published=most_exact(map(iso_date, (record.first("8"), record.first("D")))),
        keywords=fields.keywords("\n".join(record.all("K"))),
        ids=fields.ids(
            arxiv=next((found[0] for found in arxiv if found), None),
            doi=next(filter(None, map(fields.doi, (*record.all("R", "M"), *urls))), None),
        ),
        url=urls[0] if urls else None,
        source=Refer.name,
    )


def _of_ads(record: TaggedRecord, title: str) -> Paper:
    """Of ADS's tagged text: the abstract under %B, all authors under one %A, its addresses and the DOI under %I."""
    told = (*record.all("I"), record.first("J"))
    arxiv = (fields.arxiv_id(text) for text in told if "arxiv" in text.lower())
    urls = re.findall(r"https?://[^\s;]+", record.first("I"))
    return Paper(
        title=title,
        abstract=readable(record.first("B")) or None,
        authors=fields.names(readable(" ".join(record.all("A")))),
        journal=record.first("J").split(",")[0] or None,
        published=iso_date(record.first("D")),
        keywords=fields.keywords(record.first("K")),
        ids=fields.ids(
            arxiv=next((found[0] for found in arxiv if found), None),
            doi=next((found[1] for text in told if (found := _NAMED_DOI.search(text))), None),
        ),
        url=urls[0] if urls else None,
        source=Refer.name,
    )
