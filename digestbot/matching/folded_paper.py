"""A paper with its fields folded once, and what was found in it: shared by every rule that it is put to."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import date
from typing import TYPE_CHECKING, Self

from digestbot.matching.base import Reason
from digestbot.matching.phrases import WordPlaces, word_places
from digestbot.matching.values import Value, values
from digestbot.model.papers import Paper
from digestbot.rules.ast import Node
from digestbot.rules.fields import Field
from digestbot.rules.folding import LocatedReadings, Readings, located, words

if TYPE_CHECKING:
    from digestbot.matching.ranking import Worth


class FoldedPaper:
    """A paper with its fields folded once, to be shared by every rule it is put to."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self._readings: dict[str, Readings] = {}
        self._sets: dict[str, tuple[frozenset[str], ...]] = {}
        self._located: dict[str, LocatedReadings] = {}
        self._values: dict[Field, tuple[Value, ...]] = {}
        self._where: dict[str, tuple[WordPlaces, ...]] = {}
        self._topics: dict[tuple[int, date], tuple[Node, bool]] = {}  # with the rule: so its id stays its own
        self._topic_reasons: dict[tuple[int, date], tuple[Node, list[Reason]]] = {}
        self._said: frozenset[str] | None = None
        self.worths: dict[Hashable, Worth] = {}
        """What terms that several rules may ask for add to its score."""

    def said(self) -> frozenset[str]:
        """The different words of title and abstract, in each reading."""
        if self._said is None:
            texts = [raw for _, raw in self.values(Field.TEXT)]
            self._said = frozenset().union(*(each for raw in texts for each in self.vocabulary(raw)))
        return self._said

    def values(self, field: Field) -> tuple[Value, ...]:
        """The raw texts a field stands for, each with the name of the field it is; every author by itself."""
        known = self._values.get(field)
        if known is None:
            known = self._values[field] = tuple(values(self.paper, field))
        return known

    def readings(self, raw: str) -> Readings:
        """One raw text's words."""
        known = self._readings.get(raw)
        if known is None:
            known = self._readings[raw] = words(raw)
        return known

    def vocabulary(self, raw: str) -> tuple[frozenset[str], ...]:
        """The different words of each reading; one reading where the two are the same."""
        known = self._sets.get(raw)
        if known is None:
            split, joined = self.readings(raw)
            known = (frozenset(split),) if joined is split else (frozenset(split), frozenset(joined))
            self._sets[raw] = known
        return known

    def where(self, raw: str) -> tuple[WordPlaces, ...]:
        """The places of the words of each reading."""
        known = self._where.get(raw)
        if known is None:
            split, joined = self.readings(raw)
            places = word_places(split)
            known = self._where[raw] = (places,) if joined is split else (places, word_places(joined))
        return known

    def topic(self, rule: Node, today: date, ask: Callable[[Self], bool]) -> bool:
        """What `ask` says of a topic's rule, asked once however many rules include the topic."""
        known = self._topics.get((id(rule), today))
        if known is None:
            known = self._topics[id(rule), today] = rule, ask(self)
        return known[1]

    def topic_reasons(self, rule: Node, today: date, ask: Callable[[Self], list[Reason]]) -> list[Reason]:
        """The same of its reasons."""
        known = self._topic_reasons.get((id(rule), today))
        if known is None:
            known = self._topic_reasons[id(rule), today] = rule, ask(self)
        return known[1]

    def located(self, raw: str) -> LocatedReadings:
        """One raw text's words with their places."""
        known = self._located.get(raw)
        if known is None:
            known = self._located[raw] = located(raw)
        return known
