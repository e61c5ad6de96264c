"""Records found in JSON of any shape, whole or broken, and nothing worse than a DumpError out of any of it."""

from __future__ import annotations

import io
import json
import math
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digestbot.model.errors import DumpError
from digestbot.readers.base import Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.json_records import records


def found(text: str, *paths: str) -> list[Any]:
    pieces = records(Content(io.BytesIO(text.encode()), "dump.json"), *paths)
    return [(p.kind, p.line) if isinstance(p, Skipped) else p[1] for p in pieces]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"meta": {"a": [{"x": 1}]}, "results": [{"t": "a}{"}, {"t": [{"z": {}}]}], "g": [{"k": 1}]}',
         [{"t": "a}{"}, {"t": [{"z": {}}]}]),
        ('[{"results": [{"a": 1}]}, {"results": [{"a": 2}]}]', [{"a": 1}, {"a": 2}]),
        ('{"message": {"items": [{"a": 1}]}}', [{"a": 1}]),
        ('{"message": {"a": [{"x": 1}]}}', [{"message": {"a": [{"x": 1}]}}]),
        ('{"a": 1}\n{"a": 2}', [{"a": 1}, {"a": 2}]),
        ('[null, {"a": "\\"]"}]', [{"a": '"]'}]),
        ("[]", []),
        ('{"results": []}', []),
    ],
)  # fmt: skip
def test_a_record_is_an_object_of_the_outermost_list_or_of_the_list_that_a_path_leads_to(
    text: str, expected: list[object]
) -> None:
    assert found(text, "results", "message.items") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1}\n{"a": "x\n{"a": 3}\n{"a": 1,\n{"a": 4}\n',
         [{"a": 1}, ("unreadable", 2), {"a": 3}, ("unreadable", 4), {"a": 4}]),
        ('{"results": [{"a": 1},\n{"a" 3},\n{"a": 4}]}', [{"a": 1}, ("unreadable", 2), {"a": 4}]),
        ('{"results": [{"a": [1},\n{"a": 4}]}', [("unreadable", 1), {"a": 4}]),
        ('{"results": [{"a": 1},\n{"a": 2', [{"a": 1}, ("incomplete", 2)]),
        ('{"results": [{"a": 1},', [{"a": 1}, ("incomplete", 1)]),
    ],
)  # fmt: skip
def test_a_broken_record_does_not_take_the_others_with_it(text: str, expected: list[object]) -> None:
    assert found(text, "results") == expected


def test_what_is_nearly_json_is_read() -> None:
    (record,) = found('{"a": NaN, "b": "two\tlines"}')
    assert math.isnan(record["a"])


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, '[{"a":' + "[" * 600])
def test_a_nesting_bomb_is_refused(text: str) -> None:
    with pytest.raises(DumpError, match="nested deeper"):
        found(text)


# orjson reads what is beyond 64 bits as a float; no count of a paper's is that large.
WHOLE = st.integers(-(2**63), 2**63 - 1)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.dictionaries(st.text(max_size=5), st.text() | WHOLE | st.lists(st.text()))),
    st.sampled_from([None, 1]),
)
def test_every_record_of_a_list_is_found_as_the_parser_finds_it(value: list[Any], indent: int | None) -> None:
    assert found(json.dumps({"results": value}, indent=indent), "results") == value
    assert found("\n".join(map(json.dumps, value))) == value


@given(st.text(alphabet='{}[]",:\\n1 a\n', max_size=60))
def test_no_text_at_all_raises(text: str) -> None:
    found(text, "a", "a.a")


def seconds(text: str) -> float:
    """Of processor time, the least of some tries: what else the machine does can only add to it."""

    def once() -> float:
        start = time.process_time()
        found(text, "results")
        return time.process_time() - start

    return min(once() for _ in range(3))


@pytest.mark.parametrize(
    "piece", ['{"a": 1}\n', '{"a": "x\n', '{"a": 1,\n', '{"a" 1},\n', '[{"a": [1}]\n', '{"a": [[{"b": 1}]]},\n']
)
def test_time_grows_as_the_dump_does_whole_or_broken(piece: str) -> None:
    """Eight times the records take eight times as long, not sixty-four."""
    few = seconds("[" + piece * 2_000)
    assert seconds("[" + piece * 16_000) < 25 * few + 0.05
