"""The library of a subscription: a dump of papers that somebody likes, read when it is needed and when it changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

from digestbot.model.errors import Problem, UsageError
from digestbot.model.papers import Paper
from digestbot.store.works import Works

MOST_LIKED = 5_000
"""Papers of a library that count, the first of it."""

ReadPapers = Callable[[Path], Iterable[Paper]]
"""Reads the papers of a dump one by one. Raises DigestbotError where it is none."""


def cannot_read(path: Path) -> Iterable[Paper]:
    """For whoever reads subscriptions only to look at them."""
    raise UsageError(Problem("no library is read here", str(path)))


class Library:
    """A file with papers; ``shown`` is what problems call it. ``more`` says that it had more of them than count."""

    def __init__(self, path: Path, shown: str, read: ReadPapers) -> None:
        self.path, self.shown = path, shown
        self._read = read
        self._known: tuple[tuple[int, int], Works] | None = None
        self.more = False

    def stamp(self) -> tuple[int, int]:
        """Changes when the file does. Raises UsageError where it cannot be looked at."""
        try:
            at = self.path.stat()
        except OSError as error:
            raise UsageError(Problem(f"cannot be read: {error.strerror}", self.shown)) from None
        return at.st_mtime_ns, at.st_size

    def works(self) -> Works:
        """The papers as the file is now, each once. Raises DigestbotError."""
        stamp = self.stamp()
        if self._known is None or self._known[0] != stamp:
            told = iter(self._read(self.path))
            self._known = stamp, Works(islice(told, MOST_LIKED))
            self.more = next(told, None) is not None
        return self._known[1]
