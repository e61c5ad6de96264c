"""Reads works as OpenAlex gives them: an answer of its API, single works, or JSON Lines of its snapshot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson

from digestbot.model.papers import JsonObject, Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.json_records import papers, part, parts, text
from digestbot.readers.text.dates import iso_date, most_exact
from digestbot.readers.text.fields import arxiv_id, ids, keywords, name
from digestbot.readers.text.markup import fold_spaces, readable

_WORK = re.compile(r'"(?:https?:\\?/\\?/(?:api\.)?openalex\.org\\?/(?:works\\?/)?)W\d+"', re.IGNORECASE)
_SURE = 0.4  # of a keyword's score
_FIELDS = re.compile(r'"(?:abstract_inverted_index|authorships|cited_by_count|publication_year)"\s*:')


class OpenAlex:
    """The reader of OpenAlex works."""

    name = "openalex"
    title = "works from OpenAlex (JSON, JSON Lines)"

    def recognises(self, head: str) -> float:
        """By the ids of its works and the names of their fields."""
        if head.lstrip()[:1] not in ("{", "["):
            return 0.0
        if _WORK.search(head) and _FIELDS.search(head):
            return 0.95
        return 0.9 if re.search(r'"db_response_time_ms"\s*:', head) and '"results"' in head else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Papers in the answer's order; abstracts put together from their inverted index."""
        return papers(content, ("results",), _paper)


def _paper(work: JsonObject) -> Paper | None:
    title = readable(text(work, "title", "display_name") or "")
    if not title:
        return None
    given = part(work, "ids")
    locations = [part(work, "primary_location"), part(work, "best_oa_location"), *parts(work, "locations")]
    pages = [url for place in locations for key in ("landing_page_url", "pdf_url") if (url := text(place, key))]
    preprint = next((found for url in pages if (found := arxiv_id(url))), None)
    return Paper(
        title=title,
        abstract=readable(_abstract(work)) or None,
        authors=tuple(filter(None, (_author(each) for each in parts(work, "authorships")))),
        journal=_journal(work),
        published=most_exact(map(iso_date, (text(work, "publication_date"), text(work, "publication_year")))),
        categories=_categories(work),
        keywords=keywords(_keywords(work)),
        ids=ids(
            arxiv=preprint[0] if preprint else None,
            doi=text(work, "doi") or text(given, "doi"),
            pmid=_last_part(text(given, "pmid"), r"\d+"),
            pmcid=_prefixed("PMC", _last_part(text(given, "pmcid"), r"\d+")),
            openalex=_last_part(text(work, "id") or text(given, "openalex"), r"W\d+"),
        ),
        url=next(iter(pages), None) or text(work, "doi"),
        source=OpenAlex.name,
    )


def _author(authorship: Any) -> str:
    return name(text(part(authorship, "author"), "display_name") or text(authorship, "raw_author_name") or "")


def _abstract(work: JsonObject) -> str:
    index = work.get("abstract_inverted_index") or work.get("abstract_inverted_index_v3")
    if isinstance(index, str):
        try:
            index = orjson.loads(index)
        except orjson.JSONDecodeError:
            return ""
    if not isinstance(index, dict):
        return text(work, "abstract") or ""
    words = index.get("InvertedIndex", index)
    if not isinstance(words, dict):
        return ""
    placed = [(at, word) for word, places in words.items() if isinstance(places, list) for at in places]
    return " ".join(word for _, word in sorted((at, word) for at, word in placed if isinstance(at, int)))


def _categories(work: JsonObject) -> tuple[str, ...]:
    """The field and subfield OpenAlex files the work under."""
    topic = part(work, "primary_topic")
    names = (text(part(topic, level), "display_name") for level in ("field", "subfield"))
    return tuple(dict.fromkeys(filter(None, names)))


def _keywords(work: JsonObject) -> Iterator[str | None]:
    """MeSH's headings, and those of its own keywords that it is rather sure of."""
    yield from (text(each, "descriptor_name") for each in parts(work, "mesh"))
    for each in parts(work, "keywords"):
        score = each.get("score") if isinstance(each, dict) else None
        if not isinstance(score, int | float) or score >= _SURE:
            yield text(each, "display_name", "keyword")


def _last_part(url: str | None, form: str) -> str | None:
    found = re.search(rf"(?:^|[/C])({form})/?$", url or "", re.IGNORECASE)
    return found[1] if found else None


def _prefixed(prefix: str, digits: str | None) -> str | None:
    return f"{prefix}{digits}" if digits else None


def _journal(work: JsonObject) -> str | None:
    """Where it first appeared; older answers call that the host."""
    places = (part(part(work, "primary_location"), "source"), part(work, "host_venue"))
    return next((fold_spaces(name) for each in places if (name := text(each, "display_name"))), None)
