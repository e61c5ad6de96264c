"""Compiled subscriptions as plain JSON values and back: lists that begin with the number of what they are.

A topic is kept by its name alone. What stands in several places of a rule is kept once and is one object again.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

from digestbot.model.cadence import Cadence
from digestbot.model.subscriptions import (
    CatchUp,
    Destination,
    GistSource,
    LikeSpec,
    RuleSpec,
    SortOrder,
    Subscription,
    Thread,
    WhenEmpty,
)
from digestbot.rules import ast
from digestbot.rules.combine import Clause, Combined, RulePart
from digestbot.rules.fields import Field, Number
from digestbot.rules.topics import Topics
from digestbot.subscribers.compiled import NOTHING, CompiledRules, Rules

_LEAVES = (ast.Words, ast.Near, ast.Exact, ast.Regex, ast.Label, ast.Name, ast.Everything, ast.Compare)
_NODES = (*_LEAVES, ast.Not, ast.And, ast.Or)
_VALUES = (ast.Span, ast.Rule, Clause, RulePart, Combined, Cadence, LikeSpec, RuleSpec, Destination, Subscription)
_CHOICES = (Field, Number, CatchUp, GistSource, SortOrder, Thread, WhenEmpty)
_TUPLE, _AGAIN, _DATE, _TOPIC = range(4)
_KINDS: tuple[Any, ...] = (tuple, None, date, ast.Topic, *_NODES, *_VALUES, *_CHOICES)
_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}
_SHARED = frozenset(map(_NUMBERS.__getitem__, (ast.Topic, *_NODES)))
_CHOSEN = frozenset(map(_NUMBERS.__getitem__, _CHOICES))
_NAMES = {kind: [each.name for each in fields(kind)] for kind in (*_NODES, *_VALUES)}
_DEFAULTS = {kind: [each.default for each in fields(kind)] for kind in _NAMES}
_NO_TOPICS = Topics({})
_LONG = 16  # letters from which on a text that comes again is kept once: a rule's stands in each of its clauses


class _Packer:
    def __init__(self) -> None:
        self._places: dict[object, int] = {}

    def packed(self, value: Any) -> Any:
        kind = type(value)
        number = _NUMBERS.get(kind)
        if number is None:
            return self._text(value) if kind is str and len(value) >= _LONG else value
        if number not in _SHARED:
            return self._listed(number, value)
        if id(value) in self._places:
            return [_AGAIN, self._places[id(value)]]
        told = self._listed(number, value)
        self._places[id(value)] = len(self._places)
        return told

    def _text(self, value: str) -> Any:
        if value in self._places:
            return [_AGAIN, self._places[value]]
        self._places[value] = len(self._places)
        return value

    def _listed(self, number: int, value: Any) -> Any:
        if number == _TUPLE:
            return [_TUPLE, *map(self.packed, value)]
        if number == _TOPIC:
            return [_TOPIC, value.name, self.packed(value.span)]
        if number == _DATE:
            return [_DATE, value.isoformat()]
        if number in _CHOSEN:
            return [number, value.value]
        values, usual = [getattr(value, name) for name in _NAMES[type(value)]], _DEFAULTS[type(value)]
        while values and values[-1] == usual[len(values) - 1]:
            values.pop()
        return [number, *map(self.packed, values)]


class _Unpacker:
    def __init__(self, topics: Topics) -> None:
        self._topics = topics
        self._shared: list[Any] = []

    def value(self, told: list[Any]) -> Any:
        number = told[0]
        if number == _AGAIN:
            return self._shared[told[1]]
        if number in _CHOSEN:
            return _KINDS[number](told[1])
        if number == _TOPIC:
            made = ast.Topic(told[1], self._topics[told[1]], self.value(told[2]))
        elif number == _DATE:
            return date.fromisoformat(told[1])
        else:
            made = self._made(number, told)
        if number in _SHARED:
            self._shared.append(made)
        return made

    def _made(self, number: int, told: list[Any]) -> Any:
        values = []
        for each in told[1:]:
            if type(each) is list:
                values.append(self.value(each))
            else:
                values.append(each)
                if type(each) is str and len(each) >= _LONG:
                    self._shared.append(each)
        return tuple(values) if number == _TUPLE else _KINDS[number](*values)


def packed_subscription(subscription: Subscription) -> Any:
    """A subscription as JSON."""
    return _Packer().packed(subscription)


def unpacked_subscription(told: Any) -> Subscription:
    """The subscription that was packed so."""
    made: Subscription = _Unpacker(_NO_TOPICS).value(told)
    return made


def packed_rules(rules: Rules) -> Any:
    """Rules as JSON."""
    rule, headings, allowed = rules.known()
    return _Packer().packed((None if rule is NOTHING else rule, headings, allowed))


def unpacked_rules(told: Any, topics: Topics) -> CompiledRules:
    """The rules that were packed so, their topics being these. Raises RuleError for one that is wrong."""
    rule, headings, allowed = _Unpacker(topics).value(told)
    return CompiledRules(NOTHING if rule is None else rule, headings, allowed)
