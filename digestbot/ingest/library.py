"""The papers of a library: a dump of what somebody likes, of any kind that is read elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from digestbot.ingest.sources.files import read_dumps
from digestbot.model.papers import Paper
from digestbot.readers import open_listing


def read_papers(path: Path) -> Iterator[Paper]:
    """They come one by one, as they stand there. Raises DigestbotError where it cannot be read."""
    for dump in read_dumps(str(path)):
        with dump.open() as stream:
            yield from (piece for piece in open_listing(stream, dump.name) if isinstance(piece, Paper))
