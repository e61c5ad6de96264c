"""Reads alert mails that link to papers: Semantic Scholar's, bioRxiv's, PubMed's, publishers' new contents."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import islice

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.alert_page import paper_address, papers_shown
from digestbot.readers.frames.html_mail import has_headers, html_mails, html_of
from digestbot.readers.frames.html_page import page_text, tree
from digestbot.readers.text import fields

_LINK = re.compile(r"""href\s*=\s*["']?([^"'\s>]{8,2000})""", re.IGNORECASE)

_LOOKED_AT = 300  # links, to recognise it
_PAGE = re.compile(r"<(?:html|body|table|div|!doctype\s+html)\b", re.IGNORECASE)
_COUNTED = re.compile(r"https?://(?:[\w-]+\.)*(?:click|links?|email|track(?:ing)?)\.[\w.-]+/", re.IGNORECASE)
_ABOUT = re.compile(r"\bdoi\b|table of contents|online now|new (?:articles|issue)|latest articles|alert", re.IGNORECASE)


class AlertMail:
    """The reader of mails with links to papers."""

    name = "alert-mail"
    title = "alert mail with links to papers (.eml, mbox: Semantic Scholar, bioRxiv, publishers)"

    def recognises(self, head: str) -> float:
        """By a mail's headers and a link to the page of a paper."""
        if not has_headers(head):
            return 0.0
        page, _ = html_of(head)
        return 0.5 if any(paper_address(each) for each in _LINK.findall(page)) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """A paper for each link whose words are a title, with what stands beside it."""
        for line, text in html_mails(content):
            page, date = html_of(text)
            root = tree(page) if page else None
            if date:
                yield Layout(listed_on=date)
            if root is None:
                yield Skipped(line, "unreadable", "a mail without an HTML part", fields.excerpt(text[:400]))
                continue
            yield from papers_shown(root, self.name)


class AlertPage:
    """The reader of an alert's page without its mail."""

    name = "alert-html"
    title = "alert or table of contents of a publisher as HTML (Nature, Cell Press, AHA)"

    def recognises(self, head: str) -> float:
        """By what only a page has, and a link to a paper, or many that are counted."""
        if not _PAGE.search(head[:4000]) or has_headers(head):
            return 0.0
        links = (html.unescape(each[1]) for each in islice(_LINK.finditer(head), _LOOKED_AT))
        if any(paper_address(each) for each in links if each.startswith("http")):
            return 0.34
        return 0.31 if _COUNTED.search(head) or _ABOUT.search(head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """A paper for each link whose words are a title, with what stands beside it."""
        root = tree(page_text(content))
        papers = [] if root is None else list(papers_shown(root, self.name))
        if len(papers) > 1 or any(paper.authors for paper in papers):  # a page that links to one paper lists none
            yield from papers
