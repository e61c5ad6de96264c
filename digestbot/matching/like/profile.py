"""What somebody likes, as the words that weigh most in it: small enough to keep one for each of many subscribers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from digestbot.matching.like.vectors import Numbers, Vectors, Words, word_id

MOST_WORDS = 256
_LEVELS = 255


class Profile(NamedTuple):
    """The heaviest words, each with its weight in steps of ``step``: five bytes a word."""

    words: Words
    levels: npt.NDArray[np.uint8]
    step: float

    @classmethod
    def of(cls, weights: Mapping[str, float]) -> Profile:
        """Those of a vector; of equals the first by the alphabet."""
        heaviest = sorted(sorted(weights), key=weights.__getitem__, reverse=True)[:MOST_WORDS]
        values = np.array([weights[term] for term in heaviest], np.float64)
        step = float(values.max()) / _LEVELS if len(values) else 0.0
        levels = np.rint(values / step) if step else values
        words = np.array([word_id(term) for term in heaviest], np.uint32)
        return cls(words, levels.astype(np.uint8), step)

    def scores(self, papers: Vectors) -> Numbers:
        """How like each paper is to it."""
        return papers.scores(self.words, self._values())

    def weights(self) -> dict[int, float]:
        """By the words' checksums."""
        return dict(zip(self.words.tolist(), self._values().tolist(), strict=True))

    def _values(self) -> Numbers:
        return self.levels.astype(np.float64) * self.step


def centroid(liked: Sequence[tuple[Mapping[str, float], float]]) -> dict[str, float]:
    """The mean of some vectors, each with what it counts for."""
    whole = sum(share for _, share in liked)
    summed: dict[str, float] = {}
    for vector, share in liked:
        for term, weight in vector.items():
            summed[term] = summed.get(term, 0.0) + weight * share / whole
    return summed
