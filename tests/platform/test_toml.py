"""Places of keys and of what stands in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from digestbot.model.errors import Problem, UsageError
from digestbot.platform.files.toml import TomlFile

TEXT = '''\
name = "A"
keywords = [
  "one", # "not me"
  'two AND',
]
query = "a AND ("
[[to]]
channel = "x"
[[to]]
channel = "y"
[topic.deep]
query = """
abc
def"""
'''


@pytest.fixture
def file(tmp_path: Path) -> TomlFile:
    path = tmp_path / "x.toml"
    path.write_text(TEXT)
    return TomlFile(path, "x.toml")


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        (("name",), 1, 8),
        (("keywords", 0), 3, 4),
        (("keywords", 1), 4, 4),
        (("keywords", 7), 2, 12),
        (("to", 1, "channel"), 10, 11),
        (("to", 0), 7, 1),
        (("to", 1, "address"), 9, 1),
        (("topic", "deep", "query"), 12, 9),
    ],
)
def test_a_value_is_found_where_it_stands_or_its_table(
    file: TomlFile, path: tuple[str | int, ...], line: int, column: int
) -> None:
    spot = file.spot(*path)
    assert spot is not None
    assert (spot.line, spot.column) == (line, column)


def test_a_problem_inside_a_text_has_its_place_in_the_file(file: TomlFile) -> None:
    assert str(file.within(Problem("bad", line=1, column=7), "query")) == "x.toml:6:16: bad"
    assert str(file.within(Problem("bad", line=2, column=1), "topic", "deep", "query")) == "x.toml:14:1: bad"


@pytest.mark.parametrize(
    ("data", "hint"),
    [(b'a = "b\n', "x.toml:1:"), (b"\xff\xfe\x00", "UTF-8"), (b"a = [1,\n\n", "x.toml:")],
)
def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path, data: bytes, hint: str) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(data)
    with pytest.raises(UsageError) as caught:
        TomlFile(path, "x.toml")
    assert hint in str(caught.value)
