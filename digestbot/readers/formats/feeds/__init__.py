"""RSS and Atom feeds: arXiv's API and announcements, and journals' own."""

from digestbot.readers.formats.feeds.reader import ArxivAtom, ArxivFeed, Feed

__all__ = ["ArxivAtom", "ArxivFeed", "Feed"]
