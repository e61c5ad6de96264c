"""Papers by likeness to what somebody likes: a score each, whether that is enough, and what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from digestbot.matching.like.cut import cut
from digestbot.matching.like.frequencies import Frequencies, Weights
from digestbot.matching.like.profile import Profile, centroid
from digestbot.matching.like.terms import counts, spelled, text_counts
from digestbot.matching.like.vectors import Vectors, word_id
from digestbot.model.papers import Paper

WORDS_SHOWN = 5


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
    """What somebody likes, over the frequencies of the past papers."""

    def __init__(self, liked: Liked, frequencies: Frequencies) -> None:
        self._liked, self._frequencies = liked, frequencies
        about = text_counts(liked.about)
        # A text alone is a question, and short: BM25 finds by it what a mean of vectors does not.
        self._asked = not liked.papers
        self._vectors = [frequencies.vector(counts(each)) for each in liked.papers]
        if self._asked:
            self.profile = Profile.of(frequencies.query(about))
        else:
            heard = [*filter(None, self._vectors), *filter(None, [frequencies.vector(about)])]
            self.profile = Profile.of(centroid(heard))

    def __bool__(self) -> bool:
        """Whether anything is known of it."""
        return bool(len(self.profile.words))

    def vector(self, text: Counter[str]) -> Weights:
        """A paper's vector, as the profile compares it."""
        return self._frequencies.saturated(text) if self._asked else self._frequencies.vector(text)

    def cut(self, past: Sequence[Counter[str]], weeks: float, per_week: float) -> float:
        """What about `per_week` of the past papers exceeded in a week."""
        return cut(self.scores(past), weeks, per_week)

    def scores(self, texts: Sequence[Counter[str]]) -> list[float]:
        """The likeness of papers, told by the counts of their terms."""
        return self._scores(Vectors([self.vector(each) for each in texts]))

    def _scores(self, papers: Vectors) -> list[float]:
        return [round(each, 6) for each in self.profile.scores(papers).tolist()]

    def likenesses(self, papers: Sequence[Paper], texts: Sequence[Counter[str]], least: float) -> list[Likeness]:
        """Each paper's likeness in full, in the order given; above `least`, and above 0, it passes."""
        scores = self.scores(texts)
        return [
            Likeness(score, score > max(least, 0.0), self._near(text), self._words(paper, text))
            for paper, text, score in zip(papers, texts, scores, strict=True)
        ]

    @cached_property
    def _near_to(self) -> Vectors:
        return Vectors(self._vectors)

    def _near(self, text: Counter[str]) -> Paper | None:
        vector = self._frequencies.vector(text)
        if not vector or not self._vectors:
            return None
        words = np.array([word_id(term) for term in vector], np.uint32)
        scores = self._near_to.scores(words, np.array([*vector.values()], np.float64))
        best = int(scores.argmax())
        return self._liked.papers[best] if scores[best] > 0 else None

    @cached_property
    def _weights(self) -> dict[int, float]:
        return self.profile.weights()

    def _words(self, paper: Paper, text: Counter[str]) -> tuple[str, ...]:
        parts = {
            term: weight * value
            for term, value in self.vector(text).items()
            if (weight := self._weights.get(word_id(term)))
        }
        heaviest = sorted(parts, key=lambda term: (-parts[term], term))[:WORDS_SHOWN]
        return tuple(dict.fromkeys(spelled(paper, heaviest)))
