"""The contract of the stores: the paper log and the ledger, in the journey's words.

Every method either does all it says or raises StoreError and leaves the store as it was. What a method
returned from is on the disk. Times are aware datetimes in UTC.

A store opened for reading only (`open_store(..., read_only=True)`) is the state of that moment, whoever goes
on writing; every method that writes raises StoreError there, and so does every method of a closed store.
Methods may be called from several threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Protocol, Self

from digestbot.model.deliveries import Delivery, DeliveryState, Outcome
from digestbot.model.digests import DigestRecord, OpenedTurn
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.store.people import PeopleStore


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of the papers of one dump: each counts once; new + updated + duplicate = found.

    The log grows by new + updated: a paper that only brought what no rule can see (a URL) is a duplicate.
    """

    new: int
    updated: int
    duplicate: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a subscription has come.

    ``first_head`` and ``first_seen`` are the log's head and the time when it was registered; ``position`` the
    last log place its digests covered, None before the first. ``carry`` are log places left over from
    the last digest.
    """

    first_head: int
    first_seen: datetime
    position: int | None
    carry: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """A digest to be opened, and its deliveries."""

    record: DigestRecord
    deliveries: Sequence[Delivery]


class Store(PeopleStore, Protocol):
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

    def window(self, after: int, upto: int, *, newest_first: bool = False) -> Iterator[LoggedPaper]:
        """The works logged after `after` up to `upto`, each once as last logged in there, in log order.

        With `newest_first` the last place comes first. Whoever asks for no more has read no more. What is damaged on
        the way raises StoreError.
        """
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

    def cursor(self, subscription: str) -> Cursor | None:
        """How far it has come, None when it was never registered."""
        ...

    def cursors(self, subscriptions: Iterable[str]) -> dict[str, Cursor]:
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

    def last_turn(self, subscription: str) -> OpenedTurn | None:
        """The slot of a subscription's last digest, and when that was opened: what its next turn hangs on."""
        ...

    def count_digests(self) -> int:
        """How many there are."""
        ...

    def earlier(self, subscriptions: Iterable[str], *, newest: int) -> dict[str, list[DigestRecord]]:
        """The last `newest` digests of each, in the order they were opened; those without any are left out."""
        ...

    # the life of a delivery

    def claim(self, *, now: datetime, lease: timedelta, limit: int, digests: Set[str] | None = None) -> list[Delivery]:
        """Take up to `limit` deliveries that may leave now: SENDING under a new fence until `lease` is over.

        They are those planned, deferred or unknown whose ``not_before``, if any, is past, in the order they
        were first planned, only of these digests where given. Each claim counts as an attempt. One left SENDING past
        its lease comes back as UNKNOWN first, a possible duplicate for the cause LEASE_OVER, and keeps that when
        it is claimed: the process that had it is gone and nobody knows whether its message left. A `limit` of
        0 does only that.
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
        self,
        *,
        digest: str | None = None,
        subscriptions: Set[str] | None = None,
        address: str | None = None,
        states: Set[DeliveryState] | None = None,
        ids: Set[str] | None = None,
    ) -> list[Delivery]:
        """Deliveries in the order they were planned: all, or those that fit everything given.

        ``subscriptions`` finds those of any digest of these, ``address`` those that go to it, however it is spelled.
        """
        ...

    def count_deliveries(self, states: Set[DeliveryState]) -> dict[DeliveryState, int]:
        """How many stand in each of these states; states without any are left out."""
        ...

    def pending(self, *, now: datetime) -> tuple[int, datetime | None]:
        """How many open ones could leave now, leases that ran out among them, and since when the first could."""
        ...

    def latest(self, states: Set[DeliveryState], *, newest: int) -> list[Delivery]:
        """The deliveries in these states that were planned last, at most `newest`, the last one first."""
        ...

    def tally(self, *, since: datetime) -> dict[tuple[date, DeliveryState], int]:
        """How many deliveries were done with on each day (UTC) since a moment, by the state they came to."""
        ...

    # what a model wrote of papers; ids are the caller's

    def take_gists(self, ids: Iterable[str], *, day: date, most: int) -> list[str]:
        """Those of these gists that the caller, and nobody else, is to ask a model for, in the order given.

        They are not there yet, and nobody took them on that day; no more than `most` are taken on a day in all.
        """
        ...

    def put_gists(self, texts: Mapping[str, str]) -> None:
        """Keep what a model wrote for gists that were taken."""
        ...

    def gists(self, ids: Iterable[str]) -> dict[str, str]:
        """What a model wrote for these; those that are not there are left out."""
        ...

    def close(self) -> None:
        """Let go of files and locks. Closing twice is fine."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
