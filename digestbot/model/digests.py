"""The digest: what one subscription gets for one slot, and the record of it that the ledger keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from digestbot.model.papers import LoggedPaper

STILL_WAITING = "Still waiting"
"""What stands above the papers that were over the cap of earlier digests."""


class DigestVerdict(StrEnum):
    """Why a digest leaves, or why it does not. Every "no" has a name."""

    SEND = "send"
    NOTHING_MATCHED = "nothing matched"
    NOTHING_NEW = "nothing new to read"
    ALREADY_SENT = "already sent"
    PAUSED = "paused"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Slot:
    """One turn of a subscription: ``label`` makes its digest unique, ``day`` is the local day it is dated.

    ``at`` is the moment it was due (aware), which for a slot that no cadence made (``by_hand``) is that day's first.
    """

    label: str
    day: date
    at: datetime
    by_hand: bool = False


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
    ``likeness`` is the score of one that is there because it is like what the reader likes; ``near`` is the title
    of the liked paper that is most like it, and ``words`` are those that count most.
    ``gist`` is what a model wrote of it, empty where a sentence of its abstract stands.
    """

    sequence: int
    rules: tuple[str, ...]
    words: tuple[str, ...] = ()
    highlights: tuple[Highlight, ...] = ()
    carried: bool = False
    score: float = 0.0
    likeness: float | None = None
    near: str = ""
    gist: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """The closing line: papers read in the window, found by the rules, already sent, carried in and left out.

    found = shown + already_sent + left_out + let_go + expired, where found counts the carried-in ones too: of these
    ``waiting_shown`` are shown, and ``expired`` waited for too long. ``let_go`` are new ones that are not kept.
    """

    read: int = 0
    found: int = 0
    already_sent: int = 0
    carried_in: int = 0
    left_out: int = 0
    shown: int = 0
    waiting_shown: int = 0
    let_go: int = 0
    expired: int = 0

    @property
    def new(self) -> int:
        """Those that are new and were not sent before."""
        return self.found - self.already_sent - self.carried_in

    @property
    def new_shown(self) -> int:
        """The new ones that are shown."""
        return self.shown - self.waiting_shown


@dataclass(frozen=True, slots=True)
class Trend:
    """One rule: papers it found in this window, and in that of an earlier digest on average, None after too few."""

    label: str
    heading: str
    found: int
    before: float | None


@dataclass(frozen=True, slots=True)
class Likened:
    """What the likeness of a digest's papers was measured by, kept with it: the same papers would be found again.

    Above ``cut`` a paper passes, which about ``per_week`` papers a week did so far: of ``past`` papers up to ``upto``
    of the log, which came in over ``weeks`` (one where ``dated`` says that nobody knows). ``liked`` papers were known,
    ``bare`` of them without an abstract; ``unknown`` ones are not in the log. ``left`` passed and had no room.
    """

    cut: float
    per_week: int
    past: int
    upto: int
    weeks: float
    dated: bool
    liked: int
    bare: int
    unknown: int
    left: int = 0


@dataclass(frozen=True, slots=True)
class DigestRecord:
    """A digest as the ledger keeps it: enough to write the same messages again, with no paper copied.

    ``key`` is that of `digest_key`, and unique. ``verdict`` is SEND for one that leaves.
    ``carry`` lists the log places of the papers left for the next digest. ``name``, ``sections`` (every rule's
    label and heading, in order) are kept because the subscription's file may have changed since. ``trend``
    counts what each rule found in this window, and compares it with the windows of the digests before. ``likened`` is
    what likeness was measured by, for one who likes something. ``brief``: it holds nothing, and says so in a few words
    without the frame of a whole digest. ``gists``: each paper is told of in one line.
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
    likened: Likened | None = None
    brief: bool = False
    gists: bool = True


@dataclass(frozen=True, slots=True)
class OpenedTurn:
    """The slot of a digest, and when that was opened."""

    slot: Slot
    opened_at: datetime


def digest_key(subscription: str, slot: Slot) -> str:
    """The key of a subscription's digest for a slot."""
    return f"{subscription}/{slot.label}"


@dataclass(frozen=True, slots=True)
class DigestEntry:
    """One paper of a digest, ready to be written."""

    paper: LoggedPaper
    record: EntryRecord


@dataclass(frozen=True, slots=True)
class Section:
    """Entries under one heading; an entry stands in one section only, however many rules it answers.

    One of those ``waiting`` has what was over the cap of earlier digests.
    """

    label: str
    heading: str
    entries: tuple[DigestEntry, ...]
    waiting: bool = False


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
    """The digest of a record, with its papers taken from `papers` (by log place).

    Sections stand in the order of their best papers; what had waited comes last, under a heading of its own.
    Raises KeyError for a place that is missing: the log never forgets what a digest points to.
    """
    headings = dict(record.sections)
    sections: dict[str, list[DigestEntry]] = {}
    waiting: list[DigestEntry] = []
    for each in record.entries:
        place = waiting if each.carried else sections.setdefault(each.rules[0], [])
        place.append(DigestEntry(papers[each.sequence], each))
    made = [Section(label, headings.get(label, label), tuple(some)) for label, some in sections.items()]
    if waiting:
        made.append(Section("waiting", STILL_WAITING, tuple(waiting), waiting=True))
    return Digest(record, tuple(made))
