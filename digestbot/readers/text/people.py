"""Whether a line of text is a list of people's names, as a byline is."""

from __future__ import annotations

import re

_BETWEEN = re.compile(r"\s*[,;]\s*(?:and\s+|&\s*)?|\s+(?:and|&)\s+", re.IGNORECASE)
_PARTICLE = r"(?:van|von|der|den|de|del|della|di|da|dos|du|la|le|el|al|bin|ibn|ten|ter|zu|y|e)"
_WORD = rf"(?:{_PARTICLE}|[^\W\d_a-z][\w.'’‘`-]*|[a-z]{{1,3}}[’'`-][^\W\d_a-z][\w.'’-]*)"
_NAME = re.compile(rf"{_WORD}(?:\s+{_WORD}){{0,5}}(?:\s*[\d*†‡§#]+)?")
_OTHERS = re.compile(r"\s*,?\s*(?:et\.?\s?al\.?|and others|…|\.\.\.)\s*\Z", re.IGNORECASE)
_LABEL = re.compile(r"\A\s*(?:by|authors?)\b[:\s]\s*", re.IGNORECASE)
_LONGEST = 20_000  # characters: a collaboration's list
_LONGEST_NAME = 60


def byline(text: str) -> str | None:
    """The names in a line that is nothing but a list of them, without "by"; None for any other line."""
    line = _LABEL.sub("", text[:_LONGEST]).strip().rstrip(".")
    bare = _OTHERS.sub("", line)
    parts = [part for part in _BETWEEN.split(bare) if part]
    if not parts or not all(len(part) <= _LONGEST_NAME and _NAME.fullmatch(part) for part in parts):
        return None
    full = sum(len(part.split()) > 1 for part in parts)
    return line if full * 2 > len(parts) or (bare != line and full) else None
