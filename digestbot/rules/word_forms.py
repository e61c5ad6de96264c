"""All that one word of a rule finds: its plural or singular, its other spelling, and it with what is written onto it.

A rule's word finds a word of a text that is its inflection, or an inflection of another spelling of one. In Arabic and
Hebrew it finds itself with the particles that are written together with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import product

from digestbot.rules import plural_table, spelling_table
from digestbot.rules.plurals import plurals, singulars

_ARABIC = tuple(
    dict.fromkeys(
        "".join(each) for each in product(("", "و", "ف"), ("", "ب", "ك", "ل", "ال", "بال", "كال", "لل"))
    )
)  # fmt: skip
_HEBREW = tuple(
    dict.fromkeys(
        "".join(each) for each in product(("", "ו"), ("", "ה", "ב", "כ", "ל", "מ", "ש", "מה", "שה", "שב", "של", "כש"))
    )
)  # fmt: skip
_ARTICLE, _TO_THE = "ال", "لل"
_ONTO = "والفبكוהבכלמש"
"""All letters that particles are made of."""
_REGULAR = "siey"
"""All letters that regular plurals end in, or lose."""


@lru_cache(maxsize=1 << 16)
def forms(word: str) -> frozenset[str]:
    """Every word of a text that a folded word of a rule finds, itself among them."""
    if not word.isascii():
        return frozenset((word, *_with_particles(word)))
    found = _inflections(word)
    others = _spellings()
    return frozenset(found.union(*(_inflections(other) for each in found & others.keys() for other in others[each])))


def finders(word: str) -> set[str]:
    """Every word of a rule that may find a folded word of a text, and some more: `forms` tells."""
    if not word.isascii():
        return {word, *_without_particles(word)}
    found = _inflected_from(word)
    others = _spellings()
    return found.union(*(_inflected_from(other) for each in found & others.keys() for other in others[each]))


def stem(word: str) -> str:
    """What a word has in common with all its `forms`, and maybe with others."""
    bare = word.rstrip(_REGULAR).lstrip(_ONTO)
    return _stems().get(bare, bare)


def _inflections(word: str) -> set[str]:
    """The word, its plurals, and every word it is a plural of."""
    return {word, *plurals(word), *singulars(word), *_irregular().get(word, ())}


def _inflected_from(word: str) -> set[str]:
    """Every word of which `word` may be an inflection, and some more."""
    candidates = {word, *plurals(word), *_irregular().get(word, ())}
    if word.endswith("s"):
        candidates |= {word[:-1], word[:-2], word[:-3] + "y", word[:-3] + "sis"}
    return candidates


def _with_particles(word: str) -> set[str]:
    """An Arabic or Hebrew word of two letters or more, with all that is written onto it."""
    particles = _particles(word)
    found = {each + word for each in particles}
    if particles is _ARABIC and word.startswith(_ARTICLE):  # to + the: the alif goes
        found |= {each + _TO_THE + word[len(_ARTICLE) :] for each in ("", "و", "ف")}
    return found


def _without_particles(word: str) -> set[str]:
    found = {word[len(each) :] for each in _particles(word) if word.startswith(each)}
    return found | {_ARTICLE + each for each in found} if _particles(word) is _ARABIC else found


def _particles(word: str) -> tuple[str, ...]:
    if len(word) < 2:
        return ()
    if "\u0620" <= word[0] <= "\u064a":
        return _ARABIC
    return _HEBREW if "\u05d0" <= word[0] <= "\u05ea" else ()


@cache
def _spellings() -> dict[str, tuple[str, ...]]:
    """The other spellings of words that have any."""
    return _both_ways(spelling_table.pairs())


@cache
def _irregular() -> dict[str, tuple[str, ...]]:
    """The plurals and singulars of words that have irregular ones."""
    return _both_ways(plural_table.pairs())


def _both_ways(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one, other in pairs:
        found[one] = (*found.get(one, ()), other)
        found[other] = (*found.get(other, ()), one)
    return found


@cache
def _stems() -> dict[str, str]:
    """What the tables make one, by what is left of a word without the ends of regular plurals."""
    above: dict[str, str] = {}
    for one, other in (*spelling_table.pairs(), *plural_table.pairs()):
        mine, theirs = one.rstrip(_REGULAR), other.rstrip(_REGULAR)
        while mine in above:
            mine = above[mine]
        while theirs in above:
            theirs = above[theirs]
        if mine != theirs:
            above[theirs] = mine
    for bare, root in above.items():
        while root in above:
            root = above[bare] = above[root]
    return above
