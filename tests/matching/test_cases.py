"""Rules as people write them: every case of the shared table, in every engine, the oracle and search."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from digestbot.bootstrap import shipped
from digestbot.matching.advice import Advice
from digestbot.matching.engine import Engine, Speed
from digestbot.matching.evaluate import Evaluator
from digestbot.matching.search.inverted_index import InvertedIndex
from digestbot.model.errors import RuleError
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.rules.lint import lint
from digestbot.rules.parser import parse
from digestbot.rules.topics import Topics
from digestbot.subscribers.files import read_topics
from tests.matching.oracle import Oracle

CASES = Path(__file__).parents[3] / "shared" / "cases" / "rules" / "table.jsonl"
LINES = CASES.read_text("utf-8").splitlines() if CASES.exists() else []
ROWS: list[dict[str, Any]] = [json.loads(line) for line in LINES]
TODAY = date(2026, 1, 1)
SPEEDS: list[Speed] = [each for each in ("python", "numpy", "numba") if each == "python" or find_spec(each)]


@pytest.fixture(scope="module")
def topics(tmp_path_factory: pytest.TempPathFactory) -> Topics:
    return read_topics(tmp_path_factory.mktemp("none"), shipped("subscriptions") / "topics.toml")[0]


def warnings(rule: str, paper: Paper, topics: Topics) -> str:
    """All that `match` says of a rule on standard error."""
    parsed = parse(rule, topics)
    advice = Advice([("", parsed)], topics.synonyms)
    found = Engine.build(advice.questions()).match([paper], today=TODAY).by_rule()
    hits = Counter({name: len(those) for name, those in found.items()})
    return "\n".join(map(str, (*lint(parsed), *advice.told(hits, 1))))


@pytest.mark.skipif(not ROWS, reason="needs the shared cases")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['kind']}: {row['rule']}")
def test_a_rule_as_people_write_it_answers_as_they_mean_it(row: dict[str, Any], topics: Topics) -> None:
    data = row["paper"]
    paper = Paper(
        title=data["title"],
        abstract=data["abstract"],
        authors=tuple(data["authors"]),
        categories=tuple(data["categories"]),
    )
    if row["match"] == "error":
        with pytest.raises(RuleError) as raised:
            parse(row["rule"], topics)
        assert re.search(row["says"], str(raised.value.problems[0]))
        return
    said = warnings(row["rule"], paper, topics)
    assert re.search(row.get("says", ""), said), said
    assert not row.get("quiet") or not said, said
    if row["match"] != "warning":
        check_everywhere(row["rule"], paper, row["match"], topics)


def check_everywhere(rule: str, paper: Paper, expected: bool, topics: Topics) -> None:
    parsed = parse(rule, topics)
    assert Oracle(paper, TODAY).answers(parsed.root) is expected
    evaluator = Evaluator(parsed, TODAY)
    assert evaluator.matches(paper) is expected
    logged = LoggedPaper(1, "1", datetime(2026, 1, 1, tzinfo=UTC), paper)
    assert bool(InvertedIndex([logged]).answering(parsed.root, TODAY)[0]) is expected
    for speed in SPEEDS:
        engine = Engine.build([("rule", parsed.root)])
        engine.speed = speed
        assert bool(engine.match([paper], today=TODAY).by_rule()) is expected, speed
    for reason in evaluator.reasons(paper):  # a place is that of the raw text
        if reason.field in ("title", "abstract"):
            raw = getattr(paper, reason.field)
            assert raw[reason.start : reason.end] == reason.text
