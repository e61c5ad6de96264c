"""Reads the page of one paper by what it tells search engines: arXiv, OpenReview, bioRxiv, PubMed Central, journals."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.html_page import page_text, tree
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date, most_exact
from digestbot.readers.text.markup import readable

_TITLE = re.compile(r"<meta\b[^<>]*\bname\s*=\s*[\"']?citation_title\b", re.IGNORECASE)


class ArticlePage:
    """The reader of a paper's page."""

    name = "article-html"
    title = "page of one paper (arXiv, OpenReview, bioRxiv, journals), saved as HTML"

    def recognises(self, head: str) -> float:
        """By the title among what it tells search engines."""
        return 0.92 if _TITLE.search(head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """The one paper."""
        root = tree(page_text(content))
        told: dict[str, list[str]] = {}
        for meta in () if root is None else root.iter("meta"):
            name, value = (meta.get("name") or "").lower(), readable(meta.get("content") or "")
            if name.startswith("citation_") and value:
                told.setdefault(name.removeprefix("citation_"), []).append(value)
        title = next(iter(told.get("title", ())), "")
        if not title:
            yield Skipped(1, "unreadable", "a page without a title", "")
            return
        dates = (each for name in ("date", "publication_date", "online_date", "year") for each in told.get(name, ()))
        urls = [each for name in ("abstract_html_url", "public_url", "pdf_url") for each in told.get(name, ())]
        yield Paper(
            title=title,
            abstract=next(iter(told.get("abstract", ())), None),
            authors=fields.named(map(fields.name, told.get("author") or told.get("authors") or [])),
            journal=next((each for name in ("journal_title", "conference_title") for each in told.get(name, ())), None),
            published=most_exact(map(iso_date, (each.replace("/", "-") for each in dates))),
            ids=fields.ids(
                arxiv=next(iter(told.get("arxiv_id", ())), None),
                doi=next(iter(told.get("doi", ())), None),
                pmid=next(iter(told.get("pmid", ())), None),
            ),
            url=next(iter(urls), None),
            source=ArticlePage.name,
        )
