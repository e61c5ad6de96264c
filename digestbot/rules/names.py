"""Names of people compared as names: whoever reads "Smith JA" and "John A. Smith" sees one person that may be both.

A name is read in every way it can be meant: which of its words are the family's, and which are given names or initials.
Two names agree where a way to read one agrees with a way to read the other: the same family name, and given names of
which none contradicts. A given name, or an initial, that only one of them has, contradicts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import NamedTuple, TypeAlias

from digestbot.rules.folding import words

_PARTICLES = """af al am aus bin bint da dal dalla das de degli dei del della delle den der des di do dos du el ibn la
    las le les lo los mac op ten ter te thor tot un van vande vanden vander vom von zu zum zur"""
PARTICLES = frozenset(_PARTICLES.split())
"""What stands before a family name and belongs to it."""

_SUFFIX = re.compile(r"[,\s]+(?:Jr|Sr|II|III|IV|PhD|MD|et al)\.?(?=,|$)|^(?:Dr|Prof|Professor)\.?\s+(?=\S)")
"""What is no part of a name."""
APOSTROPHE = re.compile(r"(?<=[^\W\d_])['’ʼ`](?=[^\W\d_]{2})")
"""What some leave out: O'Brien, OBrien."""
_CAPITALS = re.compile(r"(?<![^\W_])[A-Z]{2,3}(?![^\W_]|['’])")
_LAST_CAPITALS = re.compile(r"(?<![^\W_])[A-Z]{2}$")
"""Initials in one word: of a name in small letters, and of one that is all in capitals."""
_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "Oe", "Å": "Aa"}
)
_DIGRAPHS = re.compile("(ae|oe|ue|aa)")
_UNDONE = {"ae": "a", "oe": "o", "ue": "u", "aa": "a"}
_MOST_WORDS = 12
"""A name of more words is none: a list of them, or an organisation."""

Words: TypeAlias = tuple[str, ...]


class NameReading(NamedTuple):
    """One way to read a name: the family's words, and the given names and initials in their order."""

    family: Words
    given: Words


@lru_cache(maxsize=1 << 14)
def readings(name: str) -> frozenset[NameReading]:
    """Every way to read a name; none for what holds no letter, or is no name."""
    return frozenset(each for written in _written(name) for each in _readings(written))


@lru_cache(maxsize=1 << 14)
def whole_words(name: str) -> frozenset[str]:
    """The words of a name that are no initials, in every spelling; all its words where there are only initials.

    Names that agree share one of them.
    """
    written = {name, name.translate(_UMLAUTS), APOSTROPHE.sub("", name)}
    found = {word for each in written for reading in words(each) for word in reading}
    return frozenset(each for each in found if not _is_initial(each)) or frozenset(found)


def written_words(name: str) -> set[str]:
    """One of these stands in every name without an apostrophe that agrees: ``Grueber`` may be written ``Grüber``."""
    found: set[str] = set()
    for word in whole_words(name):
        pieces = [(each, _UNDONE[each]) if each in _UNDONE else (each,) for each in _DIGRAPHS.split(word)]
        found.update(map("".join, product(*pieces)))
    return found


def agree(wanted: str, name: str) -> bool:
    """Whether the name that a rule writes may be the one that a paper has."""
    mine = readings(wanted)
    alone = {each.family[0] for each in mine if len(each.family) == 1 and not each.given}
    if alone and not alone.isdisjoint(whole_words(name)):
        return True  # one word is any whole word of the name
    return any(_same(one, other) for one in mine for other in readings(name))


def _same(wanted: NameReading, name: NameReading) -> bool:
    if wanted.family != name.family or len(wanted.given) > 0 == len(name.given):
        return False
    return all(map(_same_given, wanted.given, name.given))


def _same_given(one: str, other: str) -> bool:
    if _is_initial(one) or _is_initial(other):
        return one[0] == other[0]
    return one == other


def _is_initial(word: str) -> bool:
    """Whether the word is one letter of a script that has small and capital ones."""
    return len(word) == 1 and word.upper() != word


def _written(name: str) -> Iterator[tuple[Words, ...]]:
    """The parts of a name between commas as folded words, in every spelling; initials in a word of capitals apart."""
    name = _SUFFIX.sub("", name)
    capitals = _CAPITALS if any(map(str.islower, name)) else _LAST_CAPITALS
    parts = [each for each in name.split(",") if each.strip()][:2]
    spelled = [parts, [each.translate(_UMLAUTS) for each in parts], [APOSTROPHE.sub("", each) for each in parts]]
    apart = [[capitals.sub(lambda found: " ".join(found[0]), part) for part in each] for each in spelled]
    seen: set[tuple[Words, ...]] = set()
    for each in (*spelled, *apart):
        for cut in product(*({tuple(reading) for reading in words(part)} for part in each)):
            if cut and sum(map(len, cut)) <= _MOST_WORDS and cut not in seen:
                seen.add(cut)
                yield cut


def _readings(parts: tuple[Words, ...]) -> Iterator[NameReading]:
    """The ways to read a name written so: before and after a comma, or without one."""
    if len(parts) > 1:
        family, given = parts[0], parts[1]
        particles = _ending_in_particles(given)
        yield NameReading((*given[particles:], *family), given[:particles])
        return
    [both] = parts
    yield NameReading(both, ())
    for at in range(1, len(both)):
        if both[at - 1] not in PARTICLES and not all(map(_is_initial, both[at:])):
            yield NameReading(both[at:], both[:at])
        if both[at - 1] not in PARTICLES and not all(map(_is_initial, both[:at])):
            yield NameReading(both[:at], both[at:])


def _ending_in_particles(given: Words) -> int:
    """Where the particles begin with which given names end: "Vega, Inés de la"."""
    at = len(given)
    while at > 1 and given[at - 1] in PARTICLES:
        at -= 1
    return at
