"""Reads the answers of the bioRxiv and medRxiv API."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digestbot.model.papers import JsonObject, Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.json_records import papers, text
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date
from digestbot.readers.text.markup import readable

_COLLECTION = re.compile(r'"collection"\s*:\s*\[')
_MESSAGES = re.compile(r'"messages"\s*:\s*\[')
_PREPRINT = re.compile(r'"(?:server|jatsxml|author_corresponding|preprint_doi|preprint_platform|biorxiv_doi)"\s*:')


class BioRxiv:
    """The reader of api.biorxiv.org's JSON."""

    name = "biorxiv"
    title = "bioRxiv or medRxiv API JSON (details, pubs)"

    def recognises(self, head: str) -> float:
        """By the collection and what only its preprints have."""
        if head.lstrip()[:1] not in ("[", "{"):
            return 0.0
        if _PREPRINT.search(head) and re.search(r'"(?:preprint_)?title"\s*:', head):
            return 0.95 if _COLLECTION.search(head) else 0.6
        return 0.7 if _COLLECTION.search(head) and _MESSAGES.search(head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Preprint by preprint; each version is an entry of its own."""
        yield from papers(content, ("collection",), _paper)


def _paper(record: JsonObject) -> Paper | None:
    title = readable(text(record, "title", "preprint_title") or "")
    if not title:
        return None
    category = text(record, "category", "preprint_category")
    server = (text(record, "server", "preprint_platform") or "").lower()
    return Paper(
        title=title,
        abstract=readable(text(record, "abstract", "preprint_abstract") or "") or None,
        authors=fields.names(readable(text(record, "authors", "preprint_authors") or "")),
        organization=readable(
            text(record, "author_corresponding_institution", "preprint_author_corresponding_institution") or ""
        )
        or None,
        published=iso_date(text(record, "date", "preprint_date")),
        categories=(category,) if category else (),
        ids=fields.ids(doi=text(record, "doi", "preprint_doi", "biorxiv_doi", "medrxiv_doi")),
        source=server if server in ("biorxiv", "medrxiv") else BioRxiv.name,
        kind=_kind(text(record, "version")),
    )


def _kind(version: str | None) -> str | None:
    """The first version is new; a later one replaces it."""
    if version is None or not version.isdecimal():
        return None
    return "new" if int(version) == 1 else "replaced"
