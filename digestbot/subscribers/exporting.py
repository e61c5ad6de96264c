"""Exporting: subscribers as rows that can be imported again, and all that is kept of one person."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from digestbot.model.deliveries import Delivery
from digestbot.model.subscribers import Membership, SubscriberRecord, Suppression, folded_address
from digestbot.store.base import Store
from digestbot.subscribers import leaving
from digestbot.subscribers.cells import LISTS, guarded, joined
from digestbot.subscribers.rows import COLUMNS, TOLD

_PAGE = 1_000
HEADER = (*COLUMNS, *TOLD)


def listed(store: Store, records: Iterable[SubscriberRecord]) -> Iterator[tuple[SubscriberRecord, Suppression | None]]:
    """Subscribers, each with why nothing is sent to it where that is so."""
    rest = iter(records)
    while page := list(islice(rest, _PAGE)):
        found = store.suppressions({address for each in page for address in each.addresses})
        for each in page:
            yield each, next((found[address] for address in each.addresses if address in found), None)


def everybody(store: Store) -> Iterator[tuple[SubscriberRecord, Suppression | None]]:
    """All subscribers so, and then who is nobody's address and suppressed: no other house should mail them either."""
    alone = store.suppressions()
    for record, suppression in listed(store, store.subscribers()):
        for address in record.addresses:
            alone.pop(address, None)
        yield record, suppression
    for each in alone.values():
        if "@" in each.address:  # of who was forgotten there is a hash
            wants = {"to": [{"channel": "email", "address": each.address}]}
            yield SubscriberRecord("", Membership.LEFT, wants, each.since, each.since), each


def as_csv(found: Iterable[tuple[SubscriberRecord, Suppression | None]]) -> Iterator[str]:
    """Lines of CSV that no spreadsheet takes for formulas and `subscribers import` takes as they are."""
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    writer.writerow(HEADER)
    for record, suppression in found:
        writer.writerow([guarded(each) for each in _cells(record, suppression)])
        yield line.getvalue()
        line.seek(0)
        line.truncate()
    yield line.getvalue()


def _cells(record: SubscriberRecord, suppression: Suppression | None) -> Iterator[str]:
    wants = record.wants
    for name in COLUMNS:
        if name in ("address", "id"):
            yield record.id if name == "id" else next(iter(record.addresses), "")
        elif name in LISTS:
            yield joined(wants.get(name, ()))
        else:
            value = wants.get(name)
            yield "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    yield record.state.value
    yield suppression.reason if suppression else ""
    yield record.added_at.isoformat()


def as_toml(found: Iterable[tuple[SubscriberRecord, Suppression | None]]) -> Iterator[str]:
    """The same as TOML, with every destination."""
    for record, suppression in found:
        head = {"id": record.id or None, "address": next(iter(record.addresses), None)}
        wants = {key: value for key, value in record.wants.items() if key != "to"}
        tail = {"state": record.state.value, "suppressed": suppression and suppression.reason}
        plain = {**head, **wants, **tail, "added": record.added_at.isoformat()}
        lines = ["[[subscriber]]", *(f"{key} = {_toml(value)}" for key, value in plain.items() if value is not None)]
        for table in record.wants.get("to", ()):
            lines += ["[[subscriber.to]]", *(f"{key} = {_toml(value)}" for key, value in table.items())]
        yield "\n".join(lines) + "\n\n"


def _toml(value: Any) -> str:
    """A value as TOML: its texts are JSON's, but for DEL."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {_toml(each)}' for key, each in value.items())} }}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def of_person(store: Store, address: str) -> Mapping[str, Any]:
    """All that is kept of one person, also under the addresses it had before: subscriptions with opinions and library,
    suppression, what was noted, and what was sent, with the titles. Raises StoreError."""
    folded = folded_address(address)
    suppression = store.suppressions([folded]).get(folded)
    names = (*reversed(leaving.before(store, folded)), folded)
    sent: dict[str, list[Delivery]] = {}
    for delivery in (each for name in names for each in store.deliveries(address=name)):
        sent.setdefault(delivery.digest, []).append(delivery)
    return {
        "address": folded,
        "subscriptions": [_subscription(store, each) for each in store.subscribers(address=folded)],
        "suppression": suppression
        and {
            "reason": suppression.reason,
            "since": suppression.since.isoformat(),
            "evidence": suppression.evidence,
        },
        "audit": [
            {
                "at": each.at.isoformat(),
                "who": each.who,
                "act": each.act,
                "detail": each.detail,
                "reference": each.reference,
            }
            for name in names
            for each in store.audit(name)
        ],
        "digests": [_digest(store, key, deliveries) for key, deliveries in sent.items()],
    }


def _subscription(store: Store, record: SubscriberRecord) -> dict[str, Any]:
    opinions = store.opinions(record.id)
    papers = store.logged(each.place for each in opinions)
    return {
        "id": record.id,
        "state": record.state,
        "since": record.added_at.isoformat(),
        "changed": record.changed_at.isoformat(),
        "wants": dict(record.wants),
        "opinions": [
            {
                "paper": each.place,
                "title": papers[each.place].paper.title if each.place in papers else None,
                "said": each.liking,
                "at": each.at.isoformat(),
            }
            for each in opinions
        ],
        "library": [each.to_json() for each in store.library(record.id)],
    }


def _digest(store: Store, key: str, deliveries: Iterable[Delivery]) -> dict[str, Any]:
    """One digest with its papers' titles, and how it went to the person."""
    record = store.digest(key)
    papers = store.logged(entry.sequence for entry in record.entries) if record else {}
    return {
        "key": key,
        "papers": [each.paper.title for each in papers.values()],
        "deliveries": [
            {
                "to": each.destination.options.get("address"),
                "state": each.state,
                "planned_at": each.planned_at.isoformat(),
                "done_at": each.done_at and each.done_at.isoformat(),
                "answer": each.reason,
            }
            for each in deliveries
        ],
    }
