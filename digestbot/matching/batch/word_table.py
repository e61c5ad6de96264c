"""What the words of texts lead to, as arrays: a row for each word met, and a table of the steps of phrases."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from digestbot.matching.index.atoms import Atoms
from digestbot.matching.index.phrase_trie import SCOPE, Lexicon
from digestbot.rules.ast import Field

Ints: TypeAlias = npt.NDArray[np.int32]
Longs: TypeAlias = npt.NDArray[np.int64]
Words64: TypeAlias = npt.NDArray[np.uint64]
Places: TypeAlias = npt.NDArray[np.intp]
Flags: TypeAlias = npt.NDArray[np.bool_]
Table: TypeAlias = npt.NDArray[np.int32]
"""Rows of eight numbers."""

END, GAP = 0, 1
"""Words that answer nothing: between two texts, and in the place of words left out."""

TITLE, TEXT, ABSTRACT, BEGUN, NEXT, STOP, NEAR, SEEN = range(8)
"""A word's columns: where in the list of numbers its atoms of titles, of any text and of abstracts begin, then its
terms that begin phrases, those that go on in one, and where these stop; then whether a text that holds it must be
looked at closer, and which text it was last seen in.
"""

PARENT, TERM, STATE, TITLE_ATOM, TEXT_ATOM, ABSTRACT_ATOM, GOES_ON = range(7)
"""A step's columns: from a state (-1 where the row is free) over a term to a state; that one's atoms, and whether
steps go on from it; then SEEN.
"""

_SCOPES = tuple(SCOPE[field] for field in (Field.TITLE, Field.TEXT, Field.ABSTRACT))
_COLUMNS = 8
_LEAST = 1 << 12
_TYPES = {"b": np.int8, "i": np.int32}
_MIX = np.uint64(11400714819323198485)
_FREE = np.uint64((1 << 64) - 1)
_HALF, _SIX, _LOW, _ONE = np.uint64(32), np.uint64(6), np.uint64(63), np.uint64(1)


def view(numbers: array[int]) -> npt.NDArray[Any]:
    """The numbers as an array without a copy; they cannot grow while it is held."""
    kind = _TYPES[numbers.typecode]
    return np.frombuffer(numbers, kind) if numbers else np.empty(0, kind)


def size_for(count: int) -> int:
    """A power of two greater than a count, for a table."""
    return max(_LEAST, 1 << count.bit_length())


class WordHits(NamedTuple):
    """Atoms and the papers they hold of, arrays of one length; and the texts that must be looked at closer."""

    atoms: Ints
    papers: Ints
    near: list[int]


class TextWords(Protocol):
    """What finds the words of texts; learns as it goes, and knows the rules as they were when it was made."""

    def __len__(self) -> int:
        """How many words it knows."""

    def found(self, texts: Sequence[str]) -> WordHits:
        """What holds of titles and abstracts, in turns; some more than once."""


class Vocabulary:
    """The rows of words by their number, and the list of numbers that they tell of.

    Arrays of both are to be let go before more words are put in. ``most_begun`` and ``most_next`` are the most
    terms of one word that begin phrases, and that go on in one.
    """

    def __init__(self, atoms: Atoms) -> None:
        self._lexicon = atoms.lexicon
        self._proximities = atoms.proximities.keys()
        begins, goes_on = _roles(atoms.lexicon)
        self._begins, self._goes_on = begins.tobytes(), goes_on.tobytes()
        self._words, self._listed = array("i"), array("i")
        self.most_begun = self.most_next = 0
        for _ in (END, GAP):
            self._put(())

    def __len__(self) -> int:
        return len(self._words) // _COLUMNS

    def put(self, words: Iterable[str]) -> range:
        """Take folded words in; their numbers."""
        first = len(self)
        for word in words:
            self._put(self._lexicon.terms_found_by(word))
        return range(first, len(self))

    def _put(self, terms: Sequence[int]) -> None:
        for scope in _SCOPES:
            self._words.append(len(self._listed))
            atoms = self._lexicon.atoms[scope]
            self._listed.extend(atoms[term] for term in terms if atoms[term] >= 0)
        begun = [term for term in terms if self._begins[term]]
        following = [term for term in terms if self._goes_on[term]]
        at = len(self._listed)
        self._listed.extend((*begun, *following))
        near = not self._proximities.isdisjoint(terms)
        self._words.extend((at, at + len(begun), len(self._listed), near, 0))
        self.most_begun = max(self.most_begun, len(begun))
        self.most_next = max(self.most_next, len(following))

    @property
    def words(self) -> Table:
        """A row for each word."""
        table: Table = view(self._words).reshape(-1, _COLUMNS)
        return table

    @property
    def listed(self) -> Ints:
        """The list that the rows tell of."""
        return view(self._listed)


class Steps:
    """The lexicon's steps from state and term to state: a hash table, and a sieve with one bit for some hashes.

    A step is in the first free or fitting row from its hash on; both sizes are powers of two.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        parent, term = view(lexicon.parent), view(lexicon.term)
        states = np.flatnonzero(parent >= 0).astype(np.int32)
        hashes = _hashed(step_keys(parent[states], term[states]))
        self.sieve = np.zeros(size_for(len(states) // 8), np.uint64)
        bits = hashes & np.uint64(64 * len(self.sieve) - 1)
        np.bitwise_or.at(self.sieve, bits >> _SIX, _ONE << (bits & _LOW))
        atoms = [view(lexicon.atoms[scope])[states] for scope in _SCOPES]
        columns = parent[states], term[states], states, *atoms, _roles(lexicon)[0][states], 0 * states
        self.table: Table = np.full((size_for(len(states) * 3 // 2), _COLUMNS), -1, np.int32)
        places = _places(hashes, len(self.table))
        self.table[places] = np.stack(columns, axis=1)
        self._keys = np.full(len(self.table), _FREE, np.uint64)
        self._keys[places] = step_keys(parent[states], term[states])

    def may_hold(self, keys: Words64) -> Places:
        """Which of the steps the sieve lets through: all that are there, and few others."""
        bits = _hashed(keys) & np.uint64(64 * len(self.sieve) - 1)
        return np.flatnonzero((self.sieve.take((bits >> _SIX).view(np.int64)) >> (bits & _LOW)) & _ONE)

    def rows(self, keys: Words64) -> Places:
        """The row of each step; -1 where there is none."""
        last = len(self.table) - 1
        at = _hashed(keys).astype(np.intp) & last
        live = np.arange(len(at))
        while len(live):
            there = self._keys.take(at[live])
            free, other = there == _FREE, there != keys[live]
            at[live[free]] = -1
            live = live[other & ~free]
            at[live] = (at[live] + 1) & last
        return at


def step_keys(states: Ints, terms: Ints) -> Words64:
    """The steps from states over terms, each as one number."""
    keys: Words64 = (states.astype(np.uint64) << _HALF) | terms.astype(np.uint64)
    return keys


def _hashed(keys: Words64) -> Words64:
    mixed: Words64 = ((keys ^ (keys >> _HALF)) * _MIX) >> _HALF
    return mixed


def _places(hashes: Words64, size: int) -> Places:
    """Where each step finds its place in a table, all taken in at once."""
    places = (hashes & np.uint64(size - 1)).astype(np.intp)
    owner = np.full(size, -1, np.intp)
    left = np.arange(len(places))
    while len(left):
        free = owner[places[left]] < 0
        owner[places[left[free]]] = left[free]
        left = left[owner[places[left]] != left]
        places[left] = (places[left] + 1) & (size - 1)
    return places


def _roles(lexicon: Lexicon) -> tuple[Flags, Flags]:
    """Of each state whether a phrase goes on from it, and of each term whether a phrase goes on with it."""
    parent, term = view(lexicon.parent), view(lexicon.term)
    from_state, with_term = np.zeros((2, len(parent)), np.bool_)
    from_state[parent[parent >= 0]] = True
    with_term[term[parent >= 0]] = True
    return from_state, with_term
