"""Leaving: an address says goodbye, comes back by its own word, or is forgotten; by whatever way it asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from digestbot.model.audit import Act, AuditEntry
from digestbot.model.causes import Cause, sentence
from digestbot.model.deliveries import DECIDABLE, Delivery, DeliveryState, Outcome
from digestbot.model.subscribers import UNSUBSCRIBED, Membership, Suppression, folded_address
from digestbot.platform.links import fingerprint
from digestbot.store.base import Store

SUBSCRIBER = "subscriber"
"""Who the audit log says did what an address asked for itself."""
# How far back the ledger is looked through for an address that stands nowhere else any more.
_DIGESTS = 20


def named_by(store: Store, subscription: str, mark: str, destinations: Iterable[str]) -> str | None:
    """The address that a link to leave means: its `fingerprint` is `mark`. None where nothing would go to it.

    It is looked for among `destinations` (those of the subscription's file), with the subscriber, and in the
    subscription's last digests.
    """
    known = [*destinations, *(address for each in store.subscribers([subscription]) for address in each.addresses)]
    for address in known:
        if fingerprint(address) == mark:
            return address
    for digest in store.digests(subscription, newest=_DIGESTS):
        for delivery in store.deliveries(digest=digest.key):
            address = delivery.destination.options.get("address", "")
            if fingerprint(address) == mark:
                return address
    return None


def leave(store: Store, address: str, *, now: datetime, evidence: str, who: str = "subscriber") -> None:
    """Nothing is sent to the address any more; its subscribers are kept as those who left. Twice does no harm.

    ``evidence`` says how it was asked for. Raises StoreError; then it may be asked for again.
    """
    known = store.suppressions([address])
    noting = [] if known else [AuditEntry(now, who, Act.LEFT, address, evidence)]
    store.suppress([Suppression(address, UNSUBSCRIBED, now, evidence)], noting=noting)
    here = [each for each in store.subscribers(address=address) if each.state is not Membership.LEFT]
    gone = store.suppressions({address for each in here for address in each.addresses})
    left = [each for each in here if gone.keys() >= set(each.addresses)]
    store.put_subscribers([replace(each, state=Membership.LEFT, changed_at=now) for each in left])


def come_back(store: Store, address: str, *, now: datetime, who: str = "subscriber") -> bool:
    """Take back what the address itself has asked for; False where somebody else has had it suppressed.

    Who calls this has made sure that the address asks for it. Raises StoreError.
    """
    found = store.suppressions([address])
    if any(each.reason != UNSUBSCRIBED for each in found.values()):
        return False
    left = [each for each in store.subscribers(address=address) if each.state is Membership.LEFT]
    if not found and not left:
        return True
    store.put_subscribers([replace(each, state=Membership.ACTIVE, changed_at=now) for each in left])
    store.release([address], noting=[AuditEntry(now, who, Act.RELEASED, address, "came back by its own word")])
    return True


def forget(store: Store, address: str, *, now: datetime, who: str = "subscriber") -> int:
    """Take out what is kept of an address: its subscribers, its name in the ledger and the audit log, which keep
    what was sent and done; in how many records. What is still to be sent to it is dropped. The same is done with the
    addresses that it had before.

    What stays is a keyed hash of it, so that no import and no sign-up brings it back. Raises StoreError.
    """
    gone = [*reversed(before(store, address)), address]  # this one last: it is the one that knows the others
    waiting = {each.id: each for name in gone for each in store.deliveries(address=name, states=DECIDABLE)}.values()
    store.record([_dropped(each, now) for each in waiting])
    return sum(store.erase(each, now=now, noting=[AuditEntry(now, who, Act.FORGOTTEN, each)]) for each in gone)


def _dropped(delivery: Delivery, now: datetime) -> Outcome:
    state, why = DeliveryState.DROPPED, sentence(Cause.FORGOTTEN)
    return Outcome(delivery.id, delivery.fence, state, delivery.parts_sent, now, Cause.FORGOTTEN, why)


def before(store: Store, address: str) -> list[str]:
    """The addresses that this one had before, the last one first, but for those where somebody is subscribed now.

    Raises StoreError.
    """
    found: list[str] = []
    ahead = [address]
    while ahead:
        for each in store.audit(ahead.pop()):
            old = folded_address(each.reference)
            if each.act is not Act.MOVED or old in (*found, folded_address(address)):
                continue
            if all(one.state is Membership.LEFT for one in store.subscribers(address=old)):
                found.append(old)
                ahead.append(old)
    return found
