"""What a subscription's answers are worth, and in which order they are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

from digestbot.matching.base import Reason
from digestbot.matching.taste import NO_TASTE, Taste
from digestbot.model.digests import Highlight
from digestbot.model.papers import LoggedPaper
from digestbot.model.subscriptions import SortOrder
from digestbot.rules.ast import And, Compare, Node, Not, Or, Rule, Topic
from digestbot.rules.combine import Combined

# A word in the title says more about a paper than the same word in its abstract.
TITLE = 2.0


@dataclass(frozen=True, slots=True)
class PaperMatch:
    """A paper that answers the rules: ``labels`` are the clauses it answers, ``reasons`` why, term by term."""

    logged: LoggedPaper
    labels: tuple[str, ...]
    reasons: Sequence[Reason]


@dataclass(frozen=True, slots=True)
class RankedMatch:
    """A paper that answers the rules.

    ``labels`` are the clauses it answers, the first is its section; ``words`` the texts found, each once;
    ``score`` is the sum over its terms of weight x rarity x `TITLE` for one found in the title.
    """

    logged: LoggedPaper
    labels: tuple[str, ...]
    words: tuple[str, ...]
    highlights: tuple[Highlight, ...]
    score: float


def scored(wanted: Combined, answers: Sequence[PaperMatch]) -> list[RankedMatch]:
    """The answers with their scores, in the order given. Rarity is counted among them."""
    weights = dict(_weights(wanted.rule, wanted.rule.root))
    frequency = Counter(term for answer in answers for term in {each.rule for each in answer.reasons})
    return [
        RankedMatch(
            answer.logged,
            answer.labels,
            tuple({each.text.casefold(): each.text for each in answer.reasons if each.start is not None}.values()),
            tuple(_highlights(answer.reasons)),
            _score(answer.reasons, weights, frequency, len(answers)),
        )
        for answer in answers
    ]


def _weights(rule: Rule, node: Node) -> Iterator[tuple[str, float]]:
    match node:
        case And() | Or():
            for each in node.rules:
                yield from _weights(rule, each)
        case Not() | Topic() | Compare():
            return
        case _:
            yield rule.text[node.span.start : node.span.end], node.weight


def _highlights(reasons: Sequence[Reason]) -> Iterator[Highlight]:
    """The places found in title and abstract, in order, those that overlap joined."""
    for field in ("title", "abstract"):
        spans = sorted(
            (each.start, each.end)
            for each in reasons
            if each.field == field and each.start is not None and each.end is not None
        )
        joined: list[tuple[int, int]] = []
        for start, end in spans:
            if joined and start < joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        yield from (Highlight(field, start, end) for start, end in joined)


def _score(reasons: Sequence[Reason], weights: dict[str, float], frequency: Counter[str], papers: int) -> float:
    score = 0.0
    for term in {each.rule for each in reasons}:
        place = TITLE if any(each.rule == term and each.field == "title" for each in reasons) else 1.0
        score += weights.get(term, 1.0) * place * log(1 + papers / frequency[term])
    return round(score, 6)


def rank(found: Sequence[RankedMatch], order: SortOrder, liked: Taste = NO_TASTE) -> list[RankedMatch]:
    """The best first; what is equal stands as the log has it, so that the order never wavers.

    What the readers' taste says of a paper has its part in its score.
    """
    worth = {each.logged.sequence: each.score * liked.factor(each.logged.paper) for each in found}

    def score(each: RankedMatch) -> float:
        return worth[each.logged.sequence]

    def upvotes(each: RankedMatch) -> int:
        paper = each.logged.paper
        return -1 if paper.upvotes is None else paper.upvotes

    def day(each: RankedMatch) -> int:
        return (each.logged.paper.published or each.logged.logged_at.date()).toordinal()

    keys = {
        SortOrder.RELEVANCE: lambda each: (-score(each), -upvotes(each), -day(each), each.logged.sequence),
        SortOrder.UPVOTES: lambda each: (-upvotes(each), -score(each), -day(each), each.logged.sequence),
        SortOrder.NEWEST: lambda each: (-day(each), -score(each), -upvotes(each), each.logged.sequence),
    }
    return sorted(found, key=keys[order])
