"""Reads JSON of papers that no other reader knows, by the names that APIs and people give the fields.

Among those read so: CORE, DBLP, DOAJ, E-utilities' summaries, HAL, Hugging Face, IEEE Xplore, INSPIRE, JSON Feed,
NASA ADS, OSF, Papers with Code, PLOS, Scopus, Springer, Unpaywall, Zenodo, Zotero.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from digestbot.model.papers import JsonObject, Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.formats.json_paper import ABSTRACTS, IDS, NAMED_KEYS, SOURCE, paper_of, works
from digestbot.readers.frames.json_records import records
from digestbot.readers.text import fields
from digestbot.readers.text.names import NAMES, folded

# where answers keep their lists
_PATHS = (
    *("results", "data", "items", "papers", "articles", "records", "entries", "docs", "publications", "works"),
    *("documents", "preprints", "collection", "result", "hits", "response.docs", "hits.hits", "result.hits.hit"),
    *("search-results.entry", "feed.entry", "message.items", "response.results"),
)
_KEY = re.compile(r'"([A-Za-z][\w:.@ -]{1,30})"\s*:')
_TITLES = frozenset(NAMES["title"])
_AUTHORS = frozenset(NAMES["authors"])
# an answer to a question that nothing answers
_EMPTY = re.compile(
    r'"(?:results|data|items|papers|articles|records|entries|docs|hits|publications|works|documents|entry)"\s*:\s*\[\s*\]'
    r'|"@?(?:total|count|numFound|total_records|totalHits|opensearch:totalResults)"\s*:\s*"?0"?\s*[,}]'
)
_FEED = "://jsonfeed.org/version/"


class PlainJson:
    """The reader of JSON whose fields are named as papers' fields are."""

    name = SOURCE
    title = "JSON with a paper's usual fields (CORE, DBLP, HAL, INSPIRE, ADS, Zotero, JSON Feed)"

    def recognises(self, head: str) -> float:
        """By a title with an identifier, authors or an abstract, among the keys."""
        if head.lstrip()[:1] not in ("[", "{"):
            return 0.0
        if _FEED in head:
            return 0.9
        keys = {folded(key) for key in _KEY.findall(head)}
        if not keys & _TITLES and not keys >= NAMED_KEYS:
            return 0.32 if _EMPTY.search(head) else 0.0
        return 0.36 if keys & (IDS | _AUTHORS | ABSTRACTS) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Record by record: of the outermost list, of an answer's list, or one a line; and what is nested in them."""
        is_feed, is_empty = _FEED in content.head, True
        told_empty = _EMPTY.search(content.head) is not None
        for piece in _records(content):
            if isinstance(piece, Skipped):
                is_empty = False
                yield piece
                continue
            line, record = piece
            found = list(works(record, partial(paper_of, line=line, is_feed=is_feed)))
            if not found and not told_empty:
                found.append(Skipped(line, "unreadable", "a record without a title", fields.excerpt(str(record)[:400])))
            for each in found:
                if not told_empty or isinstance(each, Paper):
                    is_empty = False
                    yield each
        if is_empty:
            yield Layout(notes=["the answer holds no papers"], empty=True)


def _records(content: Content) -> Iterator[tuple[int, JsonObject] | Skipped]:
    """Those of an answer's list; the whole where that list holds none ("collection": ["astronomy"])."""
    is_empty = True
    for piece in records(content, *_PATHS):
        is_empty = False
        yield piece
    if is_empty:
        yield from records(content)
