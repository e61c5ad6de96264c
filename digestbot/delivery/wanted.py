"""Whether a delivery is still wanted: looked at again at the moment of sending."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from digestbot.delivery.decisions import Objection
from digestbot.model.causes import Cause, sentence
from digestbot.model.deliveries import Delivery, DeliveryState
from digestbot.model.subscribers import UNSUBSCRIBED
from digestbot.model.subscriptions import Subscription
from digestbot.store.base import Store


def suppressed(delivery: Delivery, store: Store) -> Objection | None:
    """Whether its address has asked for silence since, or somebody for it. Raises StoreError."""
    address = delivery.destination.options.get("address")
    if delivery.destination.channel != "email" or address is None:
        return None
    for each in store.suppressions([address]).values():
        cause = Cause.UNSUBSCRIBED if each.reason == UNSUBSCRIBED else Cause.SUPPRESSED
        reason = sentence(cause, address=address, since=f"{each.since:%d %b %Y}", why=each.reason)
        return Objection(DeliveryState.DROPPED, cause, reason)
    return None


def objection(delivery: Delivery, subscriptions: Mapping[str, Subscription | None], now: datetime) -> Objection | None:
    """Why it is no longer wanted; None when it is.

    ``subscriptions`` has it by id, with None for one whose file is wrong: what was planned for it waits.
    """
    if delivery.subscription not in subscriptions:
        return _because(DeliveryState.DROPPED, Cause.SUBSCRIPTION_GONE, delivery)
    found = subscriptions[delivery.subscription]
    if found is None:
        return _because(DeliveryState.DEFERRED, Cause.SUBSCRIPTION_WRONG, delivery)
    if found.rests(now):
        return _because(DeliveryState.HELD, Cause.PAUSED, delivery)
    to = delivery.destination
    # As `identity` tells them apart, at a tenth of the cost: a subscription may have hundreds.
    if not any(each.options == to.options and each.channel == to.channel for each in found.to):
        return _because(DeliveryState.DROPPED, Cause.DESTINATION_REMOVED, delivery)
    return None


def _because(state: DeliveryState, cause: Cause, delivery: Delivery) -> Objection:
    facts = {"subscription": delivery.subscription, "destination": delivery.destination.name}
    return Objection(state, cause, sentence(cause, **facts))
