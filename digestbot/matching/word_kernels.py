"""The inner loops of the fast path over text, compiled by numba: from letters to words and phrases."""

from __future__ import annotations

import numpy as np

from digestbot.matching.kernels import Bytes, Ints, Longs, Words64, compiled

_SIZE = 32
_LOW = np.uint64((1 << 32) - 1)


@compiled
def _slot(text: Bytes, start: int, end: int, hashed: np.uint64, blob: Bytes, table: Words64) -> int:
    """Where a word stands in the table of hashes, numbers and beginnings in the blob, or could stand."""
    mask = np.uint64(len(table) // 2 - 1)
    slot = (hashed ^ (hashed >> np.uint64(_SIZE))) & mask
    while table[2 * slot + np.uint64(1)]:
        if table[2 * slot] == hashed:
            begun = np.int64(table[2 * slot + np.uint64(1)] & _LOW)
            same = blob[begun + end - start] == 0
            for offset in range(end - start):
                if blob[begun + offset] != text[start + offset]:
                    same = False
                    break
            if same:
                break
        slot = (slot + np.uint64(1)) & mask
    return int(slot)


@compiled
def file_words(blob: Bytes, begin: int, numbers: Ints, table: Words64) -> None:
    """Put the words that begin at ``blob[begin]`` into the table; each ends with a zero."""
    start = begin
    for number in numbers:
        end = start
        hashed = np.uint64(14695981039346656037)
        while blob[end]:
            hashed = (hashed ^ np.uint64(blob[end])) * np.uint64(1099511628211)
            end += 1
        slot = _slot(blob, start, end, hashed, blob, table)
        table[2 * slot] = hashed
        table[2 * slot + 1] = (np.uint64(number) << np.uint64(_SIZE)) | np.uint64(start)
        start = end + 1


@compiled
def number_words(
    text: Bytes, inside: Bytes, blob: Bytes, table: Words64, numbers: Ints, begins: Ints, stops: Ints, unknown: Ints
) -> tuple[int, int]:  # fmt: skip
    """The words of a text as their numbers, 0 for each NUL; how many, and how many are unknown.

    ``inside`` tells of each byte whether it is of a word. Of unknown word u the place among the numbers is
    ``unknown[u]``, and it stands at ``text[begins[u] : stops[u]]``.
    """
    count, missing, place = 0, 0, 0
    while place < len(text):
        byte = text[place]
        if byte == 0:
            numbers[count] = 0
            count += 1
        if not inside[byte]:
            place += 1
            continue
        start = place
        hashed = np.uint64(14695981039346656037)
        while place < len(text) and inside[text[place]]:
            hashed = (hashed ^ np.uint64(text[place])) * np.uint64(1099511628211)
            place += 1
        entry = table[2 * _slot(text, start, place, hashed, blob, table) + 1]
        if entry:
            numbers[count] = np.int32(np.int64(entry) >> _SIZE)
        else:
            unknown[missing], begins[missing], stops[missing] = count, start, place
            missing += 1
        count += 1
    return count, missing


@compiled
def phrases(  # noqa: C901  split up, the loops would not stay in registers
    words: Ints, first: Ints, second: Ints, opening: Bytes, pairs: Bytes, shift: int,
    begun_ends: Ints, begun: Ints, term_ends: Ints, terms: Ints,
    starts: Ints, keys: Longs, states: Ints, stepping: Bytes, key_shift: int, places: Ints, found: Ints,
) -> int:  # fmt: skip
    """The phrases that stand in the words, each with the place of its last word; how many.

    It is more than fits where that is more than there is room for in ``found``.
    """
    active, following = np.empty(64, np.int32), np.empty(64, np.int32)
    count = 0
    for begin in range(len(words) - 1):
        word = words[begin]
        if begun_ends[word] == begun_ends[word + 1]:
            continue
        mixed = np.uint64(np.uint32(first[word] + second[words[begin + 1]]))
        mixed = ((mixed ^ (mixed >> np.uint64(15))) * np.uint64(2654435761)) & _LOW
        if not (pairs[mixed >> np.uint64(shift)] or opening[word]):
            continue
        many = begun_ends[word + 1] - begun_ends[word]
        if many > len(active):
            active = np.empty(2 * many, np.int32)
        active[:many] = begun[begun_ends[word] : begun_ends[word + 1]]
        place = begin + 1
        while many and place < len(words):
            reached = 0
            for at in range(term_ends[words[place]], term_ends[words[place] + 1]):
                for which in range(many):
                    key = (np.int64(active[which]) << _SIZE) | np.int64(terms[at])
                    bucket = (np.uint64(key) * np.uint64(11400714819323198485)) >> np.uint64(key_shift)
                    for entry in range(starts[bucket], starts[bucket + np.uint64(1)]):
                        if keys[entry] == key:
                            if count < len(found):
                                places[count], found[count] = place, states[entry]
                            count += 1
                            if stepping[states[entry]]:
                                if reached == len(following):
                                    following = np.concatenate((following, following))
                                following[reached] = states[entry]
                                reached += 1
            active, following, many = following, active, reached
            place += 1
    return count
