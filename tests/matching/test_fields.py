"""The table of fields: each row answers the same everywhere, and a place forgotten is an error, never another answer.

Nothing here is to be changed for a field that is added: papers are filled by the types of their fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from typing import Any

import pytest

from digestbot.matching.engine import Engine, Speed
from digestbot.matching.evaluate import Evaluator
from digestbot.matching.search.inverted_index import InvertedIndex
from digestbot.matching.values import labels
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.rules import reference
from digestbot.rules.fields import ELSEWHERE, FIELDS, NAMED, NUMBERS, Field, FieldKind, Number
from digestbot.rules.parser import parse
from tests.matching.oracle import Oracle
from tests.model.whole import value_of, whole

TODAY = date(2024, 7, 1)
WAYS: tuple[Speed, ...] = ("python", "numpy", "numba")
SPEEDS = [each for each in WAYS if each == "python" or find_spec(each)]
NOT_SEARCHED = {"url", "kind", "more_authors", "baseline"}
"""What no rule asks for: where it is, what a listing calls it, marks of our own."""


def answers(rule: str, paper: Paper) -> Iterator[tuple[str, bool]]:
    """Whether a paper answers a rule, as each who is asked sees it."""
    parsed = parse(rule)
    yield "oracle", Oracle(paper, TODAY).answers(parsed.root)
    yield "evaluator", Evaluator(parsed, TODAY).matches(paper)
    logged = LoggedPaper(1, "1", datetime(2024, 7, 1, tzinfo=UTC), paper)
    yield "search", bool(InvertedIndex([logged]).answering(parsed.root, TODAY)[0])
    for speed in SPEEDS:
        engine = Engine.build([("rule", parsed.root)])
        engine.speed = speed
        yield speed, bool(engine.match([paper], today=TODAY).by_rule())


def attribute_of(row: Field | Number) -> str:
    """The field of `Paper` that a row reads: the one that, once empty, leaves it nothing else to say."""
    searched = [each.name for each in fields(Paper) if each.name not in NOT_SEARCHED]
    [read] = [name for name in searched if row.row.of(whole(**empty(name))) != row.row.of(whole())]
    return read


def empty(name: str) -> dict[str, Any]:
    value = value_of(name)
    return {name: "" if name == "title" else type(value)() if isinstance(value, tuple | dict) else None}


def holding(name: str, value: str) -> dict[str, Any]:
    kind = type(value_of(name))
    return {name: {"x": value} if kind is dict else (value,) if kind is tuple else value}


@pytest.mark.parametrize("field", NAMED)
def test_a_field_is_found_by_its_own_value_and_by_no_other_place_of_it(field: Field) -> None:
    [value, *_] = field.row.of(whole())
    elsewhere = empty(attribute_of(field)) | {"url": value}
    for each in NAMED:
        if each is not field:
            elsewhere |= holding(attribute_of(each), value)
    for written in (f'{field}:"{value}"', *(f'{alias}:"{value}"' for alias in field.row.aliases), f"{field}:/{value}/"):
        assert dict(answers(written, whole())) == dict.fromkeys(("oracle", "evaluator", "search", *SPEEDS), True)
        assert not any(found for _, found in answers(written, whole(**elsewhere))), written
        assert Evaluator(parse(written), TODAY).reasons(whole())[0].field == field.value


@pytest.mark.parametrize("number", Number)
def test_a_number_is_compared_with_its_own_value_alone(number: Number) -> None:
    value = number.row.of(whole())
    assert value is not None
    if number.row.ago:
        assert isinstance(value, date)
        value = (TODAY - value).days
    more = value + timedelta(1) if isinstance(value, date) else value + 1
    without = whole(**empty(attribute_of(number)) | empty("authors"))
    for name in (number.value, *number.row.aliases):
        assert all(found for _, found in answers(f"{name}={value}", whole()))
        assert not any(found for _, found in answers(f"{name}>={more}", whole()))
        assert not any(found for _, found in answers(f"{name}<={more}", without))
        assert Evaluator(parse(f"{name}={value}"), TODAY).reasons(whole())[0].field == number.value


def test_every_field_of_a_paper_is_in_the_table_or_known_to_be_searched_by_nobody() -> None:
    """A field added to `Paper` is searched, or stands among NOT_SEARCHED with the reason."""
    read = {attribute_of(row) for row in (*NAMED, *Number)}
    assert read | NOT_SEARCHED == {each.name for each in fields(Paper)}


def test_no_two_fields_share_a_name() -> None:
    names = [name for row in (*NAMED, *Number) for name in (row.value, *row.row.aliases, *row.row.elsewhere)]
    assert len(names) == len(set(names)) == len(FIELDS) + len(NUMBERS) + len(ELSEWHERE)


def test_every_field_is_told_wherever_fields_are_told() -> None:
    written = [each.written for each in reference.fields()]
    assert len(written) == len(NAMED) + len(Number)
    for each in reference.fields():
        assert parse(each.written)
        assert f"`{each.written}`" in reference.table()


def test_what_has_no_labels_says_so() -> None:
    for field in Field:
        if field.row.kind not in (FieldKind.LABELS, FieldKind.IDS):
            with pytest.raises(TypeError, match="no field of labels"):
                list(labels(whole(), field))
