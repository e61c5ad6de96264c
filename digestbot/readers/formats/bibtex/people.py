"""The names in a BibTeX author field, each as "First Last"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digestbot.readers.text.fields import named
from digestbot.readers.text.markup import fold_spaces, plain, untex

_TOKEN = re.compile(r"[{}]|\s+and(?=\s)|,", re.IGNORECASE)


def people(field: str) -> tuple[str, ...]:
    """The names, `ET_AL` for "others"; what stands in braces is one name or one part of it, whatever it holds."""
    found = (_person(each) for each in _split(f"{fold_spaces(plain(field))} ", separator="and"))
    return named(found)


def _person(text: str) -> str:
    parts = [untex(part) for part in _split(text, separator=",")]
    parts = [part for part in parts if part]
    if len(parts) == 2:
        return f"{parts[1]} {parts[0]}"
    if len(parts) == 3:  # von Last, Jr, First
        return f"{parts[2]} {parts[0]} {parts[1]}"
    return ", ".join(parts)


def _split(text: str, separator: str) -> Iterator[str]:
    """The text cut at the separators that stand in no braces."""
    depth = start = 0
    for found in _TOKEN.finditer(text):
        if found[0] == "{":
            depth += 1
        elif found[0] == "}":
            depth = max(depth - 1, 0)
        elif depth == 0 and found[0].strip().lower() == separator:
            yield text[start : found.start()]
            start = found.end()
    yield text[start:]
