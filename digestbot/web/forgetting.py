"""What is kept about a subscriber: all of it to take along, or none of it any more."""

from __future__ import annotations

from typing import Any

import orjson

from digestbot.model.subscribers import SubscriberRecord
from digestbot.subscribers import leaving
from digestbot.web.site import Site
from digestbot.web.subscriber_access import suppression


def everything(site: Site, record: SubscriberRecord) -> bytes:
    """Everything kept about a subscriber, as JSON: what was asked for, what was sent, and why nothing is sent."""
    store = site.app.store
    gone = suppression(store, record.addresses[0])
    said: dict[str, Any] = {
        "subscriber": {
            "id": record.id,
            "state": record.state.value,
            "since": record.added_at.isoformat(),
            "changed": record.changed_at.isoformat(),
            "wants": dict(record.wants),
        },
        "suppression": gone and {"reason": gone.reason, "since": gone.since.isoformat(), "evidence": gone.evidence},
        "log": [
            {"at": each.at.isoformat(), "who": each.who, "act": each.act.value, "detail": each.detail}
            for address in (*reversed(leaving.before(store, record.addresses[0])), record.addresses[0])
            for each in store.audit(address)
        ],
        "digests": [],
        "opinions": [
            {"paper": each.place, "said": each.liking, "at": each.at.isoformat()} for each in store.opinions(record.id)
        ],
    }
    for digest in store.digests(record.id):
        papers = store.logged(entry.sequence for entry in digest.entries)
        deliveries = [
            {
                "to": each.destination.options.get("address"),
                "state": each.state.value,
                "at": each.done_at and each.done_at.isoformat(),
                "answer": each.reason,
            }
            for each in store.deliveries(digest=digest.key)
        ]
        titles = [papers[entry.sequence].paper.title for entry in digest.entries]
        opened = digest.opened_at.isoformat()
        said["digests"].append({"key": digest.key, "at": opened, "papers": titles, "deliveries": deliveries})
    return orjson.dumps(said, option=orjson.OPT_INDENT_2)


def forget(site: Site, record: SubscriberRecord) -> None:
    """Forget the subscriber, and what waits to be sent to it. Raises StoreError; then it may be asked for again."""
    store, address = site.app.store, record.addresses[0]
    for each in (*leaving.before(store, address), address):
        site.letters.forget(each)
    leaving.forget(store, address, now=site.app.clock())
