"""The star by itself asks for every paper, alone or beside other conditions, by whatever means it is matched."""

from __future__ import annotations

from datetime import date

import pytest

from digestbot.matching.engine import Engine
from digestbot.matching.evaluate import Evaluator
from digestbot.model.papers import Paper
from digestbot.rules.parser import parse

PAPERS = (Paper(title="Bird song", upvotes=3), Paper(title="Fish"), Paper(title="Bird and fish", abstract="x"))


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("*", [0, 1, 2]), ("* bird", [0, 2]), ("* -bird", [1]), ("bird OR *", [0, 1, 2]), ("-*", []),
        ("(* OR bird) upvotes>=1", [0]), ("* *", [0, 1, 2]), ("NOT (* bird)", [1]),
    ],
)  # fmt: skip
def test_it_adds_nothing_to_what_else_is_asked(rule: str, found: list[int]) -> None:
    parsed, today = parse(rule), date(2026, 1, 1)
    matched = Engine.build([("rule", parsed.root)]).match(PAPERS, today=today)
    assert sorted(index for _, indices in matched for index in indices) == found
    assert [at for at, paper in enumerate(PAPERS) if Evaluator(parsed, today).matches(paper)] == found
