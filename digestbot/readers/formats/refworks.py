"""Reads RefWorks' tagged text, which it and some databases export (RT, A1, T1, JF, AB, ...)."""

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

_TAGGED = re.compile(r"\ufeff?([A-Z][A-Z0-9]{1,2})[ \t]+(.*)$")
_BEGINS = re.compile(r"^\ufeff?RT [A-Z][A-Za-z ,/()-]{2,40}\n(?:[A-Z][A-Z0-9] .*\n){0,8}?(?:T1|A1) \S", re.MULTILINE)


class RefWorks:
    """The reader of RefWorks' exports."""

    name = "refworks"
    title = "RefWorks tagged text (RT, A1, T1, JF, ...)"

    def recognises(self, head: str) -> float:
        """By a record's first lines."""
        return 0.94 if _BEGINS.search(head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Record by record, each from its type on; nothing marks the end of the last one."""
        for record, _ in tagged_records(content, _TAGGED, lambda _, tag, __: tag == "RT"):
            if "RT" not in record.tags:  # the legend that some exports begin with
                continue
            title = readable(record.first("T1", "OT"))
            if title:
                yield _paper(record, title)
            else:
                yield Skipped(record.line, "unreadable", "a record without a title (T1)", record.begins)


def _paper(record: TaggedRecord, title: str) -> Paper:
    urls = [url for value in record.all("LK", "UL") for url in value.split() if "://" in url]
    return Paper(
        title=title,
        abstract=readable(record.first("AB")) or None,
        authors=fields.names(readable(each) for each in record.all("A1")),
        journal=record.first("JF", "JO", "T2") or None,
        published=most_exact(map(iso_date, record.all("FD", "YR"))),
        keywords=fields.keywords("\n".join(record.all("K1"))),
        ids=fields.ids(doi=fields.doi(record.first("DO")) or next(filter(None, map(fields.doi, urls)), None)),
        url=urls[0] if urls else None,
        source=RefWorks.name,
    )
