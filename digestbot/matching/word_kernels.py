"""The inner loops of the fast path over text, compiled by numba: from letters to words and phrases."""

from __future__ import annotations

import numpy as np

from digestbot.matching.kernels import Bytes, Ints, Words64, compiled, mark

_HYPHEN, _PLUS, _HASH = 45, 43, 35


@compiled
def _is_letter(byte: int) -> bool:
    return 97 <= byte <= 122 or 48 <= byte <= 57


@compiled
def join_hyphens(text: Bytes, ends: Ints, out: Bytes, joints: Bytes, out_ends: Ints, origins: Ints) -> int:
    """Copy each text that has a hyphenated word, joined; how many. ``ends`` bound texts laid end to end.

    ``joints`` is set at each letter that a hyphen stood before.
    """
    count, at, start = 0, 0, 0
    for number in range(len(ends)):
        end, begun = ends[number], at
        for place in range(start, end):
            byte = text[place]
            inside = byte == _HYPHEN and start < place < end - 1
            if inside and _is_letter(text[place - 1]) and _is_letter(text[place + 1]):
                joints[at] = 1
            else:
                out[at] = byte
                at += 1
        if at - begun < end - start:
            out_ends[count] = at
            origins[count] = number
            count += 1
        else:
            at = begun
        start = end
    return count


@compiled
def _holds_joint(joints: Bytes, start: int, end: int) -> bool:
    for place in range(start, end):  # noqa: SIM110  numba compiles no any() over a generator
        if joints[place]:
            return True
    return False


@compiled
def _hash(text: Bytes, start: int, end: int) -> np.uint64:
    found = np.uint64(14695981039346656037)
    for place in range(start, end):
        found = (found ^ np.uint64(text[place])) * np.uint64(1099511628211)
    return found ^ (found >> np.uint64(29))


