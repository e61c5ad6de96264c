"""Reads RSS (all versions) and Atom feeds: arXiv's API, arXiv's announcements, journals."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digestbot.model.errors import DumpError, Problem
from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.formats import arxiv
from digestbot.readers.formats.feeds.entry import FeedEntry, inner
from digestbot.readers.formats.feeds.guids import told_apart
from digestbot.readers.formats.feeds.paper import arxiv_paper, comment, journal_paper
from digestbot.readers.frames.xml import XmlElement, elements, local, root_of
from digestbot.readers.text.markup import readable

_ROOTS = {"rss": "RSS", "rdf": "RSS 1.0", "feed": "Atom", "channel": "RSS"}
_ENTRIES = frozenset({"item", "entry"})
# what a feed says of itself, beside its entries
_HEADS = frozenset({"title", "link", "updated", "lastBuildDate", "date", "pubDate", "totalResults", "startIndex"})
_CHANNEL = re.compile(r"<(?:\w+:)?channel\b")  # in RDF, what makes it a feed
_ARXIV_API = re.compile(r"arxiv\.org/api/|arXiv Query:")
_ARXIV_FEED = re.compile(r"rss\.arxiv\.org|updates on (?:the )?arXiv\.org|announce_type|arxiv\.org/rss/")


class Feed:
    """The reader of any feed: what stands in it is taken for papers."""

    name = "feed"
    title = "RSS or Atom feed of a journal, archive or blog"

    def recognises(self, head: str) -> float:
        """By the root's name; arXiv's own feeds have readers of their own."""
        root = _root(head)
        return 0.0 if not root else 0.6 if root == "rdf" else 0.9  # what others write in RDF is told by others

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """A paper for each item or entry."""
        said: dict[str, str] = {}
        yield from told_apart(self._entries(content, said), lambda: said.get("link", ""))

    def _entries(self, content: Content, said: dict[str, str]) -> Iterator[Paper | Skipped | Layout]:
        """As `read`, with every guid; what the feed says of itself goes into `said`."""
        feed_title = ""
        entries = 0
        broken = False
        withdrawn = arxiv.Withdrawals()
        for found in elements(content, _ENTRIES | _HEADS):
            if isinstance(found, Skipped):
                broken = True
                yield found
            elif local(found.element.tag) in _HEADS:
                said.setdefault(local(found.element.tag), inner(found.element))
                feed_title = readable(said.get("title", "")).rstrip(" :")
            else:
                entries += 1
                piece = self._told(found, feed_title, withdrawn)
                broken = broken or isinstance(piece, Skipped)
                yield piece
        yield from withdrawn.told()
        if not entries and not broken:
            self._check_promise(said, content.name)
        dated = next((said[key] for key in ("lastBuildDate", "updated", "pubDate", "date") if said.get(key)), None)
        notes = () if entries or broken else ("the feed holds no entries",)
        is_feed = _root(content.head) != "rdf" or _CHANNEL.search(content.head) is not None
        is_empty = is_feed and not entries and not broken
        yield Layout(_ROOTS.get(_root(content.head)), dated, notes if is_feed else (), empty=is_empty)

    def _told(self, found: XmlElement, feed_title: str, withdrawn: arxiv.Withdrawals) -> Paper | Skipped:
        entry = FeedEntry(found.element)
        if any("arxiv.org/api/errors" in text for text in entry.all("id")):
            answer = readable(entry.first("summary"))
            return Skipped(found.line, "unreadable", f"arXiv answered: {answer[:200]}", entry.first("id")[:80])
        paper = self._paper(entry, feed_title)
        if paper is None:
            about = " ".join(entry.first("link", "guid", "id", "description", "summary").split())
            return Skipped(found.line, "unreadable", "an entry without a title", about[:80])
        if arxiv.is_withdrawn(comment(entry)) or arxiv.is_withdrawn(paper.abstract):
            withdrawn.add(paper.ids.get("arxiv", paper.title))
        return paper

    def _paper(self, entry: FeedEntry, feed_title: str) -> Paper | None:
        return journal_paper(entry, feed_title or self.name)

    def _check_promise(self, said: dict[str, str], name: str) -> None:
        """arXiv's API answers with an empty page at times, though it counts results."""
        total, start = said.get("totalResults", ""), said.get("startIndex", "0") or "0"
        if total.isdecimal() and start.isdecimal() and len(total) < 12 > len(start) and int(total) > int(start):
            way_out = "ask again: arXiv's API does this when it is busy"
            raise DumpError(Problem(f"the answer counts {total} results and holds none", name, way_out=way_out))


class ArxivAtom(Feed):
    """The reader of what arXiv's API answers."""

    name = "arxiv-atom"
    title = "answer of the arXiv API (Atom)"

    def recognises(self, head: str) -> float:
        """By the API's own address or title in the feed's head."""
        return 0.95 if _root(head) == "feed" and _ARXIV_API.search(head[:4000]) else 0.0

    def _paper(self, entry: FeedEntry, feed_title: str) -> Paper | None:
        return arxiv_paper(entry, announced=False)


class ArxivFeed(Feed):
    """The reader of arXiv's daily announcements."""

    name = "arxiv-feed"
    title = "arXiv's daily RSS or Atom feed"

    def recognises(self, head: str) -> float:
        """By its address, its title or announce types."""
        return 0.9 if _root(head) and _ARXIV_FEED.search(head[:16_000]) else 0.0

    def _paper(self, entry: FeedEntry, feed_title: str) -> Paper | None:
        return arxiv_paper(entry, announced=True)


def _root(head: str) -> str:
    name = root_of(head).rpartition(":")[2].lower()
    return name if name in _ROOTS else ""
