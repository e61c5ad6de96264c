"""The words that likeness compares: those of title and abstract, folded, plural and singular as one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from functools import lru_cache

from digestbot.model.papers import Paper
from digestbot.rules.folding import located, words

_LONGEST_READ = 20_000  # characters of a title with its abstract
_RAW_WORD = re.compile(r"[^\W_]+(?:\+\+|#)?")
_HISSING = ("s", "x", "z", "ch", "sh", "o")
_COMMON = frozenset(
    words(
        "a about above after all also an and any approach are as at based be been between both but by can"
        " different do does each for from has have how however i if in into is it its may method more most new no"
        " not novel of on one or other our over paper present propose proposed result results s show some study"
        " such t than that the their these they this those through to two under up upon use used using various very"
        " via was we well were what when where whether which while who whose why will with within without would you"
        " your"
    ).split
)


def counts(paper: Paper) -> Counter[str]:
    """How often each of the paper's terms stands in its title and abstract."""
    return text_counts(_text(paper))


def text_counts(text: str) -> Counter[str]:
    """The same of any text."""
    return Counter(filter(None, map(term, words(text[:_LONGEST_READ]).split)))


@lru_cache(maxsize=1 << 17)
def term(word: str) -> str | None:
    """What a folded word is compared as; None for one that tells nothing: common, a number, or a single letter.

    It is no word to be shown: "cases" and "case" are both "cas".
    """
    if word.isdecimal() or (len(word) == 1 and word.isascii()):
        return None
    stem = _stem(word)
    return None if stem in _COMMON_STEMS else stem


def _stem(word: str) -> str:
    """The word without the ending in which its plural and its singular differ."""
    if len(word) < 4 or not (word.isascii() and word.isalpha()):
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith("ie"):
        return f"{word[:-2]}y"
    if word.endswith("sis"):  # its plural is in -ses
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return word[:-1] if word.endswith("e") and word[:-1].endswith(_HISSING) else word


_COMMON_STEMS = frozenset(map(_stem, _COMMON))


def spelled(paper: Paper, wanted: Iterable[str]) -> list[str]:
    """These terms as the paper spells them most often, in the order given."""
    ordered = list(wanted)
    text = _text(paper)
    found = _spellings(_raw_words(text), frozenset(ordered))
    if len(found) < len(ordered):  # LaTeX or an accent within
        found = _spellings(_located_words(text), frozenset(ordered)) | found
    # Of equals the one in small letters: a title's capitals are not the word's.
    best = {
        each: max(spellings, key=lambda word: (spellings[word], word.islower())) for each, spellings in found.items()
    }
    return [best.get(each, each) for each in ordered]


def _spellings(pieces: Iterable[tuple[str, str]], wanted: Set[str]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for word, raw in pieces:
        if (each := term(word)) in wanted and each is not None:
            found.setdefault(each, Counter()).update([raw])
    return found


def _raw_words(text: str) -> Iterator[tuple[str, str]]:
    return ((each.casefold(), each) for each in _RAW_WORD.findall(text))


def _located_words(text: str) -> Iterator[tuple[str, str]]:
    split = located(text).split
    return ((word, text[start:end]) for word, start, end in zip(split.words, split.starts, split.ends, strict=True))


def _text(paper: Paper) -> str:
    return f"{paper.title}\n{paper.abstract or ''}"[:_LONGEST_READ]
