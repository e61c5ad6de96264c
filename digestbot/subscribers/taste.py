"""What the readers of a subscription like, as their answers in the store tell it."""

from __future__ import annotations

from digestbot.matching.taste import MOST, NO_TASTE, Taste, taste
from digestbot.model.subscriptions import Subscription
from digestbot.store.base import Store


def liked_by(subscription: Subscription, store: Store) -> Taste:
    """Their taste; none where the subscription wants no feedback, or nobody said anything. Raises StoreError."""
    said = store.opinions(subscription.id) if subscription.feedback else []
    if not said:
        return NO_TASTE
    newest = sorted(said, key=lambda each: each.at)[-MOST:]
    papers = store.logged(each.place for each in newest)
    return taste((papers[each.place].paper, each.liking) for each in newest if each.place in papers)
