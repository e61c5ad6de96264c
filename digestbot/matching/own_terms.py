"""The terms of a rule wherever a paper has them, which is what its score is made of (`digestbot.matching.ranking`).

A rule is narrow where it finds: a topic asks for its words in the title, or for two of them together, so that nothing
strange comes in. What has come in is ordered by all the terms of its own, wherever in title and abstract they stand:
a paper found by ``title:privacy`` whose abstract goes on about differential privacy and membership inference is about
it, one that has the word in its title alone may mean another thing. Of the topics that a rule names, and of those that
they include, the ones that the paper answers have a part in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TypeAlias
from weakref import WeakKeyDictionary

from digestbot.matching.evaluate import MOST_PLACES, NOTHING_KNOWN, Evaluator
from digestbot.matching.folded_paper import FoldedPaper
from digestbot.matching.ranking import Worth, worth
from digestbot.rules.ast import And, Compare, Everything, Exact, Label, Name, Near, Node, Not, Or, Regex, Topic, Words
from digestbot.rules.fields import TEXT_PARTS, Field
from digestbot.rules.word_forms import forms
from digestbot.rules.written import written

_Term: TypeAlias = Words | Near | Exact | Regex | Label | Name
_TEXTS = frozenset((Field.TEXT, *TEXT_PARTS))
_MOST_WORTHS = 1_000  # terms that are kept of one paper
_BEGINNING = 3  # letters of a prefix by which it is looked up; none is shorter


class OwnTerms:
    """The terms of the rule that an evaluator asks, and what they are worth in papers that answer it.

    ``topics`` are those of topics, by the ids of their rules: one dictionary for several rules makes each once.
    """

    def __init__(self, evaluator: Evaluator, topics: dict[int, OwnTerms] | None = None) -> None:
        self._evaluator = evaluator
        self._known = {} if topics is None else topics
        self._worth: WeakKeyDictionary[FoldedPaper, Mapping[str, Worth]] = WeakKeyDictionary()
        self._terms: dict[str, _Term] = {}
        self._topics: list[Topic] = []
        for each in _asked_for(evaluator.rule.root):
            if isinstance(each, Topic):
                self._topics.append(each)
            else:
                name = written(each, anywhere=each.field in _TEXTS)
                known = self._terms.get(name)
                self._terms[name] = each if known is None or known.weight < each.weight else known
        self._index()

    def worth(self, paper: FoldedPaper, known: Mapping[int, bool] = NOTHING_KNOWN) -> Mapping[str, Worth]:
        """What each term adds to the score of a paper that answers the rule, by the term as it is written.

        ``known`` says which branches of the rule it answers, as for `Evaluator.evidence`.
        """
        found = self._found(paper)
        for topic in self._topics:
            if known.get(id(topic), True) and self._evaluator.of_topic(topic, paper):
                for name, each in self._of(topic)._worth_of_topic(paper).items():
                    if name not in found or found[name].score < each.score:
                        found[name] = each
        return found

    def told(self, paper: FoldedPaper) -> list[Worth]:
        """The same as people are told it: the most first, then by name."""
        return sorted(self.worth(paper).values(), key=lambda each: (-each.score, each.term))

    def _worth_of_topic(self, paper: FoldedPaper) -> Mapping[str, Worth]:
        known = self._worth.get(paper)
        if known is None:
            known = self._worth[paper] = self.worth(paper)
        return known

    def _of(self, topic: Topic) -> OwnTerms:
        known = self._known.get(id(topic.rule))
        if known is None:
            known = self._known[id(topic.rule)] = OwnTerms(self._evaluator.topic(topic), self._known)
        return known

    def _index(self) -> None:
        """Which terms may stand in a text that has a word, or a word that begins so; the others are always tried."""
        self._by_word: dict[str, set[str]] = {}
        self._by_beginning: dict[str, set[str]] = {}
        self._others: set[str] = set()
        for name, term in self._terms.items():
            if not isinstance(term, Words | Near) or term.field not in _TEXTS:
                self._others.add(name)
                continue
            for first, *rest in term.alternatives:
                if isinstance(term, Words) and term.prefix and not rest:
                    self._by_beginning.setdefault(first[:_BEGINNING], set()).add(name)
                    continue
                for form in forms(first):
                    self._by_word.setdefault(form, set()).add(name)
        self._words = frozenset(self._by_word)

    def _found(self, paper: FoldedPaper) -> dict[str, Worth]:
        """What the terms are worth that are not a topic's."""
        said = paper.said()
        names = self._others.union(*(self._by_word[each] for each in said & self._words))
        if self._by_beginning:
            beginnings = {each[:_BEGINNING] for each in said}
            names.update(*(self._by_beginning[each] for each in beginnings & self._by_beginning.keys()))
        found = {}
        for name in names:
            one = self._worth_of(name, paper) if name in self._others else self._shared_worth(name, paper)
            if one is not None:
                found[name] = one
        return found

    def _shared_worth(self, name: str, paper: FoldedPaper) -> Worth | None:
        """What words are worth wherever they stand: looked for once for all rules that ask for the same."""
        term = self._terms[name]
        assert isinstance(term, Words | Near)  # the others are
        key = name, term.weight, term.alternatives
        known = paper.worths.get(key)
        if known is None and self._evaluator.possible(term, paper.said()):
            known = self._worth_of(name, paper)
            if known is not None and len(paper.worths) < _MOST_WORTHS:
                paper.worths[key] = known
        return known

    def _worth_of(self, name: str, paper: FoldedPaper) -> Worth | None:
        """What a term is worth; None where it does not stand."""
        term = self._terms[name]
        places = self._places(term, paper)
        return worth(paper.paper, name, term.weight, places) if places else None

    def _places(self, term: _Term, paper: FoldedPaper) -> dict[str, list[int]]:
        """Where a term stands, by field: in title and abstract whichever of the two it asks for."""
        places: dict[str, list[int]] = {}
        if term.field in _TEXTS and isinstance(term, Words | Near | Exact | Regex):
            for field, raw in paper.values(Field.TEXT):
                starts = [start for start, _ in islice(self._evaluator.spans(term, paper, raw), MOST_PLACES)]
                if starts:
                    places[field] = starts
        else:
            for each in self._evaluator.leaf_reasons(term, paper, ""):
                places.setdefault(each.field, []).append(each.start or 0)
        return places


def _asked_for(node: Node) -> Iterator[_Term | Topic]:
    """The terms and topics of a rule that speak for a paper: nothing that it excludes, no comparison."""
    match node:
        case And() | Or():
            for each in node.rules:
                yield from _asked_for(each)
        case Not() | Compare() | Everything():
            return
        case _:
            yield node
