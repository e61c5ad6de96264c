"""Records that a program printed as Python writes its values: JSON but for the quotes, one a line or in a list."""

from __future__ import annotations

import ast
import re
from typing import Any

import orjson

_BEGINS = re.compile(r"\s*(?:\[\s*)?\{\s*'[\w ]{1,40}'\s*:")
_LARGEST = 64 * 1024 * 1024  # characters that are looked through
_LONGEST = 4 * 1024 * 1024  # of one value


def is_python(head: str) -> bool:
    """Whether a text that begins so holds such values."""
    return _BEGINS.match(head) is not None


def as_json(text: str) -> bytes:
    """The records as JSON, one a line; what is none is left out."""
    if len(text) > _LARGEST:
        return b""
    records = list(_values(text)) or [value for line in text.split("\n") for value in _values(line)]
    return b"\n".join(orjson.dumps(each, default=str, option=orjson.OPT_NON_STR_KEYS) for each in records)


def _values(text: str) -> list[Any]:
    if not _BEGINS.match(text) or len(text) > _LONGEST:
        return []
    try:
        value = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    return value if isinstance(value, list) else [value]
