"""The inner loops of the fast path over words, compiled by numba: from the numbers of words to atoms.

A text's number grows by one from text to text, titles even and their abstracts after them, so that whoever
keeps the number of the last text it was seen in knows what was told already.
"""

from __future__ import annotations

import numpy as np

from digestbot.matching.batch.bit_kernels import Bytes, Ints, Words64, compiled, inlined
from digestbot.matching.batch.word_table import (
    ABSTRACT,
    ABSTRACT_ATOM,
    BEGUN,
    GOES_ON,
    NEAR,
    NEXT,
    PARENT,
    SEEN,
    STATE,
    STOP,
    TERM,
    TEXT,
    TEXT_ATOM,
    TITLE,
    TITLE_ATOM,
    Table,
)

_MIX = np.uint64(11400714819323198485)
_HALF, _SIX, _LOW, _ONE = np.uint64(32), np.uint64(6), np.uint64(63), np.uint64(1)


@inlined
def _key(state: int, term: int) -> np.uint64:
    return (np.uint64(state) << _HALF) | np.uint64(term)


@inlined
def _hashed(key: np.uint64) -> np.uint64:
    return ((key ^ (key >> _HALF)) * _MIX) >> _HALF


@compiled
def tell_atoms(
    split: Ints, joined: Ints, joints: Ints, longest: int, number: int, words: Table, listed: Ints, steps: Table,
    sieve: Words64, waiting: Words64, places: Ints, near: Bytes, atoms: Ints, papers: Ints,
) -> int:  # fmt: skip
    """Tell the atoms of texts in both readings, the first of which has the (even) number; how many.

    It is more than are told where that is more than there is room for. ``near`` are the texts that must be looked
    at closer; ``waiting`` is room for steps.
    """
    count = text = begin = at = joint = 0
    for end in range(len(split)):
        if split[end]:
            continue
        now = number + text
        for place in range(begin, end):
            count = _tell_word(split[place], now, text, words, listed, near, atoms, papers, count)
        count = _tell_phrases(
            split, end, begin, end - 1, now, text, words, listed, steps, sieve, waiting, places, atoms, papers, count
        )
        start = at
        while joined[at]:
            at += 1
        done = start
        while joint < len(joints) and joints[joint] < at:
            place = joints[joint]
            joint += 1
            count = _tell_word(joined[place], now, text, words, listed, near, atoms, papers, count)
            # A phrase without a joined word is in the split reading too.
            first, after = max(done, place - longest + 1), min(place + 1, at - 1)
            count = _tell_phrases(
                joined, at, first, after, now, text, words, listed, steps, sieve, waiting, places, atoms, papers, count
            )
            done = place + 1
        at += 1
        text += 1
        begin = end + 1
    return count


@inlined
def _tell(atom: int, text: int, atoms: Ints, papers: Ints, count: int) -> int:
    if count < len(atoms):
        atoms[count], papers[count] = atom, text >> 1
    return count + 1


@inlined
def _tell_word(
    word: int, now: int, text: int, words: Table, listed: Ints, near: Bytes, atoms: Ints, papers: Ints, count: int
) -> int:
    """Tell the atoms of a word, unless they were told of this text, or of the title of this abstract."""
    seen = words[word, SEEN]
    if seen == now:
        return count
    words[word, SEEN] = now
    near[text] |= words[word, NEAR]
    begin, end = words[word, TEXT], words[word, BEGUN]
    if not now & 1:
        begin, end = words[word, TITLE], words[word, ABSTRACT]
    elif seen == now - 1:
        begin = words[word, ABSTRACT]
    for each in range(begin, end):
        count = _tell(listed[each], text, atoms, papers, count)
    return count


@inlined
def _tell_phrases(
    text_words: Ints, end: int, first: int, after: int, now: int, text: int, words: Table, listed: Ints, steps: Table,
    sieve: Words64, waiting: Words64, places: Ints, atoms: Ints, papers: Ints, count: int,
) -> int:  # fmt: skip
    """Tell the atoms of phrases that begin from place `first` on, before `after`, in a text that ends at `end`."""
    found = 0
    for place in range(first, after):
        word, following = text_words[place], text_words[place + 1]
        for each in range(words[word, BEGUN], words[word, NEXT]):
            found = _sift(listed[each], following, place + 1, words, listed, sieve, waiting, places, found)
        if 2 * found > len(waiting) or place == after - 1:
            while found:
                found -= 1
                at, row = places[found], _row(waiting[found], steps)
                if row < 0:
                    continue
                count = _tell_phrase(row, now, text, steps, atoms, papers, count)
                if steps[row, GOES_ON] and at + 1 < end:
                    state, word = steps[row, STATE], text_words[at + 1]
                    found = _sift(state, word, at + 1, words, listed, sieve, waiting, places, found)
    return count


@inlined
def _sift(
    state: int, word: int, place: int, words: Table, listed: Ints, sieve: Words64, waiting: Words64, places: Ints,
    found: int,
) -> int:  # fmt: skip
    """Let the steps wait that may go from a state over the word at a place; how many wait then."""
    for each in range(words[word, NEXT], words[word, STOP]):
        key = _key(state, listed[each])
        bit = _hashed(key) & np.uint64(64 * len(sieve) - 1)
        if (sieve[bit >> _SIX] >> (bit & _LOW)) & _ONE:
            waiting[found], places[found] = key, place
            found += 1
    return found


@inlined
def _row(key: np.uint64, steps: Table) -> int:
    """The row of a step, or -1."""
    state, term = np.int32(key >> _HALF), np.int32(np.uint32(key))
    place, last = _hashed(key) & np.uint64(len(steps) - 1), np.uint64(len(steps) - 1)
    while steps[place, PARENT] >= 0:
        if steps[place, PARENT] == state and steps[place, TERM] == term:
            return np.int64(place)  # type: ignore[return-value]  # an int without this would stay unsigned
        place = (place + _ONE) & last
    return -1


@inlined
def _tell_phrase(row: int, now: int, text: int, steps: Table, atoms: Ints, papers: Ints, count: int) -> int:
    """Tell the atoms of a phrase, unless they were told of this text, or of the title of this abstract."""
    seen = steps[row, SEEN]
    if seen == now:
        return count
    steps[row, SEEN] = now
    own = steps[row, ABSTRACT_ATOM] if now & 1 else steps[row, TITLE_ATOM]
    if own >= 0:
        count = _tell(own, text, atoms, papers, count)
    if steps[row, TEXT_ATOM] >= 0 and not (now & 1 and seen == now - 1):
        count = _tell(steps[row, TEXT_ATOM], text, atoms, papers, count)
    return count
