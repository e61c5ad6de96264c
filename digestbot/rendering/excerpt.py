"""The part of an abstract that is shown: whole sentences, and one with the word that made the paper match."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digestbot.rendering.text import ELLIPSIS, Passage, Span, boundary, cut, join, piece, word_start

ABOUT = 400  # characters shown of an abstract; a sentence may run over by an eighth

# Possessive, and never begun within a run: sixty thousand full stops are read once.
# It begins with what is looked for, not with what stands around it: so most letters cost next to nothing.
# Before a small letter nothing ends: that of ASCII is seen at once, any other by `_ends`.
_END = re.compile(
    r"""[.!?…。！？](?:(?<=[.!?…])(?<![.!?…].)[.!?…]*+["'”’»)\]]*+(?=\s)(?![ ][a-z])|(?<=[。！？])[”’」』）]*)"""
)
_OPENING = "([{\"'“‘«"
_NEVER_LAST = frozenset((
    "al", "alg", "app", "approx", "arch", "art", "ca", "cf", "ch", "col", "def", "dept", "dr", "ed",
    "eds", "eq", "eqn", "eqs", "est", "ex", "fig", "figs", "jr", "lem", "mr", "mrs", "ms", "mt", "prof",
    "prop", "ref", "refs", "resp", "rev", "sec", "sect", "secs", "st", "suppl", "tab", "thm", "univ",
    "viz", "vol", "vols", "vs",
))  # fmt: skip
_LAST_BEFORE_WORDS = frozenset(("no", "nos", "pp", "ver"))
_DOTTED = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]")


def sentence_ends(text: str) -> Iterator[int]:
    """Where sentences end, the last one too: offsets behind the full stop and the quotes that follow it."""
    for found in _END.finditer(text):
        if found.end() < len(text) and _ends(text, found.start(), found.end()):
            yield found.end()
    if text:
        yield len(text)


def _ends(text: str, stop: int, after: int) -> bool:
    """Whether the stop at `stop` ends a sentence and does not belong to an abbreviation or an initial."""
    if text[stop] in "。！？":
        return True
    follows = text[after : after + 3].strip().lstrip(_OPENING)[:1]
    if follows.islower():
        return False
    if text[stop] != "." or after - stop > 1:
        return True
    before = text[max(stop - 40, 0) : stop]
    word = "" if not before or before[-1].isspace() else before.rsplit(None, 1)[-1].lstrip(_OPENING)
    if (len(word) == 1 and word.isalpha()) or _DOTTED.fullmatch(word):
        return False
    if word.casefold() in _LAST_BEFORE_WORDS and follows.isdigit():
        return False
    return word.casefold() not in _NEVER_LAST


def excerpt(abstract: Passage, about: int = ABOUT) -> Passage:
    """The abstract in about so many characters (at most an eighth more, and what joins its pieces).

    It is cut behind a sentence. When no highlighted word stands in that, the first sentence and the one
    with the first such word are shown instead, in at most twice as many.
    """
    if len(abstract.text) <= _most(about):
        return abstract
    found, ends = sentence_ends(abstract.text), list[int]()
    for end in found:
        ends.append(end)
        if end > _most(about):  # most abstracts are read no further
            break
    head = _head(abstract, ends, about)
    if not abstract.hits or head.hits:
        return _open(head)
    ends.extend(found)
    start, end = _around(abstract, ends, about // 2)
    first = _head(abstract, ends[:1], about // 2)
    shown = piece(abstract, start, end)
    return join([first if start == ends[0] else _open(first), _open(shown) if end < ends[-1] else shown])


def _most(about: int) -> int:
    return about + about // 8


def _open(shown: Passage) -> Passage:
    """With an ellipsis: something is left out behind it."""
    return shown if shown.text.endswith(ELLIPSIS) else join([shown, ELLIPSIS])


def _head(abstract: Passage, ends: list[int], about: int) -> Passage:
    """The sentences that fit; where they are hardly anything, the words up to `about` characters."""
    fitting = max((end for end in ends if end <= _most(about)), default=0)
    if fitting < about // 8 and len(ends) > 1:
        return cut(abstract, about)
    return piece(abstract, 0, fitting) if fitting else cut(abstract, about)


def _around(abstract: Passage, ends: list[int], room: int) -> Span:
    """The sentence with the first highlighted word; of a sentence longer than `room`, the words around it."""
    text, (first, last) = abstract.text, abstract.hits[0]
    start = max((end for end in ends if end <= first), default=0)
    end = next(end for end in ends if end > first)
    if end - start <= room:
        return start, end
    start = max(start, word_start(text, first - room // 4))
    return start, min(end, max(word_start(text, start + room), boundary(text, min(last, start + 2 * room))))
