"""Search as people do: plain words, the papers that fit them best first (BM25 over title and abstract)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import log

import numpy as np
import numpy.typing as npt

from digestbot.matching.like.terms import term
from digestbot.matching.search.inverted_index import Flags, InvertedIndex
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.rules.ast import Words
from digestbot.rules.folding import words
from digestbot.rules.parser import parse_node

MOST_WORDS = 32
"""So many words of a question count."""
_OF_A_PAPER = 40  # its words that others are asked for
_K1, _B = 1.2, 0.75  # of BM25, as everybody sets them
_PLAIN = re.compile(r"[^\W_][\w'’.+#-]*[,;?!]*")
_OPERATORS = frozenset({"AND", "OR", "NOT"})

Numbers = npt.NDArray[np.float64]


def plain_words(query: str) -> tuple[str, ...]:
    """The words of a question that is no rule, each once; none where it has something of the rule language.

    Words that tell nothing are left out beside others.
    """
    pieces = query.split()
    if _OPERATORS & {*pieces} or not all(map(_PLAIN.fullmatch, pieces)):
        return ()
    every = list(dict.fromkeys(words(query).split))
    return tuple([each for each in every if term(each)] or every)[:MOST_WORDS]


def words_of(paper: Paper) -> tuple[str, ...]:
    """The words of a paper by which others like it are found."""
    told = words(f"{paper.title}\n{paper.abstract or ''}").split
    return tuple({known: each for each in told if (known := term(each))}.values())


@dataclass(frozen=True, slots=True)
class Ranked:
    """A paper that holds some of the words."""

    logged: LoggedPaper
    score: float


class RankedSearch:
    """One question, asked of one index after the other; of more than `most` words the rarest count."""

    def __init__(self, asked: tuple[str, ...], most: int = MOST_WORDS) -> None:
        found = [parse_node(f'"{each}"') for each in asked]
        self._terms = [each for each in found if isinstance(each, Words)]
        self._most = most
        self._papers: list[LoggedPaper] = []
        self._counts: list[Numbers] = []
        self._lengths: list[Numbers] = []
        self._length = 0.0
        self.read = 0

    @classmethod
    def like(cls, paper: Paper) -> RankedSearch:
        """What is like a paper: it is asked for by its own rarest words."""
        return cls(words_of(paper), _OF_A_PAPER)

    def look_in(self, index: InvertedIndex, among: Flags) -> None:
        """Ask some of the papers of an index."""
        counts = np.array([index.frequency(each) for each in self._terms], np.float64).reshape(len(self._terms), -1)
        hits = np.flatnonzero(among & counts.any(axis=0))
        self._papers += [index.papers[at] for at in hits.tolist()]
        self._counts.append(counts[:, hits])
        self._lengths.append(index.lengths[hits].astype(np.float64))
        self._length += float(index.lengths[among].sum())
        self.read += int(among.sum())

    def best(self) -> list[Ranked]:
        """Who holds some of the words, the best first; of equals the newest."""
        if not self._papers:
            return []
        counts, lengths = np.concatenate(self._counts, axis=1), np.concatenate(self._lengths)
        holding = np.count_nonzero(counts, axis=1)
        rarity = np.array([log(1 + (self.read - each + 0.5) / (each + 0.5)) for each in holding.tolist()])
        rarity[np.argsort(-rarity, kind="stable")[self._most :]] = 0.0
        rarity[holding == 0] = 0.0
        room = _K1 * (1 - _B + _B * lengths * self.read / max(self._length, 1.0))
        scores = (rarity @ (counts * (_K1 + 1) / (counts + room))).round(6).tolist()
        ranked = [Ranked(each, score) for each, score in zip(self._papers, scores, strict=True) if score > 0]
        return sorted(ranked, key=lambda each: (-each.score, -_day(each.logged), -each.logged.sequence))


def _day(logged: LoggedPaper) -> int:
    return (logged.paper.published or logged.logged_at.date()).toordinal()
