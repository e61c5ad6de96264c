"""The digest: what one subscription gets for one slot, and the record of it that the ledger keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from digestbot.model.papers import LoggedPaper


class DigestVerdict(StrEnum):
    """Why a digest leaves, or why it does not. Every "no" has a name."""

    SEND = "send"
    NOTHING_MATCHED = "nothing matched"
    NOTHING_NEW = "nothing new to read"
    ALREADY_SENT = "already sent"
    PAUSED = "paused"
    NO_DESTINATION = "no destination"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Slot:
    """One turn of a subscription: ``label`` makes its digest unique, ``day`` is the local day it is dated.

    ``at`` is the moment it was due (aware), which for a send by hand is that day's first.
    """

    label: str
    day: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of the paper log a digest covers: after ``after``, up to and with ``upto``."""

    after: int
    upto: int


@dataclass(frozen=True, slots=True)
class Highlight:
    """Words that made a paper match: character offsets into its raw title or abstract, ``end`` exclusive."""

    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """One paper of a digest as the ledger keeps it.

    ``sequence`` points into the paper log, so that the same bytes can be written again. ``rules`` are the
    labels it answers (the first is the section it stands in), ``reasons`` the words found, as shown
    ("topic:multilingual", "low-resource"); ``carried`` says it was over the cap of an earlier digest. ``score`` is
    what it was worth to the subscription, 0 in records made before scores were kept.
    """

    sequence: int
    rules: tuple[str, ...]
    words: tuple[str, ...] = ()
    highlights: tuple[Highlight, ...] = ()
    carried: bool = False
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Counts:
    """The closing line: papers read in the window, found by the rules, already sent, carried in and left out.

    found = shown + already_sent + left_out, where found counts the carried-in ones too.
    """

    read: int = 0
    found: int = 0
    already_sent: int = 0
    carried_in: int = 0
    left_out: int = 0
    shown: int = 0


@dataclass(frozen=True, slots=True)
class Trend:
    """One rule in the small chart: papers it found in this window, and on average per earlier digest."""

    label: str
    heading: str
    found: int
    before: float


@dataclass(frozen=True, slots=True)
class DigestRecord:
    """A digest as the ledger keeps it: enough to write the same messages again, with no paper copied.

    ``key`` is ``<subscription>/<slot label>`` and unique. ``verdict`` is SEND for one that leaves.
    ``carry`` lists the log places of the papers left for the next digest. ``name``, ``sections`` (every rule's
    label and heading, in order) are kept because the subscription's file may have changed since. ``trend``
    compares this window with the digests before it; it is empty when there were none.
    """

    key: str
    subscription: str
    name: str
    slot: Slot
    opened_at: datetime
    window: Window
    verdict: DigestVerdict
    entries: tuple[EntryRecord, ...] = ()
    sections: tuple[tuple[str, str], ...] = ()
    counts: Counts = Counts()
    carry: tuple[int, ...] = ()
    trend: tuple[Trend, ...] = ()


@dataclass(frozen=True, slots=True)
class DigestEntry:
    """One paper of a digest, ready to be written."""

    paper: LoggedPaper
    record: EntryRecord


@dataclass(frozen=True, slots=True)
class Section:
    """Entries under one heading; an entry stands in one section only, however many rules it answers."""

    label: str
    heading: str
    entries: tuple[DigestEntry, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest with its papers, from which every renderer writes its message."""

    record: DigestRecord
    sections: tuple[Section, ...]

    @property
    def entries(self) -> tuple[DigestEntry, ...]:
        """All entries, in the order they are shown."""
        return tuple(entry for section in self.sections for entry in section.entries)


def assemble(record: DigestRecord, papers: Mapping[int, LoggedPaper]) -> Digest:
    """The digest of a record, with its papers taken from `papers` (by log place); sections stand as their first do.

    Raises KeyError for a place that is missing: the log never forgets what a digest points to.
    """
    headings = dict(record.sections)
    sections: dict[str, list[DigestEntry]] = {}
    for each in record.entries:
        sections.setdefault(each.rules[0], []).append(DigestEntry(papers[each.sequence], each))
    return Digest(
        record, tuple(Section(label, headings.get(label, label), tuple(some)) for label, some in sections.items())
    )
