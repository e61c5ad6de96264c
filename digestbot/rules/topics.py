"""The taxonomy: named rules that include one another, each resolved once, when a rule first names it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from digestbot.model.errors import Problem, RuleError
from digestbot.rules.ast import Node, Rule, Span, Words
from digestbot.rules.combine import Combined, combine
from digestbot.rules.fields import Field
from digestbot.rules.lexer import TOPIC, TokenKind, tokens
from digestbot.rules.synonyms import NO_SYNONYMS, Synonyms


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
    """The taxonomy: each topic's name to its tree, as `parse` and `combine` take it.

    A topic is parsed, with all it builds on, when it is first asked for: a large taxonomy costs the few who
    use a little of it nothing. Asking for one that is wrong raises RuleError with every problem of it and of
    what it builds on; the `place` of each is ``name.keywords[1]``, ``name.includes[0]`` (indexes from 0),
    ``name.query``, or ``name``, its line and column those within that entry.
    """

    def __init__(
        self,
        specs: Mapping[str, TopicSpec],
        wrong: Mapping[str, RuleError] | None = None,
        synonyms: Synonyms = NO_SYNONYMS,
    ) -> None:
        """The topics of `specs`; asking for one that is in `wrong`, or builds on such a one, raises that error.

        ``synonyms`` come with it, to be asked for with ``~``.
        """
        self.synonyms = synonyms
        self._specs = dict(specs)
        self._read: dict[str, Combined] = {}
        self._wrong: dict[str, RuleError] = dict(wrong or {})
        self._told_wrong = sorted(self._wrong)

    @classmethod
    def build(cls, specs: Mapping[str, TopicSpec]) -> Topics:
        """The taxonomy that `specs` describe, read whole. Raises RuleError with every problem there is."""
        topics = cls(specs)
        problems = topics.problems()
        if problems:
            raise RuleError(*problems)
        return topics

    def __getitem__(self, name: str) -> Node:
        return self.rule(name).root

    def __contains__(self, name: object) -> bool:
        return name in self._specs

    def __iter__(self) -> Iterator[str]:
        return iter(self._specs)

    def __len__(self) -> int:
        return len(self._specs)

    def fingerprint(self) -> str:
        """The same for topics and synonyms that are written the same, another for any others."""
        written = repr((self._specs, self._told_wrong, self.synonyms.groups))
        return blake2b(written.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def title(self, name: str) -> str:
        """What a reader sees: the topic's title, or its name. Raises KeyError for an unknown one."""
        return self._specs[name].title or name

    def includes(self, name: str) -> tuple[str, ...]:
        """The topics whose papers are this one's too, as they are written. Raises KeyError for an unknown one."""
        return self._specs[name].includes

    def part_of(self, name: str) -> list[str]:
        """The topics that include this one."""
        return [each for each, spec in self._specs.items() if name in spec.includes]

    def outline(self, *heads: str) -> list[tuple[int, str]]:
        """The tree under these topics, or all of it: each topic once, with its depth, where it is least deep."""
        inner = {each for spec in self._specs.values() for each in spec.includes}
        tops = heads or tuple(each for each in self._specs if each not in inner)
        under: dict[str, list[str]] = {each: [] for each in tops}
        for at in (reached := list(under)):  # grows while it is walked: the least deep first
            for each in self._specs[at].includes:
                if each in self._specs and each not in under:
                    under[each] = []
                    under[at].append(each)
                    reached.append(each)
        lines: list[tuple[int, str]] = []
        waiting = [(0, each) for each in reversed(tops)]
        while waiting:
            depth, at = waiting.pop()
            lines.append((depth, at))
            waiting += [(depth + 1, each) for each in reversed(under[at])]
        # Those that include each other in a circle stand under nothing; `problems` tells of them.
        return lines if heads else [*lines, *((0, each) for each in self._specs if each not in under)]

    def rule(self, name: str) -> Rule:
        """The topic's rule with its text. Raises KeyError for an unknown one, RuleError for a wrong one."""
        return self.combined(name).rule

    def combined(self, name: str) -> Combined:
        """The topic's rule with its pieces; raises as `rule` does."""
        known = self._read.get(name)
        if known is not None:
            return known
        if name not in self._wrong:
            needs = self._closure(name)
            problems = [each for at in needs if at in self._wrong for each in self._wrong[at].problems]
            problems += self._resolve(needs) if not problems else []
            if not problems:
                return self._read[name]
            self._wrong[name] = RuleError(*problems)
        raise self._wrong[name]

    def problems(self) -> Sequence[Problem]:
        """Every problem of every topic's rules, used or not; not those it was told of as wrong."""
        return self._resolve({name: _needs(spec) for name, spec in self._specs.items()})

    def _closure(self, name: str) -> dict[str, list[str]]:
        """The topic and all it builds on that was not read before, each with what it needs."""
        needs: dict[str, list[str]] = {}
        waiting = [name]
        while waiting:
            at = waiting.pop()
            if at not in needs and at not in self._read:
                needs[at] = _needs(self._specs[at])
                waiting += [each for each in needs[at] if each in self._specs]
        return needs

    def _resolve(self, needs: Mapping[str, list[str]]) -> Sequence[Problem]:
        """Read these topics; where there is a problem nothing is kept of them."""
        problems = list(_cycles(needs))
        # A topic whose own problem is told elsewhere stands in as a word, so that the others are read too.
        known: dict[str, Node] = dict.fromkeys(self._specs, _STAND_IN)
        known |= {name: read.rule.root for name, read in self._read.items()}
        read: dict[str, Combined] = {}
        for name in dict.fromkeys((*_in_order(needs), *needs)):
            if name in self._read:
                continue
            try:
                read[name] = _combined(self._specs[name], known)
                known[name] = read[name].rule.root
            except RuleError as error:
                problems += [_within(name, each) for each in error.problems]
        if not problems and not self._wrong.keys() & needs:
            self._read |= read
        return problems


_STAND_IN = Words(Field.TEXT, (("topic",),), Span(0, 0))


def _combined(spec: TopicSpec, known: Mapping[str, Node]) -> Combined:
    return combine(
        keywords=spec.keywords,
        require=spec.require,
        exclude=spec.exclude,
        topics=spec.includes,
        query=spec.query,
        taxonomy=known,
        topics_key="includes",
    )


def _within(name: str, problem: Problem) -> Problem:
    return replace(problem, place=f"{name}.{problem.place}" if problem.place else name)


def _needs(spec: TopicSpec) -> list[str]:
    """The topics a topic builds on: those it includes and those its rules name."""
    found = dict.fromkeys(spec.includes)
    texts = [*spec.keywords, *spec.require, *spec.exclude, *([spec.query] if spec.query else [])]
    for text in texts:
        if TOPIC not in text.casefold():
            continue  # to look for the word costs a hundredth of reading the rule
        try:
            found.update(dict.fromkeys(token.value for token in tokens(text) if token.kind is TokenKind.TOPIC))
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
