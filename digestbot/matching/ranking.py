"""What a subscription's answers are worth, and in which order they are shown.

The formula is BM25F (Robertson and Zaragoza, *The Probabilistic Relevance Framework: BM25 and Beyond*, 2009, 3.6) over
title and abstract, by the terms a paper was found by, a topic's own included:

    score  = sum over terms of   weight x found / (SATURATION + found)
    found  = sum over fields of  BOOST x sum over places of (1 - LATER x place / letters) / length
    length = 1 - LENGTH + LENGTH x words / TYPICAL words of that field

So a paper found by six terms of a topic stands above one that names it once; the tenth place of one term adds next to
nothing; a term in the title counts more than one in the abstract, a little more in a short abstract than in a long one,
and more where the abstract begins than where it ends, for what a paper is about is said first.

The terms are all that the rule asks for, a topic's own included, wherever in title and abstract they stand
(`digestbot.matching.own_terms`): ``privacy`` and ``title:privacy`` are one. So many signs tell whether a paper is about
its topic, not the one alone that found it. A label, as ``category:cs.CR``, counts like one place at the beginning of an
abstract: it speaks for a paper whose words do too, and one that has nothing else stands last.

The part of BM25 that weighs a term by its rarity is left out: among papers that all answer the rules a rare term is as
often a stray sense as it is telling, and without it a score holds by itself, whatever else came that day.
`tests/bench/ranking.py` measures it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import inf, sqrt
from types import MappingProxyType

from digestbot.matching.base import Reason
from digestbot.matching.taste import NO_TASTE, Taste
from digestbot.model.digests import Highlight
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.model.subscriptions import SortOrder

BOOST = {"title": 3.0}
"""What a place in a field counts for, 1 in any other."""
SATURATION = 4.0
LATER = {"title": 0.3, "abstract": 0.7}
"""So much less counts a place at the end of the field than one where it begins."""
OLDEST = 30
"""Older than so many days no paper is taken to be."""
LENGTH = 0.1
"""So much of a field's weight hangs on its length: abstracts differ in it by their journals' customs, too."""
TYPICAL = {"title": 10, "abstract": 170}
"""So many words have most titles, and most abstracts."""


@dataclass(frozen=True, slots=True)
class PaperMatch:
    """A paper that answers the rules: ``labels`` are the clauses it answers, ``reasons`` tells why, term by term.

    ``worth`` is what each of the rules' terms adds to its score, where it has one.
    """

    logged: LoggedPaper
    labels: tuple[str, ...]
    reasons: Callable[[], Sequence[Reason]]
    worth: Collection[Worth] = ()


class Evidence:
    """The texts found in a paper, each once, and their places: looked for when one asks, as few of many are shown."""

    __slots__ = ("_reasons", "_told")

    def __init__(self, reasons: Callable[[], Sequence[Reason]]) -> None:
        self._reasons: Callable[[], Sequence[Reason]] | None = reasons
        self._told: tuple[tuple[str, ...], tuple[Highlight, ...]] = (), ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Evidence) and self.told() == other.told()

    __hash__ = None  # type: ignore[assignment]  # as of all that compares by what is in it

    def told(self) -> tuple[tuple[str, ...], tuple[Highlight, ...]]:
        """The texts, and the places in title and abstract."""
        ask = self._reasons
        if ask is not None:
            reasons = ask()
            words = {each.text.casefold(): each.text for each in reasons if each.start is not None}
            self._told = tuple(words.values()), tuple(_highlights(reasons))
            self._reasons = None
        return self._told


@dataclass(frozen=True, slots=True)
class RankedMatch:
    """A paper that answers the rules.

    ``labels`` are the clauses it answers, the first is its section; ``score`` is the sum of what each of its terms is
    `worth`.
    """

    logged: LoggedPaper
    labels: tuple[str, ...]
    evidence: Evidence
    score: float

    @property
    def words(self) -> tuple[str, ...]:
        """The texts found, each once."""
        return self.evidence.told()[0]

    @property
    def highlights(self) -> tuple[Highlight, ...]:
        """Their places in title and abstract."""
        return self.evidence.told()[1]


@dataclass(frozen=True, slots=True)
class Worth:
    """What one term adds to a score: the term as it is written, in how many places of which field, and how much."""

    term: str
    places: tuple[tuple[str, int], ...]
    score: float


def scored(answers: Iterable[PaperMatch]) -> list[RankedMatch]:
    """The answers with their scores, in the order given."""
    return [
        RankedMatch(
            answer.logged,
            answer.labels,
            Evidence(answer.reasons),
            round(sum(sorted(each.score for each in answer.worth)), 6),
        )
        for answer in answers
    ]


def worth(paper: Paper, term: str, weight: float, places: Mapping[str, Sequence[int]]) -> Worth:
    """What a term adds to the score of a paper, by its weight and the places where it begins, by field."""
    texts = {"title": paper.title, "abstract": paper.abstract}
    found = sum(_counted(field, starts, texts.get(field)) for field, starts in places.items())
    told = tuple((field, len(starts)) for field, starts in places.items())
    return Worth(term, told, weight * found / (SATURATION + found))


def _counted(field: str, starts: Iterable[int], text: str | None) -> float:
    """What the places of a term in one field count for together."""
    boost = BOOST.get(field, 1.0)
    if text is None:
        return boost  # a name, a category: it is there or not
    length = 1 - LENGTH + LENGTH * (text.count(" ") + 1) / TYPICAL[field]
    return boost * sum(1 - LATER[field] * start / len(text) for start in starts) / length


def _highlights(reasons: Sequence[Reason]) -> Iterator[Highlight]:
    """The places found in title and abstract, in order, those that overlap joined."""
    for field in ("title", "abstract"):
        spans = sorted(_span(each) for each in reasons if each.field == field)
        joined: list[tuple[int, int]] = []
        for start, end in spans:
            if joined and start < joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        yield from (Highlight(field, start, end) for start, end in joined)


def _span(reason: Reason) -> tuple[int, int]:
    assert reason.start is not None  # of a text, as its end
    assert reason.end is not None
    return reason.start, reason.end


def rise(paper: Paper, before: int, today: date) -> float:
    """How fast a paper rises: the upvotes it gained since it was last looked at, by the square root of its age.

    So ten upvotes of a new paper are worth twenty of one four days old. Its age is that in days and one, and at most
    `OLDEST`; a paper without a date is new.
    """
    gained = max((paper.upvotes or 0) - before, 0)
    age = (today - paper.published).days if paper.published else 0
    return gained / sqrt(1 + min(max(age, 0), OLDEST))


def rank(
    found: Sequence[RankedMatch],
    order: SortOrder,
    liked: Taste = NO_TASTE,
    rising: Mapping[str, float] = MappingProxyType({}),
) -> list[RankedMatch]:
    """The best first, with what the readers' taste makes of its score. `rising` is what `rise` says, by paper.

    What is equal stands by upvotes, then by day, then as the log has it, so that the order never wavers.
    """
    if liked is not NO_TASTE:
        found = [replace(each, score=round(each.score * liked.factor(each.logged.paper), 6)) for each in found]
    if order is SortOrder.TRENDING:
        return sorted(found, key=lambda each: (-rising.get(each.logged.key, 0.0), *_KEYS[SortOrder.UPVOTES](each)))
    return sorted(found, key=_KEYS[order])


def _upvotes(each: RankedMatch) -> float:
    return -inf if each.logged.paper.upvotes is None else each.logged.paper.upvotes


def _day(each: RankedMatch) -> int:
    return (each.logged.paper.published or each.logged.logged_at.date()).toordinal()


_KEYS: Mapping[SortOrder, Callable[[RankedMatch], tuple[float, ...]]] = MappingProxyType({
    SortOrder.RELEVANCE: lambda each: (-each.score, -_upvotes(each), -_day(each), each.logged.sequence),
    SortOrder.UPVOTES: lambda each: (-_upvotes(each), -each.score, -_day(each), each.logged.sequence),
    SortOrder.NEWEST: lambda each: (-_day(each), -each.score, -_upvotes(each), each.logged.sequence),
})  # fmt: skip
