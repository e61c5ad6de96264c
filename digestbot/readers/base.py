"""The contract of the readers: the content of a dump in, papers and everything skipped out. No IO."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from digestbot.model.papers import Paper
from digestbot.readers.content import Content


@dataclass(frozen=True, slots=True)
class Skipped:
    """A piece of a dump that became no paper.

    ``line`` counts from 1; where a format has no lines worth the name, it is the record's number. ``kind``
    is ``furniture`` (the page around the papers: nothing is missing), ``incomplete`` (an entry cut off: the
    dump lacks something) or ``unreadable`` (an entry nobody could make sense of). ``excerpt`` is its
    beginning, at most 80 characters, on one line.
    """

    line: int
    kind: Literal["furniture", "incomplete", "unreadable"]
    reason: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Layout:
    """What a reader found out of the dump as a whole; it goes into the listing's head.

    A reader may yield several: what is None says nothing, ``notes`` add up. ``empty`` is for a dump that is
    whole and holds no papers (a feed on a holiday), which is no failure; a note should say so.
    """

    layout: str | None = None
    listed_on: str | None = None
    notes: Sequence[str] = ()
    empty: bool = False


class Reader(Protocol):
    """One kind of dump. Add one: a module with a class like this, named in `digestbot.readers.registry.READERS`."""

    name: str
    """What `--format` calls it, and what its papers' ``source`` says unless the dump knows better."""
    title: str
    """A line for the table of formats."""

    def recognises(self, head: str) -> float:
        """How sure it is that a dump beginning with `head` is of its kind, 0 (it cannot be) to 1.

        By content and never by name. `head` is the first 64 KiB or less, and may end within a record.
        """
        ...

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Every paper in the dump's order, and every piece skipped, as they are met.

        An entry nobody can make sense of is Skipped, and the next is read. Raises DumpError, with the place,
        where nothing more can be read; what came before stands. Raises nothing else for odd content.
        """
        ...
