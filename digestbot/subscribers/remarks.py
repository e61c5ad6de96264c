"""What is no error in the folder `subscriptions/` but hardly what was meant, told with file, line and column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from digestbot.matching.advice import advise, foregone
from digestbot.model.errors import Problem, RuleError
from digestbot.model.papers import Paper
from digestbot.platform.files.toml import TomlFile
from digestbot.rules.combine import Combined
from digestbot.rules.lint import lint
from digestbot.rules.topics import Topics
from digestbot.subscribers.compiled import NOTHING, placed
from digestbot.subscribers.files import Folder, read_topics, shown


def remarks(
    folder: Folder,
    path: Path,
    shipped_topics: Path,
    batches: Callable[[], Iterable[Sequence[Paper]]],
    *,
    today: date,
) -> Iterator[Problem]:
    """Warnings about every rule that is right: from the rule itself, then from what it finds in the stored papers.

    `path` is the folder's; `batches` gives the stored papers, anew each time it is called.
    """
    files = {compiled.subscription.id: path / f"{compiled.subscription.id}.toml" for compiled in folder.wants}
    rules = {each.subscription.id: each.rule for each in folder.wants if each.rule is not NOTHING}
    for name, rule in rules.items():
        file = TomlFile(files[name], shown(files[name]))
        yield from (placed(file, each) for each in _from_itself(rule))
    yield from _topics(folder.topics, path, shipped_topics)
    named = [(name, rule.rule) for name, rule in rules.items()]
    found = advise(named, batches, today=today, synonyms=folder.topics.synonyms)
    by_name: dict[str, list[Problem]] = {}
    for each in found:
        by_name.setdefault(each.place or "", []).append(each)
    for name, problems in by_name.items():
        file = TomlFile(files[name], shown(files[name]))
        yield from (placed(file, rules[name].located(each)) for each in problems)


def _topics(topics: Topics, path: Path, shipped_topics: Path) -> Iterator[Problem]:
    """Warnings about the topics as the folder has read them: reading every rule anew takes as long again."""
    _, file, _ = read_topics(path, shipped_topics)
    if file is None:
        return
    for name in topics:
        try:
            rule = topics.combined(name)
        except RuleError:
            continue  # told as an error
        for each in _from_itself(rule):
            yield placed(file, each.at(f"{name}.{each.place}" if each.place else name))


def _from_itself(rule: Combined) -> Iterator[Problem]:
    """Warnings a rule gives rise to by itself; what two ways of looking both see is told once."""
    linted = [rule.located(each) for each in lint(rule.rule)]
    yield from linted
    told = {each.place for each in linted if "never match" in each.message or "always matches" in each.message}
    yield from (each for each in map(rule.located, foregone(rule)) if not told or each.place not in {*told, None})
