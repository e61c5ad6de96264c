"""What is hardly meant in rules that are right, by values: told once, with file, line and column."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from digestbot.model.papers import Paper
from digestbot.subscribers.files import read_folder
from digestbot.subscribers.remarks import remarks

TO = '[[to]]\nchannel = "file"\npath = "out"\n'
PAPERS = [Paper(title=f"A study of mosses, part {number}", abstract="Ferns.", url="") for number in range(3)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "topics.toml").write_text('[moss]\nkeywords = ["mosses"]\n')
    (tmp_path / "synonyms.toml").write_text("")
    (tmp_path / "subscriptions").mkdir()
    return tmp_path


def told(home: Path, **files: str) -> list[tuple[str | None, int | None, int | None, str]]:
    folder = home / "subscriptions"
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    shipped = home / "topics.toml"
    found = remarks(read_folder(folder, shipped), folder, shipped, lambda: [PAPERS], today=date(2026, 3, 2))
    return [(each.place, each.line, each.column, each.message) for each in found]


A = "subscriptions/a.toml"


def test_a_rule_that_can_never_match_is_told_once_with_its_place(home: Path) -> None:
    never = "this rule can never match: `mosses` is both asked for and excluded"
    assert told(home, a=f'query = "mosses AND NOT mosses"\n{TO}') == [(A, 1, 10, never)]


def test_a_rule_that_always_matches_is_told_once_and_what_stands_twice_each_time(home: Path) -> None:
    twice = "`mosses` stands here twice"
    assert told(home, a=f'keywords = ["mosses", "mosses"]\nquery = "mosses OR NOT mosses"\n{TO}') == [
        (A, 1, 14, "this rule always matches: `mosses` is both asked for and excluded"),
        (A, 1, 24, twice),
        (A, 2, 10, twice),
        (A, 2, 10, "this matches every paper"),
    ]


def test_one_who_only_likes_something_has_no_rule_to_be_told_of(home: Path) -> None:
    assert told(home, a=f'require = ["zebra"]\n{TO}[like]\nabout = "x"\n') == []
    assert told(home, a=f'keywords = ["mosses"]\n{TO}') == []


def test_topics_of_ones_own_are_looked_into_but_for_those_that_are_wrong(home: Path) -> None:
    text = '[x]\nquery = "a AND NOT a"\n[y]\nquery = "("\n[z]\nkeywords = ["ok"]\nexclude = ["ok"]\n'
    assert told(home, topics=text) == [
        ("subscriptions/topics.toml", 2, 10, "this rule can never match: `a` is both asked for and excluded"),
        ("subscriptions/topics.toml", 6, 14, "this rule can never match: `ok` is both asked for and excluded"),
    ]
    assert told(home, topics="[x\n") == []
