"""Compiled subscriptions: what somebody wants with its rules parsed, its topics resolved and its headings said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from digestbot.model.errors import Problem, RuleError
from digestbot.model.subscriptions import RuleSpec, Subscription
from digestbot.platform.files.toml import TomlFile
from digestbot.rules.ast import Rule
from digestbot.rules.combine import QUERY, Combined, combine
from digestbot.rules.headings import EVERYTHING, YOUR_SEARCH, heading
from digestbot.rules.topics import Topics
from digestbot.subscribers.library import Library
from digestbot.subscribers.schema import Checker

_ITEM = re.compile(r"([a-z_]+)(?:\[(\d+)\])?")

NOTHING = combine(query="authors<0")
"""The rule of one who only likes something: it finds nothing."""

_EVERYTHING = "*"

Headings = tuple[tuple[str, str], ...]
"""The sections of a digest: the label of each, and what stands above it."""


class CompiledRules(NamedTuple):
    """What a subscription finds, its sections, and what likeness has to keep to (require and exclude), if it likes."""

    rule: Combined
    headings: Headings
    allowed: Rule | None = None

    def known(self) -> CompiledRules:
        """These."""
        return self


class Rules(Protocol):
    """Rules that are at hand, or are made when they are first asked for."""

    def known(self) -> CompiledRules:
        """The rules."""
        ...


@dataclass(frozen=True, slots=True)
class CompiledSubscription:
    """A subscription with its rules made ready, and the ``library`` of papers that are liked together."""

    subscription: Subscription
    rules: Rules
    library: Library | None = None

    @property
    def rule(self) -> Combined:
        """The whole rule."""
        return self.rules.known().rule

    @property
    def headings(self) -> Headings:
        """Its sections."""
        return self.rules.known().headings

    @property
    def allowed(self) -> Rule | None:
        """What likeness has to keep to."""
        return self.rules.known().allowed


def compiled_rules(file: TomlFile, checker: Checker, topics: Topics) -> CompiledRules | None:
    """The rule of a subscription with its headings, and what likeness has to keep to, for one who likes something.

    None, with what is wrong put to the problems, where there is none.
    """
    spec, allowed = checker.spec, None
    if checker.like is not None:
        only = not (spec.keywords or spec.topics or spec.query)
        kept = RuleSpec(query=_EVERYTHING, require=spec.require, exclude=spec.exclude)
        allowed = combined(file, kept, topics, checker.problems if only else [])  # else told of the rule itself
        if only:
            return None if allowed is None else CompiledRules(NOTHING, (), allowed.rule)
    rule = combined(file, spec, topics, checker.problems)
    if rule is None:
        return None
    return CompiledRules(rule, tuple(headings(rule, topics, spec.query_name)), allowed.rule if allowed else None)


def combined(file: TomlFile, spec: RuleSpec, topics: Topics, problems: list[Problem]) -> Combined | None:
    """The rule of these wishes; None, with what is wrong put to the problems, where they make none."""
    try:
        return combine(
            keywords=spec.keywords,
            require=spec.require,
            exclude=spec.exclude,
            topics=spec.topics,
            query=spec.query,
            taxonomy=topics,
        )
    except RuleError as error:
        problems += [placed(file, each) for each in error.problems]
        return None


def headings(rule: Combined, topics: Topics, query_name: str | None = None) -> Iterator[tuple[str, str]]:
    """The sections of a rule: each clause's label, and what stands above it; above the query's, its name."""
    for clause in rule.clauses:
        if clause.topic is not None:
            yield clause.label, topics.title(clause.topic)
        elif clause.label == QUERY:
            yield clause.label, query_name or (EVERYTHING if heading(clause.rule) == EVERYTHING else YOUR_SEARCH)
        else:
            yield clause.label, heading(clause.rule)


def placed(file: TomlFile, problem: Problem) -> Problem:
    """A problem of a rule in its file; its `place` is ``keywords[1]`` or ``query``, in topics after their name.

    One without a place is about the whole file.
    """
    if problem.place is None:
        return problem.at(file.shown)
    *table, last = problem.place.rsplit(".", 1)
    found = _ITEM.fullmatch(last)
    if found is None:
        return file.problem(problem.message, last, way_out=problem.way_out)
    key: tuple[str | int, ...] = (found[1],) if found[2] is None else (found[1], int(found[2]))
    return file.within(problem, *table, *key)
