"""The part of the stores' contract that is about people: who joined, whom nothing is sent to, what they think and like,
and who did what. What `digestbot.store.base` says of every method holds here too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from digestbot.model.audit import AuditEntry
from digestbot.model.feedback import Feedback
from digestbot.model.papers import Paper
from digestbot.model.subscribers import Membership, SubscriberRecord, Suppression


class PeopleStore(Protocol):
    """These methods of the contract; ``noting`` are entries of the audit log, written in the same change or not at
    all.
    """

    # the life of a subscriber

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

        ``buckets`` is a stretch of the buckets that `digestbot.model.subscribers.bucket` tells, which is how
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
        """What is suppressed, all or of these, by `digestbot.model.subscribers.folded_address`.

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

    def put_opinions(self, opinions: Iterable[Feedback]) -> None:
        """Keep what readers said; of one subscription and one place of the log the last word stays.

        What a subscriber's readers said goes when the subscriber is taken out.
        """
        ...

    def opinions(self, subscription: str) -> list[Feedback]:
        """What the readers of a subscription said, in the order of the papers' places."""
        ...

    # what readers like

    def put_library(self, name: str, papers: Sequence[Paper]) -> None:
        """Keep the papers somebody likes, in the place of those that were there; none of them takes it out.

        ``name`` is a subscriber's id, or another name with a ``/``. A subscriber's goes when the subscriber is taken
        out.
        """
        ...

    def library(self, name: str) -> list[Paper]:
        """Its papers, in their order; none where there is no such library."""
        ...

    def library_mark(self, name: str) -> str:
        """A word that is another one whenever its papers are; empty where there is no such library."""
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
