"""Where a term's words stand in one reading of a field: side by side, or near each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from itertools import compress
from types import MappingProxyType
from typing import TypeAlias

from digestbot.rules.ast import Near, Words
from digestbot.rules.word_forms import forms

_WordTest: TypeAlias = Callable[[str], bool]
_Phrase: TypeAlias = list[_WordTest]
WordPlaces: TypeAlias = Mapping[str, Sequence[int]]
NOWHERE: WordPlaces = MappingProxyType({})


class Finder:
    """Finds every spelling of one term. Word positions count from 0; ends are exclusive."""

    def __init__(self, node: Words | Near) -> None:
        self._slop = node.slop if isinstance(node, Near) else None
        prefix = isinstance(node, Words) and node.prefix
        self._forms = [
            [forms(word) for word in (spelling[:-1] if prefix else spelling)] for spelling in node.alternatives
        ]
        self._prefixes = [spelling[-1] if prefix else "" for spelling in node.alternatives]
        self._phrases: list[_Phrase] = [
            [each.__contains__ for each in spelling] + ([_starting(start)] if start else [])
            for spelling, start in zip(self._forms, self._prefixes, strict=True)
        ]
        self.heads = frozenset().union(*(spelling[0] for spelling in self._forms if spelling))
        """The words that one of its spellings may begin with; what a spelling of one prefix begins with is not told."""
        self.told = all(self._forms)
        """Whether all that it may begin with is told."""

    def possible(self, vocabulary: Set[str]) -> bool:
        """Whether the words of some spelling are all there, wherever; quick, and enough for single words."""
        for spelling, start in zip(self._forms, self._prefixes, strict=True):
            for each in spelling:  # loops, since this is asked more often than all else
                if each.isdisjoint(vocabulary):
                    break
            else:
                if not start or any(word.startswith(start) for word in vocabulary):
                    return True
        return False

    def found_in(self, words: Sequence[str], where: WordPlaces = NOWHERE) -> bool:
        """Whether the term stands in these words."""
        return next(self.places(words, where), None) is not None

    def places(self, words: Sequence[str], where: WordPlaces = NOWHERE) -> Iterator[tuple[int, int]]:
        """Where each spelling stands: (first word, last word + 1).

        ``where`` are the places of each of the words: who has them spares looking at all words.
        """
        if where and self._slop is None:
            yield from self._looked_up(words, where)
            return
        for phrase in self._phrases:
            if self._slop is None:
                yield from _side_by_side(phrase, words)
            else:
                yield from _within(phrase, words, len(phrase) + self._slop)

    def _looked_up(self, words: Sequence[str], where: WordPlaces) -> Iterator[tuple[int, int]]:
        """Where each spelling stands side by side, in no order: only where its first word does is looked at."""
        for phrase, spelling, start in zip(self._phrases, self._forms, self._prefixes, strict=True):
            heads = spelling[0] if spelling else [word for word in where if word.startswith(start)]
            further, length = phrase[1:], len(phrase)
            for head in heads:
                for at in where.get(head, ()):
                    if at + length <= len(words):
                        for word, test in zip(words[at + 1 : at + length], further):  # noqa: B905  # equally long
                            if not test(word):
                                break
                        else:
                            yield at, at + length


class AnyTerm:
    """Several terms, of which one is enough. Most texts have no word that any of them begins with."""

    def __init__(self, finders: Sequence[Finder]) -> None:
        self._finders = finders
        told = all(each.told for each in finders)
        self._heads = frozenset().union(*(each.heads for each in finders)) if told else None

    def possible(self, vocabulary: Set[str]) -> bool:
        """Whether one of them may stand where these are the different words: quick."""
        return self._heads is None or not self._heads.isdisjoint(vocabulary)

    def found_in(self, vocabulary: Set[str], words: Sequence[str], where: WordPlaces) -> bool:
        """Whether one of them stands in these words, whose different ones are the vocabulary."""
        return any(each.possible(vocabulary) and each.found_in(words, where) for each in self._finders)


def _starting(start: str) -> _WordTest:
    return lambda word: word.startswith(start)


def word_places(words: Sequence[str]) -> WordPlaces:
    """The places of each of the words, in order."""
    where: dict[str, list[int]] = {}
    for at, word in enumerate(words):
        where.setdefault(word, []).append(at)
    return where


def _side_by_side(phrase: _Phrase, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    length = len(phrase)
    starts = list(compress(range(len(words) - length + 1), map(phrase[0], words)))
    for n, test in enumerate(phrase[1:], 1):
        starts = [at for at in starts if test(words[at + n])]
    yield from ((at, at + length) for at in starts)


def _within(phrase: _Phrase, words: Sequence[str], stretch: int) -> Iterator[tuple[int, int]]:
    """The shortest stretches that hold every word of the phrase, none longer than `stretch` words.

    A word the phrase has twice, or two words that find the same one, need it once.
    """
    last_seen: list[int | None] = [None] * len(phrase)
    reported = -1
    for at, word in enumerate(words):
        found = False
        for n, test in enumerate(phrase):
            if test(word):
                last_seen[n] = at
                found = True
        if not found:
            continue
        seen = [each for each in last_seen if each is not None]
        first = min(seen)
        if len(seen) == len(phrase) and at - first < stretch and first > reported:
            yield first, at + 1
            reported = first
