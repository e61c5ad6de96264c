"""Papers as sparse vectors, by the word: how a profile of some hundred words is scored against all of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain, compress, repeat
from math import log
from typing import TypeAlias
from zlib import crc32

import numpy as np
import numpy.typing as npt

from digestbot.matching.like.frequencies import Counts, Frequencies

Words: TypeAlias = npt.NDArray[np.uint32]
"""Words by a checksum: four bytes each, and the same in every process."""

Numbers: TypeAlias = npt.NDArray[np.float64]
Places: TypeAlias = npt.NDArray[np.intp]


@lru_cache(maxsize=1 << 17)
def word_id(term: str) -> int:
    """The checksum of a term."""
    return crc32(term.encode("utf-8", "surrogatepass"))


class Vectors:
    """The vectors of some papers, in the order given; each maps terms to weights."""

    def __init__(self, papers: Sequence[Mapping[str, float]]) -> None:
        words = np.fromiter(map(word_id, chain.from_iterable(papers)), np.uint32)
        values = np.fromiter(chain.from_iterable(each.values() for each in papers), np.float64, len(words))
        self._put(len(papers), words, values, _places(papers))

    @classmethod
    def by_rarity(cls, frequencies: Frequencies, texts: Sequence[Counts]) -> Vectors:
        """Those of many texts at once, each what `Frequencies.vector` makes of it to the last bit."""
        places = _places(texts)
        terms, many = chain.from_iterable(texts), chain.from_iterable(each.values() for each in texts)
        rarities = np.fromiter(map(frequencies.rarities.get, terms, repeat(frequencies.of_unknown)), np.float64)
        counts = np.fromiter(many, np.intp, len(places))
        telling = rarities > 0
        places, counts, rarities = places[telling], counts[telling], rarities[telling]
        often = np.array([0.0, *(1 + log(count) for count in range(1, counts.max(initial=0) + 1))])
        values = often[counts] * rarities
        values /= np.sqrt(np.bincount(places, values * values, len(texts)))[places]
        told = compress(chain.from_iterable(texts), telling.tolist())
        made = cls(())
        made._put(len(texts), np.fromiter(map(word_id, told), np.uint32, len(values)), values, places)
        return made

    def _put(self, papers: int, words: Words, values: Numbers, places: Places) -> None:
        """Keep them by the word, and of one word in the papers' order."""
        # One number of both sorts several times as fast as words do whose order among equals is to stand.
        order = np.argsort(words.astype(np.uint64) << np.uint64(32) | np.arange(len(words), dtype=np.uint64))
        self._words, firsts = np.unique(words[order], return_index=True)
        self._starts = np.append(firsts, len(words))
        self.papers = papers
        self._papers, self._values = places[order], values[order]

    def scores(self, words: Words, weights: Numbers) -> Numbers:
        """The product of each paper with a vector."""
        if not len(self._words):
            return np.zeros(self.papers)
        at = np.searchsorted(self._words, words)
        at[at == len(self._words)] = 0
        known = self._words[at] == words
        at, weights = at[known], weights[known]
        starts = self._starts[at]
        lengths = self._starts[at + 1] - starts
        # The places of all their papers, one word's after the other's.
        ends = np.cumsum(lengths)
        places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + lengths, lengths)
        parts = self._values[places] * np.repeat(weights, lengths)
        return np.bincount(self._papers[places], parts, minlength=self.papers).astype(np.float64)


def _places(papers: Sequence[Mapping[str, float]]) -> Places:
    """Of each word of each paper, which paper it is of."""
    return np.repeat(np.arange(len(papers)), [len(each) for each in papers])
