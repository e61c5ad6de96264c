"""Sample digests that try a template: everything there is to show, hardly anything, and nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

from digestbot.model.digests import (
    Counts,
    Digest,
    DigestEntry,
    DigestRecord,
    DigestVerdict,
    EntryRecord,
    Highlight,
    Section,
    Slot,
    Window,
)
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.rendering.base import Envelope
from digestbot.rendering.view import DigestView, view

_DUE = datetime(2025, 3, 5, 7, 0, tzinfo=UTC)
_FULL = Paper(
    title="<b>Nasty</b> & *odd* [titles](javascript:alert(1)): $x<y$, `_a_b_` {{ braces }}",
    abstract="We show that template authors forget things. " * 20,
    authors=("Ada Lovelace", "Emmy Noether", "Katherine Johnson", "Grace Hopper"),
    organization="Institute of Samples & Co.",
    upvotes=12,
    published=date(2025, 3, 3),
    url="https://example.org/paper?a=1&b=2",
)
_BARE = Paper(title="A paper of which nothing but the title is known")


def samples() -> Iterator[DigestView]:
    """A digest with two papers, with everything around it that may be there, and an empty one with nothing."""
    full, bare = (LoggedPaper(n, str(n), _DUE, paper) for n, paper in enumerate((_FULL, _BARE), 1))
    marked = EntryRecord(1, ("one", "two"), ("odd",), (Highlight("title", 16, 19), Highlight("abstract", 3, 7)), True)
    sections = (
        Section("one", "First & foremost", (DigestEntry(full, marked),)),
        Section("two", "The <rest>", (DigestEntry(bare, EntryRecord(2, ("two",))),)),
    )
    record = DigestRecord(
        key="sample/1",
        subscription="sample",
        name="Sample <digest>",
        slot=Slot("1", _DUE.date(), _DUE),
        opened_at=_DUE,
        window=Window(0, 9),
        verdict=DigestVerdict.SEND,
        counts=Counts(read=9, found=4, already_sent=1, carried_in=1, left_out=1, shown=2),
    )
    yield view(Digest(record, sections), Envelope("0", public_url="https://example.org", note="test"))
    yield view(Digest(replace(record, counts=Counts(read=9)), ()), Envelope("0"))
