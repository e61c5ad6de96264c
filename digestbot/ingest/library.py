"""The papers of libraries: what somebody likes, in a dump of any kind that is read elsewhere, or kept of a source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from digestbot.ingest.sources.files import read_dumps
from digestbot.model.papers import Paper
from digestbot.platform.settings import Settings
from digestbot.readers import open_listing
from digestbot.store.base import Store
from digestbot.subscribers.library import Libraries, Library, kept_of


def read_papers(path: Path) -> Iterator[Paper]:
    """They come one by one, as they stand there. Raises DigestbotError where it cannot be read."""
    for dump in read_dumps(str(path)):
        with dump.open() as stream:
            yield from (piece for piece in open_listing(stream, dump.name) if isinstance(piece, Paper))


def libraries(settings: Settings, store: Callable[[], Store]) -> Libraries:
    """Where the papers come from that subscriptions of files like."""

    def of_sources() -> Mapping[str, Library | None]:
        from digestbot.ingest.poller import sources  # and all that fetches with it

        known = {each.name: each.library for each in sources(settings)}
        return {name: Library.of_store(store, kept_of(name)) if liked else None for name, liked in known.items()}

    return Libraries(read_papers, of_sources)
