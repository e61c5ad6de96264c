"""Reads Google Scholar's alert mails: as .eml, as a mailbox of many, or the HTML alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from digestbot.model.papers import ET_AL, Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.html_mail import has_headers, html_mails, html_of
from digestbot.readers.frames.html_page import shown, tree
from digestbot.readers.text.fields import arxiv_id, excerpt, ids, name
from digestbot.readers.text.markup import readable

_SENDER = re.compile(r"scholaralerts-noreply@google\.com|scholarcitations-noreply@google\.com", re.IGNORECASE)
_MARKS = re.compile(r"gse_alrt_title|/scholar_url\?|gse=3D_alrt")
_KIND_MARK = re.compile(r"\s*(?:\[(?:PDF|HTML|BOOK|B|CITATION|C|DOC|PS)\]\s*)+", re.IGNORECASE)
_TO_VENUE = re.compile(r"\s+-\s+|\s*\u00a0-\s+")
_YEAR_BEHIND = re.compile(r",?\s*(?:19|20)\d\d\s*\Z")
_MANY_WORDS = 4  # of a link, which may be a title
_ELLIPSIS = re.compile(r"\s*(?:…|\.\.\.)\s*$")


class ScholarAlert:
    """The reader of Google Scholar's alerts."""

    name = "scholar-alert"
    title = "Google Scholar alert mail (.eml, mbox, or its HTML)"

    def recognises(self, head: str) -> float:
        """By its sender, or by the links that only its mails have."""
        if has_headers(head):
            return 0.95 if _SENDER.search(head) else 0.6 if _MARKS.search(head) else 0.0
        return 0.9 if "<" in head and _MARKS.search(head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Papers in the mails' order; the abstract is the passage that the mail quotes."""
        is_empty = True
        for line, text in html_mails(content):
            page, date = html_of(text)
            if date:
                yield Layout(listed_on=date)
            root = tree(page) if page else None
            if root is None:
                is_empty = False
                yield Skipped(line, "unreadable", "a mail without an HTML part", excerpt(text[:400]))
                continue
            is_empty = is_empty and not any(len(shown(each).split()) >= _MANY_WORDS for each in root.iter("a"))
            for heading, link in _entries(root):
                yield _paper(heading, link) or Skipped(
                    line, "unreadable", "an entry without a title", excerpt(shown(heading))
                )
        if is_empty:
            yield Layout(notes=["the mail lists no papers"], empty=True)


def _entries(root: Any) -> Iterator[tuple[Any, Any]]:
    """Each entry's heading and the link in it; mail programs drop classes, so its address counts as well."""
    for link in root.iter("a"):
        is_title = "gse_alrt_title" in (link.get("class") or "")
        heading = next(link.iterancestors("h3"), None)
        if is_title or (heading is not None and "/scholar_url?" in (link.get("href") or "")):
            yield link if heading is None else heading, link


def _paper(heading: Any, link: Any) -> Paper | None:
    title = _KIND_MARK.sub("", readable(shown(link)))
    if not title:
        return None
    byline, passage = _below(heading)
    address = _target(link.get("href") or "")
    people, *rest = _TO_VENUE.split(byline, maxsplit=1)
    found = arxiv_id(address) or arxiv_id(rest[0] if rest else None)
    return Paper(
        title=title,
        abstract=readable(passage) or None,
        authors=_authors(people) if rest else (),
        journal=_journal(rest[0]) if rest else None,
        ids=ids(arxiv=found[0] if found else None, doi=address),
        url=address,
        source=ScholarAlert.name,
    )


def _authors(people: str) -> tuple[str, ...]:
    """The names; Google breaks a long list off with dots."""
    found = tuple(filter(None, (name(each) for each in _ELLIPSIS.sub("", people).split(","))))
    return (*found, ET_AL) if _ELLIPSIS.search(people) else found


def _below(heading: Any) -> tuple[str, str]:
    """The line of authors and venue, and the passage, that stand between this heading and the next."""
    texts: list[str] = []
    for each in heading.itersiblings():
        if each.tag == "h3" or len(texts) == 2:
            break
        if each.tag == "div" and next(each.iter("a"), None) is None and (text := shown(each)):
            texts.append(text)
            if "gse_alrt_sni" in (each.get("class") or "") and len(texts) == 1:
                return "", text
    byline, passage, *_ = [*texts, "", ""]
    return byline, passage


def _target(address: str) -> str | None:
    """Where a link leads behind Google's redirect; None for one that leads back to Google Scholar."""
    parts = _split(address)
    if parts is not None and parts.path == "/scholar_url":
        address = next(iter(parse_qs(parts.query).get("url", [])), "")
        parts = _split(address)
    if parts is None or parts.scheme not in ("http", "https") or (parts.hostname or "").startswith("scholar.google."):
        return None
    return address


def _split(address: str) -> Any:
    try:
        return urlsplit(address)
    except ValueError:
        return None


def _journal(told: str) -> str | None:
    """The venue before its year; Google breaks a long name off with dots, which is no name."""
    name = _YEAR_BEHIND.sub("", told).strip(" ,")
    return None if not name or _ELLIPSIS.search(name) or name.startswith("…") else name
