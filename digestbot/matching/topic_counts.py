"""How many papers each topic finds, and one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from digestbot.matching.engine import Engine
from digestbot.model.errors import Problem, RuleError
from digestbot.model.papers import Paper
from digestbot.rules.topics import Topics


@dataclass(frozen=True, slots=True)
class TopicCount:
    """What a topic found: how many papers, and the last of them."""

    papers: int = 0
    example: Paper | None = None


class TopicCounts:
    """The papers of some topics, counted batch by batch; ``problems`` are those of topics that cannot be read."""

    def __init__(self, topics: Topics, names: Iterable[str]) -> None:
        self.problems: list[Problem] = []
        self.asked = 0
        self._counts: dict[str, TopicCount] = {}
        rules = []
        for name in names:
            try:
                rules.append((name, topics[name]))
            except RuleError as error:
                self.problems += [each for each in error.problems if each not in self.problems]
        self._engine = Engine.build(rules)

    def add(self, papers: Sequence[Paper], today: date) -> None:
        """Count these papers too, the newest last."""
        self.asked += len(papers)
        for name, found in self._engine.match(papers, today=today).by_rule().items():
            at = list(found)
            if at:
                self._counts[name] = TopicCount(self[name].papers + len(at), papers[max(at)])

    def __getitem__(self, name: str) -> TopicCount:
        return self._counts.get(name, TopicCount())
