"""The folder `subscriptions/`: every file read, every problem reported at once, and none in the way of the others."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from digestbot.model.errors import Problem, RuleError, UsageError
from digestbot.model.subscriptions import RuleSpec, Subscription
from digestbot.platform.files.toml import TomlFile
from digestbot.rules.ast import Rule
from digestbot.rules.combine import QUERY, Combined, combine
from digestbot.rules.headings import EVERYTHING, YOUR_SEARCH, heading
from digestbot.rules.topics import Topics, TopicSpec
from digestbot.subscribers.library import NO_LIBRARIES, Libraries, Library
from digestbot.subscribers.schema import Checker
from digestbot.subscribers.synonym_file import SYNONYMS, read_synonyms

TOPICS = "topics.toml"
_TOPIC_KEYS = ("title", "keywords", "require", "exclude", "query", "includes")
_ITEM = re.compile(r"([a-z_]+)(?:\[(\d+)\])?")


NOTHING = combine(query="authors<0")
"""The rule of one who only likes something: it finds nothing."""

_EVERYTHING = "*"

CompiledRules: TypeAlias = tuple[Combined, tuple[tuple[str, str], ...], Rule | None]


@dataclass(frozen=True, slots=True)
class CompiledSubscription:
    """A subscription with its rules made ready; ``headings`` are its sections: label and what stands above.

    Of one who likes something, ``allowed`` is what likeness has to keep to (require and exclude), and ``library`` the
    papers that are liked together.
    """

    subscription: Subscription
    rule: Combined
    headings: tuple[tuple[str, str], ...]
    allowed: Rule | None = None
    library: Library | None = None


@dataclass(frozen=True, slots=True)
class Folder:
    """What stands in the folder: the subscriptions that are right, and every problem with the others."""

    ids: list[str]
    wants: Sequence[CompiledSubscription]
    problems: Sequence[Problem]
    topics: Topics

    def asked_for(self, ids: Sequence[str]) -> list[CompiledSubscription]:
        """The subscriptions with these ids; for none of them all that are right.

        Raises UsageError when one of these is wrong or not there, or when none at all is right.
        """
        known = {compiled.subscription.id: compiled for compiled in self.wants}
        problems = [problem for each in ids if each not in known for problem in self._objections(each)]
        if problems or not known:
            raise UsageError(*(problems or self.problems))
        return [known[each] for each in ids] if ids else list(known.values())

    def _objections(self, name: str) -> list[Problem]:
        if name in self.ids:
            return [each for each in self.problems if each.place == f"subscriptions/{name}.toml"]
        near = difflib.get_close_matches(name, self.ids)
        way_out = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(self.ids) or 'none'}"
        return [Problem(f"no subscription {name!r}", way_out=way_out)]

    def without(self, problems: Sequence[Problem]) -> Folder:
        """The folder without the subscriptions that these problems are about."""
        wrong = {each.place for each in problems}
        right = [each for each in self.wants if f"subscriptions/{each.subscription.id}.toml" not in wrong]
        return replace(self, wants=right)

    def completed(self, earlier: Sequence[CompiledSubscription]) -> Folder:
        """The folder with what was read earlier of those of its files that are not right now."""
        known = {each.subscription.id: each for each in (*earlier, *self.wants)}
        return replace(self, wants=[known[each] for each in self.ids if each in known])


def read_folder(
    folder: Path, shipped_topics: Path, *, every_topic: bool = False, libraries: Libraries = NO_LIBRARIES
) -> Folder:
    """Read all files of `folder`; the topics come from its own topics.toml, else from the one shipped.

    Only topics that a subscription names are looked into, unless `every_topic` is asked for. The papers of `libraries`
    are read when they are needed.
    """
    problems: list[Problem] = []
    wants = []
    topics, file, found = read_topics(folder, shipped_topics)
    problems += found
    if every_topic and file is not None:
        problems += [placed(file, each) for each in topics.problems()]
    paths = subscription_files(folder)
    for path in paths:
        compiled = _read_want(path, shown(path), topics, problems, libraries)
        if compiled is not None:
            wants.append(compiled)
    return Folder([path.stem for path in paths], wants, problems, topics)


def subscription_files(folder: Path) -> list[Path]:
    """The files of subscriptions, by name."""
    return (
        sorted(path for path in folder.glob("*.toml") if path.name not in (TOPICS, SYNONYMS)) if folder.is_dir() else []
    )


def shown(path: Path) -> str:
    """What problems call a file of the folder."""
    return f"{path.parent.name}/{path.name}"


def read_topics(folder: Path, shipped_topics: Path) -> tuple[Topics, TomlFile | None, list[Problem]]:
    """The taxonomy, the file it stands in (None when that cannot be read) and what is wrong with its form.

    What a topic's rules say is looked into when a rule names it; one whose table is wrong cannot be used then.
    """
    own = folder / TOPICS
    try:
        file = TomlFile(own if own.is_file() else shipped_topics, shown(own))
    except UsageError as error:
        return Topics({}), None, list(error.problems)
    problems: list[Problem] = []
    specs, wrong = {}, {}
    for name, table in file.data.items():
        if isinstance(table, dict):
            found = _misspelt(file, name, table)
            specs[name] = _spec(file, name, table, found)
            if found:
                wrong[name] = RuleError(*found)
            problems += found
        else:
            hint = f"write [{name}] on a line of its own and its keys below"
            problems.append(file.problem(f"{name!r} is no topic", name, way_out=hint))
    synonyms, more = read_synonyms(folder, shipped_topics.parent)
    return Topics(specs, wrong, synonyms), file, problems + more


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


def _misspelt(file: TomlFile, name: str, table: dict[str, Any]) -> list[Problem]:
    problems = []
    for key in table:
        if key not in _TOPIC_KEYS:
            near = difflib.get_close_matches(key, _TOPIC_KEYS)
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


def _read_want(
    path: Path, shown: str, topics: Topics, problems: list[Problem], libraries: Libraries
) -> CompiledSubscription | None:
    try:
        file = TomlFile(path, shown)
    except UsageError as error:
        problems += error.problems
        return None
    checker = Checker(file)
    subscription = checker.subscription(path.stem)
    rules = compiled_rules(file, checker, topics)
    library = _library(path, file, checker, libraries)
    problems += checker.problems
    if checker.problems:
        return None
    assert subscription is not None  # what has no problem is whole
    assert rules is not None
    return CompiledSubscription(subscription, *rules, library)


def _library(path: Path, file: TomlFile, checker: Checker, libraries: Libraries) -> Library | None:
    written = checker.like.library if checker.like else None
    if written is None:
        return None
    try:
        return libraries.named(written, path.parent, file.shown)
    except UsageError as error:
        checker.problems += [
            file.problem(each.message, "like", "library", way_out=each.way_out) for each in error.problems
        ]
        return None


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
            return None if allowed is None else (NOTHING, (), allowed.rule)
    rule = combined(file, spec, topics, checker.problems)
    if rule is None:
        return None
    return rule, tuple(headings(rule, topics, spec.query_name)), allowed.rule if allowed else None


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
