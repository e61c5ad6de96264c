"""In how many papers each word stands: what tells a word that means something from one that is everywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log, sqrt

FEW = 100
"""Below so many past papers no word is left out for being rare or frequent."""
_RAREST = 3  # papers that a word stands in
_MOST_FREQUENT = 0.25  # of all papers

_K1, _B = 1.2, 0.75  # of BM25, as everybody sets them

Counts = Mapping[str, int]
Weights = dict[str, float]


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Of ``papers`` papers, ``containing`` each term; ``length`` is how many terms a paper has on average."""

    papers: int = 0
    containing: Mapping[str, int] = field(default_factory=dict)
    length: float = 0.0
    rarities: Mapping[str, float] = field(init=False, repr=False, compare=False)
    of_unknown: float = field(init=False, repr=False, compare=False)
    """How rare a term is that no paper has."""

    def __post_init__(self) -> None:
        """Tell once how rare each term is."""
        least, most = (_RAREST, self.papers * _MOST_FREQUENT) if self.papers >= FEW else (1, self.papers)
        terms = self.containing.items()
        rarities = {term: log((1 + self.papers) / (1 + many)) for term, many in terms if least <= many <= most}
        object.__setattr__(self, "rarities", rarities)
        few = log(1 + self.papers) if self.papers else 1.0
        object.__setattr__(self, "of_unknown", 0.0 if self.papers >= FEW else few)

    @classmethod
    def of(cls, texts: Iterable[Counts]) -> Frequencies:
        """Those of some papers, each once."""
        containing: Counter[str] = Counter()
        papers = total = 0
        for each in texts:
            containing.update(each.keys())
            papers += 1
            total += sum(each.values())
        return cls(papers, containing, total / papers if papers else 0.0)

    def vector(self, text: Counts) -> Weights:
        """TF-IDF of length 1; empty for a text without a telling word."""
        rarities, unknown = self.rarities, self.of_unknown
        found = {
            term: (1 + log(count)) * rarity
            for term, count in text.items()
            if (rarity := rarities.get(term, unknown)) > 0
        }
        length = sqrt(sum([weight * weight for weight in found.values()]))
        return {term: weight / length for term, weight in found.items()} if length else {}

    def query(self, text: Counts) -> Weights:
        """What BM25 weighs each word of a question by. A rare word is what is asked for, so none is left out."""
        return {
            term: log(1 + (self.papers - containing + 0.5) / (containing + 0.5))
            for term in text
            for containing in (self.containing.get(term, 0),)
        }

    def saturated(self, text: Counts) -> Weights:
        """What BM25 makes of how often each word stands in a paper."""
        length = sum(text.values()) / self.length if self.length else 1.0
        room = _K1 * (1 - _B + _B * length)
        return {term: count * (_K1 + 1) / (count + room) for term, count in text.items()}
