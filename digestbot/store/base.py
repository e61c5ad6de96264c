"""The contract of the stores: the paper log and the ledger, in the journey's words.

Every method either does all it says or raises StoreError and leaves the store as it was. What a method
returned from is on the disk. Times are aware datetimes in UTC.

A store opened for reading only (`open_store(..., read_only=True)`) is the state of that moment, whoever goes
on writing; every method that writes raises StoreError there, and so does every method of a closed store.
Methods may be called from several threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Protocol, Self

from digestbot.core.audit import AuditEntry
from digestbot.core.deliveries import Delivery, Outcome, State
from digestbot.core.digests import DigestRecord
from digestbot.core.opinions import Opinion
from digestbot.core.papers import LoggedPaper, Paper
from digestbot.core.subscribers import Membership, SubscriberRecord, Suppression

LEASE_OVER = "its sender stopped before an answer came"
"""The reason of a delivery that came back as UNKNOWN because its lease was over."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of the papers of one dump: each counts once; new + updated + duplicate = found.

    The log grows by new + updated: a paper that only brought what no rule can see (a URL) is a duplicate.
    """

    new: int
    updated: int
    duplicate: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a subscription has come.

    ``first_head`` and ``first_seen`` are the log's head and the time when it was registered; ``cursor`` the
    last log place its digests covered, None before the first. ``carry`` are log places left over from
    the last digest.
    """

    first_head: int
    first_seen: datetime
    cursor: int | None
    carry: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """A digest to be opened, and its deliveries."""

    record: DigestRecord
    deliveries: Sequence[Delivery]


