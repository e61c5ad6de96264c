"""Whether two names may be one person's, asked slowly: by every way to write both."""

from __future__ import annotations

import re
from functools import cache
from itertools import product

from tests.matching.oracle import folded, grows, stands_alone

PARTICLES = re.findall(
    "[a-z]+",
    """af al am aus bin bint da dal dalla das de degli dei del della delle den der des di do dos du el ibn la las le les
    lo los mac op ten ter te thor tot un van vande vanden vander vom von zu zum zur""",
)
DIGRAPHS = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"}


def pieces(text: str) -> list[str]:
    """The words of a name's part, hyphens between."""
    found, word = [], ""
    for each in text + " ":
        if grows(each):
            word += each
            continue
        if word:
            found.append(word)
        word = ""
        if stands_alone(each):
            found.append(each)
    return found


@cache
def initial(word: str) -> bool:
    return len(word) == 1 and word.upper() != word.lower()


def _wide(letter: str) -> str:
    found = DIGRAPHS.get(letter.lower(), letter)
    return found.capitalize() if letter.isupper() and found != letter else found


def spellings(part: str) -> set[tuple[str, ...]]:
    """A part of a name as folded words: umlauts as they are or in two letters, hyphens as spaces or as nothing."""
    found = set()
    wide = "".join(map(_wide, part))
    for text in (part, wide, re.sub(r"(?<=[^\W\d_])['’ʼ`](?=[^\W\d_][^\W\d_])", "", part)):
        plain = re.sub(r"'s(?![^\W_])", "", folded(text)) if "'s" in folded(text) else folded(text)
        found.add(tuple(pieces(plain)))
        found.add(tuple(pieces(re.sub(r"(?<=[^\W_])-(?=[^\W_])", "", plain))))
    return found


def with_initials_apart(part: str, small: bool) -> str:
    if small:
        return re.sub(r"(?<![^\W_])([A-Z])([A-Z])([A-Z]?)(?![^\W_]|['’])", r"\1 \2 \3", part)
    return re.sub(r"(?<![^\W_])([A-Z])([A-Z])$", r"\1 \2", part)


@cache
def meanings(name: str) -> frozenset[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Family and given names, in every way the name can be meant."""
    name = re.sub(r"[,\s]+(Jr|Sr|II|III|IV|PhD|MD|et al)\.?(?=,|$)", "", name)
    name = re.sub(r"^(Dr|Prof|Professor)\.?\s+(?=\S)", "", name)
    small = any(each.islower() for each in name)
    parts = [each for each in name.split(",") if each.strip()][:2]
    found = set()
    for written in (parts, [with_initials_apart(each, small) for each in parts]):
        for cut in product(*map(spellings, written)):
            found |= _meant(cut)
    return frozenset(found)


def _meant(cut: tuple[tuple[str, ...], ...]) -> set[tuple[tuple[str, ...], tuple[str, ...]]]:
    if not cut or sum(map(len, cut)) > 12:
        return set()
    if len(cut) == 2:
        family, given = cut
        trailing: tuple[str, ...] = ()
        while len(given) > 1 and given[-1] in PARTICLES:
            given, trailing = given[:-1], (given[-1], *trailing)
        return {(trailing + family, given)}
    [both] = cut
    found: set[tuple[tuple[str, ...], tuple[str, ...]]] = {(both, ())}
    for at in range(1, len(both)):
        before, after = both[:at], both[at:]
        if before[-1] in PARTICLES:
            continue
        for family, given in ((after, before), (before, after)):
            if not all(initial(each) for each in family):
                found.add((family, given))
    return found


def agreeing(wanted: str, name: str) -> bool:
    """Whether a rule's name agrees with a paper's."""
    theirs = meanings(name)
    written = {word for part in spellings(name.replace(",", " ")) for word in part}
    whole = {each for each in written if not initial(each)} or written
    for family, given in meanings(wanted):
        if len(family) == 1 and not given and family[0] in whole:
            return True
        for other, others in theirs:
            if family == other and (not given or others) and all(map(_alike, given, others)):
                return True
    return False


def _alike(one: str, other: str) -> bool:
    return one == other or (one[0] == other[0] and (initial(one) or initial(other)))
