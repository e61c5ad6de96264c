"""FAULTS.md is the key to the tests' names: every row that a test is named after stands there."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent
_FAMILY = re.compile(r"^## ([A-Z])\.", re.M)
_ROW = re.compile(r"^\| (\d+) \|", re.M)
_NAMED = re.compile(r"def test_([a-z])(\d\d)_")


def rows() -> dict[int, str]:
    """The family of each row."""
    page = (TESTS / "FAULTS.md").read_text(encoding="utf-8")
    found: dict[int, str] = {}
    for part in re.split(r"^(?=## [A-Z]\.)", page, flags=re.M)[1:]:
        (family,) = _FAMILY.findall(part)
        assert not found.keys() & {int(row) for row in _ROW.findall(part)}, "a row stands there twice"
        found |= {int(row): family for row in _ROW.findall(part)}
    return found


def test_every_test_that_names_a_row_names_one_that_is_there() -> None:
    known = rows()
    for path in TESTS.rglob("test_*.py"):
        for family, row in _NAMED.findall(path.read_text(encoding="utf-8")):
            assert known.get(int(row)) == family.upper(), f"{path.name}: no row {family.upper()}{row} in FAULTS.md"


def test_the_rows_are_numbered_without_a_gap() -> None:
    assert sorted(rows()) == list(range(1, len(rows()) + 1))
