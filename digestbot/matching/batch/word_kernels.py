"""The inner loops of the fast path over text, compiled by numba: from letters to the numbers of words.

Words are filed as paths of eight bytes each: a step from a node over eight bytes leads to a node, and one over
what is left, with zeros after it, to the word's number. A step's ``origin`` is twice the node, and one more
where the word goes on. A place of the table holds the eight bytes and then the origin and where it leads; it is
free while it leads to 0.
"""

from __future__ import annotations

import numpy as np

from digestbot.matching.batch.bit_kernels import Bytes, Ints, Words64, compiled, inlined

APOSTROPHE, HASH, PLUS, HYPHEN, SMALL_S = b"'#+-s"
LETTER = ord("0")
"""Of what bytes are folded to, letters and digits are this or more."""

_EIGHT = 8
_HALF, _ONE = np.uint64(32), np.uint64(1)
_MIX, _OTHER_MIX = np.uint64(11400714819323198485), np.uint64(0xD6E8FEB86659FD93)


@compiled
def fold(text: Bytes, folds: Bytes, folded: Bytes) -> int:
    """Write the text with each byte as ``folds`` has it and possessives left out; how long it is."""
    count = place = 0
    while place < len(text):
        byte = folds[text[place]]
        if byte == APOSTROPHE and _possessive(text, place, folds):
            place += 2
            continue
        folded[count] = byte
        count += 1
        place += 1
    return count


@inlined
def _possessive(text: Bytes, place: int, folds: Bytes) -> bool:
    """Whether an apostrophe is of an apostrophe-s that ends a word."""
    if folds[text[place + 1]] != SMALL_S or folds[text[place + 2]] >= LETTER:
        return False
    # What is before the first byte is the last: the end of a text.
    if text[place - 1] == HASH:
        place -= 1
    elif text[place - 1] == PLUS and text[place - 2] == PLUS:
        place -= 2
    return bool(folds[text[place - 1]] >= LETTER)


@compiled
def number_words(  # noqa: C901  split up, the loops would not stay in registers
    folded: Bytes, length: int, eights: Words64, masks: Words64, filed: Words64,
    split: Ints, joined: Ints, joints: Ints, unknown: Bytes,
) -> tuple[int, int, int, int]:  # fmt: skip
    """Write the numbers of a folded text's words in both readings, a 0 after each text; how many of each array.

    ``joints`` are the places in ``joined`` of words that hyphens join; of ``unknown``, each word has a 0 after it.
    ``eights[p]`` is the eight bytes from p on, and ``masks[n]`` leaves n of them. Words are closed up in place.
    """
    splits = joins = joint = missing = place = 0
    while place < length:
        if folded[place] < LETTER:
            if folded[place] == 0:
                split[splits] = joined[joins] = 0
                splits += 1
                joins += 1
            place += 1
            continue
        start, first = place, splits
        while True:
            begin = place
            while folded[place] >= LETTER:
                place += 1
            hyphened = folded[place] == HYPHEN and folded[place + 1] >= LETTER
            if folded[place] == HASH:
                place += 1
            elif folded[place] == PLUS and folded[place + 1] == PLUS:
                place += 2
            number = _number(eights, masks, begin, place, filed)
            if number == 0:
                missing = _noted(folded, begin, place, unknown, missing)
            split[splits] = number
            splits += 1
            if not hyphened:
                break
            place += 1
        if splits > first + 1:
            end = _closed_up(folded, start, place)
            number = _number(eights, masks, start, end, filed)
            if number == 0:
                missing = _noted(folded, start, end, unknown, missing)
            joints[joint] = joins
            joint += 1
        joined[joins] = number
        joins += 1
    return splits, joins, joint, missing


@inlined
def _closed_up(folded: Bytes, start: int, end: int) -> int:
    """Take the hyphens out of a word; where it ends then."""
    to = start
    for place in range(start, end):
        if folded[place] != HYPHEN:
            folded[to] = folded[place]
            to += 1
    return to


@inlined
def _noted(folded: Bytes, begin: int, end: int, unknown: Bytes, count: int) -> int:
    """Write down an unknown word where there is room; how much is written then."""
    if count + end - begin < len(unknown):
        for place in range(begin, end):
            unknown[count] = folded[place]
            count += 1
        unknown[count] = 0
        count += 1
    return count


@inlined
def _place(eight: np.uint64, origin: np.uint64, filed: Words64) -> np.uint64:
    """Where in the table a step is, or could be."""
    mixed = eight ^ (origin * _OTHER_MIX)
    last = np.uint64(len(filed) // 2 - 1)
    place = (((mixed ^ (mixed >> _HALF)) * _MIX) >> _HALF) & last
    while True:
        entry = filed[place + place + _ONE]
        if entry == 0 or (filed[place + place] == eight and entry >> _HALF == origin):
            return place
        place = (place + _ONE) & last


@inlined
def _number(eights: Words64, masks: Words64, begin: int, end: int, filed: Words64) -> int:
    """The number of the word that stands there; 0 when it is not known."""
    origin = np.uint64(0)
    while end - begin > _EIGHT:
        place = _place(eights[begin], origin | _ONE, filed)
        origin = (filed[place + place + _ONE] << _HALF) >> (_HALF - _ONE)
        if origin == 0:
            return 0
        begin += _EIGHT
    place = _place(eights[begin] & masks[end - begin], origin, filed)
    return int(np.uint32(filed[place + place + _ONE]))


@compiled
def file_words(
    words: Bytes, eights: Words64, masks: Words64, numbers: Ints, nodes: int, filed: Words64
) -> int:  # fmt: skip
    """File words under their numbers, each with a 0 after it; how many nodes there are then."""
    begin = 0
    for number in numbers:
        end = begin
        while words[end]:
            end += 1
        origin = np.uint64(0)
        while end - begin > _EIGHT:
            place = _place(eights[begin], origin | _ONE, filed)
            if filed[place + place + _ONE] == 0:
                nodes += 1
                filed[place + place] = eights[begin]
                filed[place + place + _ONE] = ((origin | _ONE) << _HALF) | np.uint64(nodes)
            origin = (filed[place + place + _ONE] << _HALF) >> (_HALF - _ONE)
            begin += _EIGHT
        eight = eights[begin] & masks[end - begin]
        place = _place(eight, origin, filed)
        filed[place + place] = eight
        filed[place + place + _ONE] = (origin << _HALF) | np.uint64(number)
        begin = end + 1
    return nodes


@compiled
def refile(old: Words64, filed: Words64) -> None:
    """Put all steps of a table into another."""
    for at in range(0, len(old), 2):
        if old[at + 1]:
            place = _place(old[at], old[at + 1] >> _HALF, filed)
            filed[place + place], filed[place + place + _ONE] = old[at], old[at + 1]
