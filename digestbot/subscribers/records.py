"""Subscribers that stand in the store: their records read as files are, each rule set made ready once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from digestbot.model.errors import Problem
from digestbot.model.subscribers import UNCHOSEN, YOUR_PAPERS, Membership, SubscriberRecord
from digestbot.model.subscriptions import RuleSpec
from digestbot.platform.files.toml import TomlFile
from digestbot.rules.topics import Topics
from digestbot.store.base import Store
from digestbot.subscribers.compiled import CompiledRules, CompiledSubscription, compiled_rules
from digestbot.subscribers.library import Library
from digestbot.subscribers.schema import Checker


class _Wants(TomlFile):
    """What a record wants, as a file whose lines nobody has seen."""

    def __init__(self, data: Mapping[str, Any], shown: str) -> None:
        self.shown, self.text, self.data = shown, "", data
        self._offsets = {}


class RecordCompiler:
    """Makes subscriptions of records. A million subscribers share some ten thousands of rule sets: it keeps those."""

    def __init__(self, topics: Topics, store: Store | None = None) -> None:
        """``store`` is where their libraries are; without it they are only looked at."""
        self._topics, self._store = topics, store
        self._rules: dict[tuple[RuleSpec, bool], CompiledRules] = {}

    def read(self, records: Iterable[SubscriberRecord]) -> tuple[list[CompiledSubscription], list[Problem]]:
        """The subscriptions of those who are active, and what is wrong with the others of them."""
        wants: list[CompiledSubscription] = []
        problems: list[Problem] = []
        for record in records:
            if record.state is Membership.ACTIVE:
                compiled = self._want(record, problems)
                if compiled is not None:
                    wants.append(compiled)
        return wants, problems

    def check(self, record: SubscriberRecord) -> list[Problem]:
        """What is wrong with a record, whatever its state: to be asked before it is stored."""
        problems: list[Problem] = []
        self._want(record, problems)
        return problems

    def _want(self, record: SubscriberRecord, problems: list[Problem]) -> CompiledSubscription | None:
        shown = f"subscriber {record.id}"
        nameless = {"name": YOUR_PAPERS} if record.id.startswith(UNCHOSEN) else {}
        file = _Wants({**nameless, **record.wants}, shown)
        checker = Checker(file)
        if not record.id or "/" in record.id:
            checker.problems.append(Problem("an id is not empty and has no /", shown))  # a digest's key is id/slot
        subscription = checker.subscription(record.id)
        key = checker.spec, bool(checker.like)
        known = self._rules.get(key)
        if known is None:
            known = compiled_rules(file, checker, self._topics)
            if known is not None:
                self._rules[key] = known
        problems += checker.problems
        if checker.problems:
            return None
        assert subscription is not None  # what has no problem is whole
        assert known is not None
        return CompiledSubscription(subscription, known, self._library(record.id, checker))

    def _library(self, name: str, checker: Checker) -> Library | None:
        if self._store is None or checker.like is None or checker.like.library is None:
            return None
        store = self._store
        return Library.of_store(lambda: store, name)
