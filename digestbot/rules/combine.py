"""Lists of wishes made one rule: (keywords OR topics OR query) AND require AND NOT exclude."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from digestbot.core.errors import Problem, RuleError
from digestbot.rules.ast import And, Node, Not, Or, Rule, Span
from digestbot.rules.keywords import Keyword
from digestbot.rules.parser import extent


@dataclass(frozen=True, slots=True)
class Clause:
    """One wish with the name people know it by: ``low-resource``, ``topic:multilingual``, ``query``.

    A paper belongs to a clause where the whole rule *and* the clause answer yes.
    """

    label: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class Combined:
    """The whole rule, and its clauses in the order keywords, topics, query.

    ``rule.text`` is the whole written in the rule language, and parses to ``rule.root``; every span, in
    the clauses too, points into it. With nothing but `require` there is one clause, ``require``.
    """

    rule: Rule
    clauses: tuple[Clause, ...]


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
    composer = _Composer(taxonomy)
    asked = [composer.read(f"keywords[{at}]", Keyword.of(entry)) for at, entry in enumerate(keywords)]
    asked += [composer.read(f"{topics_key}[{at}]", _topic(name)) for at, name in enumerate(topics)]
    if query is not None:
        asked.append(composer.read("query", Keyword(f"({query})", query, 1, "query", 0)))
    required = [composer.read(f"require[{at}]", Keyword.of(entry)) for at, entry in enumerate(require)]
    excluded = [composer.read(f"exclude[{at}]", Keyword.of(entry)) for at, entry in enumerate(exclude)]
    if composer.problems:
        raise RuleError(*composer.problems)
    return composer.write(asked, required, excluded)


def _topic(name: str) -> Keyword:
    written = f'topic:"{name}"'
    return Keyword(written, written, 0, f"topic:{name}", 0)


class _Composer:
    """Checks every wish first, then writes them one after the other, so that spans fit the whole."""

    def __init__(self, taxonomy: Mapping[str, Node] | None) -> None:
        self.taxonomy = taxonomy
        self.problems: list[Problem] = []
        self.text = ""

    def read(self, place: str, keyword: Keyword) -> Keyword:
        try:
            keyword.node(self.taxonomy, 0)
        except RuleError as error:
            for each in error.problems:
                lead = keyword.column if each.line == 1 else 0
                column = max(1, each.column + lead) if each.column else None
                self.problems.append(replace(each, place=place, column=column))
        return keyword

    def write(self, asked: list[Keyword], required: list[Keyword], excluded: list[Keyword]) -> Combined:
        several = len(asked) > 1 and bool(required or excluded)
        parts: list[Node] = []
        clauses: list[tuple[str, Node]] = []
        if asked:
            start = self._put("(" if several else "")
            clauses = [(each.label, self._node(each, " OR " if at else "")) for at, each in enumerate(asked)]
            nodes = tuple(node for _, node in clauses)
            parts.append(nodes[0] if len(nodes) == 1 else Or(nodes, Span(start, len(self.text))))
            self._put(")" if several else "")
        parts += [self._node(each, " AND " if self.text else "") for each in required]
        for each in excluded:
            start = self._put(" AND " if self.text else "")
            node = self._node(each, "NOT ")
            parts.append(Not(node, Span(start, len(self.text))))
        root = parts[0] if len(parts) == 1 else And(tuple(parts), Span(0, len(self.text)))
        excessive = extent(root).excessive
        if excessive:
            raise RuleError(Problem(f"this rule is {excessive}", way_out="include smaller topics"))
        if not asked:
            wanted = parts[: len(required)]
            clauses = [("require", wanted[0] if len(wanted) == 1 else And(tuple(wanted), root.span))]
        return Combined(Rule(self.text, root), tuple(Clause(label, Rule(self.text, node)) for label, node in clauses))

    def _put(self, text: str) -> int:
        self.text += text
        return len(self.text)

    def _node(self, keyword: Keyword, before: str) -> Node:
        offset = self._put(before)
        self._put(keyword.written)
        return keyword.node(self.taxonomy, offset)
