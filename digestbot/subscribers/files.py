"""The folder `subscriptions/`: every file read and checked, every problem reported at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digestbot.core.errors import Problem, RuleError, UsageError
from digestbot.core.subscriptions import Subscription, Wishes
from digestbot.files.toml import TomlFile
from digestbot.rules.combine import Combined, combine
from digestbot.rules.lint import lint
from digestbot.rules.topics import Topics, TopicSpec
from digestbot.subscribers.schema import Checker

TOPICS = "topics.toml"
_TOPIC_KEYS = ("title", "keywords", "require", "exclude", "query", "includes")
_ITEM = re.compile(r"([a-z_]+)(?:\[(\d+)\])?")


@dataclass(frozen=True, slots=True)
class Want:
    """A subscription with its rules made ready; ``headings`` are its sections: label and what stands above."""

    subscription: Subscription
    rule: Combined
    headings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Folder:
    """What stands in the folder: the subscriptions that are right, and every problem with the others."""

    ids: list[str]
    wants: Sequence[Want]
    problems: Sequence[Problem]
    warnings: Sequence[Problem]
    topics: Topics


def read_folder(folder: Path, shipped_topics: Path) -> Folder:
    """Read all files of `folder`; the topics come from its own topics.toml, else from the one shipped."""
    paths = sorted(path for path in folder.glob("*.toml") if path.name != TOPICS) if folder.is_dir() else []
    own = folder / TOPICS
    problems: list[Problem] = []
    warnings: list[Problem] = []
    topics, found = _read_topics(own if own.is_file() else shipped_topics, _shown(own, folder))
    problems += found
    wants = []
    for path in paths:
        want = _read_want(path, _shown(path, folder), topics, problems, warnings)
        if want is not None:
            wants.append(want)
    return Folder([path.stem for path in paths], wants, problems, warnings, topics)


def _shown(path: Path, folder: Path) -> str:
    return f"{folder.name}/{path.name}"


def _read_topics(path: Path, shown: str) -> tuple[Topics, list[Problem]]:
    try:
        file = TomlFile(path, shown)
    except UsageError as error:
        return Topics.build({}), list(error.problems)
    problems: list[Problem] = []
    specs = {}
    for name, table in file.data.items():
        if isinstance(table, dict):
            problems += _misspelt(file, name, table)
            specs[name] = _spec(file, name, table, problems)
        else:
            hint = f"write [{name}] on a line of its own and its keys below"
            problems.append(file.problem(f"{name!r} is no topic", name, way_out=hint))
    try:
        return Topics.build(specs), problems
    except RuleError as error:
        problems += [_placed(file, each, (each.place or "").split(".", 1)) for each in error.problems]
        return Topics.build({}), problems


def _placed(file: TomlFile, problem: Problem, path: Sequence[str]) -> Problem:
    """A problem of a rule whose place is written ``keywords[1]`` or ``query``, after a topic's name."""
    *table, last = path
    found = _ITEM.fullmatch(last)
    if found is None:
        return file.problem(problem.message, *path, way_out=problem.way_out)
    key: tuple[str | int, ...] = (found[1],) if found[2] is None else (found[1], int(found[2]))
    return file.within(problem, *table, *key)


def _misspelt(file: TomlFile, name: str, table: dict[str, Any]) -> list[Problem]:
    problems = []
    for key in table:
        if key not in _TOPIC_KEYS:
            near = difflib.get_close_matches(key, _TOPIC_KEYS, 1, 0.6)
            way_out = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(_TOPIC_KEYS)}"
            problems.append(file.problem(f"unknown key {key!r}", name, key, way_out=way_out))
    return problems


def _spec(file: TomlFile, name: str, table: dict[str, Any], problems: list[Problem]) -> TopicSpec:
    def texts(key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if isinstance(value, list) and all(isinstance(each, str) and each.strip() for each in value):
            return tuple(value)
        problems.append(file.problem(f"{key} must be a list of texts", name, key, way_out=f'{key} = ["..."]'))
        return ()

    def text(key: str) -> str | None:
        value = table.get(key)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        problems.append(file.problem(f"{key} must be a text in quotes", name, key))
        return None

    return TopicSpec(
        title=text("title") or name.replace("-", " ").capitalize(),
        keywords=texts("keywords"),
        require=texts("require"),
        exclude=texts("exclude"),
        query=text("query"),
        includes=texts("includes"),
    )


def _read_want(path: Path, shown: str, topics: Topics, problems: list[Problem], warnings: list[Problem]) -> Want | None:
    try:
        file = TomlFile(path, shown)
    except UsageError as error:
        problems += error.problems
        return None
    checker = Checker(file)
    subscription = checker.subscription(path.stem)
    rule = _combined(file, checker.wishes, topics, checker.problems)
    problems += checker.problems
    if subscription is None or rule is None or checker.problems:
        return None
    warnings += [each.at(shown) for each in lint(rule.rule)]
    return Want(subscription, rule, tuple(_headings(rule, topics)))


def _combined(file: TomlFile, wishes: Wishes, topics: Topics, problems: list[Problem]) -> Combined | None:
    try:
        return combine(
            keywords=wishes.keywords,
            require=wishes.require,
            exclude=wishes.exclude,
            topics=wishes.topics,
            query=wishes.query,
            taxonomy=topics,
        )
    except RuleError as error:
        problems += [
            _placed(file, each, [each.place]) if each.place else each.at(file.shown) for each in error.problems
        ]
        return None


def _headings(rule: Combined, topics: Topics) -> Iterator[tuple[str, str]]:
    for clause in rule.clauses:
        name = clause.label.removeprefix("topic:")
        known = clause.label.startswith("topic:") and name in topics
        yield clause.label, topics.title(name) if known else clause.label
