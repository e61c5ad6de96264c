"""A word exactly as written, found in raw text: `=RAG` finds RAG and neither rag nor RAGs."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from digestbot.rules.folding import stands_alone


def occurrences(word: str, raw: str) -> Iterator[tuple[int, int]]:
    """Where `word` stands in `raw` as whole words (start, end), in order and never overlapping.

    What makes a word longer is what makes it longer in folding: a letter, a digit, an accent of its own,
    a trailing ``++`` or ``#``. So ``C`` is not found in ``C++`` or ``C#``.
    """
    start = raw.find(word)
    while start >= 0:
        end = start + len(word)
        if _begins(raw, start) and _ends(raw, end):
            yield start, end
            start = raw.find(word, end)
        else:
            start = raw.find(word, start + 1)


def _begins(raw: str, start: int) -> bool:
    return start == 0 or not (_grows(raw[start]) and _grows(raw[start - 1]))


def _ends(raw: str, end: int) -> bool:
    if end == len(raw):
        return True
    last, following = raw[end - 1], raw[end]
    if unicodedata.category(following)[0] == "M" and (_grows(last) or stands_alone(last)):
        return False
    return not (_grows(last) and (_grows(following) or following == "#" or raw.startswith("++", end)))


def _grows(character: str) -> bool:
    """Whether the character makes one word with a letter beside it."""
    if stands_alone(character):
        return False
    return character.isalnum() or unicodedata.category(character)[0] == "M"
