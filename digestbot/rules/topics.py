"""The taxonomy: named rules that include one another, resolved once, every problem told at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from digestbot.core.errors import Problem, RuleError
from digestbot.rules.ast import Field, Node, Rule, Span, Words
from digestbot.rules.combine import combine
from digestbot.rules.lexer import Kind, tokens


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic as people write it: (keywords OR query OR included topics) AND require AND NOT exclude."""

    title: str | None = None
    keywords: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    query: str | None = None
    includes: tuple[str, ...] = ()


class Topics(Mapping[str, Node]):
    """The resolved taxonomy: each topic's name to its tree, as `parse` and `combine` take it."""

    def __init__(self, specs: Mapping[str, TopicSpec], rules: Mapping[str, Rule]) -> None:
        self._specs = specs
        self._rules = rules

    @classmethod
    def build(cls, specs: Mapping[str, TopicSpec]) -> Topics:
        """The taxonomy that `specs` describe.

        Raises RuleError with every problem there is; the `place` of each is ``name.keywords[1]``,
        ``name.includes[0]`` (indexes from 0), ``name.query``, or ``name``, its line and column those
        within that entry.
        """
        needs = {name: _needs(spec) for name, spec in specs.items()}
        problems = list(_cycles(needs))
        rules: dict[str, Rule] = {}
        # A topic whose own problem is told elsewhere stands in as a word, so that the others are read too.
        known: dict[str, Node] = dict.fromkeys(specs, _STAND_IN)
        for name in dict.fromkeys((*_in_order(needs), *specs)):
            try:
                rules[name] = _rule(specs[name], known)
                known[name] = rules[name].root
            except RuleError as error:
                problems += [_within(name, each) for each in error.problems]
        if problems:
            raise RuleError(*problems)
        return cls(dict(specs), {name: rules[name] for name in specs})

    def __getitem__(self, name: str) -> Node:
        return self._rules[name].root

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def title(self, name: str) -> str:
        """What a reader sees: the topic's title, or its name. Raises KeyError for an unknown one."""
        return self._specs[name].title or name

    def rule(self, name: str) -> Rule:
        """The topic's rule with its text. Raises KeyError for an unknown one."""
        return self._rules[name]


_STAND_IN = Words(Field.TEXT, (("topic",),), Span(0, 0))


def _rule(spec: TopicSpec, known: Mapping[str, Node]) -> Rule:
    return combine(
        keywords=spec.keywords,
        require=spec.require,
        exclude=spec.exclude,
        topics=spec.includes,
        query=spec.query,
        taxonomy=known,
        topics_key="includes",
    ).rule


def _within(name: str, problem: Problem) -> Problem:
    return replace(problem, place=f"{name}.{problem.place}" if problem.place else name)


def _needs(spec: TopicSpec) -> list[str]:
    """The topics a topic builds on: those it includes and those its rules name."""
    found = dict.fromkeys(spec.includes)
    texts = [*spec.keywords, *spec.require, *spec.exclude, *([spec.query] if spec.query else [])]
    for text in texts:
        try:
            found.update(dict.fromkeys(token.value for token in tokens(text) if token.kind is Kind.TOPIC))
        except RuleError:
            continue  # told with its place when the rule is parsed
    return list(found)


def _in_order(needs: Mapping[str, list[str]]) -> list[str]:
    """The topics, each after all it builds on; what is part of a cycle, or builds on one, is left out."""
    waiting = {name: {each for each in needed if each in needs} for name, needed in needs.items()}
    dependants: dict[str, list[str]] = {name: [] for name in needs}
    for name, needed in waiting.items():
        for each in needed:
            dependants[each].append(name)
    ready = [name for name, needed in waiting.items() if not needed]
    for name in ready:  # grows while it is walked
        for each in dependants[name]:
            waiting[each].discard(name)
            if not waiting[each]:
                ready.append(each)
    return ready


def _cycles(needs: Mapping[str, list[str]]) -> Iterator[Problem]:
    """One problem for each cycle met by walking from every topic that cannot be put in order."""
    stuck = dict.fromkeys(set(needs).difference(_in_order(needs)))
    told: set[frozenset[str]] = set()
    for name in sorted(stuck):
        for first in [each for each in needs[name] if each in stuck]:
            cycle = _cycle(name, first, needs, stuck)
            if frozenset(cycle) not in told:
                told.add(frozenset(cycle))
                yield Problem(
                    f"topics include each other in a circle: {' -> '.join([*cycle, cycle[0]])}",
                    place=cycle[0],
                    way_out="take one of these includes out",
                )


def _cycle(name: str, first: str, needs: Mapping[str, list[str]], stuck: Mapping[str, None]) -> list[str]:
    path = [name]
    at = first
    while at not in path:
        path.append(at)
        at = next(each for each in needs[at] if each in stuck)
    cycle = path[path.index(at) :]
    lead = cycle.index(min(cycle))
    return cycle[lead:] + cycle[:lead]
