"""Libraries as every backend keeps them: packed, for their papers are only ever read together."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha256

import orjson

from digestbot.model.papers import Paper
from digestbot.store.codec import JsonObject, storable


def from_library(name: str, papers: Iterable[Paper]) -> JsonObject:
    """A library as a JSON object; its ``mark`` is another one for other papers."""
    packed = zlib.compress(b"\n".join(storable(each.to_json())[1] for each in papers))
    return {"id": name, "mark": sha256(packed).hexdigest()[:16], "papers": b64encode(packed).decode()}


def to_library(packed: str) -> list[Paper]:
    """The papers that `from_library` packed."""
    return [Paper.from_json(orjson.loads(line)) for line in zlib.decompress(b64decode(packed)).splitlines()]
