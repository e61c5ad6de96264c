"""Text from strangers made fit to show: cleaned with its highlights kept in place, and cut at a grapheme."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]

ELLIPSIS = "…"

# What no reader should meet: controls, soft hyphens, zero-width spaces and joiners of words, bidi embeddings,
# overrides and isolates (an unclosed one turns the rest of the page around), annotations, lone surrogates.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff]+"
)
_SPACE = re.compile(r"\s+")
_MOST_MARKS = 8  # a letter with more marks than any script needs is a flood
# What may be a mark, no letter being one; most texts hold no flood, and need not be looked through.
_MAY_BE_MARK = "[^\x00-\u02ff\\w]"
_MAY_BEGIN_WITH_MARK = re.compile(_MAY_BE_MARK)
# It begins with the sign itself, not with how often it comes: so Python looks for that sign alone, quickly.
_MAY_BE_FLOOD = re.compile(rf"{_MAY_BE_MARK}{_MAY_BE_MARK}{{{_MOST_MARKS}}}")
_LONGEST_CLUSTER = 64


@dataclass(frozen=True, slots=True)
class Passage:
    """Clean text on one line and the stretches of it (character offsets, sorted, apart) that are highlighted."""

    text: str
    hits: tuple[Span, ...] = ()

    def __str__(self) -> str:
        return self.text

    @property
    def runs(self) -> Iterator[tuple[str, bool]]:
        """The text in pieces, each with whether it is highlighted."""
        at = 0
        for start, end in self.hits:
            if at < start:
                yield self.text[at:start], False
            yield self.text[start:end], True
            at = end
        if at < len(self.text):
            yield self.text[at:], False


def clean(raw: str) -> str:
    """`raw` on one line, without what a reader cannot see or should not."""
    return passage(raw).text


def passage(raw: str, spans: Iterable[Span] = ()) -> Passage:
    """Raw text cleaned, with `spans` (offsets into the raw text, in any order) carried over."""
    whole = _whole(spans, raw) if spans else ()
    printable = raw.isprintable()  # then there is nothing unwanted in it, and no space but " "
    shown = raw if printable else _UNWANTED.sub("", raw)
    flooded = not raw.isascii() and _may_be_flooded(shown)
    if not flooded:
        if not printable or "  " in raw or raw[:1] == " " or raw[-1:] == " ":
            shown = " ".join(shown.split())
        if not whole or shown == raw:
            return Passage(shown, tuple(_trimmed(shown, whole)) if whole else ())
    return _moved(raw, whole, flooded=flooded)


def _may_be_flooded(text: str) -> bool:
    return _MAY_BEGIN_WITH_MARK.match(text) is not None or _MAY_BE_FLOOD.search(text) is not None


def _trimmed(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Spans of a clean text, without the spaces at their ends; none that is but a space."""
    for start, end in spans:
        start, end = start + (text[start] == " "), end - (text[end - 1] == " ")
        if start < end:
            yield start, end


def _moved(raw: str, spans: tuple[Span, ...], *, flooded: bool) -> Passage:
    """As `passage`, of a text in which spans move, or in which letters may drown in marks."""
    text, hits, marks = "", [], _MOST_MARKS
    for piece, hit in Passage(raw, spans).runs:
        kept = _SPACE.sub(" ", _UNWANTED.sub("", piece))
        if flooded:
            kept, marks = _without_floods(kept, marks)
        if not text or text.endswith(" "):
            kept = kept.lstrip(" ")
        inner = kept.strip(" ")
        if hit and inner:
            start = len(text) + kept.index(inner[0])
            hits.append((start, start + len(inner)))
        text += kept
    return Passage(text.rstrip(" "), tuple(hits))


def _whole(spans: Iterable[Span], text: str) -> tuple[Span, ...]:
    """Spans within the text, sorted, joined where they touch, and with the marks of their last letter."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        start, end = max(start, 0), max(min(end, len(text)), 0)
        while end < len(text) and is_mark(text[end]):
            end += 1
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def is_mark(char: str) -> bool:
    """Whether it belongs to the character before it: an accent, a joiner, a variation, a skin tone, a tag."""
    if char < "\u0300":
        return False
    return (
        char in "\u200c\u200d"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
        or unicodedata.category(char) in ("Mn", "Me", "Mc")
    )


def _without_floods(text: str, marks: int) -> tuple[str, int]:
    """The text with at most so many marks on one letter, and the number on its last; `marks` came before."""
    kept = []
    for char in text:
        marks = marks + 1 if is_mark(char) else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept), marks


def boundary(text: str, at: int) -> int:
    """The last place up to `at` where the text can be cut without tearing a character apart."""
    if at >= len(text):
        return len(text)
    for place in range(at, max(at - _LONGEST_CLUSTER, 0), -1):
        joined = is_mark(text[place]) or text[place - 1] == "\u200d"
        if not joined and not (_regional(text[place]) and _regional(text[place - 1])):
            return place
    return at


def _regional(char: str) -> bool:
    """Half of a flag."""
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def word_start(text: str, at: int, *, reach: int = 40) -> int:
    """Where a word begins, at `at` or up to `reach` characters before; else a boundary of characters."""
    if at >= len(text):
        return len(text)
    space = text.rfind(" ", max(at - reach, 0), at + 1)
    return space + 1 if space > 0 else boundary(text, at)


def piece(whole: Passage, start: int, end: int) -> Passage:
    """The stretch of a passage from `start` to `end`, with the highlights that lie in it."""
    text = whole.text[start:end]
    lead = len(text) - len(text.lstrip(" "))
    text = text.strip(" ")
    at = start + lead
    hits = ((max(a - at, 0), min(b - at, len(text))) for a, b in whole.hits)
    return Passage(text, tuple((a, b) for a, b in hits if a < b))


def join(passages: Iterable[Passage | str]) -> Passage:
    """Passages and bare words side by side, a space between each two."""
    text, hits = "", []
    for each in passages:
        text += " " if text else ""
        if isinstance(each, Passage):
            hits += [(a + len(text), b + len(text)) for a, b in each.hits]
        text += str(each)
    return Passage(text, tuple(hits))


def cut(whole: Passage, most: int) -> Passage:
    """The passage in at most `most` characters, cut between words where it can be, with an ellipsis."""
    if len(whole.text) <= most:
        return whole
    room = max(most - len(ELLIPSIS), 0)
    short = piece(whole, 0, word_start(whole.text, room, reach=min(40, room // 2)))
    return Passage((short.text + ELLIPSIS)[:most], short.hits)


def shorten(raw: str, most: int) -> str:
    """Raw text cleaned and cut to at most `most` characters."""
    if len(raw) <= most and raw.isascii() and raw.isprintable() and "  " not in raw and raw == raw.strip(" "):
        return raw  # most are clean
    return cut(passage(raw), most).text


def short_name(name: str, most: int) -> str:
    """A heading as a link or a chip: of one too long what stands before its colon, else the words that fit."""
    return name if len(name) <= most else shorten(name.partition(": ")[0], most)


def units(text: str) -> int:
    """How long the chat services find a text: in UTF-16 units, of which an emoji takes two."""
    return len(text) + sum(char > "\uffff" for char in text)
