"""Where each word of some texts stands, as arrays: a phrase is found without the texts being read again."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import accumulate
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from digestbot.rules.ast import Near, Words
from digestbot.rules.word_forms import forms

Places: TypeAlias = npt.NDArray[np.int32]
"""Words counted through all texts, in order, one place left free between two texts."""

_NOWHERE: Places = np.empty(0, np.int32)
_AFTER_ALL = "\U0010ffff"  # no word of letters and digits comes after it


class WordPositions:
    """The words of some texts. Each text is told by its number, in the order given."""

    def __init__(self, texts: Iterable[Sequence[str]]) -> None:
        numbers: dict[str, int] = {}
        met, starts = array("i"), array("i", [0])
        for text in texts:
            met.extend([numbers.setdefault(word, len(numbers)) for word in text])
            starts.append(len(met) + len(starts))
        self._words = sorted(numbers)
        ranks = np.empty(len(numbers), np.int32)
        ranks[[numbers[word] for word in self._words]] = np.arange(len(numbers), dtype=np.int32)
        ranked = ranks[np.array(met, np.int32)] if met else _NOWHERE
        edges = np.array(starts, np.int32)
        self._starts = edges[:-1]
        lengths: Places = edges[1:] - edges[:-1] - 1
        places = np.arange(len(met), dtype=np.int32) + np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        self._places: Places = places[np.argsort(ranked, kind="stable")]
        self._bounds = np.concatenate(([0], np.cumsum(np.bincount(ranked, minlength=len(numbers)))))

    def texts(self, places: Places) -> Places:
        """The texts in which these places are."""
        return np.searchsorted(self._starts, places, "right").astype(np.int32) - 1

    def found(self, term: Words | Near) -> Places:
        """The texts in which the term stands; one may be named several times."""
        found = [self._spelling(term, spelling) for spelling in term.alternatives]
        return found[0] if len(found) == 1 else np.concatenate(found)

    def holding(self, letters: str) -> Places:
        """The texts of which a word holds these letters; one may be named several times."""
        lines, ends = self._lines
        found: list[Places] = []
        at = lines.find(letters)
        while at >= 0:
            rank = bisect_left(ends, at)
            found.append(self._of(rank, rank + 1))
            at = lines.find(letters, ends[rank])
        return self.texts(np.concatenate(found)) if found else _NOWHERE

    @cached_property
    def _lines(self) -> tuple[str, list[int]]:
        """All the words, one a line, and where each line ends."""
        return "\n".join(self._words), list(
            accumulate((len(each) for each in self._words), lambda end, more: end + 1 + more)
        )

    def _spelling(self, term: Words | Near, spelling: Sequence[str]) -> Places:
        prefix = isinstance(term, Words) and term.prefix
        plain = spelling[:-1] if prefix else spelling
        words: list[Places] = []
        # Words near each other are needed once, however often they are named.
        for word in dict.fromkeys(plain) if isinstance(term, Near) else plain:
            words.append(self._found_by(word))
            if not len(words[-1]):
                return _NOWHERE
        words += [self._beginning(spelling[-1])] if prefix else []
        if isinstance(term, Near):
            return self._near(words, len(spelling) + term.slop)
        return self.texts(_side_by_side(words))

    def _found_by(self, word: str) -> Places:
        known = [place for each in forms(word) if (place := self._rank(each)) is not None]
        return _joined([self._of(rank, rank + 1) for rank in known])

    def _beginning(self, start: str) -> Places:
        low, high = bisect_left(self._words, start), bisect_left(self._words, start + _AFTER_ALL)
        return np.sort(self._of(low, high))

    def _rank(self, word: str) -> int | None:
        rank = bisect_left(self._words, word)
        return rank if rank < len(self._words) and self._words[rank] == word else None

    def _of(self, low: int, high: int) -> Places:
        return self._places[self._bounds[low] : self._bounds[high]]

    def _near(self, words: Sequence[Places], stretch: int) -> Places:
        """The texts that hold all words within a stretch: before some word of them, the last of each is near enough."""
        ends = _joined(list(words))
        texts = self.texts(ends)
        first = ends.copy()
        for each in words:
            before = np.searchsorted(each, ends, "right") - 1
            first = np.minimum(first, np.where(before >= 0, each[before], -1))
        return texts[(first >= self._starts[texts]) & (ends - first < stretch)]


def _joined(some: Sequence[Places]) -> Places:
    if not some:
        return _NOWHERE
    return some[0] if len(some) == 1 else np.sort(np.concatenate(some))


def _side_by_side(words: Sequence[Places]) -> Places:
    """The places of the rarest of the words around which all of them stand in order."""
    order = sorted(range(len(words)), key=lambda at: len(words[at]))
    places = words[order[0]]
    for at in order[1:]:
        there, wanted = words[at], places + (at - order[0])
        nearest = np.searchsorted(there, wanted)
        nearest[nearest == len(there)] = 0
        places = places[there[nearest] == wanted]
    return places
