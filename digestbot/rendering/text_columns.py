"""Plain text in columns: how wide characters stand in a terminal, and lines broken to fit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from digestbot.rendering.text import boundary, is_mark

COLUMNS = 78

# Letters and signs that each take one column, as a text of Latin, Greek or Cyrillic letters holds no others.
_NARROW = re.compile(
    "[\x00-\u02ff\u0391-\u03a1\u03a3-\u0482\u048a-\u052f\u1e00-\u1eff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf"
    "\u2100-\u218b\u2190-\u22ff\u25a0-\u25bf]*"
)


def width(text: str) -> int:
    """How many columns a text takes: two for East Asian wide characters and emoji, none for marks."""
    if text.isascii():
        return len(text)
    return sum(_width(char) for char in text)


def _width(char: str) -> int:
    if is_mark(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def wrap(text: object, first: str = "", rest: str | None = None, columns: int = COLUMNS) -> str:
    """The words of a text in lines of at most `columns`: the first begins with `first`, the others with `rest`.

    `rest` is as many spaces as `first` is wide unless given. Words that fit no line are broken.
    """
    words = str(text)
    rest = " " * width(first) if rest is None else rest
    indent, used = width(rest), width(first)
    narrow = words.isascii() or _NARROW.fullmatch(words) is not None
    if narrow and used == indent and (quick := _narrow_lines(" ".join(words.split()), columns - indent)):
        return first + f"\n{rest}".join(quick)
    measure = len if narrow else width
    lines, line = [], first
    empty = True
    for word in _words(words, max(columns - max(used, indent), 1), measure):
        wide = measure(word)
        if not empty and used + 1 + wide > columns:
            lines.append(line)
            line, used, empty = rest, indent, True
        line += word if empty else f" {word}"
        used += wide + (not empty)
        empty = False
    return "\n".join([*lines, line])


def _narrow_lines(text: str, room: int) -> list[str]:
    """A text with one space between words, in lines of at most so many letters; none where a word fits no line."""
    lines, at = [], 0
    while at + room < len(text):
        space = text.rfind(" ", at, at + room + 1)
        if space < 0:
            return []
        lines.append(text[at:space])
        at = space + 1
    return [*lines, text[at:]]


def _words(text: str, room: int, measure: Callable[[str], int]) -> Iterator[str]:
    """Words of at most `room` columns; longer ones in pieces."""
    for word in text.split():
        while measure(word) > room:
            end = used = 0
            while end < len(word) and used + _width(word[end]) <= room:
                used += _width(word[end])
                end += 1
            end = boundary(word, end) or 1
            yield word[:end]
            word = word[end:]
        if word:
            yield word
