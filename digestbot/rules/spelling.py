"""The spellings of a term: a hyphenated word in a rule stands for its parts and for all of it joined."""

from __future__ import annotations

from itertools import product

from digestbot.rules.folding import hyphenations

MOST_SPELLINGS = 64


class TooManySpellingsError(ValueError):
    """A phrase with so many hyphenated words that its spellings are beyond counting."""


def spellings(text: str) -> tuple[tuple[str, ...], ...]:
    """Every spelling of `text` as folded words, hyphens as spaces first; () when it holds no word.

    Raises TooManySpellingsError beyond `MOST_SPELLINGS`.
    """
    pieces = hyphenations(text)
    if len(pieces) == 1:
        [[words]] = pieces
        return (words,) if words else ()
    count = 1
    for piece in pieces:
        count *= len(piece)
        if count > MOST_SPELLINGS:
            raise TooManySpellingsError
    found = {tuple(word for words in choice for word in words): None for choice in product(*pieces)}
    return tuple(spelling for spelling in found if spelling)
