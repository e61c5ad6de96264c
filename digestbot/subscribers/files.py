"""The folder `subscriptions/`: every file read, every problem reported at once, and none in the way of the others."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from digestbot.model.errors import Problem, RuleError, UsageError
from digestbot.platform.files.toml import TomlFile
from digestbot.rules.topics import Topics, TopicSpec
from digestbot.subscribers.compiled import CompiledSubscription, compiled_rules, placed
from digestbot.subscribers.compiled_cache import CompiledCache, key_of
from digestbot.subscribers.library import NO_LIBRARIES, Libraries, Library
from digestbot.subscribers.schema import Checker
from digestbot.subscribers.synonym_file import SYNONYMS, read_synonyms

TOPICS = "topics.toml"
_TOPIC_KEYS = ("title", "keywords", "require", "exclude", "query", "includes")


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
    folder: Path,
    shipped_topics: Path,
    *,
    every_topic: bool = False,
    libraries: Libraries = NO_LIBRARIES,
    cache: CompiledCache | None = None,
) -> Folder:
    """Read all files of `folder`; the topics come from its own topics.toml, else from the one shipped.

    Only topics that a subscription names are looked into, unless `every_topic` is asked for. The papers of `libraries`
    are read when they are needed. What `cache` knows of is not compiled again.
    """
    topics, file, problems = read_topics(folder, shipped_topics)
    if every_topic and file is not None:
        problems += [placed(file, each) for each in topics.problems()]
    cache = cache or CompiledCache()
    topics = cache.begin(topics)
    paths = subscription_files(folder)
    wants: list[CompiledSubscription] = []
    kept: dict[str, CompiledSubscription] = {}
    for path in paths:
        content = _content(path)
        key = key_of(path.stem, content or b"")
        compiled = _remembered(cache.get(key), path, libraries) or _compiled(path, content, topics, problems, libraries)
        if compiled is not None:
            wants.append(compiled)
            if content is not None:
                kept[key] = compiled
    cache.end(kept)
    return Folder([path.stem for path in paths], wants, problems, topics)


def kept_in(data: Path, closing: ExitStack | None) -> CompiledCache:
    """The cache in a data folder, saved where something closes; without that it is only read."""
    known = CompiledCache(data / "compiled")
    if closing is not None:
        closing.callback(known.save)
    return known


def _content(path: Path) -> bytes | None:
    """What stands in a file; None where it cannot be read, which is told where it is read as TOML."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def subscription_files(folder: Path) -> list[Path]:
    """The files of subscriptions, by name."""
    try:
        names = os.listdir(folder)  # as plain names: there may be a hundred thousand
    except OSError:
        return []
    return [folder / name for name in sorted(names) if name.endswith(".toml") and name not in (TOPICS, SYNONYMS)]


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


def topics_in(folder: Path, shipped_topics: Path) -> Topics:
    """The taxonomy alone. Raises UsageError when its file cannot be read."""
    topics, file, problems = read_topics(folder, shipped_topics)
    if file is None:
        raise UsageError(*problems)
    return topics


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


def _remembered(compiled: CompiledSubscription | None, path: Path, libraries: Libraries) -> CompiledSubscription | None:
    """What was compiled before, with its library as it is now; None where that cannot be had any more."""
    like = compiled.subscription.like if compiled else None
    if compiled is None or like is None or like.library is None:
        return compiled
    try:
        return replace(compiled, library=libraries.named(like.library, path.parent, shown(path)))
    except UsageError:
        return None  # told of its file, with the line


def _compiled(
    path: Path, content: bytes | None, topics: Topics, problems: list[Problem], libraries: Libraries
) -> CompiledSubscription | None:
    try:
        file = TomlFile(path, shown(path), content)
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
    return CompiledSubscription(subscription, rules, library)


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
