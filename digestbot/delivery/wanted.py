"""Whether a delivery is still wanted: looked at again at the moment of sending."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from digestbot.delivery.decisions import Objection
from digestbot.model.deliveries import Delivery, DeliveryState
from digestbot.model.subscriptions import Subscription
from digestbot.store.base import Store


def suppressed(delivery: Delivery, store: Store) -> Objection | None:
    """Whether its address has asked for silence since, or somebody for it. Raises StoreError."""
    address = delivery.destination.options.get("address")
    if delivery.destination.channel != "email" or address is None:
        return None
    for each in store.suppressions([address]).values():
        return Objection(DeliveryState.DROPPED, f"{address} is suppressed since {each.since:%d %b %Y}: {each.reason}")
    return None


def objection(delivery: Delivery, subscriptions: Mapping[str, Subscription | None], now: datetime) -> Objection | None:
    """Why it is no longer wanted; None when it is.

    ``subscriptions`` has it by id, with None for one whose file is wrong: what was planned for it waits.
    """
    name = delivery.digest.split("/")[0]
    if name not in subscriptions:
        return Objection(DeliveryState.DROPPED, f"the subscription {name} is no more")
    found = subscriptions[name]
    if found is None:
        return Objection(DeliveryState.DEFERRED, f"the file of the subscription {name} is wrong: see digestbot check")
    if found.rests(now):
        return Objection(DeliveryState.HELD, f"the subscription {name} is paused")
    to = delivery.destination
    # As `identity` tells them apart, at a tenth of the cost: a subscription may have hundreds.
    if not any(each.options == to.options and each.channel == to.channel for each in found.to):
        return Objection(DeliveryState.DROPPED, f"{delivery.destination.name} is no longer a destination of {name}")
    return None
