"""Records as plain JSON objects and back: one spelling for every backend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, TypeAlias

import orjson

from digestbot.model.audit import Act, AuditEntry
from digestbot.model.causes import Cause
from digestbot.model.deliveries import Delivery, DeliveryState
from digestbot.model.digests import (
    Counts,
    DigestRecord,
    DigestVerdict,
    EntryRecord,
    Highlight,
    Likened,
    OpenedTurn,
    Slot,
    Trend,
    Window,
)
from digestbot.model.errors import StoreError
from digestbot.model.feedback import Feedback, Liking
from digestbot.model.subscribers import Membership, SubscriberRecord, Suppression, folded_address
from digestbot.model.subscriptions import Destination

JsonObject: TypeAlias = dict[str, Any]

_COUNTS = tuple(each.name for each in fields(Counts))


def storable(value: JsonObject) -> tuple[JsonObject, bytes]:
    """A JSON object as every backend can hold it, and its bytes.

    NUL characters and halves of surrogate pairs, which JSON files and PostgreSQL refuse, become U+FFFD.
    Raises StoreError for what is no JSON, such as a number of more than 64 bits.
    """
    try:
        encoded = orjson.dumps(value)
        if b"\\u0000" not in encoded:
            return value, encoded
    except TypeError:
        pass
    clean = _clean(value)
    try:
        return clean, orjson.dumps(clean)
    except TypeError as error:
        raise StoreError(f"a record cannot be stored: {error}") from error


def storable_text(text: str) -> str:
    """A text as every backend can hold it, with U+FFFD for what `storable` replaces."""
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, dict):
        return {_clean(key): _clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    return value


def from_time(moment: datetime) -> str:
    """An aware datetime in UTC, as ISO 8601. Raises StoreError for one without a time zone."""
    if moment.tzinfo is None:
        raise StoreError(f"a time without a time zone cannot be stored: {moment.isoformat()}")
    return moment.astimezone(UTC).isoformat()


def to_time(text: str) -> datetime:
    """The datetime that `from_time` wrote."""
    return datetime.fromisoformat(text)


def _from_time_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else from_time(moment)


def _to_time_or_none(text: str | None) -> datetime | None:
    return None if text is None else to_time(text)


def from_destination(destination: Destination) -> JsonObject:
    """A destination as a JSON object."""
    return {
        "channel": destination.channel,
        "options": dict(destination.options),
        "theme": destination.theme,
    }


def to_destination(data: Mapping[str, Any]) -> Destination:
    """The destination that `from_destination` wrote."""
    return Destination(data["channel"], MappingProxyType(dict(data["options"])), data["theme"])


def from_delivery(delivery: Delivery) -> JsonObject:
    """A delivery as a JSON object."""
    return {
        "id": delivery.id,
        "digest": delivery.digest,
        "subscription": delivery.subscription,
        "destination": from_destination(delivery.destination),
        "state": delivery.state.value,
        "planned_at": from_time(delivery.planned_at),
        "attempts": delivery.attempts,
        "parts_sent": delivery.parts_sent,
        "not_before": _from_time_or_none(delivery.not_before),
        "lease_until": _from_time_or_none(delivery.lease_until),
        "fence": delivery.fence,
        "cause": delivery.cause and delivery.cause.value,
        "reason": delivery.reason,
        "answer": delivery.answer,
        "possible_duplicate": delivery.possible_duplicate,
        "done_at": _from_time_or_none(delivery.done_at),
    }


def to_delivery(data: Mapping[str, Any]) -> Delivery:
    """The delivery that `from_delivery` wrote."""
    return Delivery(
        id=data["id"],
        digest=data["digest"],
        subscription=data["subscription"],
        destination=to_destination(data["destination"]),
        state=DeliveryState(data["state"]),
        planned_at=to_time(data["planned_at"]),
        attempts=data["attempts"],
        parts_sent=data["parts_sent"],
        not_before=_to_time_or_none(data["not_before"]),
        lease_until=_to_time_or_none(data["lease_until"]),
        fence=data["fence"],
        cause=None if data["cause"] is None else Cause(data["cause"]),
        reason=data["reason"],
        answer=data["answer"],
        possible_duplicate=data["possible_duplicate"],
        done_at=_to_time_or_none(data["done_at"]),
    )


def from_digest(record: DigestRecord, entries: list[JsonObject] | None = None) -> JsonObject:
    """A digest's record as a JSON object; ``entries`` are its entries as another digest with the same spells them."""
    return {
        "key": record.key,
        "subscription": record.subscription,
        "name": record.name,
        "slot": {
            "label": record.slot.label,
            "day": record.slot.day.isoformat(),
            "at": from_time(record.slot.at),
            "by_hand": record.slot.by_hand,
        },
        "opened_at": from_time(record.opened_at),
        "window": {"after": record.window.after, "upto": record.window.upto},
        "verdict": record.verdict.value,
        "entries": [_from_entry(entry) for entry in record.entries] if entries is None else entries,
        "sections": [list(section) for section in record.sections],
        "counts": {name: getattr(record.counts, name) for name in _COUNTS},
        "carry": list(record.carry),
        "brief": record.brief,
        "trend": [[each.label, each.heading, each.found, each.before] for each in record.trend],
        **({"likened": asdict(record.likened)} if record.likened else {}),
        **({} if record.gists else {"gists": False}),
    }


