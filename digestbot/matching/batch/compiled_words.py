"""The words of a block of texts and what holds of them, found by compiled loops."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from digestbot.matching.batch import term_kernels, word_kernels
from digestbot.matching.batch.bit_kernels import Bytes
from digestbot.matching.batch.texts import laid
from digestbot.matching.batch.word_table import SEEN, Ints, Steps, Vocabulary, WordHits, Words64, size_for
from digestbot.matching.index.atoms import Atoms

_FOLDS = bytes(
    code if code == 0 or chr(code) in "'#+-" or chr(code).isalnum() or code >= 128 else ord(" ") for code in range(256)
).lower()
_FOLDS = _FOLDS[: ord("`")] + b"'" + _FOLDS[ord("`") + 1 :]

_EIGHT = 8
_WAITING = 1 << 12
_LAST_NUMBER = 1 << 30


class FastWords:
    """The words met in texts, and what each leads to; learns as it goes.

    It knows the rules as they were when it was made.
    """

    def __init__(self, atoms: Atoms) -> None:
        self._longest = atoms.lexicon.longest
        self._vocabulary = Vocabulary(atoms)
        self._numbers = _Numbers()
        self._steps = Steps(atoms.lexicon)
        self._texts = 2
        self._room = 1 << 10

    def __len__(self) -> int:
        return len(self._vocabulary)

    def found(self, texts: Sequence[str]) -> WordHits:
        """What holds of titles and abstracts, in turns; few more than once."""
        split, joined, joints = self.readings(texts)
        if self._texts > _LAST_NUMBER:
            self._forget_texts()
        known, steps = self._vocabulary, self._steps
        waiting, places = self._waiting()
        while True:
            number, self._texts = self._texts, self._texts + len(texts)
            atoms, papers = np.empty((2, self._room), np.int32)
            near = np.zeros(len(texts), np.uint8)
            count = term_kernels.tell_atoms(
                split, joined, joints, self._longest, number, known.words, known.listed, steps.table, steps.sieve,
                waiting, places, near, atoms, papers,
            )  # fmt: skip
            if count <= self._room:
                return WordHits(atoms[:count], papers[:count], np.flatnonzero(near).tolist())
            self._room = count + count // 4

    def readings(self, texts: Sequence[str]) -> list[Ints]:
        """The numbers of the words in both readings, END after each text, and the places of those hyphens join."""
        text = np.frombuffer(laid(texts, b"\0"), np.uint8)
        while True:
            readings, unknown = self._numbers.readings(text)
            if not unknown:
                return readings
            self._numbers.file(unknown, self._vocabulary.put(unknown))

    def _waiting(self) -> tuple[Words64, Ints]:
        """Room for steps: half of it for those that wait on one word and on what follows."""
        most = max(_WAITING, self._vocabulary.most_next * (self._vocabulary.most_begun + self._longest))
        return np.empty(2 * most, np.uint64), np.empty(2 * most, np.int32)

    def _forget_texts(self) -> None:
        self._texts = 2
        self._vocabulary.words[:, SEEN] = 0
        self._steps.table[:, SEEN] = 0


class _Numbers:
    """The numbers of words, by their bytes."""

    def __init__(self) -> None:
        self._filed = np.zeros(2 * size_for(0), np.uint64)
        self._steps = self._nodes = 0
        self._folds = np.frombuffer(_FOLDS, np.uint8)
        leaving = b"".join(b"\xff" * count + bytes(_EIGHT - count) for count in range(_EIGHT + 1))
        self._masks = np.frombuffer(leaving, np.uint64)

    def readings(self, text: Bytes) -> tuple[list[Ints], set[str]]:
        """What `number_words` writes of texts, a NUL after each, and the words in them that are not filed."""
        folded = np.empty(len(text) + _EIGHT, np.uint8)
        length = word_kernels.fold(text, self._folds, folded)
        out = split, joined, joints = np.empty((3, length + 1), np.int32)
        missing = np.empty(length + 1, np.uint8)
        *counts, unknown = word_kernels.number_words(
            folded, length, _eights(folded), self._masks, self._filed, split, joined, joints, missing
        )
        words = bytes(missing[:unknown]).decode().split("\0")
        return [part[:count] for part, count in zip(out, counts, strict=True)], {*words[:-1]}

    def file(self, words: Collection[str], numbers: Sequence[int]) -> None:
        """File words that are not filed yet."""
        text = np.frombuffer(("\0".join(words) + "\0").encode() + bytes(_EIGHT), np.uint8)
        self._steps += len(words) + len(text) // _EIGHT
        if 4 * self._steps > len(self._filed):
            old, self._filed = self._filed, np.zeros(size_for(8 * self._steps), np.uint64)
            word_kernels.refile(old, self._filed)
        self._nodes = word_kernels.file_words(
            text, _eights(text), self._masks, np.array(numbers, np.int32), self._nodes, self._filed
        )


def _eights(text: Bytes) -> Words64:
    """The eight bytes from each place on, as one number."""
    return np.ndarray(len(text) - _EIGHT + 1, np.uint64, text, strides=(1,))
