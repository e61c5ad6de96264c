"""What a feed calls its entries: guid and link together, where it does not give all its entries the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from digestbot.model.papers import GUID, Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.formats.feeds.entry import FeedEntry

Piece = Paper | Skipped | Layout
_SURER = frozenset({"arxiv", "doi", "pmid"})


def guid_of(entry: FeedEntry, url: str | None) -> str | None:
    """The entry's guid with its link; None where it lacks either: a link alone proves nothing."""
    guid = entry.first("guid", "id")
    if not guid or not url:
        return None
    return guid if guid == url else f"{guid} {url}"


def told_apart(pieces: Iterator[Piece], feeds_link: Callable[[], str]) -> Iterator[Piece]:
    """The pieces, with a guid left where it tells an entry from the others, and from the feed's own page."""
    held: list[Piece] = []
    first: Paper | None = None
    for piece in pieces:
        held.append(piece)
        if isinstance(piece, Paper):
            if first is not None:
                break
            first = piece
    papers = [piece for piece in held if isinstance(piece, Paper)]
    alike = len(papers) > 1 and papers[0].ids.get(GUID) == papers[1].ids.get(GUID)
    taken: set[str] = set()
    for piece in held:
        yield _kept(piece, taken, feeds_link(), alike=alike)
    for piece in pieces:
        yield _kept(piece, taken, feeds_link(), alike=alike)


def _kept(piece: Piece, taken: set[str], feeds_link: str, *, alike: bool) -> Piece:
    if not isinstance(piece, Paper) or GUID not in piece.ids:
        return piece
    guid = piece.ids[GUID]
    if alike or guid in taken or piece.url == feeds_link or _SURER & piece.ids.keys():
        return replace(piece, ids={scheme: each for scheme, each in piece.ids.items() if scheme != GUID})
    taken.add(guid)
    return piece
