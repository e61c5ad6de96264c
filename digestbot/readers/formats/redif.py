"""Reads ReDIF, the templates in which archives describe their papers to RePEc."""

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

_TAGGED = re.compile(r"\ufeff?([A-Za-z][A-Za-z-]{1,40}):[ \t]*(.*)")
_TEMPLATE = re.compile(
    r"^\ufeff?Template-Type:[ \t]*ReDIF-(?:Paper|Article|Book|Chapter)", re.IGNORECASE | re.MULTILINE
)


class ReDIF:
    """The reader of RePEc's templates."""

    name = "redif"
    title = "ReDIF templates of RePEc (.rdf, .redif)"

    def recognises(self, head: str) -> float:
        """By a template's type."""
        return 0.95 if _TEMPLATE.search(head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Template by template; those of people and institutions are no papers."""
        for record, _ in tagged_records(content, _TAGGED, lambda _, tag, __: tag.lower() == "template-type"):
            title = readable(record.first("Title"))
            if title:
                yield _paper(record, title)
            else:
                yield Skipped(record.line, "unreadable", "a template without a title", record.begins)


def _paper(record: TaggedRecord, title: str) -> Paper:
    url = next((each for each in record.all("File-URL") if "://" in each), None)
    return Paper(
        title=title,
        abstract=readable(record.first("Abstract")) or None,
        authors=fields.named(fields.name(readable(each)) for each in record.all("Author-Name")),
        published=most_exact(
            map(iso_date, map(record.first, ("Creation-Date", "Publication-Date", "Year"))),
        ),
        ids=fields.ids(doi=fields.doi(record.first("DOI")) or fields.doi(url), repec=record.first("Handle")),
        url=url.split()[0] if url else None,
        source=ReDIF.name,
    )
