"""Subscribers as rows, by values: encodings, what a cell becomes, and what a row puts over what was there."""

from __future__ import annotations

import codecs
import io

import pytest

from digestbot.model.errors import Problem, UsageError
from digestbot.rules.topics import Topics, TopicSpec
from digestbot.subscribers.cells import guarded, joined
from digestbot.subscribers.rows import Row, Rows, record_wants

TOPICS = Topics({"ml": TopicSpec("Machine learning", keywords=("learning",))})
ADA = [{"channel": "email", "address": "ada@example.org"}]


def read(data: bytes, encoding: str = "") -> tuple[list[Row], list[Problem]]:
    problems: list[Problem] = []
    return list(Rows(TOPICS, "rows.csv", problems.append).of_csv(io.BytesIO(data), encoding)), problems


@pytest.mark.parametrize(
    "data",
    [
        "address,name,topics\nada@example.org,Ådä,ml\n".encode(),
        codecs.BOM_UTF8 + "address,name,topics\nada@example.org,Ådä,ml\n".encode(),
        codecs.BOM_UTF16_LE + "address,name,topics\nada@example.org,Ådä,ml\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "address,name,topics\nada@example.org,Ådä,ml\n".encode("utf-16-be"),
    ],
    ids=["utf-8", "utf-8 with a mark", "utf-16 little", "utf-16 big"],
)
def test_every_encoding_that_says_what_it_is_is_read(data: bytes) -> None:
    rows, problems = read(data)
    assert problems == []
    assert rows == [Row("ada@example.org", {"name": "Ådä", "topics": ["ml"]}, "", 2)]


def test_an_old_code_page_is_read_when_it_is_named_and_told_of_when_not() -> None:
    data = "address,name,topics\nada@example.org,Ådä,ml\n".encode("cp1252")
    assert read(data, "cp1252")[0][0].wants["name"] == "Ådä"
    rows, (problem,) = read(data)
    assert rows == []
    assert (problem.place, problem.line) == ("rows.csv", 2)
    assert "encoding" in problem.message


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_the_one_that_the_first_line_has_most_of(separator: str) -> None:
    line = separator.join
    data = f"{line(['address', 'name', 'topics', 'keywords'])}\n{line(['ada@example.org', 'A', 'ml', 'speech'])}\n"
    assert [each.wants for each in read(data.encode())[0]] == [{"name": "A", "topics": ["ml"], "keywords": ["speech"]}]


def test_lines_are_counted_through_quoted_line_breaks_and_empty_lines() -> None:
    data = b'address,name,topics\n\n"ada@example.org","A\nB",ml\nno address,C,ml\n'
    rows, problems = read(data)
    assert rows == []
    assert [each.line for each in problems] == [3, 5]


def test_cells_become_what_a_subscriptions_file_would_have() -> None:
    data = b"address,topics,max_entries,paused,feedback\nada@example.org,ml; ml,7,yes,0\n"
    assert read(data)[0][0].wants == {"topics": ["ml", "ml"], "max_entries": 7, "paused": True, "feedback": False}


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("name,topics", "has no column address"),
        ("address,adress", "unknown column 'adress'"),
        ("address,topics,topics", "stands there twice"),
    ],
)
def test_a_first_line_that_names_no_columns_ends_it(head: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read(f"{head}\n".encode())


def test_a_guarded_cell_reads_back_as_it_was() -> None:
    for name in ("=1+1", "+x", "-x", "@x", "'=x", "plain"):
        assert guarded(name).lstrip("'")[:1] == name.lstrip("'")[:1]
    data = f"address,keywords\nada@example.org,{guarded('-x')}\n"
    assert read(data.encode())[0][0].wants == {"keywords": ["-x"]}
    assert joined(["a;b", "c"]) == '"a;b";c'


def test_what_a_row_leaves_empty_stays_as_it_was() -> None:
    before = {"topics": ["ml"], "name": "Ada", "to": ADA}
    assert record_wants(Row("ada@example.org", {"name": "A."}), before) == {"topics": ["ml"], "name": "A.", "to": ADA}


def test_a_new_address_takes_the_place_of_the_old_one_and_of_no_other_channel() -> None:
    hook = {"channel": "webhook", "destination": "lab"}
    wants = record_wants(Row("New@Example.org", {}), {"to": [*ADA, hook]})
    assert wants["to"] == [{"channel": "email", "address": "new@example.org"}, hook]


def test_the_same_address_in_other_letters_changes_no_destination() -> None:
    assert record_wants(Row("ADA@example.org", {}), {"to": ADA})["to"] == ADA