@compiled
def file_words(blob: Bytes, word_ends: Ints, begin: int, table: Ints) -> None:
    """Put words `begin` and on into the hash table; a free place holds -1."""
    mask = np.uint64(len(table) - 1)
    for word in range(begin, len(word_ends)):
        start = word_ends[word - 1] if word else 0
        slot = _hash(blob, start, word_ends[word]) & mask
        while table[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        table[slot] = word


@compiled
def _word_number(text: Bytes, start: int, end: int, blob: Bytes, word_ends: Ints, table: Ints) -> int:
    mask = np.uint64(len(table) - 1)
    slot = _hash(text, start, end) & mask
    while table[slot] >= 0:
        word = table[slot]
        begun = word_ends[word - 1] if word else 0
        if word_ends[word] - begun == end - start:
            same = True
            for offset in range(end - start):
                if blob[begun + offset] != text[start + offset]:
                    same = False
                    break
            if same:
                return int(word)
        slot = (slot + np.uint64(1)) & mask
    return -1


@compiled
def number_words(
    text: Bytes, joints: Bytes, ends: Ints, texts: int, longest: int, blob: Bytes, word_ends: Ints,
    table: Ints, numbers: Ints, joined: Bytes, number_ends: Ints, begins: Ints, stops: Ints, unknown: Ints,
) -> int:  # fmt: skip
    """The words of each text as their numbers; how many are unknown, with their places in ``unknown``.

    ``joined`` says which words hold a joint. From text number `texts` on only words that may stand in one
    phrase with such a word are looked up, the others are 0.
    """
    count, missing, start = 0, 0, 0
    for number in range(len(ends)):
        end, first = ends[number], count
        place = start
        while place < end:
            if not _is_letter(text[place]):
                place += 1
                continue
            begins[count] = place
            while place < end and _is_letter(text[place]):
                place += 1
            if place + 1 < end and text[place] == _PLUS and text[place + 1] == _PLUS:
                place += 2
            elif place < end and text[place] == _HASH:
                place += 1
            stops[count] = place
            joined[count] = number >= texts and _holds_joint(joints, begins[count], place)
            count += 1
        for word in range(first, count):
            near = number < texts or _holds_joint(joined, max(first, word - longest), min(count, word + longest))
            numbers[word] = 0
            if near:
                known = _word_number(text, begins[word], stops[word], blob, word_ends, table)
                numbers[word] = known
                if known < 0:
                    unknown[missing] = word
                    missing += 1
        number_ends[number] = count
        start = end
    return missing


@compiled
def file_steps(parent: Ints, term: Ints, table: Ints, sieve: Words64, stepping: Bytes) -> None:
    """Put each phrase into the hash table under the phrase before and its last term; mark who has steps.

    ``sieve`` has the bits of the hashes that occur: it is small, and most steps are not there.
    """
    mask = np.uint64(len(table) - 1)
    for state in range(len(parent)):
        before = parent[state]
        if before >= 0:
            stepping[before] = 1
            hashed = _step_hash(before, term[state])
            bit = (hashed >> np.uint64(20)) & np.uint64(len(sieve) * 64 - 1)
            sieve[bit >> np.uint64(6)] |= np.uint64(1) << (bit & np.uint64(63))
            slot = hashed & mask
            while table[slot] >= 0:
                slot = (slot + np.uint64(1)) & mask
            table[slot] = state


@compiled
def _step_hash(state: int, term: int) -> np.uint64:
    found = (np.uint64(state) << np.uint64(32) | np.uint64(term)) * np.uint64(11400714819323198485)
    return found ^ (found >> np.uint64(31))


@compiled
def _step(state: int, last: int, table: Ints, sieve: Words64, parent: Ints, term: Ints) -> int:
    mask = np.uint64(len(table) - 1)
    hashed = _step_hash(state, last)
    bit = (hashed >> np.uint64(20)) & np.uint64(len(sieve) * 64 - 1)
    if not (sieve[bit >> np.uint64(6)] >> (bit & np.uint64(63))) & np.uint64(1):
        return -1
    slot = hashed & mask
    while table[slot] >= 0:
        found = table[slot]
        if parent[found] == state and term[found] == last:
            return int(found)
        slot = (slot + np.uint64(1)) & mask
    return -1


@compiled
def mark_words(
    numbers: Ints, joined: Bytes, number_ends: Ints, texts: int, longest: int, papers: Ints, titles: Bytes,
    term_ends: Ints, terms: Ints, steps: Ints, sieve: Words64, stepping: Bytes, parent: Ints, term: Ints,
    anywhere: Ints, in_title: Ints, in_abstract: Ints, triggers: Bytes, triggered: Bytes,
    row_of: Ints, rows: Words64, used: int,
) -> int:  # fmt: skip
    """Follow each reading's words through the trie and set the bits of what they reach; rows used then.

    From reading number `texts` on they are joined ones: there a phrase, of `longest` words at most, is new
    only when it holds a joined word. ``triggered[reading]`` is set where a state of ``triggers`` is
    reached: a proximity may stand there.
    """
    active = np.empty(4096, np.int32)
    following = np.empty(4096, np.int32)
    start = 0
    for reading in range(len(number_ends)):
        paper, end = papers[reading], number_ends[reading]
        here = in_title if titles[reading] else in_abstract
        count = 0
        for place in range(start, end):
            begins = reading < texts or _holds_joint(joined, place, min(end, place + longest))
            if not begins and count == 0:
                continue
            word = numbers[place]
            first = term_ends[word - 1] if word else 0
            next_count = 0
            for at in range(first, term_ends[word]):
                last = terms[at]
                for which in range(-1 if begins else 0, count):
                    state = last if which < 0 else _step(active[which], last, steps, sieve, parent, term)
                    if state < 0:
                        continue
                    used = mark(anywhere[state], paper, row_of, rows, used)
                    used = mark(here[state], paper, row_of, rows, used)
                    if triggers[state]:
                        triggered[reading] = 1
                    if stepping[state]:
                        if next_count == len(following):
                            following = np.concatenate((following, following))
                        following[next_count] = state
                        next_count += 1
            active, following, count = following, active, next_count
        start = end
    return used
