"""Exporting: subscribers as rows that can be imported again, and all that is kept of one person."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from digestbot.model.subscribers import SubscriberRecord, Suppression, folded_address
from digestbot.store.base import Store
from digestbot.subscribers.rows import COLUMNS, LISTS, guarded, joined

_PAGE = 1_000
HEADER = (*COLUMNS, "state", "suppressed", "added")


def listed(store: Store, records: Iterable[SubscriberRecord]) -> Iterator[tuple[SubscriberRecord, Suppression | None]]:
    """Subscribers, each with why nothing is sent to it where that is so."""
    rest = iter(records)
    while page := list(islice(rest, _PAGE)):
        found = store.suppressions({address for each in page for address in each.addresses})
        for each in page:
            yield each, next((found[address] for address in each.addresses if address in found), None)


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
        head = {"id": record.id, "address": next(iter(record.addresses), None)}
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
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def of_person(store: Store, address: str) -> Mapping[str, Any]:
    """All that is kept of one person: subscriptions, suppression, what was noted, and what was sent."""
    folded = folded_address(address)
    records = list(store.subscribers(address=folded))
    suppression = store.suppressions([folded]).get(folded)
    deliveries = store.deliveries(address=folded)
    return {
        "address": folded,
        "subscriptions": [
            {"id": each.id, "state": each.state, "since": each.added_at.isoformat(), "wants": dict(each.wants)}
            for each in records
        ],
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
            for each in store.audit(folded)
        ],
        "deliveries": [
            {
                "digest": each.digest,
                "state": each.state,
                "planned_at": each.planned_at.isoformat(),
                "done_at": each.done_at and each.done_at.isoformat(),
                "answer": each.reason,
            }
            for each in deliveries
        ],
    }
