"""The renderer for programs: everything a digest holds as one JSON object, after Standard Webhooks' payload."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

from digestbot.model.deliveries import Message, Part
from digestbot.model.digests import Digest, DigestEntry
from digestbot.model.papers import JsonObject
from digestbot.model.subscriptions import Destination
from digestbot.rendering.base import Envelope
from digestbot.rendering.escape import storable
from digestbot.rendering.subject import subject
from digestbot.rendering.view import view


class JsonRenderer:
    """A digest as ``{type, timestamp, data}``; texts are the papers' own, uncut.

    Highlights are offsets into title or abstract in Unicode characters, as in the papers' raw text.
    """

    name = "json"

    def write(self, digest: Digest, to: Destination, envelope: Envelope) -> Message:
        """One part, ``digest.json``."""
        body = json.dumps(_storable(_payload(digest, envelope)), ensure_ascii=False)
        part = Part("digest.json", "application/json", body.encode() + b"\n")
        return Message((part,), subject(view(digest, envelope)))


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(key): _storable(each) for key, each in value.items()}
    return [_storable(each) for each in value] if isinstance(value, list) else value


def _payload(digest: Digest, envelope: Envelope) -> JsonObject:
    record = digest.record
    return {
        "type": "digest",
        "timestamp": record.slot.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": {
            "key": record.key,
            "subscription": record.subscription,
            "name": record.name,
            "note": envelope.note,
            "slot": {
                "label": record.slot.label,
                "day": record.slot.day.isoformat(),
                "at": record.slot.at.isoformat(),
            },
            "window": {"after": record.window.after, "upto": record.window.upto},
            "counts": {
                "read": record.counts.read,
                "found": record.counts.found,
                "already_sent": record.counts.already_sent,
                "carried_in": record.counts.carried_in,
                "shown": record.counts.shown,
                "waiting_shown": record.counts.waiting_shown,
                "left_out": record.counts.left_out,
                "let_go": record.counts.let_go,
                "expired": record.counts.expired,
            },
            "sections": [
                {
                    "label": section.label,
                    "heading": section.heading,
                    "entries": [_entry(entry) for entry in section.entries],
                }
                for section in digest.sections
            ],
        },
    }


def _entry(entry: DigestEntry) -> JsonObject:
    record = entry.record
    return {
        "key": entry.paper.key,
        "sequence": record.sequence,
        "paper": entry.paper.paper.to_json(),
        "rules": list(record.rules),
        "words": list(record.words),
        "highlights": [{"field": h.field, "start": h.start, "end": h.end} for h in record.highlights],
        "carried": record.carried,
        "score": record.score,
        **({"gist": {"text": record.gist, "by": "model"}} if record.gist else {}),
        **({"likeness": record.likeness, "near": record.near or None} if record.likeness is not None else {}),
    }
