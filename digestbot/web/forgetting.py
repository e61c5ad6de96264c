"""Nothing of a subscriber is kept any more."""

from __future__ import annotations

from digestbot.model.subscribers import SubscriberRecord
from digestbot.subscribers import leaving
from digestbot.web.site import Site


def forget(site: Site, record: SubscriberRecord) -> None:
    """Forget the subscriber, and what waits to be sent to it. Raises StoreError; then it may be asked for again."""
    store, address = site.app.store, record.addresses[0]
    for each in (*leaving.before(store, address), address):
        site.letters.forget(each)
    leaving.forget(store, address, now=site.app.clock())
