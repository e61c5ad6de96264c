"""The gist of an abstract: the one of its sentences, verbatim, that tells best what the paper brings.

Each sentence is told by what holds of it (`scores`): where it stands, how long it is, which words it shares with
the title and with the other sentences, and phrases such as "we propose". A weight for each was learnt from summaries
that people wrote (see `tests/training/gist.py`); the heaviest sentence is taken, of equal ones the first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from math import log
from typing import Any, NamedTuple, TypeVar

from digestbot.rendering.excerpt import sentence_ends
from digestbot.rendering.gist_weights import WEIGHTS

_MOST_READ = 10_000  # characters of an abstract
_MOST_SENTENCES = 40
_FEWEST_WORDS = 4  # of a sentence that may be taken, where a longer one stands beside it

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_PARTED = bytes(code if code > 127 or chr(code).isalnum() else 32 for code in range(256))  # no word holds the rest


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_FIRST = "first", "second", "third"
_THIS = re.compile("this (?:paper|work|article|study)|in this")
_COMMON = _set(
    "a an and are as at be been but by can for from has have in into is it its more not of on or our over show such"
    " than that the their these this to two using used via was we were which while with"
)
# What follows "we", with adverbs between them.
_ADVERBS = _set("also first further here instead now finally then thus therefore empirically")
_ACTS = {
    "we propose": _set(
        "propose introduce present develop design devise describe formulate create build construct suggest offer"
        " establish provide extend derive adopt release"
    ),
    "we show": _set("show demonstrate find prove observe argue conclude report discover reveal"),
    "we study": _set("study investigate examine analyze analyse explore consider address aim tackle ask focus"),
    "we evaluate": _set("evaluate test validate apply compare conduct perform verify experiment train use"),
}
# Words anywhere in the sentence.
_CUES = {
    "new": _set("novel new first"),
    "thing": _set(
        "method approach model framework algorithm architecture network technique system mechanism procedure"
    ),
    "result": _set("results experiments experimental outperform outperforms achieves achieve improves improve"),
    "measure": _set("accuracy performance datasets dataset benchmarks benchmark tasks evaluation state"),
    "others": _set("existing previous prior recent recently current currently typically often widely commonly usually"),
    "trouble": _set("however unfortunately although despite challenging difficult lack limited yet but"),
    "elsewhere": _set("github http https code available supplementary website"),
}
_CUE_OF = {word: cue for cue, words in _CUES.items() for word in words}
_CUED = frozenset(_CUE_OF)
_FURTHER = _set("additionally furthermore moreover finally also specifically further")
_AIM = _set("aim aims objective objectives purpose goal")
_BACKWARD = _set("these this it they such")


Weight = TypeVar("Weight", float, Any)


class Gist(NamedTuple):
    """The sentence as it stands in the abstract: ``abstract[start:end] == text``."""

    text: str
    start: int
    end: int


class Sentence(NamedTuple):
    """A sentence of an abstract: where it stands, and its words in small letters."""

    start: int
    end: int
    words: list[str]
    asks: bool


def gist(abstract: str | None, title: str = "") -> Gist | None:
    """The sentence that tells the contribution, verbatim; None for an abstract without a word.

    The title tells which of its words matter; without one the rest decides.
    """
    if not abstract or not (found := sentences(abstract)):
        return None
    best = _best(found, title) if len(found) > 1 else 0
    start, end = found[best][:2]
    return Gist(abstract[start:end], start, end)


def _best(found: Sequence[Sentence], title: str) -> int:
    weighed = scores(found, title, WEIGHTS)
    return max(range(len(found)), key=lambda at: (len(found[at].words) >= _FEWEST_WORDS, weighed[at]))


def scores(found: Sequence[Sentence], title: str, weights: Mapping[str, Weight]) -> list[Weight]:
    """What each sentence of an abstract weighs: the sum of the weights of all that holds of it.

    With a unit vector for each weight it is the row of numbers that weights are learnt from.
    """
    titled = frozenset(_words(title.lower())) - _COMMON
    contents = [frozenset(each.words) - _COMMON for each in found]
    spread = Counter(chain.from_iterable(contents))
    central = [_central(each, spread, len(found)) for each in contents]
    most_central, last = max(central), len(found) - 1
    proposed, weighed = False, list[Weight]()
    for at, (each, content) in enumerate(zip(found, contents, strict=True)):
        place, size, shared = at / (last or 1), len(content) or 1, len(content & titled)
        told = _told(each, content)
        score = (
            weights["place"] * place
            + weights["place squared"] * place**2
            + weights["length"] * log(1 + len(each.words))
            + weights["of the title"] * (shared / (len(titled) or 1))
            + weights["of its words in the title"] * (shared / size)
            + weights["central"] * central[at]
            + weights["like the first"] * (len(content & contents[0]) / size if at else 0.0)
        )
        if at < len(_FIRST):
            told.append(_FIRST[at])
        if at >= last - 1:
            told.append("last" if at == last else "last but one")
        if central[at] == most_central:
            told.append("most central")
        if "we propose" in told and not proposed:
            told.append("we propose for the first time")
            proposed = True
        for name in told:
            score = score + weights[name]
        weighed.append(score)
    return weighed


def _central(content: frozenset[str], spread: Mapping[str, int], count: int) -> float:
    """In how large a part of the other sentences the words of one stand, on average."""
    others = sum(map(spread.__getitem__, content)) - len(content)
    return others / (max(count - 1, 1) * (len(content) or 1))


def _told(sentence: Sentence, content: frozenset[str]) -> list[str]:
    """What its words alone tell, each once and always in one order; its `content` are those that are not common."""
    words = sentence.words
    told = sorted({_CUE_OF[word] for word in content & _CUED})
    if "we" in words:
        told += ["we", *_acts(words)]
    if len(words) < 12:
        told.append("short")
    elif len(words) > 35:
        told.append("long")
    if _THIS.search(" ".join(words[:6])):
        told.append("this paper")
    if words[0] in _FURTHER:
        told.append("further")
    if not _AIM.isdisjoint(words[:6]):
        told.append("aim")
    if words[0] in _BACKWARD:
        told.append("backward")
    if sentence.asks:
        told.append("asks")
    if any(map(str.isdecimal, words)):
        told.append("number")
    return told


def _acts(words: Sequence[str]) -> list[str]:
    """What "we" do, with adverbs before it or without."""
    verbs = {
        next((each for each in words[at + 1 : at + 4] if each not in _ADVERBS), "")
        for at, word in enumerate(words)
        if word == "we"
    }
    return [act for act, known in _ACTS.items() if not known.isdisjoint(verbs)]


def sentences(abstract: str) -> list[Sentence]:
    """The sentences of an abstract that hold a word, without the space around them; none that is cut off."""
    found, start = list[Sentence](), 0
    for end in sentence_ends(abstract[:_MOST_READ]):
        piece = abstract[start:end].lstrip()
        words = _words(piece.lower())
        if words:
            first, text = end - len(piece), piece.rstrip()
            found.append(Sentence(first, first + len(text), words, text.endswith("?")))
        start = end
        if len(found) == _MOST_SENTENCES:
            break
    return found[:-1] if len(found) > 1 and found[-1].end == _MOST_READ < len(abstract) else found


def _words(text: str) -> list[str]:
    """The runs of letters and digits."""
    if not text.isascii():
        for sign in set(_BEYOND_ASCII.findall(text)):
            if not sign.isalnum():
                text = text.replace(sign, " ")
    return text.encode("utf-8", "surrogatepass").translate(_PARTED).decode("utf-8", "surrogatepass").split()
