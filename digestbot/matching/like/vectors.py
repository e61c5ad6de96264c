"""Papers as sparse vectors, by the word: how a profile of some hundred words is scored against all of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias
from zlib import crc32

import numpy as np
import numpy.typing as npt

Words: TypeAlias = npt.NDArray[np.uint32]
"""Words by a checksum: four bytes each, and the same in every process."""

Numbers: TypeAlias = npt.NDArray[np.float64]


@lru_cache(maxsize=1 << 17)
def word_id(term: str) -> int:
    """The checksum of a term."""
    return crc32(term.encode("utf-8", "surrogatepass"))


class Vectors:
    """The vectors of some papers, in the order given; each maps terms to weights."""

    def __init__(self, papers: Sequence[Mapping[str, float]]) -> None:
        self.papers = len(papers)
        lengths = [len(each) for each in papers]
        words = np.fromiter((word_id(term) for each in papers for term in each), np.uint32, sum(lengths))
        values = np.fromiter((value for each in papers for value in each.values()), np.float64, sum(lengths))
        order = np.argsort(words, kind="stable")
        self._words, counts = np.unique(words, return_counts=True)
        self._starts = np.concatenate(([0], np.cumsum(counts)))
        self._papers = np.repeat(np.arange(self.papers), lengths)[order]
        self._values = values[order]

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
