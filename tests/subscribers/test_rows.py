"""Subscribers as rows, by values: encodings, what a cell becomes, and what a row puts over what was there."""

from __future__ import annotations

import codecs
import csv
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


def test_a_separator_that_is_told_is_heeded_and_the_last_line_needs_no_end() -> None:
    rows, problems = read(b"SEP=|\r\n address | topics \r\n ada@example.org |ml")
    assert (rows, problems) == ([Row("ada@example.org", {"topics": ["ml"]}, "", 3)], [])


def test_lines_are_counted_through_quoted_line_breaks_and_empty_lines() -> None:
    data = b'address,name,topics\n\n , ,\n"ada@example.org","A\nB",ml\nno address,C,ml\n'
    rows, problems = read(data)
    assert rows == []
    assert [each.line for each in problems] == [4, 6]


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


def cell(column: str, text: str) -> tuple[object, list[str]]:
    """What a cell of a column becomes (None where the row is refused), and what is said of it."""
    cells = {"address": "ada@example.org", "require" if column == "topics" else "topics": "ml", column: text}
    file = io.StringIO()
    csv.writer(file).writerows([cells.keys(), cells.values()])
    rows, problems = read(file.getvalue().encode())
    said = [each.message for each in problems]
    if not rows:
        return None, said
    (row,) = rows
    return {"address": row.address, "id": row.id}.get(column, row.wants.get(column)), said


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        *((column, text, True) for column in ("paused", "feedback") for text in ("true", "Yes", "1")),
        *((column, text, False) for column in ("paused", "feedback") for text in ("false", "NO", "0")),
        ("gist", "true", True),
        ("gist", "No", False),
        ("gist", "model", "model"),
        ("language", "pt-BR", "pt-BR"),
        ("max_entries", "1", 1),
        ("max_entries", "500", 500),
        ("keywords", "a; b ;;c", ["a", "b", "c"]),
        ("keywords", '"a; b";c', ["a; b", "c"]),
        ("keywords", 'a; "b; c"', ["a", "b; c"]),
        ("exclude", "a,b", ["a,b"]),
        ("name", " Ada ", "Ada"),
        ("name", "", None),
        ("keywords", "'-x", ["-x"]),
        ("name", "'Ada'", "'Ada'"),
        ("name", "n" * 200, "n" * 200),
        ("id", "a" * 64, "a" * 64),
        ("id", "A.b_c-1", "A.b_c-1"),
        ("query", "q" * 4_000, "q" * 4_000),
        ("timezone", "Europe/Berlin", "Europe/Berlin"),
        ("paused_until", "2026-03-05", "2026-03-05"),
        ("suppressed", "whatever", None),
        ("address", " ada@example.org ", "ada@example.org"),
        ("address", f"{'a' * 64}@example.org", f"{'a' * 64}@example.org"),
        ("address", f"{'ä' * 32}@example.org", f"{'ä' * 32}@example.org"),
        ("address", f"ada@{'x' * 242}.example"[:254], f"ada@{'x' * 242}.example"[:254]),
        ("address", "o'hara+x@bücher.example", "o'hara+x@bücher.example"),
    ],
)
def test_what_a_cell_becomes(column: str, text: str, value: object) -> None:
    assert cell(column, text) == (value, [])


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("paused", "maybe", "write true or false, not"),
        ("gist", "maybe", "write true, false or model, not"),
        ("language", "English!", "language cannot be"),
        ("max_entries", "many", "is no number"),
        ("max_entries", "-1", "is no number"),
        ("max_entries", "1234567", "is no number"),
        ("max_entries", "0", "max_entries"),
        ("name", "n" * 201, "is longer than 200 characters"),
        ("query", "q" * 4_001, "is longer than 4000 characters"),
        ("name", "=1+1", "begins with '=', as formulas do"),
        ("address", "@example.org", "begins with '@', as formulas do"),
        ("name", "'=Ada", "begins with '=', as formulas do"),
        ("id", "@a", "begins with '@', as formulas do"),
        ("id", "a" * 65, "an id is letters"),
        ("id", "a b", "an id is letters"),
        ("id", ".a", "an id is letters"),
        ("name", "a\x07", "control character"),
        ("name", "a\u2028b", "control character"),
        ("topics", "mm", "mm"),
        ("cadence", "dayly", "cadence"),
        *(
            ("address", wrong, "is no address")
            for wrong in (
                *("ada", "ada@", "a da@example.org", "ada@exam ple.org", "a..b@example.org"),
                *(".a@example.org", "a.@example.org", "a@.example", "a@-example.org", "a@example.", "a@example-"),
                *("a@b@example.org", "<a@example.org>", "a,b@example.org", f"{'a' * 65}@example.org"),
                *(f"{'ä' * 33}@example.org", "a\u200b@example.org", ""),
            )
        ),
        ("address", f"ada@{'x' * 251}", "is longer than 254 characters"),
        ("address", "-a@example.org", "begins with '-', as formulas do"),
    ],
)
def test_a_cell_that_is_wrong_takes_its_row_with_it_and_says_why(column: str, text: str, said: str) -> None:
    found, problems = cell(column, text)
    assert found is None
    assert any(said in each for each in problems), problems


