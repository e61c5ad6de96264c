"""The subscriber as the store keeps one: who joined by the web or an import, and whom nothing is sent to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from unicodedata import normalize

YOUR_PAPERS = "Your papers"
"""What a digest is called that nobody gave a name."""
UNCHOSEN = "sub-"
"""So begin ids that nobody has chosen, which are no names for a digest."""
BUCKETS = 1 << 16
"""Subscribers lie in so many buckets, evenly, so that any number of workers can share them by stretches."""


class Membership(StrEnum):
    """``pending``: not confirmed yet; ``active``: digests are made; ``left``: said goodbye, kept as a note."""

    PENDING = "pending"
    ACTIVE = "active"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class SubscriberRecord:
    """One subscription that stands in the store, not in a file.

    ``wants`` is what its file would hold, key by key (JSON values). Times are aware. ``revision`` is given by
    the store and grows with every change.
    """

    id: str
    state: Membership
    wants: Mapping[str, Any]
    added_at: datetime
    changed_at: datetime
    revision: int = 0

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where its digests go by mail, folded, each once."""
        return tuple(dict.fromkeys(self._addresses()))

    def _addresses(self) -> Iterator[str]:
        tables = self.wants.get("to")
        for table in tables if isinstance(tables, list | tuple) else ():
            address = table.get("address") if isinstance(table, Mapping) else None
            if isinstance(address, str):
                yield folded_address(address)


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address that nothing is sent to: why, since when, and what shows it (an answer, a report, a request)."""

    address: str
    reason: str
    since: datetime
    evidence: str = ""


UNSUBSCRIBED = "unsubscribed"
"""The reason of a suppression that its address asked for: by its own word, and no other's, it ends."""
BOUNCED, COMPLAINED = "bounced", "complained"
"""The reasons of suppressions whose mailbox is no more, and whose owner called our mail spam."""
FORGOTTEN = "forgotten"
"""The reason of a suppression whose address is not kept, only its hash with the store's key."""


def folded_address(address: str) -> str:
    """An address as it is compared: whoever suppresses Ada@Example.org means ada@example.org too, and with
    ada@bücher.example its other spelling ada@xn--bcher-kva.example, which is the same mailbox.
    """
    folded = address.strip().casefold()
    if folded.isascii() and "xn--" not in folded:
        return folded
    local, at, domain = normalize("NFKC", folded).casefold().rpartition("@")
    return f"{local}{at}{'.'.join(map(_label, domain.replace('。', '.').split('.')))}"


def _label(label: str) -> str:
    """One label of a domain as people write it, where it is in ASCII's form (RFC 3492)."""
    if label.startswith("xn--"):
        with suppress(UnicodeError):  # it only looks so
            return normalize("NFKC", label[4:].encode().decode("punycode")).casefold() or label
    return label


def bucket(identifier: str) -> int:
    """The bucket of a subscriber, 0 to BUCKETS - 1, the same for ever and in every store."""
    return int.from_bytes(sha256(identifier.encode("utf-8", "surrogatepass")).digest()[:2], "big")


def fits(record: SubscriberRecord, buckets: range | None, address: str | None) -> bool:
    """Whether a subscriber lies in these buckets and has its digests sent to this address, where they are given."""
    if buckets is not None and bucket(record.id) not in buckets:
        return False
    return address is None or folded_address(address) in record.addresses