class Store(Protocol):
    """The paper log and the ledger. Open one with `digestbot.store.open_store`; use it as a context manager.

    Raises StoreError on opening when the files are missing in part, damaged, of a newer version, or locked
    by another process; the error names the file and the last good generation where there is one. A store on
    a server raises it, too, while the server cannot be reached: the next call tries again.
    """

    @property
    def place(self) -> str:
        """What people call this store, without any password."""
        ...

    # the life of a paper

    def merge(self, papers: Sequence[Paper], *, now: datetime) -> Merged:
        """Add a dump's papers to the log: new works, and known ones that changed in a way a rule can see.

        A work is known by arXiv id, DOI or any other id, else by its folded title. A repetition within
        `papers` counts as a duplicate. A call that changes nothing writes nothing.

        What stands at a log place never changes. What no rule can see, and further ids and titles, are kept
        with the work: `find` shows them, and the next place the work takes. Two works that a paper's ids
        show to be one go on under the key of the one logged first, in everything read from then on.
        """
        ...

    def head(self) -> int:
        """The last place of the log, 0 when it is empty."""
        ...

    def window(self, after: int, upto: int) -> Iterator[LoggedPaper]:
        """The works logged after `after` up to `upto`, each once as last logged in there, in log order."""
        ...

    def logged(self, sequences: Iterable[int]) -> dict[int, LoggedPaper]:
        """What stands at these places of the log; a place that is not there is left out."""
        ...

    def find(self, reference: str) -> LoggedPaper | None:
        """The newest state of the work that `reference` names: an id, its key, or its title (folded)."""
        ...

    # the life of a digest

    def register(self, subscriptions: Iterable[str], *, now: datetime) -> None:
        """Note the log's head for each subscription id not yet known; known ones are left alone."""
        ...

    def register_subscribers(self, *, now: datetime) -> None:
        """Do that for every active subscriber of the store: what comes in from now on is news to them."""
        ...

    def standing(self, subscription: str) -> Standing | None:
        """How far it has come, None when it was never registered."""
        ...

    def standings(self, subscriptions: Iterable[str]) -> dict[str, Standing]:
        """How far each has come; those never registered are left out."""
        ...

    def delivered(self, subscription: str) -> Set[str]:
        """The keys of all works that stood in one of its digests."""
        ...

    def delivered_of(self, subscriptions: Iterable[str], works: Set[str]) -> dict[str, Set[str]]:
        """Which of these works (keys) stood in one of each subscription's digests; none is left out."""
        ...

    def open_digest(self, record: DigestRecord, deliveries: Sequence[Delivery]) -> bool:
        """Record a digest, move the subscription's cursor and carry, plan the deliveries: all or nothing.

        False, with nothing changed, when a digest with this key is already there, or when another one was
        opened since this one was composed: its window has to begin at the cursor, if there is one, and what it
        shows as carried over to be in the carry. The cursor never moves back; a delivery already in the ledger,
        or given twice, is planned once. A subscription that was never registered counts as first seen with this
        digest, at the beginning of its window.
        """
        ...

    def open_digests(self, openings: Sequence[Opening]) -> list[bool]:
        """`open_digest` for many, one after the other, as one change: all of it or nothing is written."""
        ...

    def digest(self, key: str) -> DigestRecord | None:
        """The digest with this key."""
        ...

    def digests(self, subscription: str | None = None, *, newest: int | None = None) -> list[DigestRecord]:
        """Digests in the order they were opened, the last `newest` of them where that is given."""
        ...

    def earlier(self, subscriptions: Iterable[str], *, newest: int) -> dict[str, list[DigestRecord]]:
        """The last `newest` digests of each, in the order they were opened; those without any are left out."""
        ...

    # the life of a delivery

    def claim(self, *, now: datetime, lease: timedelta, limit: int, digests: Set[str] | None = None) -> list[Delivery]:
        """Take up to `limit` deliveries that may leave now: SENDING under a new fence until `lease` is over.

        They are those planned, deferred or unknown whose ``not_before``, if any, is past, in the order they
        were first planned, only of these digests where given. Each claim counts as an attempt. One left SENDING past
        its lease comes back as UNKNOWN first, with the reason LEASE_OVER, and keeps that reason when it is
        claimed: the process that had it is gone and nobody knows whether its message left. A `limit` of 0
        does only that.
        """
        ...

    def abandon(self) -> int:
        """Give up the claims of processes that are known to be gone, before any lease is over; their number.

        They become UNKNOWN as in `claim`. A store with one writer at a time knows: whoever holds its lock is
        alone, and calls this before its first claim. A store with many writers gives up none.
        """
        ...

    def record(self, outcomes: Sequence[Outcome]) -> int:
        """Write outcomes down together; the number taken.

        One under an outdated fence, or for a delivery nobody planned, is not taken. SENDING notes the parts
        that left and keeps the lease; it is not taken for a delivery that is no longer SENDING. PLANNED
        hands a claimed delivery back untried: that claim is no attempt.
        """
        ...

    def deliveries(
        self, *, digest: str | None = None, states: Set[State] | None = None, ids: Set[str] | None = None
    ) -> list[Delivery]:
        """Deliveries in the order they were planned: all, or those that fit everything given."""
        ...

    def latest(self, states: Set[State], *, newest: int) -> list[Delivery]:
        """The deliveries in these states that were planned last, at most `newest`, the last one first."""
        ...

    def tally(self, *, since: datetime) -> dict[tuple[date, State], int]:
        """How many deliveries were done with on each day (UTC) since a moment, by the state they came to."""
        ...

    # the life of a subscriber; ``noting`` are entries of the audit log, written in the same change or not at all

    def put_subscribers(self, records: Iterable[SubscriberRecord], *, noting: Iterable[AuditEntry] = ()) -> None:
        """Add subscribers, or put these in the place of those with the same ids; each gets a new revision."""
        ...

    def remove_subscribers(self, ids: Iterable[str], *, noting: Iterable[AuditEntry] = ()) -> int:
        """Take subscribers out for good; how many were there. The ledger keeps their digests."""
        ...

    def subscribers(
        self, ids: Iterable[str] | None = None, *, buckets: range | None = None, address: str | None = None
    ) -> Iterator[SubscriberRecord]:
        """Subscribers in the order of their ids: all, or those that fit everything given.

        ``buckets`` is a stretch of the buckets that `digestbot.core.subscribers.bucket` tells, which is how
        workers share them; ``address`` finds those whose digests go to it.
        """
        ...

    def count_subscribers(self, buckets: range | None = None) -> dict[Membership, int]:
        """How many there are in each state; states without any are left out."""
        ...

    def subscribers_mark(self, buckets: range) -> str:
        """A word that is another one whenever a subscriber of these buckets came, changed or went."""
        ...

    def suppress(self, suppressions: Sequence[Suppression], *, noting: Iterable[AuditEntry] = ()) -> None:
        """Send nothing more to these addresses; of one that is suppressed already, the first reason stays."""
        ...

    def release(self, addresses: Iterable[str], *, noting: Iterable[AuditEntry] = ()) -> int:
        """Let mail go to these addresses again; how many were suppressed."""
        ...

    def suppressions(self, addresses: Iterable[str] | None = None) -> dict[str, Suppression]:
        """What is suppressed, all or of these, by `digestbot.core.subscribers.folded_address`.

        Among these, addresses that were erased are found too; among all, they stand under their hashes.
        """
        ...

    def erase(self, address: str, *, now: datetime, noting: Iterable[AuditEntry] = ()) -> int:
        """Forget one person; in how many records. The address stays suppressed, under a hash with the store's key.

        Its subscribers are removed (of one with other destinations, this one), and their digests called by the hash;
        deliveries and the audit log name it instead of the address, also where it is the reference of an entry about
        another. Of a suppression its reason and date stay. Raises StoreError where the store was opened without a key.
        """
        ...

    # what readers think

    def put_opinions(self, opinions: Iterable[Opinion]) -> None:
        """Keep what readers said; of one subscription and one place of the log the last word stays.

        What a subscriber's readers said goes when the subscriber is taken out.
        """
        ...

    def opinions(self, subscription: str) -> list[Opinion]:
        """What the readers of a subscription said, in the order of the papers' places."""
        ...

    # the audit log

    def note(self, entries: Iterable[AuditEntry]) -> int:
        """Append entries, each id once; how many were new. Addresses in ``about`` are folded."""
        ...

    def audit(
        self, about: str | None = None, *, ids: Iterable[str] | None = None, newest: int | None = None
    ) -> list[AuditEntry]:
        """Entries in the order they were noted: all, about one address or subscription, or with these ids; the last
        `newest` of them where that is given.
        """
        ...

    def close(self) -> None:
        """Let go of files and locks. Closing twice is fine."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
