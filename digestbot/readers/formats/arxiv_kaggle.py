"""Reads arXiv's metadata as Kaggle hands it out, and what people cut from it: one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import orjson

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.formats import arxiv
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date
from digestbot.readers.text.markup import readable

_KNOWN = {"abstract", "summary", "categories", "authors", "authors_parsed", "versions", "submitter"}
_SAMPLE_LINES = 5
_ADDRESSES = dict.fromkeys(("abs", "url", "link")).keys()


class ArxivKaggle:
    """The reader of arXiv metadata as JSON Lines."""

    name = "arxiv-kaggle"
    title = "arXiv metadata as JSON Lines (Kaggle's snapshot)"

    def recognises(self, head: str) -> float:
        """By an arXiv id and a title in one of the first lines."""
        for line in head.lstrip().split("\n")[:_SAMPLE_LINES]:
            record = _object(line)
            if record is not None:
                is_arxiv = (
                    "title" in record and _KNOWN & record.keys() and fields.arxiv_id(record.get("id")) is not None
                )
                return 0.95 if is_arxiv else 0.0
        return 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """A paper for each line; one that is no JSON is skipped, at the end of the dump as cut off."""
        withdrawn = arxiv.Withdrawals()
        broken: Skipped | None = None
        for number, line in content.lines():
            if not line or line.isspace():
                continue
            if broken is not None:
                yield broken
                broken = None
            record = _object(line)
            if record is None:
                broken = Skipped(number, "unreadable", "this line is no JSON object", line[:80])
                continue
            title = readable(_text(record, "title"))
            if not title:
                yield Skipped(number, "unreadable", "a record without a title", line[:80])
                continue
            paper = _paper(record, title)
            if record.get("comments") and arxiv.is_withdrawn(_text(record, "comments")):
                withdrawn.add(paper.ids.get("arxiv", title))
            yield paper
        if broken is not None:
            yield Skipped(broken.line, "incomplete", "the dump ends within this line", broken.excerpt)
        yield from withdrawn.told()


def _object(line: str) -> dict[str, Any] | None:
    try:
        record = orjson.loads(line)
    except ValueError:  # orjson's own error, and surrogates
        return None
    return record if isinstance(record, dict) else None


def _text(record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    return value if isinstance(value, str) else ""


def _paper(record: dict[str, Any], title: str) -> Paper:
    found, reference = record.get("categories"), record.get("journal-ref")
    abstract = record.get("abstract") or record.get("summary")
    terms = " ".join(each for each in found if isinstance(each, str)) if isinstance(found, list) else found
    return Paper(
        title=title,
        abstract=(readable(abstract) or None) if isinstance(abstract, str) else None,
        authors=_authors(record),
        journal=arxiv.journal(reference) if isinstance(reference, str) else None,
        published=_published(record),
        categories=_categories(terms) if isinstance(terms, str) else (),
        ids=fields.ids(arxiv=_text(record, "id"), doi=_text(record, "doi")),
        url=None if _ADDRESSES.isdisjoint(record) else _url(record),
        source=arxiv.SOURCE,
    )


def _url(record: dict[str, Any]) -> str | None:
    """Where others than arXiv itself keep the paper's page; its snapshot has no address."""
    for key in _ADDRESSES:
        if (text := _text(record, key)).startswith(("http://", "https://")):
            return text
    return None


@lru_cache(maxsize=4096)  # a dump has few different ones: one tuple for all papers alike
def _categories(terms: str) -> tuple[str, ...]:
    return arxiv.categories(terms.split())


def _authors(record: dict[str, Any]) -> tuple[str, ...]:
    """As parsed by arXiv ([last, first, suffix, affiliation...]) where that is given."""
    parsed = record.get("authors_parsed")
    if isinstance(parsed, list) and parsed and all(isinstance(each, list) for each in parsed):
        people = []
        for each in parsed:
            last, first, suffix = (*(part for part in each if isinstance(part, str)), "", "", "")[:3]
            people.append(readable(" ".join(part for part in (first, last, suffix) if part)))
        return tuple(filter(None, people))
    written = record.get("authors")
    if isinstance(written, list):
        return fields.names(each for each in written if isinstance(each, str))
    return arxiv.authors(_text(record, "authors")) if written else ()


def _published(record: dict[str, Any]) -> Any:
    """The first version's date; ``update_date`` is arXiv's own bookkeeping."""
    versions = record.get("versions")
    first = versions[0] if isinstance(versions, list) and versions else None
    return iso_date(first.get("created")) if isinstance(first, dict) else None
