"""The gist of an abstract: the one of its sentences, verbatim, that tells best what the paper brings.

Each sentence is told by a few numbers (`FEATURES`): where it stands, how long it is, which words it shares with the
title and with the other sentences, and phrases such as "we propose". A weight for each was learnt from summaries
that people wrote (see `tests/training/gist.py`); the heaviest sentence is taken, of equal ones the first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from math import log
from operator import mul
from typing import NamedTuple

from digestbot.rendering.excerpt import sentence_ends
from digestbot.rendering.gist_weights import WEIGHTS

_MOST_READ = 10_000  # characters of an abstract
_MOST_SENTENCES = 40
_FEWEST_WORDS = 4  # of a sentence that may be taken, where a longer one stands beside it

_WORD = re.compile(r"[^\W_]+")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_THIS = re.compile("this (?:paper|work|article|study)|in this")
_COMMON = _set(
    "a an and are as at be been but by can for from has have in into is it its more not of on or our over show such"
    " than that the their these this to two using used via was we were which while with"
)
# What follows "we", with adverbs between them.
_ADVERBS = _set("also first further here instead now finally then thus therefore empirically")
_PROPOSE = _set(
    "propose introduce present develop design devise describe formulate create build construct suggest offer establish"
    " provide extend derive adopt release"
)
_SHOW = _set("show demonstrate find prove observe argue conclude report discover reveal")
_STUDY = _set("study investigate examine analyze analyse explore consider address aim tackle ask focus")
_EVALUATE = _set("evaluate test validate apply compare conduct perform verify experiment train use")
# Words anywhere in the sentence.
_NEW = _set("novel new first")
_THING = _set("method approach model framework algorithm architecture network technique system mechanism procedure")
_RESULT = _set("results experiments experimental outperform outperforms achieves achieve improves improve")
_MEASURE = _set("accuracy performance datasets dataset benchmarks benchmark tasks evaluation state")
_OTHERS = _set("existing previous prior recent recently current typically often widely commonly usually")
_TROUBLE = _set("however unfortunately although despite challenging difficult lack limited yet but")
_ELSEWHERE = _set("github http https code available supplementary website")
_FURTHER = _set("additionally furthermore moreover finally also specifically further")
_AIM = _set("aim aims objective objectives purpose goal")
_BACKWARD = _set("these this it they such")


class Gist(NamedTuple):
    """The sentence as it stands in the abstract: ``abstract[start:end] == text``."""

    text: str
    start: int
    end: int


class Sentence(NamedTuple):
    """A sentence of an abstract: where it stands, its words in small letters, and those of them that tell something."""

    start: int
    end: int
    words: list[str]
    content: frozenset[str]
    asks: bool


def gist(abstract: str | None, title: str = "") -> Gist | None:
    """The sentence that tells the contribution, verbatim; None for an abstract without a word.

    The title tells which of its words matter; without one the rest decides.
    """
    if not abstract or not (found := sentences(abstract)):
        return None
    scores = [sum(map(mul, WEIGHTS, each)) for each in features(found, title)]
    best = max(range(len(found)), key=lambda at: (len(found[at].words) >= _FEWEST_WORDS, scores[at]))
    start, end = found[best][:2]
    return Gist(abstract[start:end], start, end)


FEATURES = (
    "first", "second", "third", "last", "last but one", "place", "place squared",
    "length", "short", "long",
    "of the title", "of its words in the title", "central", "most central", "like the first",
    "we propose", "we propose for the first time", "we show", "we study", "we evaluate", "we", "this paper",
    "new", "thing", "result", "measure", "others", "trouble", "elsewhere", "further", "aim", "backward",
    "asks", "number",
)  # fmt: skip
"""What `features` tells of a sentence, in order."""


def features(found: Sequence[Sentence], title: str) -> list[tuple[float, ...]]:
    """A row of numbers for each sentence of an abstract, in the order of `FEATURES`."""
    titled = frozenset(_WORD.findall(title.lower())) - _COMMON
    spread = Counter(word for each in found for word in each.content)
    central = [_central(each, spread, len(found)) for each in found]
    most_central = max(central)
    proposed, rows = False, list[tuple[float, ...]]()
    for at, each in enumerate(found):
        acts = _acts(each.words)
        rows.append(
            (
                *_place(at, len(found)),
                *_length(len(each.words)),
                *_alike(each.content, titled),
                central[at],
                central[at] == most_central,
                len(each.content & found[0].content) / (len(each.content) or 1) if at else 0.0,
                _PROPOSE in acts,
                _PROPOSE in acts and not proposed,
                _SHOW in acts,
                _STUDY in acts,
                _EVALUATE in acts,
                *_cues(each),
            )
        )
        proposed = proposed or _PROPOSE in acts
    return rows


def _place(at: int, count: int) -> tuple[float, ...]:
    place = at / (count - 1) if count > 1 else 0.0
    return at == 0, at == 1, at == 2, at == count - 1, at == count - 2, place, place * place


def _length(words: int) -> tuple[float, ...]:
    return log(1 + words), words < 12, words > 35


def _alike(content: Set[str], titled: Set[str]) -> tuple[float, float]:
    """The part of the title that the sentence has, and the part of the sentence that the title has."""
    shared = len(content & titled)
    return shared / (len(titled) or 1), shared / (len(content) or 1)


def _central(sentence: Sentence, spread: Mapping[str, int], count: int) -> float:
    """In how large a part of the other sentences its words stand, on average."""
    others = sum(spread[word] - 1 for word in sentence.content)
    return others / (max(count - 1, 1) * (len(sentence.content) or 1))


def _acts(words: Sequence[str]) -> list[frozenset[str]]:
    """What "we" do, as the sets of verbs above."""
    found = list[frozenset[str]]()
    for at, word in enumerate(words) if "we" in words else ():
        if word == "we":
            verb = next((each for each in words[at + 1 : at + 4] if each not in _ADVERBS), "")
            found += [acts for acts in (_PROPOSE, _SHOW, _STUDY, _EVALUATE) if verb in acts]
    return found


def _cues(sentence: Sentence) -> tuple[float, ...]:
    words, content = sentence.words, sentence.content
    return (
        "we" in words,
        _THIS.search(" ".join(words[:6])) is not None,
        *(not content.isdisjoint(cue) for cue in (_NEW, _THING, _RESULT, _MEASURE, _OTHERS, _TROUBLE, _ELSEWHERE)),
        words[0] in _FURTHER,
        not _AIM.isdisjoint(words[:6]),
        words[0] in _BACKWARD,
        sentence.asks,
        any(map(str.isdecimal, words)),
    )


def sentences(abstract: str) -> list[Sentence]:
    """The sentences of an abstract that hold a word, without the space around them; none that is cut off."""
    found, start = list[Sentence](), 0
    for end in sentence_ends(abstract[:_MOST_READ]):
        piece = abstract[start:end]
        words = _WORD.findall(piece.lower())
        if words:
            first = start + len(piece) - len(piece.lstrip())
            last = start + len(piece.rstrip())
            found.append(Sentence(first, last, words, frozenset(words) - _COMMON, piece.rstrip().endswith("?")))
        start = end
        if len(found) == _MOST_SENTENCES:
            break
    return found[:-1] if len(found) > 1 and found[-1].end == _MOST_READ < len(abstract) else found
