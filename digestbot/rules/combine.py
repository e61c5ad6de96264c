"""Lists of wishes made one rule: (keywords OR topics OR query) AND require AND NOT exclude."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from digestbot.model.errors import Problem, RuleError
from digestbot.rules.ast import And, Node, Not, Or, Rule, Span, Topic, Words
from digestbot.rules.fields import Field
from digestbot.rules.keywords import Keyword
from digestbot.rules.parser import extent

QUERY = "query"
"""The label and the place of the clause that is a whole rule."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One wish with the name people know it by: ``low-resource``, ``topic:multilingual``, ``query``.

    ``topic`` names the topic where an entry of a list is one and no more. A paper belongs to a clause where the
    whole rule *and* the clause answer yes.
    """

    label: str
    rule: Rule
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class RulePart:
    """One entry of a list within the whole rule.

    ``place`` is the list and the index (``keywords[1]``, or ``query``), ``node`` what it asks for; it was
    read from ``start`` to ``end`` of the whole text, whose first line began ``column`` characters into the entry.
    """

    place: str
    node: Node
    start: int
    end: int
    column: int


@dataclass(frozen=True, slots=True)
class Combined:
    """The whole rule, its clauses in the order keywords, topics, query, and the pieces in that of its text.

    ``rule.text`` is the whole written in the rule language, and parses to ``rule.root``; every span, in
    the clauses and pieces too, points into it. With nothing but `require` there is one clause, ``require``.
    """

    rule: Rule
    clauses: tuple[Clause, ...]
    pieces: tuple[RulePart, ...]

    def located(self, problem: Problem) -> Problem:
        """A problem told with line and column of the whole text, as one of the entry it is about.

        Its `place` is that entry, its line and column those within it; without any where it is about more.
        """
        text = self.rule.text
        offset = 0
        for _ in range((problem.line or 1) - 1):
            offset = text.index("\n", offset) + 1
        offset += (problem.column or 1) - 1
        piece = next((each for each in self.pieces if each.start <= offset < each.end), None)
        if piece is None or problem.column is None:
            return replace(problem, place=None, line=None, column=None)
        before = text[piece.start : offset]
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        return replace(problem, place=piece.place, line=line, column=max(1, column + piece.column * (line == 1)))


def combine(
    *,
    keywords: Sequence[str] = (),
    require: Sequence[str] = (),
    exclude: Sequence[str] = (),
    topics: Sequence[str] = (),
    query: str | None = None,
    taxonomy: Mapping[str, Node] | None = None,
    topics_key: str = "topics",
) -> Combined:
    """One rule of a subscription's (or a topic's) lists.

    Raises RuleError with every problem there is; the `place` of each is the list and the index, counted
    from 0, as in ``keywords[1]``, or ``query``, its line and column those within that entry. `topics_key`
    is what the list of topics is called there.
    """
    if not (keywords or topics or query is not None or require):
        raise RuleError(
            Problem(
                "nothing is asked for",
                way_out=f"give at least one of keywords, {topics_key}, query or require",
            )
        )
    asked = [(keyword_place(at), Keyword.of(entry)) for at, entry in enumerate(keywords)]
    asked += [(f"{topics_key}[{at}]", _topic(name)) for at, name in enumerate(topics)]
    if query is not None:
        asked.append((QUERY, Keyword(f"({query})", query, 1, QUERY, 0)))
    required = [(f"require[{at}]", Keyword.of(entry)) for at, entry in enumerate(require)]
    excluded = [(f"exclude[{at}]", Keyword.of(entry)) for at, entry in enumerate(exclude)]
    return _Composer(taxonomy).combined(asked, required, excluded)


def keyword_place(index: int) -> str:
    """The place of one of the keywords, as its problems have it."""
    return f"keywords[{index}]"


def _topic(name: str) -> Keyword:
    written = f'topic:"{name}"'
    return Keyword(written, written, 0, f"topic:{name}", 0)


_Entry: TypeAlias = tuple[str, Keyword]


def _only_topic(entry: _Entry, node: Node) -> str | None:
    return node.name if isinstance(node, Topic) and entry[0] != QUERY else None


# What cannot be read stands in as a word, so that everything after it is read too and every problem told.
_STAND_IN = Words(Field.TEXT, (("unreadable",),), Span(0, 0))


class _Composer:
    """Writes every wish after the other and reads it where it stands, so that spans fit the whole."""

    def __init__(self, taxonomy: Mapping[str, Node] | None) -> None:
        self.taxonomy = taxonomy
        self.problems: list[Problem] = []
        self.pieces: list[RulePart] = []
        self.text = ""

    def combined(self, asked: list[_Entry], required: list[_Entry], excluded: list[_Entry]) -> Combined:
        several = len(asked) > 1 and bool(required or excluded)
        parts: list[Node] = []
        clauses: list[tuple[str, Node, str | None]] = []
        if asked:
            start = self._put("(" if several else "")
            nodes = tuple(self._node(each, " OR " if at else "") for at, each in enumerate(asked))
            clauses = [(each[1].label, node, _only_topic(each, node)) for each, node in zip(asked, nodes, strict=True)]
            parts.append(nodes[0] if len(nodes) == 1 else Or(nodes, Span(start, len(self.text))))
            self._put(")" if several else "")
        parts += [self._node(each, " AND " if self.text else "") for each in required]
        for each in excluded:
            start = self._put(" AND " if self.text else "")
            node = self._node(each, "NOT ")
            parts.append(Not(node, Span(start, len(self.text))))
        if self.problems:
            raise RuleError(*self.problems)
        root = parts[0] if len(parts) == 1 else And(tuple(parts), Span(0, len(self.text)))
        excessive = extent(root).excessive
        if excessive:
            raise RuleError(Problem(f"this rule is {excessive}", way_out="include smaller topics"))
        if not asked:
            wanted = parts[: len(required)]
            clauses = [("require", wanted[0] if len(wanted) == 1 else And(tuple(wanted), root.span), None)]
        return Combined(
            Rule(self.text, root),
            tuple(Clause(label, Rule(self.text, node), topic) for label, node, topic in clauses),
            tuple(self.pieces),
        )

    def _put(self, text: str) -> int:
        self.text += text
        return len(self.text)

    def _node(self, entry: _Entry, before: str) -> Node:
        place, keyword = entry
        offset = self._put(before)
        self._put(keyword.written)
        try:
            node = keyword.node(self.taxonomy, offset)
        except RuleError as error:
            for each in error.problems:
                lead = keyword.column if each.line == 1 else 0
                column = max(1, each.column + lead) if each.column else None
                self.problems.append(replace(each, place=place, column=column))
            return _STAND_IN
        start = offset + keyword.lead
        self.pieces.append(RulePart(place, node, start, start + len(keyword.inner), keyword.column))
        return node
