"""The texts of a block and the words in them, as the compiled loops of the fast path read them."""

from __future__ import annotations

import re
from array import array
from typing import Any

import numpy as np
import numpy.typing as npt

from digestbot.matching import word_kernels
from digestbot.matching.kernels import Bytes, Ints
from digestbot.matching.lexicon import Lexicon
from digestbot.rules.folding import fold

# More than small letters: LaTeX, possessives, and what stands between texts.
_NEEDS_FOLDING = re.compile(r"[\\{}'`\0]")
_TYPES = {"b": np.int8, "i": np.int32}


def view(numbers: array[int]) -> npt.NDArray[Any]:
    """The numbers as an array without a copy; they cannot grow while it is held."""
    kind = _TYPES[numbers.typecode]
    return np.frombuffer(numbers, kind) if numbers else np.empty(0, kind)


def hash_table(entries: int) -> Ints:
    """A table of free places, at least twice as many as there are entries."""
    return np.full(1 << max(4, (2 * entries).bit_length()), -1, np.int32)


class Vocabulary:
    """The words met in texts, each with a number and the terms it answers; learns as it goes."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self.changes = lexicon.changes
        # Word 0 is none at all: it is in no text and answers nothing.
        self._blob = bytearray(b" ")
        self._ends = array("i", [1])
        self._terms = array("i")
        self._term_ends = array("i", [0])
        self._table = hash_table(1 << 15)

    def numbers(self, text: Bytes, joints: Bytes, ends: Ints, texts: int) -> tuple[Ints, Bytes, Ints]:
        """The words of texts laid end to end, as numbers, which of them hold a joint, where each text ends."""
        numbers, begins, stops, unknown = np.empty((4, len(text) // 2 + len(ends) + 1), np.int32)
        joined, number_ends = np.empty(len(numbers), np.uint8), np.empty(len(ends), np.int32)
        while True:
            missing = word_kernels.number_words(
                text, joints, ends, texts, self._lexicon.longest,
                np.frombuffer(self._blob, np.uint8), view(self._ends), self._table,
                numbers, joined, number_ends, begins, stops, unknown,
            )  # fmt: skip
            if not missing:
                return numbers, joined, number_ends
            raw = text.tobytes()
            places = unknown[:missing]
            self._learn({raw[i:j] for i, j in zip(begins[places].tolist(), stops[places].tolist(), strict=True)})

    def _learn(self, words: set[bytes]) -> None:
        begin = len(self._ends)
        for word in words:
            self._blob += word
            self._ends.append(len(self._blob))
            self._terms.extend(self._lexicon.terms_found_by(word.decode("ascii")))
            self._term_ends.append(len(self._terms))
        if 2 * len(self._ends) > len(self._table):
            self._table, begin = hash_table(len(self._ends)), 0
        word_kernels.file_words(np.frombuffer(self._blob, np.uint8), view(self._ends), begin, self._table)

    def terms(self) -> tuple[Ints, Ints]:
        """Where each word's terms end, and all terms end to end."""
        return view(self._term_ends), view(self._terms)


class Texts:
    """Titles and abstracts of a block, those that are ASCII once folded, laid end to end."""

    def __init__(self) -> None:
        self.papers = array("i")
        self.titles = bytearray()
        self.raw: list[str] = []
        self._folded: list[str] = []

    def add(self, paper: int, title: int, raw: str) -> bool:
        """Take a text in; False, with nothing done, when it is not ASCII once folded."""
        if raw.isascii() and not _NEEDS_FOLDING.search(raw):
            folded = raw  # all that is left of folding is casefold, done for the whole block
        else:
            folded = fold(raw)
            if not folded.isascii() or "\0" in folded:
                return False
        self._folded.append(folded)
        self.papers.append(paper)
        self.titles.append(title)
        self.raw.append(raw)
        return True

    def readings(self) -> tuple[Bytes, Bytes, Ints, Ints]:
        """All readings end to end, split ones first; their joints; where each ends; which text each is of."""
        split = np.frombuffer(("\0".join(self._folded) + "\0").casefold().encode("ascii"), np.uint8)
        ends = (np.flatnonzero(split == 0) + 1).astype(np.int32)
        joined, joints = np.empty(len(split), np.uint8), np.zeros(len(split), np.uint8)
        joined_ends, origins = np.empty(len(ends), np.int32), np.empty(len(ends), np.int32)
        count = word_kernels.join_hyphens(split, ends, joined, joints, joined_ends, origins)
        size = joined_ends[count - 1] if count else 0
        return (
            np.concatenate((split, joined[:size])),
            np.concatenate((np.zeros(len(split), np.uint8), joints[:size])),
            np.concatenate((ends, joined_ends[:count] + np.int32(len(split)))),
            np.concatenate((np.arange(len(ends), dtype=np.int32), origins[:count])),
        )
