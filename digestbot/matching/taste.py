"""What a subscription's readers liked and disliked, made weights of authors, categories and title words.

The model is small enough to be told in a line: each of these counts how many papers with it were liked and how
many disliked, and weighs log((1 + liked) / (1 + disliked)). What a paper's own weigh together doubles at most, or
halves, what the rules found it to be worth. So it orders what the rules find, and neither adds nor hides any paper.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import log, tanh

from digestbot.model.feedback import Liking
from digestbot.model.papers import Paper
from digestbot.rules.folding import fold, words

MOST = 500
"""So many opinions have a part in it, the newest: tastes change."""
_SHARES = {"author": 1.0, "category": 0.5, "word": 0.5}
_SHORTEST_WORD = 4  # letters; shorter ones say nothing about a paper
_COMMON = frozenset(
    words(
        "about across among analysis approach based between beyond from into more over study than that their these"
        " this through towards toward under using with without paper method methods model models learning"
    ).split
)


@dataclass(frozen=True, slots=True)
class Taste:
    """The weights: ``("author", "ada lovelace")``, ``("category", "cs.cl")``, ``("word", "speech")``."""

    weights: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def of(self, paper: Paper) -> float:
        """From -1 (they would not like it) to 1 (they would); 0 where nothing is known."""
        return tanh(sum(weight for _, weight in self.because(paper))) if self.weights else 0.0

    def factor(self, paper: Paper) -> float:
        """What the paper's score is multiplied by: 0.5 to 2."""
        return float(2 ** self.of(paper))

    def because(self, paper: Paper) -> list[tuple[str, float]]:
        """What of the paper weighs, by name (``author ada lovelace``), the heaviest first."""
        found = ((f"{kind} {name}", self.weights.get((kind, name), 0.0)) for kind, name in _traits(paper))
        return sorted((each for each in found if each[1]), key=lambda each: (-abs(each[1]), each[0]))


NO_TASTE = Taste()
"""Of those who said nothing."""


def taste(opinions: Iterable[tuple[Paper, Liking]]) -> Taste:
    """What these opinions tell."""
    liked: Counter[tuple[str, str]] = Counter()
    disliked: Counter[tuple[str, str]] = Counter()
    for paper, liking in opinions:
        if liking is not Liking.NONE:
            (liked if liking is Liking.MORE else disliked).update(_traits(paper))
    return Taste({
        trait: _SHARES[trait[0]] * log((1 + liked[trait]) / (1 + disliked[trait])) for trait in liked | disliked
    })  # fmt: skip


def _traits(paper: Paper) -> Iterator[tuple[str, str]]:
    """What a paper is told by, each once."""
    yield from {("author", " ".join(fold(name).split())): None for name in paper.authors}
    yield from {("category", name.casefold()): None for name in paper.categories}
    said = {word for word in words(paper.title).split if len(word) >= _SHORTEST_WORD}
    yield from (("word", word) for word in sorted(said - _COMMON))
