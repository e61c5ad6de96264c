"""Files of rows, by values: TOML, lists of other tools, addresses alone, defaults, and rows nobody has written."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digestbot.model.errors import Problem, UsageError
from digestbot.rules.topics import Topics, TopicSpec
from digestbot.subscribers import rows as rows_module
from digestbot.subscribers.list_tools import Standing
from digestbot.subscribers.rows import Row, Rows, record_wants
from digestbot.subscribers.schema import Checker

TOPICS = Topics({"ml": TopicSpec("Machine learning", keywords=("learning",))})
Told = list[tuple[int | None, str, str | None]]


def told(problems: list[Problem]) -> Told:
    assert {each.place for each in problems} <= {"rows"}
    return [(each.line, each.message, each.way_out) for each in problems]


def of_csv(text: str) -> tuple[list[Row], Told]:
    problems: list[Problem] = []
    rows = list(Rows(TOPICS, "rows", problems.append).of_csv(io.BytesIO(text.encode())))
    return rows, told(problems)


def of_toml(folder: Path, text: str) -> tuple[list[Row], Told]:
    problems: list[Problem] = []
    (folder / "rows.toml").write_text(text, encoding="utf-8")
    return list(Rows(TOPICS, "rows", problems.append).of_toml(folder / "rows.toml")), told(problems)


def test_a_table_is_a_row_with_all_that_a_subscriptions_file_may_say(tmp_path: Path) -> None:
    rows, problems = of_toml(
        tmp_path,
        '[[subscriber]]\naddress = "ada@example.org"\nid = "ada"\nname = "Ada"\ntopics = ["ml"]\n'
        'paused_until = 2026-04-01\nstate = "active"\nadded = "2026-01-01"\n\n'
        '[[subscriber]]\nkeywords = ["moss"]\n[[subscriber.to]]\nchannel = "file"\npath = "out"\n'
        '[[subscriber.to]]\nchannel = "email"\naddress = "bob@example.org"\n',
    )
    assert problems == []
    out, mail = {"channel": "file", "path": "out"}, {"channel": "email", "address": "bob@example.org"}
    assert rows == [
        Row("ada@example.org", {"name": "Ada", "topics": ["ml"], "paused_until": "2026-04-01"}, "ada"),
        Row("bob@example.org", {"keywords": ["moss"], "to": [out, mail]}),
    ]


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        ('state = "left"', Standing("unsubscribed", "unsubscribed")),
        ('suppressed = "bounced"', Standing("bounced", "bounced")),
        ('state = "pending"', Standing("was never confirmed")),
        ('state = "active"', None),
    ],
)
def test_a_table_says_who_is_not_subscribed(tmp_path: Path, said: str, standing: Standing | None) -> None:
    rows, problems = of_toml(tmp_path, f'[[subscriber]]\naddress = "ada@example.org"\nkeywords = ["x"]\n{said}\n')
    assert (rows, problems) == ([Row("ada@example.org", {"keywords": ["x"]}, standing=standing)], [])


@pytest.mark.parametrize(
    ("table", "line", "said"),
    [
        ("keywords = ['x']", 1, "address: '' is no address: write ada@example.org"),
        ("address = 'nobody'", 1, "address: 'nobody' is no address: write ada@example.org"),
        ("address = 3", 1, "address: must be a text in quotes"),
        ("address = 'a@x.org'\nname = 3", 1, "name: must be a text in quotes"),
        ("address = 'a@x.org'\nid = 3", 1, "id: must be a text in quotes"),
        ("address = 'a@x.org'\nid = 'a b'", 1, "id: an id is letters, digits, dots, _ and -"),
        ("address = 'a@x.org'\nname = '=x'", 1, "name: begins with '=', as formulas do"),
        ("address = 'a@x.org'\nstate = 'gone'", 1, "state: 'gone' is none of active, pending and left"),
        ("address = 'a@x.org'\nmax_entries = 0", 3, "max_entries cannot be 0"),
        ("address = 'a@x.org'\nkeywords = ['a', '(']", 3, "keywords: "),
        ("address = 'a@x.org'\nto = 3", 3, "to must be tables"),
        ("address = 'a@x.org'\n[[subscriber.to]]\nchannel = 'mail'", 1, "to: unknown channel 'mail'"),
    ],
)
def test_what_is_wrong_with_a_table_is_told_with_its_line(tmp_path: Path, table: str, line: int, said: str) -> None:
    right = "[[subscriber]]\naddress = 'eve@example.org'\nkeywords = ['x']\n"
    rows, problems = of_toml(tmp_path, f"[[subscriber]]\n{table}\n{right}")
    assert [each.address for each in rows] == ["eve@example.org"]
    ((where, message, _),) = problems
    assert where == line
    assert message.startswith(said)


@pytest.mark.parametrize(
    "text", ["[subscriber]\naddress = 'a@x.org'\n", "subscriber = [3]\n", "subscriber = 3\n", "other = 1\n"]
)
def test_a_toml_file_of_another_form_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError) as refused:
        of_toml(tmp_path, text)
    (problem,) = refused.value.problems
    assert problem.message == "is no file of subscribers"
    assert (problem.way_out or "").startswith('write [[subscriber]] and under it address = "ada@example.org"')


def test_an_empty_toml_file_has_nobody_and_another_key_is_named_with_its_line(tmp_path: Path) -> None:
    assert of_toml(tmp_path, "") == ([], [])
    with pytest.raises(UsageError) as refused:
        of_toml(tmp_path, "[[subscriber]]\naddress = 'a@x.org'\n[extra]\nx = 1\n")
    assert [each.line for each in refused.value.problems] == [3]


def test_a_row_of_another_tool_keeps_what_it_says_of_consent_and_of_who_left() -> None:
    rows, problems = of_csv(
        "Email Address,MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME,UNSUB_TIME\n"
        "ada@example.org,2,,2025-02-03,2026-05-06 07:00:00\n"
        "nobody,2,,2025-02-03,2026-05-06 07:00:00\n"
    )
    left = Standing("unsubscribed, says Mailchimp", "unsubscribed", datetime(2026, 5, 6, 7, tzinfo=UTC))
    consent = "list of Mailchimp, confirmed 2025-02-03"
    assert rows == [Row("ada@example.org", {}, "", 2, left, consent)]
    assert problems == []  # it is no address, and nothing goes there


def test_a_row_of_another_tool_is_refused_where_it_is_mailed_and_wrong() -> None:
    lines = "nobody,,enabled\nada@example.org,,odd\n-x,,odd\neve@example.org,,enabled\n"
    rows, problems = of_csv(f"email,attributes,status\n{lines}")
    assert rows == [Row("eve@example.org", {}, "", 5, None, "list of listmonk")]
    odd = "status: what 'odd' means in listmonk is not known; mailed are enabled"
    assert problems == [
        (2, "address: 'nobody' is no address: write ada@example.org", None),
        (3, odd, None),
        (4, odd, None),
    ]


def test_addresses_alone_are_rows_and_what_is_none_is_told() -> None:
    rows, problems = of_csv(
        'ada@example.org; Bob <bob@example.org>,"Chan, M; x" <c@example.org>\n\nnobody\n,, <d@example.org> ,\n'
    )
    assert [(each.address, each.line) for each in rows] == [
        ("ada@example.org", 1),
        ("bob@example.org", 1),
        ("c@example.org", 1),
        ("d@example.org", 4),
    ]
    hint = "write an address a line, or name the columns in the first: address,keywords"
    assert problems == [(3, "address: 'nobody' is no address: write ada@example.org", hint)]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("address,keywrods", [(2, "unknown column 'keywrods'", "did you mean 'keywords'?")]),
        (
            "address,zzz",
            [(2, "unknown column 'zzz'", "known are address, id, name, timezone, cadence, query, order, ")],
        ),
        ("mail,query,Query", [(3, "the column 'query' stands there twice", None)]),
        (
            "name,zzz",
            [
                (None, "has no column address", "its first line names the columns: address,topics,cadence; or it is a"),
                (2, "unknown column 'zzz'", "known are address"),
            ],
        ),
    ],
)
def test_what_is_wrong_with_a_first_line_is_told_by_the_number_of_the_column(
    head: str, expected: list[tuple[int | None, str, str | None]]
) -> None:
    with pytest.raises(UsageError) as refused:
        of_csv(f"{head}\n")
    problems = refused.value.problems
    assert {each.line for each in problems} == {1}
    assert [(each.column, each.message) for each in problems] == [each[:2] for each in expected]
    for each, (_, _, way_out) in zip(problems, expected, strict=True):
        assert (each.way_out or "").startswith(way_out or "")
        assert (each.way_out is None) == (way_out is None)


@pytest.mark.parametrize("name", ["state", "suppressed", "added"])
def test_what_an_export_tells_besides_is_a_column_that_nobody_wants(name: str) -> None:
    rows, problems = of_csv(f"address,keywords,{name}\nada@example.org,x,\n")
    assert (rows, problems) == ([Row("ada@example.org", {"keywords": ["x"]}, "", 2)], [])


@pytest.mark.parametrize("name", ["email", "E-mail", "mail"])
def test_a_row_by_another_name_of_its_address(name: str) -> None:
    rows, problems = of_csv(f"{name},zone\nada@example.org,UTC\n")
    assert (rows, problems) == ([Row("ada@example.org", {"timezone": "UTC"}, "", 2)], [])


def test_a_state_in_a_cell_is_its_standing_and_one_nobody_knows_is_told() -> None:
    rows, problems = of_csv("address,keywords,state\nada@example.org,x,left\nbob@example.org,x,gone\n")
    assert rows == [Row("ada@example.org", {"keywords": ["x"]}, "", 2, Standing("unsubscribed", "unsubscribed"))]
    assert problems == [(3, "state: 'gone' is none of active, pending and left", None)]


def test_the_place_within_a_cell_is_told_and_the_column_named_once() -> None:
    rows, problems = of_csv("address,query,order\nada@example.org,x AND (,\nbob@example.org,x,x\n")
    assert rows == []
    assert [line for line, *_ in problems] == [2, 3]
    assert problems[0][1].startswith("query: ")
    assert problems[0][1].endswith("(at character 7)")
    assert problems[1][1] == "order cannot be 'x'"


def test_the_same_wants_are_told_wrong_for_each_row_that_has_them() -> None:
    _, problems = of_csv("address,topics\nada@example.org,mm\nbob@example.org,mm\ncarl@example.org,ml\n")
    assert [line for line, *_ in problems] == [2, 3]


def test_the_same_wants_are_looked_into_once_as_long_as_they_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[object] = []

    def counted(file: object, checker: Checker, *rest: object) -> None:
        looked.append(checker.spec.keywords)

    monkeypatch.setattr(rows_module, "compiled_rules", counted)
    monkeypatch.setattr(rows_module, "_MOST_KNOWN", 2)
    lines = "".join(f"{word}@x.org,{word},{word}\n" for word in "abaca")
    of_csv(f"address,keywords,name\n{lines}c@x.org,c,other\n")
    assert looked == [("a",), ("b",), ("c",), ("a",)]


def test_defaults_are_what_a_subscriptions_file_wants_but_for_its_destinations(tmp_path: Path) -> None:
    problems: list[Problem] = []
    rows = Rows(TOPICS, "rows", problems.append)
    path = tmp_path / "d.toml"
    path.write_text('topics = ["ml"]\npaused_until = 2026-04-01\n[[to]]\nchannel = "file"\npath = "out"\n')
    assert rows.defaults(path, "d.toml") == {"topics": ["ml"], "paused_until": "2026-04-01"}
    assert problems == []
    path.write_text('cadence = "weekly mon 08:00"\n')
    assert rows.defaults(path, "d.toml") == {"cadence": "weekly mon 08:00"}
    path.write_text('name = "x"\norder = "x"\n')
    assert rows.defaults(path, "d.toml") == {}
    assert [(each.place, each.line, each.message) for each in problems] == [("d.toml", 2, "order cannot be 'x'")]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (Row("ada@example.org", {"keywords": ["x"]}, "ada"), []),
        (Row("ada@example.org", {"name": "Ada"}), []),
        (Row("ada", {"keywords": ["x"]}), ["address: 'ada' is no address: write ada@example.org"]),
        (Row("ada@example.org", {"keywords": ["x"]}, "a b"), ["id: an id is letters, digits, dots, _ and -"]),
        (Row("ada@example.org", {"name": "=x"}), ["name: begins with '=', as formulas do"]),
        (Row("ada@example.org", {"topics": ["ml"], "order": "x"}), ["order cannot be 'x'"]),
    ],
)
def test_a_row_that_nobody_has_written_into_a_file_is_judged_alike(row: Row, expected: list[str]) -> None:
    problems: list[Problem] = []
    assert Rows(TOPICS, "rows", problems.append).check(row) is (not expected)
    assert [(each.line, each.message) for each in problems] == [(None, each) for each in expected]


@pytest.mark.parametrize(
    ("wants", "asks"),
    [
        *(({key: ["x"]}, True) for key in ("topics", "keywords", "require")),
        ({"query": "x"}, True),
        ({"exclude": ["x"]}, False),
        ({"topics": [], "query": ""}, False),
        ({}, False),
    ],
)
def test_who_asks_for_something(wants: dict[str, object], asks: bool) -> None:
    assert Row("ada@example.org", wants).asks is asks


def test_a_new_address_comes_before_what_is_no_mail_and_what_is_no_table_is_let_go() -> None:
    before = {"to": ["odd", {"channel": "webhook", "destination": "lab"}, {"channel": "email", "address": "x@y.org"}]}
    assert record_wants(Row(" Straße@Example.org ", {}), before)["to"] == [
        {"channel": "email", "address": "straße@example.org"},
        {"channel": "webhook", "destination": "lab"},
    ]


def test_one_who_only_likes_something_is_right(tmp_path: Path) -> None:
    rows, problems = of_toml(
        tmp_path, '[[subscriber]]\naddress = "ada@example.org"\nlike = { papers = ["2401.00001"], per_week = 7 }\n'
    )
    assert problems == []
    assert [(each.asks, each.wants) for each in rows] == [(True, {"like": {"papers": ["2401.00001"], "per_week": 7}})]
    rows, problems = of_toml(tmp_path, '[[subscriber]]\naddress = "ada@example.org"\nlike = { per_week = 7 }\n')
    assert rows == []
    assert any("nothing is said to be liked" in str(each) for each in problems)
