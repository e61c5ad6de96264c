"""Reads Daily Papers as the Hugging Face Hub's API gives them, and as its pages carry them within."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from digestbot.model.papers import JsonObject, Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.json_records import papers, part, parts, text, whole
from digestbot.readers.text.dates import iso_date
from digestbot.readers.text.fields import arxiv_id
from digestbot.readers.text.markup import fold_spaces, readable

_WRAPPED = re.compile(r'"paper"\s*:\s*\{')
_OWN_FIELDS = re.compile(
    r'"(?:submittedOnDailyAt|submittedOnDailyBy|discussionId|numComments|isAuthorParticipating|ai_keywords|upvotes)"\s*:'
)
_TITLE = re.compile(r'"title"\s*:')
_EMPTY = re.compile(r'\s*(?:\[\s*\]|\{[^\[\]{}]*"dailyPapers"\s*:\s*\[\s*\].*)\s*\Z', re.DOTALL)
SOURCE = "daily-papers"


class DailyPapersJson:
    """The reader of the Hub's answers about papers."""

    name = "daily-papers-json"
    title = "Daily Papers from the Hugging Face Hub's API (JSON)"

    def recognises(self, head: str) -> float:
        """By the fields that only this API has."""
        if head.lstrip()[:1] not in ("{", "["):
            return 0.0
        if _TITLE.search(head):
            own = len(set(_OWN_FIELDS.findall(head)))
            return 0.95 if own >= 2 else 0.7 if own and _WRAPPED.search(head) else 0.0
        return 0.35 if _EMPTY.match(head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Papers in the answer's order."""
        return papers_in(content)


def papers_in(content: Content) -> Iterator[Paper | Skipped | Layout]:
    """The papers in an answer of the API, or in what a page hands to its script."""
    return papers(content, ("dailyPapers", "papers"), _paper)


def _paper(item: JsonObject) -> Paper | None:
    inner = part(item, "paper") or item
    title = readable(text(inner, "title") or text(item, "title") or "")
    if not title:
        return None
    name = text(inner, "id")
    found = arxiv_id(name)
    organization = part(inner, "organization") or part(item, "organization")
    votes = whole(inner, "upvotes")
    return Paper(
        title=title,
        abstract=readable(text(inner, "summary", "abstract") or text(item, "summary") or "") or None,
        authors=tuple(filter(None, (_author(each) for each in parts(inner, "authors")))),
        organization=text(organization, "fullname", "name"),
        upvotes=votes if votes is not None else whole(item, "upvotes"),
        published=iso_date(text(inner, "publishedAt") or text(item, "publishedAt")),
        ids={"arxiv": found[0]} if found else {},
        url=f"https://huggingface.co/papers/{name}" if name else None,
        source=SOURCE,
    )


def _author(author: Any) -> str:
    return fold_spaces(author if isinstance(author, str) else text(author, "name") or "")
