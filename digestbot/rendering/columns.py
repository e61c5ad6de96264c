"""Plain text in columns: how wide characters stand in a terminal, and lines broken to fit."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator

from digestbot.rendering.text import boundary, is_mark

COLUMNS = 78


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
    measure = len if words.isascii() else width
    rest = " " * width(first) if rest is None else rest
    indent = width(rest)
    lines, line, used = [], first, width(first)
    empty = True
    for word in _words(words, columns - max(width(first), indent), measure):
        wide = measure(word)
        if not empty and used + 1 + wide > columns:
            lines.append(line)
            line, used, empty = rest, indent, True
        line += word if empty else f" {word}"
        used += wide + (not empty)
        empty = False
    return "\n".join([*lines, line])


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
