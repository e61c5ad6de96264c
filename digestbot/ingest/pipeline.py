"""The life of a paper: dump -> listing -> the paper log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Protocol, Self

from digestbot.ingest.sources.base import Dump
from digestbot.model.errors import DigestbotError, DumpError, Problem, StoreError, UsageError
from digestbot.model.garbage import uncollected
from digestbot.model.papers import Paper
from digestbot.readers import Skipped, StreamedListing, open_listing
from digestbot.store.base import Merged, Store

BATCH = 1_000  # papers merged at once
HELD_BACK = 20_000  # papers of a dump kept in memory until it is known to be whole
_TOLD = 20  # skipped pieces of one dump told one by one


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of one dump.

    ``found`` are its papers: new + updated + duplicate when it was stored. ``skipped`` are the pieces that became
    no paper, page furniture left out, and ``broken`` the first of them; ``notes`` say what was mended. With `error`
    nothing of it was stored, unless ``merged`` counts papers: then the dump was too large to be held back and broke
    off after them.
    """

    name: str
    found: int
    merged: Merged
    skipped: int = 0
    notes: Sequence[str] = ()
    broken: Sequence[Skipped] = ()
    error: DigestbotError | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain JSON, for another process."""
        wrong = self.error and {
            "problems": [asdict(each) for each in self.error.problems],
            "usage": isinstance(self.error, UsageError),
        }
        broken = [asdict(each) for each in self.broken]
        plain = {"name": self.name, "found": self.found, "skipped": self.skipped, "notes": list(self.notes)}
        return {**plain, "merged": asdict(self.merged), "broken": broken, "error": wrong}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """What `to_json` wrote; the error is a UsageError, or a plain DigestbotError."""
        wrong, error = data["error"], None
        if wrong is not None:
            kind = UsageError if wrong["usage"] else DigestbotError
            error = kind(*(Problem(**each) for each in wrong["problems"]))
        broken = [Skipped(**each) for each in data["broken"]]
        merged = Merged(**data["merged"])
        return cls(data["name"], data["found"], merged, data["skipped"], data["notes"], broken, error)


def ingest(
    names: Iterable[str],
    read: Callable[[str], Iterable[Dump]],
    store: Store,
    *,
    subscriptions: Iterable[str],
    now: datetime,
    form: str | None = None,
    partial: bool = False,
    is_baseline: Callable[[Paper], bool] | None = None,
) -> Iterator[Ingested]:
    """Read dumps and merge their papers, one after the other; a bad one stops none of the others.

    `read` gives the dumps of a name (a folder or an archive has several). The subscriptions of files (ids), and the
    store's own subscribers, not yet known are registered before the first paper comes in: it is news to them.

    A dump that breaks off is refused whole unless `partial`: a half-published listing that looks done is how
    papers get lost. To know, up to `HELD_BACK` papers are held back; of a dump with more than that the papers
    before the break are stored, and the break is its error all the same. An entry that nobody can make sense
    of, with whole ones after it, is skipped and told; where most of a dump is such, it is refused too. New papers
    that `is_baseline` is true of are stored, and are no news. A StoreError ends it all.
    """
    merging = _Merging(store, subscriptions, now, is_baseline)
    for name in names:
        try:
            for dump in read(name):
                yield take_in(dump, merging, form, partial=partial)
        except StoreError:
            raise
        except DigestbotError as error:
            yield Ingested(name, 0, Merged(0, 0, 0), error=error)


class Taker(Protocol):
    """Where the papers of dumps go."""

    def merge(self, papers: Sequence[Paper], so_far: Merged) -> Merged:
        """Take them; what became of these and of those before."""
        ...


class _Merging:
    """Papers into the log in batches; subscriptions are registered before the first."""

    def __init__(
        self,
        store: Store,
        subscriptions: Iterable[str],
        now: datetime,
        is_baseline: Callable[[Paper], bool] | None = None,
    ) -> None:
        self._store, self._subscriptions, self._now, self._is_baseline = store, subscriptions, now, is_baseline
        self._registered = False

    def merge(self, papers: Sequence[Paper], so_far: Merged) -> Merged:
        if self._is_baseline is not None:
            papers = [replace(each, baseline=True) if self._is_baseline(each) else each for each in papers]
        if not self._registered:
            self._store.register(self._subscriptions, now=self._now)
            self._store.register_subscribers(now=self._now)
            self._registered = True
        for start in range(0, len(papers), BATCH):
            with uncollected():
                more = self._store.merge(papers[start : start + BATCH], now=self._now)
            so_far = Merged(so_far.new + more.new, so_far.updated + more.updated, so_far.duplicate + more.duplicate)
        return so_far


def take_in(dump: Dump, taker: Taker, form: str | None, *, partial: bool = False) -> Ingested:
    """Read one dump and hand its papers on, as `ingest` says. Raises StoreError."""
    try:
        with dump.open() as stream:
            return _merged(open_listing(stream, dump.name, form), taker, partial=partial)
    except StoreError:
        raise
    except DigestbotError as error:
        return Ingested(dump.name, 0, Merged(0, 0, 0), error=error)


def _merged(listing: StreamedListing, taker: Taker, *, partial: bool) -> Ingested:
    merged = Merged(0, 0, 0)
    broken: list[Skipped] = []
    break_: Skipped | None = None
    held: list[Paper] = []
    most = BATCH if partial else HELD_BACK
    for piece in listing:
        if isinstance(piece, Paper):
            held.append(piece)
            if len(held) >= most:
                merged = taker.merge(held, merged)
                held = []
                most = BATCH  # it is being stored already: there is nothing to hold back for
            continue
        if piece.kind == "incomplete" and break_ is None:
            break_ = piece
        if piece.kind != "furniture" and len(broken) < _TOLD:
            broken.append(piece)
    stored = listing.papers - len(held)
    error = None if partial else _refusal(listing, break_, stored=bool(stored))
    if error is None or stored:
        merged = taker.merge(held, merged)
    skipped = sum(count for kind, count in listing.skipped.items() if kind != "furniture")
    return Ingested(listing.name, listing.papers, merged, skipped, listing.notes, broken, error)


def _refusal(listing: StreamedListing, break_: Skipped | None, *, stored: bool) -> DumpError | None:
    """Why the dump is not to be stored, if so: it breaks off, or most of it is kept out."""
    if break_ is not None:
        reason, line = break_.reason, break_.line
    elif listing.mostly_kept_out:
        reason, line = "most of it was kept out", None
    else:
        return None
    if stored:
        taken = f"the {listing.papers} whole papers were stored, for it is too large to be held back"
        way_out = "fetch it again: what is stored already is counted as duplicate then"
    else:
        taken = "nothing of it was stored"
        way_out = f"fetch it again, or take the {listing.papers} whole papers with --partial"
    return DumpError(Problem(f"{reason}, {taken}", listing.name, line, way_out=way_out))
