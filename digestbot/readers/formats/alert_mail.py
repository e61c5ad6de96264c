"""Reads alert mails that link to papers: Semantic Scholar's, bioRxiv's, PubMed's, publishers' new contents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.html_mail import has_headers, html_mails, html_of
from digestbot.readers.frames.html_page import shown, tree
from digestbot.readers.text import fields
from digestbot.readers.text.markup import readable

# the pages of single papers
_PAPER = re.compile(
    r"https?://(?:[\w-]+\.)*(?:semanticscholar\.org/(?:paper|reader)/\w|pubmed\.ncbi\.nlm\.nih\.gov/\d|biorxiv\.org/c"
    r"|ncbi\.nlm\.nih\.gov/(?:pubmed/\d|pmc/articles/PMC|m/pubmed/\d)|medrxiv\.org/c|arxiv\.org/(?:abs|pdf|html)/\d"
    r"|doi\.org/10\.|nature\.com/articles/|science\.org/doi/|sciencedirect\.com/science/article/|springer\.com/article/"
    r"|dl\.acm\.org/doi/|ieeexplore\.ieee\.org/(?:document/|abstract/)|openreview\.net/forum\?|aclanthology\.org/\w"
    r"|onlinelibrary\.wiley\.com/doi/|tandfonline\.com/doi/|journals\.plos\.org/\w+/article|huggingface\.co/papers/\d"
    r"|pnas\.org/doi/|cell\.com/\S*?fulltext|frontiersin\.org/articles/|mdpi\.com/\d|academic\.oup\.com/\S*?article)"
)
_PUBMED = re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/(?:m/)?pubmed)/(\d{1,9})")
_LINK = re.compile(r"""href\s*=\s*["']?([^"'\s>]{8,2000})""", re.IGNORECASE)
_NO_TITLE = re.compile(
    r"(?:read|view|see|show|open|get|download|full|abstract|pdf|save|add|share|more|cite|unsubscribe|manage|click"
    r"|doi:|https?:)\b",
    re.IGNORECASE,
)
_FEWEST_WORDS = 3


class AlertMail:
    """The reader of mails with links to papers."""

    name = "alert-mail"
    title = "alert mail with links to papers (.eml, mbox: Semantic Scholar, bioRxiv, publishers)"

    def recognises(self, head: str) -> float:
        """By a mail's headers and a link to the page of a paper."""
        if not has_headers(head):
            return 0.0
        page, _ = html_of(head)
        return 0.5 if any(_address(each) for each in _LINK.findall(page)) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """A paper for each link whose words are a title; what else the mail says of it is not certain enough."""
        is_empty = True
        for line, text in html_mails(content):
            page, date = html_of(text)
            root = tree(page) if page else None
            if date:
                yield Layout(listed_on=date)
            if root is None:
                is_empty = False
                yield Skipped(line, "unreadable", "a mail without an HTML part", fields.excerpt(text[:400]))
                continue
            for paper in _papers(root):
                is_empty = False
                yield paper
        if is_empty:
            yield Layout(notes=["the mail lists no papers"], empty=True)


def _papers(root: Any) -> Iterator[Paper]:
    told: set[str] = set()
    for link in root.iter("a"):
        address = _address(link.get("href") or "")
        title = readable(shown(link))
        is_title = len(title.split()) >= _FEWEST_WORDS and not _NO_TITLE.match(title)
        if address is None or not is_title or title in told:
            continue
        told.add(title)
        pubmed = _PUBMED.search(address)
        arxiv = fields.arxiv_id(address)
        yield Paper(
            title=title,
            ids=fields.ids(arxiv=arxiv[0] if arxiv else None, doi=address, pmid=pubmed[1] if pubmed else None),
            url=address,
            source=AlertMail.name,
        )


def _address(written: str) -> str | None:
    """The paper's page that a link leads to, behind the counter of clicks that mails put before it."""
    written = written.replace("&amp;", "&").strip()
    if _PAPER.match(written):
        return written
    try:
        given = [value for _, value in parse_qsl(urlsplit(written).query, max_num_fields=50)]
    except ValueError:
        return None
    return next((value for value in given if _PAPER.match(value)), None)