def to_digest(data: Mapping[str, Any]) -> DigestRecord:
    """The record that `from_digest` wrote."""
    return DigestRecord(
        key=data["key"],
        subscription=data["subscription"],
        name=data["name"],
        slot=_to_slot(data["slot"]),
        opened_at=to_time(data["opened_at"]),
        window=Window(data["window"]["after"], data["window"]["upto"]),
        verdict=DigestVerdict(data["verdict"]),
        entries=tuple(_to_entry(entry) for entry in data["entries"]),
        sections=tuple((label, heading) for label, heading in data["sections"]),
        counts=Counts(**data["counts"]),
        carry=tuple(data["carry"]),
        trend=tuple(Trend(*each) for each in data.get("trend", ())),
        likened=Likened(**data["likened"]) if "likened" in data else None,
        brief=data.get("brief", False),
        gists=data.get("gists", True),
    )


def to_turn(data: Mapping[str, Any]) -> OpenedTurn:
    """What that says of the slot: for many, whose entries nobody asks for."""
    return OpenedTurn(_to_slot(data["slot"]), to_time(data["opened_at"]))


def _to_slot(data: Mapping[str, Any]) -> Slot:
    return Slot(data["label"], date.fromisoformat(data["day"]), to_time(data["at"]), data["by_hand"])


def _from_entry(entry: EntryRecord) -> JsonObject:
    return {
        "sequence": entry.sequence,
        "rules": list(entry.rules),
        "words": list(entry.words),
        "highlights": [[each.field, each.start, each.end] for each in entry.highlights],
        "carried": entry.carried,
        "score": entry.score,
        **({"likeness": entry.likeness, "near": entry.near} if entry.likeness is not None else {}),
        **({"gist": entry.gist} if entry.gist else {}),
    }


def _to_entry(data: Mapping[str, Any]) -> EntryRecord:
    return EntryRecord(
        sequence=data["sequence"],
        rules=tuple(data["rules"]),
        words=tuple(data["words"]),
        highlights=tuple(Highlight(*each) for each in data["highlights"]),
        carried=data["carried"],
        score=data.get("score", 0.0),
        likeness=data.get("likeness"),
        near=data.get("near", ""),
        gist=data.get("gist", ""),
    )


def from_subscriber(record: SubscriberRecord) -> JsonObject:
    """A subscriber as a JSON object."""
    return {
        "id": record.id,
        "state": record.state.value,
        "wants": dict(record.wants),
        "added_at": from_time(record.added_at),
        "changed_at": from_time(record.changed_at),
        "revision": record.revision,
    }


def to_subscriber(data: Mapping[str, Any]) -> SubscriberRecord:
    """The subscriber that `from_subscriber` wrote."""
    added_at, changed_at = to_time(data["added_at"]), to_time(data["changed_at"])
    state = Membership(data["state"])
    return SubscriberRecord(data["id"], state, data["wants"], added_at, changed_at, data["revision"])


def from_suppression(suppression: Suppression) -> JsonObject:
    """A suppressed address as a JSON object; the address is folded."""
    return {
        "address": folded_address(suppression.address),
        "reason": suppression.reason,
        "since": from_time(suppression.since),
        "evidence": suppression.evidence,
    }


def to_suppression(data: Mapping[str, Any]) -> Suppression:
    """The suppression that `from_suppression` wrote."""
    return Suppression(data["address"], data["reason"], to_time(data["since"]), data["evidence"])


def from_audit(entry: AuditEntry) -> JsonObject:
    """An entry of the audit log as a JSON object; what it is about is folded."""
    return {
        "id": entry.id,
        "at": from_time(entry.at),
        "who": entry.who,
        "act": entry.act.value,
        "about": folded_address(entry.about),
        "detail": entry.detail,
        "reference": entry.reference,
    }


def to_audit(data: Mapping[str, Any]) -> AuditEntry:
    """The entry that `from_audit` wrote."""
    texts = (data[name] for name in ("about", "detail", "reference", "id"))
    return AuditEntry(to_time(data["at"]), data["who"], Act(data["act"]), *texts)


def from_opinion(opinion: Feedback) -> JsonObject:
    """An opinion as a JSON object; its id is the subscription's with the paper's place."""
    return {
        "id": f"{opinion.subscription}/{opinion.place}",
        "subscription": opinion.subscription,
        "place": opinion.place,
        "liking": opinion.liking.value,
        "at": from_time(opinion.at),
    }


def to_opinion(data: Mapping[str, Any]) -> Feedback:
    """The opinion that `from_opinion` wrote."""
    return Feedback(data["subscription"], data["place"], Liking(data["liking"]), to_time(data["at"]))
