"""Regular English plurals, and nothing more: an alert that guesses is noise."""

from __future__ import annotations

_VOWELS = frozenset("aeiou")
_HISSING = ("s", "x", "z", "ch", "sh")
_NEVER_PLURAL = ("ss", "us", "is")


def plurals(word: str) -> frozenset[str]:
    """The regular plurals of a folded word; none unless it is two or more ASCII letters."""
    if not _is_plain(word):
        return frozenset()
    if word.endswith("sis"):
        return frozenset((word + "es", word[:-3] + "ses"))
    if word.endswith(_HISSING):
        return frozenset((word + "es",))
    if word.endswith("y") and word[-2] not in _VOWELS:
        return frozenset((word[:-1] + "ies",))
    if word.endswith("o"):
        return frozenset((word + "s", word + "es"))
    return frozenset((word + "s",))


def singulars(word: str) -> frozenset[str]:
    """Every word of two or more letters that has `word` as a plural; none for -ss, -us and -is."""
    if not word.endswith("s") or word.endswith(_NEVER_PLURAL) or not _is_plain(word):
        return frozenset()
    candidates = (word[:-1], word[:-2], word[:-3] + "y", word[:-3] + "sis")
    return frozenset(each for each in candidates if word in plurals(each))


def _is_plain(word: str) -> bool:
    return len(word) >= 2 and word.isascii() and word.isalpha()
