"""One person erased: what stands in an address's place, and what is left of the records that named it."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from digestbot.model.audit import AuditEntry
from digestbot.model.errors import Problem, StoreError
from digestbot.model.secret import Secret
from digestbot.model.subscribers import FORGOTTEN, SubscriberRecord, Suppression, folded_address
from digestbot.store.codec import storable_text

Keys = Callable[[], Sequence[Secret]]
"""Gives the secrets under which erased addresses are known: the first one hides, all of them find."""


def stand_in(address: str, key: Secret) -> str:
    """What is kept of an erased address: a hash that only who has the key can make."""
    words = b"digestbot.erased\0" + folded_address(address).encode("utf-8", "surrogatepass")
    return f"erased:{hmac.new(key.reveal().encode(), words, hashlib.sha256).hexdigest()[:40]}"


def kept(address: str) -> str:
    """An address folded, as stores hold it."""
    return storable_text(folded_address(address))


def goes_to(options: Mapping[str, Any], address: str) -> bool:
    """Whether a destination's options name an address, which is given as `kept` spells it."""
    return kept(str(options.get("address", ""))) == address


def names(address: str, keys: Sequence[Secret]) -> tuple[str, ...]:
    """All names an address may be suppressed under, as stores hold them; its own first."""
    return kept(address), *(stand_in(address, key) for key in keys)


def asked_for(addresses: Iterable[str], keys: Sequence[Secret]) -> dict[str, str]:
    """The names to look for, each with the address it means."""
    return {name: kept(each) for each in addresses for name in names(each, keys)}


def under_their_addresses(found: Iterable[Suppression], asked: Mapping[str, str]) -> dict[str, Suppression]:
    """What was found under such names, by the addresses asked for, in their order."""
    known = {asked[each.address]: replace(each, address=asked[each.address]) for each in found}
    return {address: known[address] for address in sorted(known)}


@dataclass(frozen=True, slots=True)
class Erasure:
    """One address, folded, and what takes its place."""

    address: str
    instead: str

    @classmethod
    def of(cls, address: str, keys: Sequence[Secret]) -> Erasure:
        """Raises StoreError where there is no secret to hide it under."""
        if not keys:
            hint = "set DIGESTBOT_SECRET in .env: its keyed hash is what keeps a forgotten address from coming back"
            raise StoreError(Problem("cannot forget anybody without a secret", way_out=hint))
        return cls(kept(address), stand_in(address, keys[0]))

    def text(self, text: str) -> str:
        """A text that may quote the address, without it."""
        return re.sub(re.escape(self.address), self.instead, text, flags=re.IGNORECASE)

    def entry(self, entry: AuditEntry) -> AuditEntry:
        """An entry of the audit log."""
        about = self.instead if kept(entry.about) == self.address else entry.about
        return replace(entry, about=about, detail=self.text(entry.detail), reference=self.text(entry.reference))

    def is_of(self, options: Mapping[str, Any]) -> bool:
        """Whether a destination's options name the address."""
        return goes_to(options, self.address)

    def subscriber(self, record: SubscriberRecord) -> SubscriberRecord | None:
        """A subscriber who had digests sent there; None where nothing is left to send to."""
        to = [table for table in record.wants["to"] if not (isinstance(table, Mapping) and self.is_of(table))]
        return replace(record, wants={**record.wants, "to": to}) if to else None

    def suppression(self, before: Suppression | None, new: Suppression) -> Suppression:
        """The suppression that stays: why and since when, and nothing that shows whose it is."""
        kept = before or new
        return Suppression(self.instead, kept.reason if before else FORGOTTEN, kept.since)
