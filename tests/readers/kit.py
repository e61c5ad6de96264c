"""A small dump read as a whole, as tests look at it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from digestbot.model.papers import Paper
from digestbot.readers import Skipped, open_listing


@dataclass(frozen=True, slots=True)
class Listing:
    """What a reader understood of one dump.

    ``format`` is the reader's name, ``layout`` its finer kind where it has some. ``listed_on`` is the
    listing's own date as the dump writes it ("Jan 1"), which is no paper's date. ``notes`` say what was
    mended on the way in (an encoding guessed, mojibake repaired).
    """

    name: str
    format: str
    layout: str | None
    papers: Sequence[Paper]
    skipped: Sequence[Skipped]
    listed_on: str | None = None
    notes: Sequence[str] = ()

    @property
    def incomplete(self) -> bool:
        """Whether the dump lacks something that it began to say."""
        return any(piece.kind != "furniture" for piece in self.skipped)


def understand(data: bytes, name: str, format: str | None = None) -> Listing:
    """The whole listing in a small dump's bytes; raises as `open_listing` and reading its pieces do."""
    streamed = open_listing(io.BytesIO(data), name, format)
    papers: list[Paper] = []
    skipped: list[Skipped] = []
    for piece in streamed:
        if isinstance(piece, Paper):
            papers.append(piece)
        else:
            skipped.append(piece)
    return Listing(name, streamed.format, streamed.layout, papers, skipped, streamed.listed_on, streamed.notes)
