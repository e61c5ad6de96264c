"""The file of synonyms: `subscriptions/synonyms.toml` of one's own, else the one shipped."""

from __future__ import annotations

from pathlib import Path

from digestbot.model.errors import Problem, UsageError
from digestbot.platform.files.toml import TomlFile
from digestbot.rules.synonyms import NO_SYNONYMS, Synonyms

SYNONYMS = "synonyms.toml"


def read_synonyms(folder: Path, shipped_folder: Path) -> tuple[Synonyms, list[Problem]]:
    """The synonyms of the folder's own synonyms.toml, else of the one shipped; and what is wrong with the file."""
    own = folder / SYNONYMS
    try:
        file = TomlFile(own if own.is_file() else shipped_folder / SYNONYMS, f"{folder.name}/{SYNONYMS}")
    except UsageError as error:
        return NO_SYNONYMS, list(error.problems)
    groups: list[list[str]] = []
    problems: list[Problem] = []
    for name in file.data:
        if name != "synonyms":
            problems.append(file.problem(f"unknown key {name!r}", name, way_out='synonyms = [["LLM", "large ..."]]'))
    given = file.data.get("synonyms", [])
    for number, group in enumerate(given if isinstance(given, list) else [given]):
        if isinstance(group, list) and len(group) > 1 and all(isinstance(each, str) and each.strip() for each in group):
            groups.append(group)
        else:
            what = "a group of synonyms is a list of two texts or more"
            problems.append(file.problem(what, "synonyms", number, way_out='["LLM", "large language model"]'))
    return Synonyms(groups), problems


def synonyms_in(folder: Path, shipped_folder: Path) -> Synonyms:
    """The same, for whoever needs them right. Raises UsageError."""
    synonyms, problems = read_synonyms(folder, shipped_folder)
    if problems:
        raise UsageError(*problems)
    return synonyms
