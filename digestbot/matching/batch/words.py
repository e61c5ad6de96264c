"""The words of a block of texts and what holds of them, found by arrays: no loop over rules, nor over papers."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from digestbot.matching.batch import word_table
from digestbot.matching.batch.texts import laid
from digestbot.matching.batch.word_table import (
    BEGUN,
    END,
    GAP,
    NEAR,
    NEXT,
    STOP,
    Ints,
    Steps,
    Table,
    Vocabulary,
    WordHits,
    step_keys,
    view,
)
from digestbot.matching.index.atoms import Atoms
from digestbot.rules.folding import words as cut

_Places: TypeAlias = npt.NDArray[np.intp]

_BETWEEN = b" \0 "
_INSIDE = "-+#"
"""What may be inside a word as it is looked up: a hyphenated word has two readings, C++ is one word."""

_FOLDS = bytes(
    code if code >= 128 or code == 0 or chr(code) in _INSIDE or chr(code).isalnum() else ord(" ") for code in range(256)
).lower()
_LETTER = rb"[0-9A-Za-z\x80-\xff]"
_POSSESSIVE = re.compile(rb"'[sS](?!%b)(?:(?<=%b..)|(?<=%b\+\+..)|(?<=%b#..))" % ((_LETTER,) * 4))


class ArrayWords:
    """The words met in texts, and what each leads to; learns as it goes.

    It knows the rules as they were when it was made.
    """

    def __init__(self, atoms: Atoms) -> None:
        self._longest = atoms.lexicon.longest
        self._vocabulary = Vocabulary(atoms)
        self._numbers = _Numbers(self._vocabulary)
        self._steps = Steps(atoms.lexicon)

    def __len__(self) -> int:
        return len(self._numbers)

    def found(self, texts: Sequence[str]) -> WordHits:
        """What holds of titles and abstracts, in turns; some more than once."""
        split, joined, places = self._numbers.readings(tokens(texts))
        near_joined = _near_joined(joined, places, self._longest)
        words = np.concatenate((split, near_joined))
        owners = np.concatenate((_owners(split), _owners(near_joined)))
        parts = [self._word_atoms(words, owners), *self._phrase_atoms(words, owners)]
        atoms, of = (np.concatenate(each) for each in zip(*parts, strict=True))
        near = owners[self._vocabulary.words[words, NEAR] > 0]
        return WordHits(atoms, of >> 1, np.unique(near).tolist())

    def _word_atoms(self, words: Ints, owners: Ints) -> tuple[Ints, Ints]:
        rows, abstracts = self._vocabulary.words[words], owners & 1 > 0
        begins = np.where(abstracts, rows[:, word_table.TEXT], rows[:, word_table.TITLE])
        stops = np.where(abstracts, rows[:, BEGUN], rows[:, word_table.ABSTRACT])
        of, at = _spread(begins, stops)
        return self._vocabulary.listed[at], owners[of]

    def _phrase_atoms(self, words: Ints, owners: Ints) -> list[tuple[Ints, Ints]]:
        """The atoms of phrases of two and more words, each with its text."""
        parts: list[tuple[Ints, Ints]] = []
        if self._longest < 2 or not len(words):
            return parts
        listed = self._vocabulary.listed
        begun, following, stop = (self._vocabulary.words[:, each].take(words) for each in (BEGUN, NEXT, STOP))
        pairs = np.flatnonzero((begun < following)[:-1] & (following < stop)[1:])
        of, at = _spread(begun[pairs], following[pairs])
        places, states = pairs[of] + 1, listed[at]
        while len(places):
            of, at = _spread(following[places], stop[places])
            keys = step_keys(states[of], listed[at])
            may = self._steps.may_hold(keys)
            places, keys = places[of[may]], keys[may]
            rows = self._steps.rows(keys)
            there = np.flatnonzero(rows >= 0)
            places, steps = places[there], self._steps.table.take(rows[there], axis=0)
            parts += _atoms_of(steps, owners[places])
            on = np.flatnonzero(steps[:, word_table.GOES_ON] & (places + 1 < len(words)))
            states, places = steps[on, word_table.STATE], places[on] + 1
        return parts


def tokens(texts: Sequence[str]) -> list[bytes]:
    """The words of texts, hyphens and the like still inside them, and a NUL after each text."""
    return _POSSESSIVE.sub(b"", laid(texts, _BETWEEN).replace(b"`", b"'")).translate(_FOLDS).split()


def _atoms_of(steps: Table, owners: Ints) -> list[tuple[Ints, Ints]]:
    """The atoms of phrases that stand in texts."""
    own = np.where(owners & 1, steps[:, word_table.ABSTRACT_ATOM], steps[:, word_table.TITLE_ATOM])
    anywhere = steps[:, word_table.TEXT_ATOM]
    return [(each[each >= 0], owners[each >= 0]) for each in (own, anywhere)]


def _spread(begins: Ints, stops: Ints) -> tuple[_Places, _Places]:
    """Every place of some stretches: which stretch it is of, and the place."""
    counts = stops - begins
    of = np.repeat(np.arange(len(counts)), counts)
    return of, np.arange(len(of)) + (begins - (np.cumsum(counts) - counts))[of]


def _owners(words: Ints) -> Ints:
    """Of which text each word is, an END after each text."""
    ends = words == END
    owners: Ints = np.cumsum(ends, dtype=np.int32) - ends
    return owners


class _Lists:
    """A list of numbers for each word, laid end to end."""

    def __init__(self) -> None:
        self._ends, self._items = array("i", [0]), array("i")

    def append(self, items: Iterable[int]) -> None:
        self._items.extend(items)
        self._ends.append(len(self._items))

    def of(self, words: _Places | Ints) -> tuple[_Places, Ints]:
        """Every item of every word: which word it is of, and the item."""
        ends = view(self._ends)
        of, at = _spread(ends[words], ends[1:][words])
        return of, view(self._items)[at]


class _Numbers(dict[bytes, int]):
    """The numbers of words; one that is to be cut has the number ~n: the n-th of those."""

    def __init__(self, known: Vocabulary) -> None:
        self._vocabulary = known
        self._split, self._joined = _Lists(), _Lists()
        self._hyphened = array("b")
        self[b"\0"] = END

    def __missing__(self, word: bytes) -> int:
        text = word.decode()
        if any(each in text for each in _INSIDE):
            split, joined = cut(text)
            if split != [text]:
                self._split.append(map(self._whole, split))
                self._joined.append(map(self._whole, joined))
                self._hyphened.append(joined is not split)
                number = self[word] = -len(self._hyphened)
                return number
        return self._whole(text)

    def _whole(self, word: str) -> int:
        """The number of a word that is cut already."""
        known = self.get(word.encode())
        if known is None:
            known = self[word.encode()] = self._vocabulary.put([word])[0]
        return known

    def readings(self, block: Sequence[bytes]) -> tuple[Ints, Ints, _Places]:
        """The words' numbers, split at hyphens and joined, and the places of those that hyphens join."""
        numbers = np.fromiter(map(self.__getitem__, block), np.int32, len(block))
        places = np.flatnonzero(numbers < 0)
        which = ~numbers[places]
        split, _, _ = _cut_out(numbers, places, *self._split.of(which))
        joined, at, owners = _cut_out(numbers, places, *self._joined.of(which))
        hyphened = view(self._hyphened).view(np.bool_)[which]
        return split, joined, at[hyphened[owners]]


def _cut_out(numbers: Ints, places: _Places, owners: _Places, pieces: Ints) -> tuple[Ints, _Places, _Places]:
    """The numbers with pieces in some places; where the pieces stand then, and in which of the places."""
    lengths = np.bincount(owners, minlength=len(places))
    counts = np.ones(len(numbers), np.int64)
    counts[places] = lengths
    words = np.repeat(numbers, counts)
    begins = (np.cumsum(counts) - counts)[places] - (np.cumsum(lengths) - lengths)
    at = begins[owners] + np.arange(len(owners))
    words[at] = pieces
    return words, at, owners


def _near_joined(words: Ints, joined: _Places, longest: int) -> Ints:
    """The words so near one that hyphens join that a phrase may hold both, and the ends of all texts."""
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
