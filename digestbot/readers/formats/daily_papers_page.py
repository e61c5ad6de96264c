"""Reads the Daily Papers page of Hugging Face as HTML: what it carries for its script, else what it shows."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from typing import Any

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.formats.daily_papers_json import SOURCE, papers_in
from digestbot.readers.frames.html_page import page_text, shown, tree
from digestbot.readers.text.fields import arxiv_id, excerpt
from digestbot.readers.text.markup import readable

_PAGE = re.compile(r"<html\b|<!doctype\s+html|<article\b|data-props=", re.IGNORECASE)
_PROPS = re.compile(r"""data-props\s*=\s*(?:"(?P<double>[^"]*)|'(?P<single>[^']*))""")
_HOLDS_PAPERS = re.compile(r'"(?:dailyPapers|papers)"\s*:\s*\[|"paper"\s*:\s*\{')
_ABOUT = re.compile(
    r"<title>[^<]{0,200}\bPapers\b[^<]{0,200}Hugging Face|huggingface\.co/papers|data-target=.DailyPapers", re.I
)
_LINK = re.compile(r"(?:https://huggingface\.co)?/papers/([\w./-]+)")
_DATE = re.compile(r'"(?:dateString|date)"\s*:\s*"([^"]{4,30})"')
_COUNT = re.compile(r"(\d+)\s+authors?\b")


class DailyPapersPage:
    """The reader of the Daily Papers page."""

    name = "daily-papers-html"
    title = "Hugging Face Daily Papers page, saved as HTML"

    def recognises(self, head: str) -> float:
        """By its address or heading, and by what it carries."""
        if not _PAGE.search(head) or not _ABOUT.search(head):
            return 0.0
        if "dailyPapers" in head or "DailyPapers" in head:
            return 0.95
        return 0.8 if '"/papers/' in head or "huggingface.co/papers/" in head else 0.4

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Papers in the page's order, with abstracts where the page carries them."""
        text = page_text(content)
        for found in _PROPS.finditer(text):
            carried = html.unescape(found["double"] or found["single"] or "")
            if _HOLDS_PAPERS.search(carried):
                listed_on = _DATE.search(carried)
                yield Layout("page", listed_on[1] if listed_on else None)
                yield from papers_in(Content(io.BytesIO(carried.encode("utf-8", "replace")), content.name))
                return
        yield from _shown_papers(tree(text))


def _shown_papers(root: Any) -> Iterator[Paper | Skipped | Layout]:
    """The papers a page shows, when it carries no data: titles, with abstracts where it shows them."""
    is_empty = True
    for article in () if root is None else root.iter("article"):
        heading = next(article.iter("h3"), None)
        link = None if heading is None else next(heading.iter("a"), None)
        named = _LINK.match((link.get("href") or "") if link is not None else "")
        is_empty = False
        if named is None or not shown(link):
            yield Skipped(article.sourceline or 1, "unreadable", "an entry without a title", excerpt(shown(article)))
            continue
        found = arxiv_id(named[1])
        count = _COUNT.search(shown(article))
        yield Paper(
            title=readable(shown(link)),
            abstract=readable(shown(next(article.iter("p"), None))) or None,
            author_count=int(count[1]) if count and len(count[1]) < 6 else None,
            upvotes=_upvotes(article),
            ids={"arxiv": found[0]} if found else {},
            url=f"https://huggingface.co/papers/{named[1]}",
            source=SOURCE,
        )
    yield Layout("page", notes=["the page shows no papers"] if is_empty else (), empty=is_empty)


def _upvotes(article: Any) -> int | None:
    """The number beside the arrow: the first element that says nothing else."""
    for each in article.iter("div", "span"):
        words = shown(each)
        if not len(each) and words.isascii() and words.isdigit() and len(words) < 7:
            return int(words)
    return None
