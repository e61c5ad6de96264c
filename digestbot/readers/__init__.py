"""The readers of dumps: bytes in, papers and everything skipped out."""

from __future__ import annotations

from collections.abc import Sequence

from digestbot.readers.base import Layout, Reader, Skipped
from digestbot.readers.content import Content
from digestbot.readers.reading import StreamedListing, open_listing

__all__ = [
    "Content",
    "Layout",
    "Reader",
    "Skipped",
    "StreamedListing",
    "open_listing",
]


def __getattr__(name: str) -> Sequence[Reader]:
    """READERS, when asked for: it imports every kind of dump."""
    if name == "READERS":
        from digestbot.readers.registry import READERS

        return READERS
    raise AttributeError(name)
