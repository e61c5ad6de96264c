"""The embedded store: the contract over two TinyDB files in one folder, for one process that writes.

``papers.*`` holds the paper log and ``ledger.*`` the ledger, so that what is frequent never touches what
is large. Of the papers only the newest are in memory: the others are sealed in segments, ``papers.1-4096.segment``, and
found through ``papers.*.index``. Threads of the process take turns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from digestbot.model.deliveries import OPEN_STATES, Delivery, DeliveryState, Outcome
from digestbot.model.digests import DigestRecord, OpenedTurn
from digestbot.model.errors import Problem, StoreError
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.store.base import Cursor, Merged, Opening
from digestbot.store.erasing import Keys
from digestbot.store.merging import Merging
from digestbot.store.tinydb import files
from digestbot.store.tinydb.catalogue import LogCatalogue
from digestbot.store.tinydb.generations import Paths
from digestbot.store.tinydb.gists import GistTable
from digestbot.store.tinydb.ledger import Ledger
from digestbot.store.tinydb.lock import WriterLock
from digestbot.store.tinydb.marks import refuse_marked
from digestbot.store.tinydb.papers import PaperLog
from digestbot.store.tinydb.people import TinyPeople
from digestbot.store.tinydb.salvage import furthest
from digestbot.store.tinydb.sealed_log import SealedLog, log_head
from digestbot.store.tinydb.sealing import listed
from digestbot.store.tinydb.segments import WAY_OUT
from digestbot.store.tinydb.storage import Database

_READS = 5  # the daemon may begin new generations while another process reads


class TinyStore(TinyPeople):
    """The store in `folder`, which is made where it is missing.

    With `read_only` it is the state of this moment, taken without the lock while another process may go
    on writing; a folder without a store is an empty one then. Raises StoreError as the contract says.
    """

    def __init__(self, folder: Path, *, read_only: bool = False, keys: Keys = tuple) -> None:
        super().__init__(folder, read_only=read_only)
        self._keys = keys
        self.place = f"tinydb:{folder}"
        self._delivered: dict[str, set[str]] = {}
        if not read_only:
            with files.naming(folder):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = WriterLock(folder)
        try:
            self._open()
        except BaseException:
            if self._lock is not None:
                self._lock.release()
            raise

    def _open(self) -> None:
        papers, ledger, sealed = whole(self._folder, read_only=self._read_only)
        self._databases = papers, ledger
        self._papers = PaperLog(papers, sealed)
        self._gists = GistTable(papers)
        if not self._read_only:
            refuse_marked(ledger, self.place)
            self._papers.seal()  # all of it, where an earlier version kept it in one piece
        self._ledger = Ledger(ledger)
        self._open_people(ledger, self._ledger)

    # the life of a paper

    def merge(self, papers: Sequence[Paper], *, now: datetime) -> Merged:
        """All of a dump is one record."""
        with self._writing():
            merging = Merging(LogCatalogue(self._papers))
            for paper in papers:
                merging.see(paper)
            self._papers.keep(merging, now)
            if any(work.into for work in merging.works()):
                self._delivered.clear()
            return merging.counts()

    def head(self) -> int:
        with self._reading():
            return self._papers.head()

    def window(self, after: int, upto: int, *, newest_first: bool = False) -> Iterator[LoggedPaper]:
        """What is merged meanwhile does not come into it."""
        with self._reading():
            places = self._papers.last_places(after, upto, newest_first=newest_first)
        return self._papers.at(places)

    def logged(self, sequences: Iterable[int]) -> dict[int, LoggedPaper]:
        with self._reading():
            return {each.sequence: each for each in self._papers.again(sequences)}

    def find(self, reference: str) -> LoggedPaper | None:
        with self._reading():
            return self._papers.find(reference)

    # the life of a digest

    def register(self, subscriptions: Iterable[str], *, now: datetime) -> None:
        with self._writing():
            self._ledger.register(subscriptions, self._papers.head(), now)

    def register_subscribers(self, *, now: datetime) -> None:
        with self._writing():
            self._ledger.register(self._members.active(), self._papers.head(), now)

    def cursor(self, subscription: str) -> Cursor | None:
        with self._reading():
            return self._ledger.cursor(subscription)

    def cursors(self, subscriptions: Iterable[str]) -> dict[str, Cursor]:
        found = {each: self.cursor(each) for each in subscriptions}
        return {name: cursor for name, cursor in found.items() if cursor is not None}

    def delivered(self, subscription: str) -> Set[str]:
        """Gathered when first asked for, then kept up."""
        with self._reading():
            known = self._delivered.get(subscription)
            if known is None:
                known = self._delivered[subscription] = {
                    key
                    for record in self._ledger.digests(subscription, None)
                    for key in self._papers.keys(entry.sequence for entry in record.entries)
                }
            return frozenset(known)

    def delivered_of(self, subscriptions: Iterable[str], works: Set[str]) -> dict[str, Set[str]]:
        return {each: self.delivered(each) & works for each in subscriptions}

    def open_digest(self, record: DigestRecord, deliveries: Sequence[Delivery]) -> bool:
        (opened,) = self.open_digests([Opening(record, deliveries)])
        return opened

    def open_digests(self, openings: Sequence[Opening]) -> list[bool]:
        """All of it is one record."""
        with self._writing():
            opened = self._ledger.open_digests(openings)
            for opening, taken in zip(openings, opened, strict=True):
                known = self._delivered.get(opening.record.subscription)
                if taken and known is not None:
                    known.update(self._papers.keys(entry.sequence for entry in opening.record.entries))
            return opened

    def digest(self, key: str) -> DigestRecord | None:
        with self._reading():
            return self._ledger.digest(key)

    def digests(self, subscription: str | None = None, *, newest: int | None = None) -> list[DigestRecord]:
        with self._reading():
            return self._ledger.digests(subscription, newest)

    def last_turn(self, subscription: str) -> OpenedTurn | None:
        with self._reading():
            return self._ledger.last_turn(subscription)

    def count_digests(self) -> int:
        with self._reading():
            return self._ledger.count_digests()

    def earlier(self, subscriptions: Iterable[str], *, newest: int) -> dict[str, list[DigestRecord]]:
        found = {each: self.digests(each, newest=newest) for each in subscriptions}
        return {name: records for name, records in found.items() if records}

    # the life of a delivery

    def claim(self, *, now: datetime, lease: timedelta, limit: int, digests: Set[str] | None = None) -> list[Delivery]:
        """All of a claim is one record."""
        with self._writing():
            return self._ledger.claim(now, lease, limit, digests)

    def abandon(self) -> int:
        """The lock makes this process the only one that sends."""
        with self._writing():
            return self._ledger.abandon()

    def record(self, outcomes: Sequence[Outcome]) -> int:
        """All outcomes are one record."""
        with self._writing():
            return self._ledger.record(outcomes)

    def deliveries(
        self,
        *,
        digest: str | None = None,
        subscriptions: Set[str] | None = None,
        address: str | None = None,
        states: Set[DeliveryState] | None = None,
        ids: Set[str] | None = None,
    ) -> list[Delivery]:
        with self._reading():
            return self._ledger.deliveries(digest, subscriptions, address, states, ids)

    def count_deliveries(self, states: Set[DeliveryState]) -> dict[DeliveryState, int]:
        with self._reading():
            return self._ledger.count_deliveries(states)

    def pending(self, *, now: datetime) -> tuple[int, datetime | None]:
        ready = [at for each in self.deliveries(states=OPEN_STATES) if (at := each.ready_at) <= now]
        return len(ready), min(ready, default=None)

    # what a model wrote of papers

    def take_gists(self, ids: Iterable[str], *, day: date, most: int) -> list[str]:
        with self._writing():
            return self._gists.take(ids, day, most)

    def put_gists(self, texts: Mapping[str, str]) -> None:
        with self._writing():
            self._gists.put(texts)

    def gists(self, ids: Iterable[str]) -> dict[str, str]:
        with self._reading():
            return self._gists.of(ids)

    def close(self) -> None:
        """Let go of files and locks. Closing twice is fine."""
        with self._turn:
            if not self._closed:
                self._closed = True
                for database in self._databases:
                    database.close()
                if self._lock is not None:
                    self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def whole(folder: Path, *, read_only: bool) -> tuple[Database, Database, SealedLog]:
    """Papers, open and sealed, and ledger as they belong together; with `read_only` those of one moment, while another
    process writes.

    Raises StoreError for what is damaged.
    """
    tries = _READS if read_only else 1
    while True:
        tries -= 1
        try:
            with files.naming(folder):
                papers, ledger = databases(folder, read_only)
                problem = _lost(papers, ledger)
                if read_only and problem:
                    # Written meanwhile: papers read after the ledger have all that it knows of, unless they are lost.
                    papers = Database(folder, "papers", create=False, read_only=True)
                    problem = _lost(papers, ledger)
            try:
                if problem:
                    raise StoreError(Problem(problem, place=str(Paths.of(folder, "papers").snapshot), way_out=WAY_OUT))
                return papers, ledger, listed(folder, papers)
            except BaseException:
                papers.close()
                ledger.close()
                raise
        except StoreError:
            if not tries:
                raise


def _lost(papers: Database, ledger: Database) -> str | None:
    """New papers would take the places of lost ones, which subscriptions have passed, and be sent to nobody."""
    head, known = log_head(papers.storage.read() or {}), furthest(ledger.storage.read() or {})
    if known <= head:
        return None
    return f"lacks the last papers: {head} log places are there, and the ledger knows of {known}"


def databases(folder: Path, read_only: bool) -> tuple[Database, Database]:
    """Papers and ledger. A file missing beside the other is made only while nothing was ever stored."""
    ledger_there = bool(Paths.of(folder, "ledger").present())
    papers = Database(folder, "papers", create=not ledger_there, read_only=read_only)
    try:
        # The papers are made first: a crash in between leaves them, and nothing in them, alone.
        return papers, Database(folder, "ledger", create=not papers.tables(), read_only=read_only)
    except BaseException:
        papers.close()
        raise
