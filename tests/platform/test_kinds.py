"""The kinds of values that settings have, in values written down."""

from __future__ import annotations

import json

import pytest

from digestbot.platform.settings.kinds import from_line, is_headers, quoted


@pytest.mark.parametrize(
    "name", ["Host", "content-length", "Content-Type", "connection", "transfer-encoding", "Upgrade", "", "a b", "a:"]
)
def test_headers_that_nobody_sets_by_hand(name: str) -> None:
    assert not is_headers(json.dumps({"X-Key": "1", name: "1"}))


@pytest.mark.parametrize(("value", "right"), [("a", True), ("a b", True), (" a", False), ("a ", False), (1, False)])
def test_values_of_headers(value: object, right: bool) -> None:
    assert is_headers(json.dumps({"X-Key": value})) is right


@pytest.mark.parametrize(
    ("text", "right"), [('""', True), ('"', False), ('"a"', True), ('a"', False), ('"a" "b"', False), ("'a\"", False)]
)
def test_what_stands_in_quotes_as_a_whole(text: str, right: bool) -> None:
    assert quoted(text) is right


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a@b.org", "a@b.org"),
        ("<a@b.org>", "<a@b.org>"),
        ("Ann <a@b.org>", "Ann <a@b.org>"),
        ("Ann, Bob <a@b.org>", '"Ann, Bob" <a@b.org>'),
        ('"Ann, Bob" <a@b.org>', '"Ann, Bob" <a@b.org>'),
        ("Ann", None),
    ],
)
def test_from_lines(text: str, line: str | None) -> None:
    assert from_line(text) == line
