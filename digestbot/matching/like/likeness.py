"""Papers by likeness to what somebody likes: a score each, whether that is enough, and what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from digestbot.matching.like.frequencies import Frequencies, Weights
from digestbot.matching.like.profile import Profile, centroid
from digestbot.matching.like.terms import counts, spelled, text_counts
from digestbot.matching.like.vectors import Numbers, Vectors, word_id
from digestbot.model.papers import Paper

WORDS_SHOWN = 5
BARE = 0.5
"""What a liked paper without an abstract counts for: its few words would be as loud as those of a whole one."""


@dataclass(frozen=True)
class Liked:
    """What somebody likes: papers, each once, and perhaps a text that says it."""

    papers: Sequence[Paper] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like one paper is: ``near`` is the liked paper that is most like it, ``words`` those that count most."""

    score: float
    passes: bool
    near: Paper | None
    words: tuple[str, ...]


class Interest:
    """What somebody likes, over the frequencies of the past papers. ``counted`` tells the terms of a paper."""

    def __init__(
        self, liked: Liked, frequencies: Frequencies, counted: Callable[[Paper], Counter[str]] = counts
    ) -> None:
        self._papers, self._frequencies = liked.papers, frequencies
        # A text alone is a question, and short: BM25 finds by it what a mean of vectors does not.
        self.asks = not liked.papers
        about = text_counts(liked.about)
        known = [frequencies.vector(counted(each)) for each in liked.papers]
        shares = [1.0 if each.abstract else BARE for each in liked.papers]
        told = zip((*known, frequencies.vector(about)), (*shares, 1.0), strict=True)
        heard = [each for each in told if each[0]]
        self.profile = Profile.of(frequencies.query(about) if self.asks else centroid(heard))
        self._near_to = Vectors(known)

    def __bool__(self) -> bool:
        """Whether anything is known of it."""
        return bool(len(self.profile.words))

    def scores(self, papers: Vectors) -> list[float]:
        """The likeness of each of some papers, whose vectors are `vectors` of these frequencies."""
        scores: list[float] = self.measured(papers).tolist()
        return scores

    def measured(self, papers: Vectors) -> Numbers:
        """The same as an array."""
        return self.profile.scores(papers).round(6)

    def passes(self, score: float, least: float) -> bool:
        """Whether a score is enough: above the cut, and of something in common at all."""
        return score > max(least, 0.0)

    def passing(self, papers: Vectors, least: float) -> list[tuple[int, float]]:
        """The places of those of some papers that pass, each with its score."""
        scores = self.measured(papers)
        places = np.flatnonzero(scores > max(least, 0.0))
        return list(zip(places.tolist(), scores[places].tolist(), strict=True))

    def likeness(self, paper: Paper, text: Counter[str], score: float, least: float) -> Likeness:
        """What a paper's score rests on."""
        return Likeness(score, self.passes(score, least), self._near(text), self._words(paper, text))

    def _near(self, text: Counter[str]) -> Paper | None:
        if not self._papers:
            return None
        vector = self._frequencies.vector(text)
        words = np.array([word_id(term) for term in vector], np.uint32)
        scores = self._near_to.scores(words, np.array([*vector.values()], np.float64))
        best = int(scores.argmax())
        return self._papers[best] if scores[best] > 0 else None

    @cached_property
    def _weights(self) -> dict[int, float]:
        return self.profile.weights()

    def _words(self, paper: Paper, text: Counter[str]) -> tuple[str, ...]:
        parts = {
            term: weight * value
            for term, value in _vector(self._frequencies, text, asks=self.asks).items()
            if (weight := self._weights.get(word_id(term)))
        }
        heaviest = sorted(parts, key=lambda term: (-parts[term], term))[:WORDS_SHOWN]
        return tuple(dict.fromkeys(spelled(paper, heaviest)))


def vectors(frequencies: Frequencies, texts: Sequence[Counter[str]], *, asks: bool) -> Vectors:
    """Papers as an interest scores them: one that asks by BM25, any other by TF-IDF."""
    if asks:
        return Vectors([frequencies.saturated(each) for each in texts])
    return Vectors.by_rarity(frequencies, texts)


def _vector(frequencies: Frequencies, text: Counter[str], *, asks: bool) -> Weights:
    return frequencies.saturated(text) if asks else frequencies.vector(text)
