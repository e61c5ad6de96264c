"""The life of a paper: dump -> listing -> the paper log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from digestbot.core.errors import DigestbotError, DumpError, Problem
from digestbot.listing import understand
from digestbot.listing.base import Listing
from digestbot.sources.base import Dump
from digestbot.store.base import Merged, Store


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of one dump. With `error` nothing was stored; `listing` is None if it was unreadable."""

    name: str
    listing: Listing | None
    merged: Merged
    error: DigestbotError | None = None

    @property
    def found(self) -> int:
        """Papers in the dump; new + updated + duplicate when it was stored."""
        return len(self.listing.papers) if self.listing else 0


def ingest(
    names: Iterable[str],
    read: Callable[[str], Dump],
    store: Store,
    *,
    subscriptions: Iterable[str],
    now: datetime,
    form: str | None = None,
    partial: bool = False,
) -> Iterator[Ingested]:
    """Read dumps and merge their papers, one after the other; a bad one stops none of the others.

    The subscriptions (ids) not yet known are registered before the first paper comes in, so that what comes
    in now is news to them. A dump that breaks off is refused whole unless `partial`: a half-published
    listing that looks done is how papers get lost. A StoreError ends it all.
    """
    registered = False
    for name in names:
        try:
            dump = read(name)
            listing = understand(dump.data, dump.name, form)
        except DigestbotError as error:
            yield Ingested(name, None, Merged(0, 0, 0), error)
            continue
        if listing.incomplete and not partial:
            yield Ingested(name, listing, Merged(0, 0, 0), _refusal(listing))
            continue
        if not registered:
            store.register(subscriptions, now=now)
            registered = True
        yield Ingested(name, listing, store.merge(listing.papers, now=now))


def _refusal(listing: Listing) -> DumpError:
    first = next(piece for piece in listing.skipped if piece.kind != "furniture")
    return DumpError(
        Problem(
            f"{first.reason}, nothing of it was stored",
            listing.name,
            first.line,
            way_out=f"fetch it again, or take the {len(listing.papers)} whole papers with --partial",
        )
    )
