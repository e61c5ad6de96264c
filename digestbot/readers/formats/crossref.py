"""Reads works as Crossref's REST API gives them: lists, single works, and the public data file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from digestbot.model.papers import JsonObject, Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.json_records import papers, part, parts, text
from digestbot.readers.text.dates import iso_date, most_exact
from digestbot.readers.text.fields import ids
from digestbot.readers.text.markup import fold_spaces, readable

_ANSWER = re.compile(r'"message-type"\s*:\s*"work')
_WORK = re.compile(r'"title"\s*:\s*\[')
_OWN_FIELDS = re.compile(r'"(?:reference-count|references-count|is-referenced-by-count|deposited|content-domain)"\s*:')
_DATES = ("published", "issued", "published-online", "published-print", "posted")


class Crossref:
    """The reader of Crossref works."""

    name = "crossref"
    title = "works from Crossref (JSON, JSON Lines)"

    def recognises(self, head: str) -> float:
        """By the answer's message type, or by the fields of its works."""
        if head.lstrip()[:1] not in ("{", "["):
            return 0.0
        if _ANSWER.search(head):
            return 0.95
        return 0.9 if '"DOI"' in head and _WORK.search(head) and _OWN_FIELDS.search(head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Papers in the answer's order; JATS abstracts made text."""
        return papers(content, ("message.items", "items"), _paper)


def _paper(work: JsonObject) -> Paper | None:
    work = part(work, "message") or work
    title = readable(text(work, "title") or "")
    if not title:
        return None
    return Paper(
        title=title,
        abstract=readable(text(work, "abstract") or "") or None,
        authors=tuple(filter(None, (_author(each) for each in parts(work, "author")))),
        published=_published(work),
        categories=tuple(each for each in parts(work, "subject") if isinstance(each, str) and each.strip()),
        ids=ids(doi=text(work, "DOI")),
        url=text(part(part(work, "resource"), "primary"), "URL") or text(work, "URL"),
        journal=readable(text(work, "container-title") or "") or None,
        source=Crossref.name,
    )


def _author(author: Any) -> str:
    parted = (text(author, key) for key in ("given", "family", "suffix"))
    return fold_spaces(" ".join(filter(None, parted))) or fold_spaces(text(author, "name", "literal") or "")


def _published(work: JsonObject) -> date | None:
    """The first of its dates that names a day, else a month, else a year."""
    given = (parts(part(work, key), "date-parts") for key in _DATES)
    return most_exact(iso_date(*each[0][:3]) for each in given if each and isinstance(each[0], list))
