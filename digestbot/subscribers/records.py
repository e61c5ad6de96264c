"""Subscribers that stand in the store: their records read as files are, each rule set made ready once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from digestbot.model.errors import Problem
from digestbot.model.subscribers import UNCHOSEN, YOUR_PAPERS, Membership, SubscriberRecord
from digestbot.model.subscriptions import RuleSpec
from digestbot.platform.files.toml import TomlFile
from digestbot.rules.topics import Topics
from digestbot.subscribers.files import CompiledRules, CompiledSubscription, compiled_rules
from digestbot.subscribers.schema import Checker


class _Wants(TomlFile):
    """What a record wants, as a file whose lines nobody has seen."""

    def __init__(self, data: Mapping[str, Any], shown: str) -> None:
        self.shown, self.text, self.data = shown, "", data
        self._offsets = {}


class RecordCompiler:
    """Makes subscriptions of records. A million subscribers share some ten thousands of rule sets: it keeps those."""

    def __init__(self, topics: Topics) -> None:
        self._topics = topics
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
        if checker.like is not None and checker.like.library is not None:
            hint = "name papers, or keep the subscription in a file"
            checker.problems.append(Problem("a library stands beside a file", shown, way_out=hint))
        key = checker.spec, checker.like is not None
        known = self._rules.get(key)
        if known is None:
            known = compiled_rules(file, checker, self._topics)
            if known is not None:
                self._rules[key] = known
        problems += checker.problems
        if subscription is None or known is None or checker.problems:
            return None
        return CompiledSubscription(subscription, *known)
