"""What a human decides about the ledger's open ends: which deliveries are meant, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from digestbot.model.audit import Act, AuditEntry
from digestbot.model.causes import Cause, sentence
from digestbot.model.deliveries import DECIDABLE, OPEN_ENDS, Delivery, DeliveryState, Outcome
from digestbot.model.digests import DigestRecord
from digestbot.model.errors import UsageError
from digestbot.store.base import Store

DECISIONS: Mapping[str, DeliveryState] = MappingProxyType(
    {"retry": DeliveryState.PLANNED, "hold": DeliveryState.HELD, "drop": DeliveryState.DROPPED},
)


def chosen(store: Store, names: Iterable[str]) -> list[Delivery]:
    """The deliveries meant by `names`: the first letters of an id, or for all of it a destination's name, a digest's
    key, or a state (one of DECIDABLE: "held").

    A state in which there is none means none. Raises UsageError for any other name of nothing, or of what there is
    nothing to decide about, and StoreError.
    """
    names = list(names)
    whole = {each.id: [each] for each in store.deliveries(ids=set(names))}
    of_it = (whole.get(name) or _named(store, name) for name in names)
    found = list({each.id: each for several in of_it for each in several}.values())
    for delivery in found:
        if delivery.state not in DECIDABLE:
            raise UsageError(f"{delivery.id[:8]} is {delivery.state}: nothing to decide about it")
    return found


def are_states(names: Iterable[str]) -> bool:
    """Whether these names mean whatever stands so, not certain deliveries."""
    return DECIDABLE.issuperset(names)


def _named(store: Store, name: str) -> list[Delivery]:
    if name in DECIDABLE:
        return store.deliveries(states={DeliveryState(name)})
    if of_digest := store.deliveries(digest=name, states=DECIDABLE):
        return of_digest
    known = store.deliveries(states=OPEN_ENDS)
    if of_destination := [each for each in known if each.destination.name == name and each.state in DECIDABLE]:
        return of_destination
    # All that were ever planned are read only to say what is wrong with the name.
    found = _beginning(known, name) or _beginning(store.deliveries(), name)
    if len(found) != 1:
        what = "no delivery" if not found else f"{len(found)} deliveries"
        raise UsageError(f"{what} with the id {name!r} (see: digestbot outbox list)")
    return found


def _beginning(known: Iterable[Delivery], letters: str) -> list[Delivery]:
    return [each for each in known if each.id.startswith(letters)]


def noted(decision: str, deliveries: Iterable[Delivery], now: datetime, who: str) -> list[AuditEntry]:
    """What the audit log says of a decision."""
    act = Act.REPLAYED if DECISIONS[decision] is DeliveryState.PLANNED else Act.DECIDED
    return [
        AuditEntry(now, who, act, about(each), f"{decision}: {each.digest} -> {each.destination.name}", each.id)
        for each in deliveries
    ]


def sent_by_hand(records: Iterable[DigestRecord | None], now: datetime, who: str) -> list[AuditEntry]:
    """What the audit log says of digests that somebody wanted to leave now."""
    return [AuditEntry(now, who, Act.SENT_BY_HAND, each.subscription, "", each.key) for each in records if each]


def about(delivery: Delivery) -> str:
    """Whom a delivery is about: the address it goes to, else its subscription."""
    return delivery.destination.options.get("address") or delivery.subscription


def decided(decision: str, deliveries: Iterable[Delivery], now: datetime) -> list[Outcome]:
    """The outcomes that write a decision (a key of DECISIONS) down. One planned anew is as if never tried."""
    return [_decided(DECISIONS[decision], each, now) for each in deliveries]


def _decided(state: DeliveryState, delivery: Delivery, now: datetime) -> Outcome:
    doubt = delivery.possible_duplicate and state is not DeliveryState.PLANNED
    why = sentence(Cause.BY_HAND)
    return Outcome(
        delivery.id, delivery.fence, state, delivery.parts_sent, now, Cause.BY_HAND, why, possible_duplicate=doubt
    )
