"""Whole dumps kept as strings in JSON: a recorded answer's body, a mail that an API gives in base64."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

from digestbot.readers.content import Content

_LARGEST = 64 * 1024 * 1024  # characters of JSON that are looked through
_SHORTEST = 60  # characters; a listing with one paper has more
_DEEPEST = 40
_MOST = 5_000  # strings that are tried
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}\s*\Z")
_BEGINS = re.compile(r"\s*(?:<[!?A-Za-z]|[{\[]\s*[\"{\[\]}]|@\w+\s*[{(]|TY  - |PMID- |[A-Za-z][\w-]*:\s)")
_ALTERNATIVE = "multipart/alternative"


def kept_texts(content: Content) -> Iterator[tuple[bytes, ...]]:
    """The strings that may be dumps, decoded; those of a mail that says the same in several ways together."""
    text = content.text()
    if len(text) > _LARGEST:
        return
    found = 0
    for value in _documents(text):
        for ways in _within(value, 0):
            found += 1
            if found > _MOST:
                return
            yield ways


def _documents(text: str) -> Iterator[Any]:
    """The whole, or each line of JSON Lines."""
    try:
        yield orjson.loads(text)
    except orjson.JSONDecodeError:
        for line in text.split("\n"):
            try:
                yield json.loads(line, strict=False)
            except (ValueError, RecursionError):
                continue


def _within(value: Any, depth: int) -> Iterator[tuple[bytes, ...]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        if data := _decoded(value):
            yield (data,)
    elif isinstance(value, list):
        for each in value:
            yield from _within(each, depth + 1)
    elif isinstance(value, dict):
        ways = [way for each in value.values() for way in _within(each, depth + 1)]
        if str(value.get("mimeType", "")).lower() == _ALTERNATIVE and ways:
            yield tuple(data for way in reversed(ways) for data in way)
        else:
            yield from ways


def _decoded(text: str) -> bytes | None:
    if len(text) < _SHORTEST:
        return None
    if _BEGINS.match(text):
        return text.encode("utf-8", "replace")
    packed = "".join(text.split())
    if not _BASE64.fullmatch(packed):
        return None
    try:
        data = base64.b64decode(packed.replace("-", "+").replace("_", "/") + "=" * (-len(packed) % 4))
    except (binascii.Error, ValueError):
        return None
    return data if _is_text(data) else None


def _is_text(data: bytes) -> bool:
    try:
        return bool(data.strip()) and b"\0" not in data[:4096] and bool(data[:4096].decode("utf-8", "ignore").strip())
    except ValueError:
        return False
