"""The readings of a block of titles and abstracts, folded and cut into words in one go, as numbers."""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple

import numpy as np

from digestbot.matching.vocabulary import END, GAP, Ints, Reading, Vocabulary
from digestbot.rules.folding import fold, words
from digestbot.rules.latex import has_latex

_BETWEEN = " \0 "


class Numbered(NamedTuple):
    """Readings laid end to end, an END after each: the words, and of which text each is."""

    words: Ints
    owners: Ints


class Texts:
    """Titles and abstracts of a block; text t is of paper ``papers[t]`` and, if ``titles[t]``, its title."""

    def __init__(self) -> None:
        self.papers: list[int] = []
        self.titles: list[bool] = []
        self.raw: list[str] = []
        self._plain: list[int] = []
        self._folded: list[tuple[int, str]] = []
        self._others: list[int] = []

    def add(self, paper: int, title: bool, raw: str) -> None:
        """Take a text in."""
        at = len(self.raw)
        self.papers.append(paper)
        self.titles.append(title)
        self.raw.append(raw)
        if "\0" in raw:
            self._others.append(at)
        elif raw.isascii() and not has_latex(raw):
            self._plain.append(at)
        else:
            folded = fold(raw)
            if folded.isascii():
                self._folded.append((at, folded))
            else:
                self._others.append(at)

    def numbered(self, vocabulary: Vocabulary, longest: int) -> Numbered:
        """All readings; of joined ones only what a phrase of `longest` words with a joined word can touch."""
        # What is ASCII is folded and cut all at once: nothing that folding changes reaches over a NUL.
        block = fold(_BETWEEN.join(self.raw[at] for at in self._plain))
        block = _BETWEEN.join((block, *(folded for _, folded in self._folded)) if self._folded else (block,))
        found = vocabulary.numbers_in(block + _BETWEEN)
        split, joined = vocabulary.readings(found)
        others = [(at, reading) for at in self._others for reading in _distinct(self.raw[at])]
        rest = vocabulary.numbers([*chain.from_iterable((*reading, "\0") for _, reading in others)])
        order = np.array([*self._plain, *(at for at, _ in self._folded)], np.int32)
        order = order if len(self._plain) else np.concatenate((np.zeros(1, np.int32), order))
        parts = (
            (split.words, order),
            (_near_joined(joined, longest), order),
            (rest, np.array([at for at, _ in others], np.int32)),
        )
        return Numbered(
            np.concatenate([each for each, _ in parts]),
            np.concatenate([np.repeat(texts, _lengths(each)) for each, texts in parts if len(each)]),
        )


def _distinct(raw: str) -> list[list[str]]:
    split, joined = words(raw)
    return [split] if joined is split else [split, joined]


def _lengths(words: Ints) -> Ints:
    """How many words each text has, the one that ends it included."""
    return np.diff(np.flatnonzero(words == END), prepend=-1).astype(np.int32)


def _near_joined(reading: Reading, longest: int) -> Ints:
    """Of a joined reading the words near one that hyphens join, and the ends of all texts."""
    words, joined = reading
    if not len(joined):
        return words[:0]
    change = np.zeros(len(words) + 1, np.int32)
    np.add.at(change, np.maximum(joined - longest + 1, 0), 1)
    np.add.at(change, np.minimum(joined + longest, len(words)), -1)
    near = np.cumsum(change[:-1]) > 0
    ends = words == END
    after = np.zeros(len(words), np.bool_)
    after[1:] = near[:-1]
    kept: Ints = np.where(near | ends, words, np.int32(GAP))[near | ends | after]
    return kept
