"""Reads Web of Science's plain text, which its predecessor ISI made and other databases hand out too."""

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

_TAGGED = re.compile(r"\ufeff?([A-Z][A-Z0-9])(?: (.*))?$")
_BEGINS = re.compile(r"^\ufeff?PT [A-Z][\w ]*\n(?:[A-Z][A-Z0-9] |   )", re.MULTILINE)
_ENDS = re.compile(r"^(?:ER|UT \w+:)", re.MULTILINE)
_HEADER = frozenset({"FN", "VR", "EF"})


class WebOfScience:
    """The reader of Web of Science's tagged text."""

    name = "web-of-science"
    title = "Web of Science plain text (ISI tags: PT, AU, TI, ... ER)"

    def recognises(self, head: str) -> float:
        """By a record's first lines, or by an end of one besides."""
        if not _BEGINS.search(head):
            return 0.0
        return 0.95 if head.lstrip("\ufeff").startswith("FN ") or _ENDS.search(head) else 0.5

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Record by record, from PT to ER."""
        is_empty = True
        for record, is_whole in tagged_records(content, _TAGGED, lambda _, tag, __: tag == "PT", ends=("ER",)):
            if record.tags <= _HEADER:
                continue
            is_empty = False
            title = readable(record.first("TI", "BT"))
            if not is_whole:
                reason = "the file ends within this record (no ER line)"
                yield Skipped(record.line, "incomplete", reason, record.begins)
            elif not title:
                yield Skipped(record.line, "unreadable", "a record without a title (TI)", record.begins)
            else:
                yield _paper(record, title)
        if is_empty:
            yield Layout(notes=["the file holds no records"], empty=True)


def _paper(record: TaggedRecord, title: str) -> Paper:
    people = "\n".join(record.all("AF")) or "\n".join(record.all("AU"))
    return Paper(
        title=title,
        abstract=readable(record.first("AB")) or None,
        authors=fields.names(people.split("\n")) if people else (),
        journal=record.first("SO") or None,
        published=most_exact(
            map(iso_date, (f"{record.first('PD')} {record.first('PY')}", record.first("EA"), record.first("PY")))
        ),
        keywords=fields.keywords("; ".join(record.all("DE", "ID"))),
        ids=fields.ids(
            arxiv=record.first("AR"),
            doi=fields.doi(record.first("DI")),
            pmid=record.first("PM"),
            wos=record.first("UT").removeprefix("WOS:"),
        ),
        source=WebOfScience.name,
    )
