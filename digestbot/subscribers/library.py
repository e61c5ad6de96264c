"""The library of a subscription: papers that somebody likes, read when they are needed and when they changed."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from digestbot.model.errors import Problem, UsageError
from digestbot.model.papers import Paper
from digestbot.store.base import Store
from digestbot.store.works import Works

MOST_LIKED = 5_000
"""Papers of a library that count, the first of it."""

ReadPapers = Callable[[Path], Iterable[Paper]]
"""Reads the papers of a dump one by one. Raises DigestbotError where it is none."""


def cannot_read(path: Path) -> Iterable[Paper]:
    """Whoever asks it only looks at subscriptions."""
    raise UsageError(Problem("no library is read here", str(path)))


def kept_of(source: str) -> str:
    """What the store calls the library of a source."""
    return f"source/{source}"


class Library:
    """Papers that somebody likes: ``read`` tells them, and ``stamp`` changes when they do; both raise DigestbotError.

    ``more`` says that there were more of them than count.
    """

    def __init__(self, stamp: Callable[[], Hashable], read: Callable[[], Iterable[Paper]]) -> None:
        self.stamp = stamp
        self._read = read
        self._known: tuple[Hashable, Works] | None = None
        self.more = False

    @classmethod
    def of_file(cls, path: Path, shown: str, read: ReadPapers) -> Library:
        """A dump; ``shown`` is what problems call it."""

        def stamp() -> Hashable:
            try:
                at = path.stat()
            except OSError as error:
                raise UsageError(Problem(f"cannot be read: {error.strerror}", shown)) from None
            return at.st_mtime_ns, at.st_size

        return cls(stamp, lambda: read(path))

    @classmethod
    def of_store(cls, store: Callable[[], Store], name: str) -> Library:
        """One that the store keeps under this name."""
        return cls(lambda: store().library_mark(name), lambda: store().library(name))

    def works(self) -> Works:
        """The papers as they are now, each once. Raises DigestbotError."""
        stamp = self.stamp()
        if self._known is None or self._known[0] != stamp:
            told = iter(self._read())
            self._known = stamp, Works(islice(told, MOST_LIKED))
            self.more = next(told, None) is not None
        return self._known[1]


@dataclass(frozen=True, slots=True)
class Libraries:
    """Where the libraries come from that files name: dumps are read by ``read``.

    ``sources`` tells those of sources by their names, None for a source of news; it raises UsageError where their file
    is wrong.
    """

    read: ReadPapers = cannot_read
    sources: Callable[[], Mapping[str, Library | None]] = dict

    def named(self, written: str, folder: Path, shown: str) -> Library:
        """What is called so: a file, its path beginning at `folder`, or a source. Raises UsageError."""
        path = folder / Path(written).expanduser()
        if path.is_file():
            return Library.of_file(path, f"{shown}: {written}", self.read)
        known = self.sources()
        library = known.get(written)
        if library is not None:
            return library
        if written in known:
            hint = f'write use = "library" under [{written}] in sources.toml'
            raise UsageError(Problem(f"the source {written!r} brings news, and no library", way_out=hint))
        raise UsageError(
            Problem(f"there is no file {written!r}, nor a source of that name", way_out=_nearest(written, path, known))
        )


NO_LIBRARIES = Libraries()
"""For whoever reads subscriptions only to look at them."""


def _nearest(written: str, path: Path, sources: Mapping[str, Library | None]) -> str:
    beside = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
    if near := difflib.get_close_matches(path.name, beside):
        return f"did you mean {str(Path(written).with_name(near[0]))!r}?"
    if named := difflib.get_close_matches(written, [name for name, each in sources.items() if each]):
        return f"did you mean {named[0]!r}?"
    return "its path begins at the folder of this file"
