"""Subscribers as the pages meet them: found by a token or an address, changed one at a time, forgotten."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from digestbot.model.audit import Act, AuditEntry
from digestbot.model.subscribers import UNSUBSCRIBED, Membership, SubscriberRecord, Suppression
from digestbot.platform.links import Purpose, fingerprint
from digestbot.store.base import Store
from digestbot.subscribers import leaving
from digestbot.subscribers.leaving import SUBSCRIBER
from digestbot.web.request_context import RequestContext, no_link
from digestbot.web.site import Site


def new_id() -> str:
    """An id for somebody new, which nobody guesses."""
    return "web-" + base64.b32encode(secrets.token_bytes(10)).decode("ascii").lower()


def of_token(context: RequestContext, purpose: Purpose) -> SubscriberRecord:
    """The subscriber whom the token in the path names, by id and by an address that its digests go to: a link in
    a mail to an address that it left behind opens nothing. Raises the answer to a link that does not work.
    """
    identifier, mark, *_ = context.words(purpose)
    for record in context.site.app.store.subscribers([identifier]):
        if mark in map(fingerprint, record.addresses):
            return record
    raise no_link()


def changed(
    site: Site,
    record: SubscriberRecord,
    act: Act,
    wants: Mapping[str, Any] | None = None,
    state: Membership | None = None,
    detail: str = "",
    reference: str = "",
) -> SubscriberRecord:
    """Write a subscriber down with what is new, and in the audit log that it did so. Raises StoreError."""
    now = site.app.clock()
    new = replace(record, wants=wants or record.wants, state=state or record.state, changed_at=now)
    site.app.store.put_subscribers([new], noting=[noted(site, act, new.addresses[0], detail, reference)])
    return new


def noted(site: Site, act: Act, address: str, detail: str = "", reference: str = "") -> AuditEntry:
    """A line of the audit log about what a subscriber did on the pages."""
    return AuditEntry(site.app.clock(), SUBSCRIBER, act, address, detail or "on the web pages", reference)


def suppression(store: Store, address: str) -> Suppression | None:
    """Why nothing is sent to an address, also one that was forgotten; None when something is."""
    return next(iter(store.suppressions([address]).values()), None)


def own_will(suppression: Suppression | None) -> bool:
    """Whether an address may come back by its own word: nobody but itself has asked for silence."""
    return suppression is None or suppression.reason == UNSUBSCRIBED


def at(store: Store, address: str) -> list[SubscriberRecord]:
    """The subscribers at an address who have not left."""
    return [each for each in store.subscribers(address=address) if each.state is not Membership.LEFT]


def active(store: Store, address: str) -> SubscriberRecord | None:
    """A subscriber at an address who gets digests there."""
    return next((each for each in at(store, address) if each.state is Membership.ACTIVE), None)


def to_address(address: str) -> list[dict[str, str]]:
    """What a record says of where its digests go."""
    return [{"channel": "email", "address": address}]


def since(at: datetime) -> str:
    """A day as people read it."""
    return f"{at.day} {at:%B %Y}"


def forget(site: Site, record: SubscriberRecord) -> None:
    """Forget the subscriber, and what waits to be sent to it. Raises StoreError; then it may be asked for again."""
    store, address = site.app.store, record.addresses[0]
    for each in (*leaving.before(store, address), address):
        site.letters.forget(each)
    leaving.forget(store, address, now=site.app.clock())