def test_a_wrong_row_keeps_no_other_and_one_with_too_many_cells_is_told_with_its_line() -> None:
    data = b"address,topics\nada@example.org,ml\nbob@example.org,ml,more\ncarl@example.org\ndora@example.org,ml\n"
    rows, problems = read(data)
    assert [(each.address, each.line) for each in rows] == [("ada@example.org", 2), ("dora@example.org", 5)]
    assert [(each.line, each.message) for each in problems] == [
        (3, "has 3 cells, and there are 2 columns"),
        (4, "has 1 cells, and there are 2 columns"),
    ]


def test_what_a_first_line_calls_things_is_known_by_its_other_names() -> None:
    rows, problems = read(b" E-Mail ;Time Zone;TOPICS\nada@example.org;UTC;ml\n")
    assert (rows, problems) == ([Row("ada@example.org", {"timezone": "UTC", "topics": ["ml"]}, "", 2)], [])


def test_a_row_without_rules_changes_only_who_is_there_and_is_judged_all_the_same() -> None:
    rows, problems = read(b"address,cadence\nada@example.org,weekly mon 08:00\nbob@example.org,weekly\n")
    assert [(each.address, each.asks) for each in rows] == [("ada@example.org", False)]
    assert [each.line for each in problems] == [3]
    assert Row("a@x.org", {"query": "x"}).asks
    assert not Row("a@x.org", {"exclude": ["x"]}).asks


def test_a_line_that_never_ends_is_refused() -> None:
    for size, right in ((99_999, True), (100_000, False)):
        data = b"address,topics\n" + b"a" * size + b"\n"
        if right:
            assert read(data)[0] == []
        else:
            with pytest.raises(UsageError, match="is longer than 100000 characters"):
                read(data)


def test_destinations_that_are_written_take_the_place_of_all_there_were() -> None:
    hook = [{"channel": "webhook", "destination": "lab"}]
    assert record_wants(Row("ada@example.org", {"to": hook}), {"to": ADA})["to"] == hook
    assert record_wants(Row("Ada@Example.org ", {}), None) == {"to": ADA}
    assert record_wants(Row("ada@example.org", {"topics": []}), {"topics": ["ml"]})["topics"] == []


@pytest.mark.parametrize(
    ("text", "written"), [("=x", "'=x"), ("'=x", "''=x"), ("'x", "'x"), ("x=", "x="), ("\tx", "'\tx")]
)
def test_what_a_spreadsheet_would_take_for_a_formula_is_guarded(text: str, written: str) -> None:
    assert guarded(text) == written
