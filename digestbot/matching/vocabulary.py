"""Words and phrases of a block of texts, found by arrays: one table lookup a word, no loop over rules."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from digestbot.matching.lexicon import Lexicon
from digestbot.rules.folding import Readings
from digestbot.rules.folding import words as cut

Ints: TypeAlias = npt.NDArray[np.int32]
Longs: TypeAlias = npt.NDArray[np.int64]
_Places: TypeAlias = npt.NDArray[np.intp]
_Array = TypeVar("_Array", bound=npt.NDArray[Any])

END, GAP = 0, 1
"""Words that answer nothing: between two texts, and in the place of words left out."""

UNCUT = "-+#"
"""What may be inside a word as it is looked up: a hyphenated word has two readings, C++ is one word."""

INSIDE = UNCUT + "abcdefghijklmnopqrstuvwxyz0123456789"
"""What folded ASCII words are made of."""

_SPACED = {code: " " for code in range(1, 128) if chr(code) not in INSIDE}
_MARKS = ("\0", "")
_TYPES = {"b": np.int8, "i": np.int32}
_MIX = np.uint64(11400714819323198485)
_FIRST, _SECOND = 2654435761, 2246822519


def view(numbers: array[int]) -> npt.NDArray[Any]:
    """The numbers as an array without a copy; they cannot grow while it is held."""
    kind = _TYPES[numbers.typecode]
    return np.frombuffer(numbers, kind) if numbers else np.empty(0, kind)


class Reading(NamedTuple):
    """Words in order, and the places of those that hyphens join."""

    words: Ints
    joined: _Places


class Found(NamedTuple):
    """States that the words from some place on reach: arrays of one length."""

    places: _Places | Ints
    states: Ints


class _Lists:
    """A list of numbers for each word, laid end to end."""

    def __init__(self) -> None:
        self._ends = array("i", [0])
        self._items = array("i")

    def append(self, items: Iterable[int]) -> None:
        self._items.extend(items)
        self._ends.append(len(self._items))

    def arrays(self) -> tuple[Ints, Ints]:
        """Where each word's items begin (and the last's end), and all items."""
        return view(self._ends), view(self._items)

    def of(self, words: Ints) -> tuple[_Places, Ints]:
        """Every item of every word: which word it is of, and the item."""
        ends = view(self._ends)
        counts = ends[1:][words] - ends[words]
        owners = np.repeat(np.arange(len(words)), counts)
        after = np.cumsum(counts)
        flat = np.arange(len(owners)) + np.repeat(ends[words] - (after - counts), counts)
        return owners, view(self._items)[flat]


class Vocabulary(dict[str, int]):
    """The words met in texts, each with a number, and what it leads to in the lexicon; learns as it goes.

    It knows the lexicon as it was when it was made. Only terms that `wanted` takes are told as found.
    """

    def __init__(self, lexicon: Lexicon, wanted: Callable[[int], bool]) -> None:
        self._lexicon = lexicon
        self._wanted = wanted
        self._found, self._terms, self._begun = _Lists(), _Lists(), _Lists()
        self._first, self._second = array("i"), array("i")
        self._open = array("b")
        # A word that is to be cut has the number ~n: the n-th of these.
        self._split, self._joined = _Lists(), _Lists()
        self._hyphened = array("b")
        self._cut = 0
        self._plain = 0
        self._steps = _Steps(lexicon)
        self._pairs = _Sieve(lexicon.pairs)
        for mark in _MARKS:
            self[mark]

    def __missing__(self, word: str) -> int:
        if any(each in word for each in UNCUT):
            readings = cut(word)
            if readings.split != [word]:
                return self._file_cut(word, readings)
        number = self[word] = self._plain
        self._plain += 1
        lexicon, known = self._lexicon, word not in _MARKS
        terms = lexicon.terms_found_by(word) if known else ()
        stem = lexicon.stem_found_by(word) if known else -1
        self._found.append(filter(self._wanted, terms))
        self._terms.append(terms)
        self._begun.append(each for each in terms if each in lexicon.steps)
        self._first.append(_wrapped(stem * _FIRST))
        self._second.append(_wrapped(stem * _SECOND))
        self._open.append(stem in lexicon.open_stems)
        return number

    def _file_cut(self, word: str, readings: Readings) -> int:
        split, joined = readings
        self._split.append([self[each] for each in split])
        self._joined.append([self[each] for each in joined])
        self._hyphened.append(joined is not split)
        self._cut += 1
        number = self[word] = -self._cut
        return number

    def numbers(self, words: Sequence[str]) -> Ints:
        """The words as their numbers, for `readings` where any is to be cut."""
        return np.fromiter(map(self.__getitem__, words), np.int32, len(words))

    def numbers_in(self, block: str) -> Ints:
        """The words of a folded ASCII text as their numbers, END for each NUL, which stands between spaces."""
        return self.numbers(block.translate(_SPACED).split())

    def readings(self, numbers: Ints) -> tuple[Reading, Reading]:
        """The words with those cut that are to be: split at hyphens, and joined."""
        places = np.flatnonzero(numbers < 0)
        which = ~numbers[places]
        split, _, _ = _cut_out(numbers, places, *self._split.of(which))
        joined, at, owners = _cut_out(numbers, places, *self._joined.of(which))
        hyphened = view(self._hyphened).view(np.bool_)[which]
        return Reading(split, at[:0]), Reading(joined, at[hyphened[owners]])

    def terms(self, words: Ints) -> Found:
        """The wanted terms that each word answers."""
        return Found(*self._found.of(words))

    def phrases(self, words: Ints) -> Found:
        """The phrases of two or more terms, each with the place of its last word."""
        places, states = [np.empty(0, np.intp)], [np.empty(0, np.int32)]
        if self._lexicon.steps and len(words) > 1:
            begins = self._beginnings(words)
            owners, active = self._begun.of(words[begins])
            at = begins[owners]
            while len(at):
                at, active = self._stepped(words, at + 1, active)
                places.append(at)
                states.append(active)
                on = self._steps.stepping[active] & (at + 1 < len(words))
                at, active = at[on], active[on]
        return Found(np.concatenate(places), np.concatenate(states))

    def _beginnings(self, words: Ints) -> _Places:
        """Where two words stand side by side of which the stems may begin a phrase."""
        hashed = view(self._first)[words[:-1]] + view(self._second)[words[1:]]
        may = self._pairs.may_hold(hashed)
        if self._lexicon.open_stems:
            may |= view(self._open)[words[:-1]].view(np.bool_)
        return np.flatnonzero(may)

    def _stepped(self, words: Ints, at: _Places, states: Ints) -> tuple[_Places, Ints]:
        owners, terms = self._terms.of(words[at])
        reached = self._steps.of(states[owners], terms)
        there = reached >= 0
        return at[owners[there]], reached[there]


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


def _wrapped(number: int) -> int:
    """The lowest 32 bits as a signed number."""
    return ((number + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)


class _Sieve:
    """Tells of hashed pairs of stems that most are not there."""

    def __init__(self, pairs: set[tuple[int, int]]) -> None:
        self.shift = np.uint32(32 - max(12, (16 * len(pairs)).bit_length()))
        self.there = np.zeros(1 << (32 - int(self.shift)), np.bool_)
        hashed = (_wrapped(first * _FIRST + second * _SECOND) for first, second in pairs)
        self.there[self._place(np.fromiter(hashed, np.int32, len(pairs)))] = True

    def _place(self, hashed: Ints) -> npt.NDArray[np.uint32]:
        # The product's low bits are poor; folding the high half in first spreads them.
        mixed = hashed.view(np.uint32)
        return (mixed ^ (mixed >> np.uint32(15))) * np.uint32(_FIRST) >> self.shift

    def may_hold(self, hashed: Ints) -> npt.NDArray[np.bool_]:
        return self.there[self._place(hashed)]


class _Steps:
    """The lexicon's steps from state and term to state, in buckets by their hash."""

    def __init__(self, lexicon: Lexicon) -> None:
        parent, term = view(lexicon.parent), view(lexicon.term)
        states = np.flatnonzero(parent >= 0).astype(np.int32)
        keys = _key(parent[states], term[states])
        bits = max(4, (2 * len(states)).bit_length())
        self.shift = np.uint64(64 - bits)
        buckets = self._bucket(keys)
        order = np.argsort(buckets, kind="stable")
        self.keys, self.states = keys[order], states[order]
        self.starts = np.searchsorted(buckets[order], np.arange((1 << bits) + 1)).astype(np.int32)
        self.stepping = np.zeros(len(parent), np.bool_)
        self.stepping[parent[states]] = True

    def _bucket(self, keys: Longs) -> Longs:
        return (keys.view(np.uint64) * _MIX >> self.shift).astype(np.int64)

    def of(self, states: Ints, terms: Ints) -> Ints:
        """Where each state's step over a term leads; -1 where there is none."""
        keys = _key(states, terms)
        buckets = self._bucket(keys)
        at, ends = self.starts[buckets], self.starts[buckets + 1]
        reached = np.full(len(keys), -1, np.int32)
        live = np.flatnonzero(at < ends)
        while len(live):
            same = self.keys[at[live]] == keys[live]
            hit = live[same]
            reached[hit] = self.states[at[hit]]
            live = live[~same]
            at[live] += 1
            live = live[at[live] < ends[live]]
        return reached


def _key(states: Ints, terms: Ints) -> Longs:
    return states.astype(np.int64) << 32 | terms
