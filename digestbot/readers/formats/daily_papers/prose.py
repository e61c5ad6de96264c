"""Whether a piece of prose reads like a title or like an abstract, and whether it ends where it should."""

from __future__ import annotations

import re

_URL = re.compile(r"(?:https?://|www\.|\b[\w-]+\.(?:com|org|io|ai|net|edu|dev|co)/)\S")
_ENDS_IN_URL = re.compile(
    r"(?:https?://[\w-]+(?:\.[\w-]+)+|www\.[\w-]+\.\w{2,}|\b[\w.-]+\.(?:com|org|io|ai|net|edu|dev|co)(?=/|$))(?:/\S*)?[)\]}>.]*$"
)
_CLOSERS = "\"'”’»)]}$*_` "
_SENTENCE_ENDS = frozenset(".!?…。！？")
_TAIL = 300  # characters; no address at an abstract's end is longer
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|et al|vs|cf|resp|Fig|Sec|Eq|Dr|Prof|approx|[A-Z])|\be|\bi)\.$")
_NEW_SENTENCE = re.compile(r"(?<!\bet al)(?<!\bvs)(?<!\be\.g)(?<!\bi\.e)[a-z0-9)\]”\"%]\. +[A-Z(\"“]")
_SAYING = re.compile(
    r"\b(?:we|our|is|are|was|were|have|has|been|this|these|that|which|it|its|they|their|propose|present"
    r"|introduce|show|however|such)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z][\w'’-]{3,}")


def leaning(text: str) -> float:
    """How much the text reads like an abstract (above 0) or like a title (below 0); about -7 to +20."""
    length = len(text)
    if length > 500:
        return 12 + min(length / 500, 8)
    score = _by_length(length)
    if ends_in_url(text):
        score += 4
    elif ends_sentence(text):
        score += -1.5 if text.rstrip(_CLOSERS)[-1:] in "?!" else 3
    else:
        score -= 1.5
    score += min(len(_NEW_SENTENCE.findall(text)), 3) * 1.5
    score += min(len(_SAYING.findall(text)), 4) * 0.6
    if _URL.search(text):
        score += 2
    words = _WORD.findall(text)
    if len(words) >= 3:
        capitals = sum(1 for word in words if word[0].isupper()) / len(words)
        score += 0.5 if capitals < 0.3 else -2 if capitals > 0.6 else 0
    return score


def _by_length(length: int) -> float:
    if length < 60:
        return -3
    if length < 130:
        return -2.5
    if length < 200:
        return -1
    return 1.5 if length < 300 else 5


def ends_sentence(text: str) -> bool:
    """Whether the text ends as a sentence does; quotes and brackets may close after the full stop."""
    core = text[-_TAIL:].rstrip(_CLOSERS)
    return core[-1:] in _SENTENCE_ENDS and not _ABBREVIATION.search(core[-10:])


def ends_in_url(text: str) -> bool:
    """Whether the text's last word is an address, as many abstracts end."""
    return bool(_ENDS_IN_URL.search(text[-_TAIL:].rstrip("\"'”’»$*_` ")))


def looks_finished(text: str) -> bool:
    """Whether an abstract may end here rather than having been cut off."""
    return ends_sentence(text) or ends_in_url(text)
