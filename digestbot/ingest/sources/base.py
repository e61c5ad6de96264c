"""The dump, and the source it comes from: what the far side holds, and what of it was fetched already."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, BinaryIO, Protocol

from digestbot.model.errors import DigestbotError, Problem


@dataclass(frozen=True, slots=True)
class Dump:
    """One dump; ``name`` is what people call it: a path, ``-``, a URL, ``archive.zip/member``.

    ``open`` gives its bytes as a seekable stream at its beginning, to be closed by who called it; it raises
    DumpError, naming the dump, where they cannot be had, and so does the stream where they break off.
    A dump is opened while its source is still being iterated and before the next one is asked for, or never.
    """

    name: str
    open: Callable[[], BinaryIO] = field(repr=False, compare=False)


@dataclass(slots=True)
class Memory:
    """What a source need not fetch again: its own small state, JSON values in ``values``.

    A source writes to it only once the dump concerned has been asked past; the caller keeps it only after the
    dumps were merged, so that a crash fetches again rather than loses. ``refused`` is why a dump given could not
    be merged, set by the caller before it asks for the next one. ``unfinished`` is set by the source when it
    stopped for the time it had, and there is more to be fetched at once. ``whole`` is set by the source when what it
    gives in this fetch is all that it holds, in the place of whatever it gave before.
    """

    values: dict[str, Any] = field(default_factory=dict)
    refused: str = ""
    unfinished: bool = False
    whole: bool = False


class SourceError(DigestbotError):
    """A source that could not be fetched."""


class Unavailable(SourceError):
    """It may work later; ``retry_after`` is what the far side asked to be waited, None where it did not say."""

    def __init__(self, problem: Problem, retry_after: timedelta | None = None) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


class Refused(SourceError):
    """It will not work until somebody mends something: a wrong address or password, a page that forbids robots."""


class Source(Protocol):
    """A place where dumps appear; ``name`` is what the operator calls it."""

    name: str

    def fetch(self, memory: Memory, now: datetime) -> Iterator[Dump]:
        """What is new there since `memory`, one dump after another, and `memory` brought up to it.

        Raises Unavailable or Refused, also after some dumps; `memory` is right for those all the same. A single
        dump that cannot be had raises DumpError when it is opened.
        """
        ...
