"""What the stored papers tell about a rule."""

from __future__ import annotations

from datetime import date

from digestbot.matching.advice import advise
from digestbot.model.papers import Paper
from digestbot.rules.parser import parse

TODAY = date(2026, 11, 21)
PAPERS = [Paper(title=f"Tokenization of corpus {n}") for n in range(14)] + [
    Paper(title=f"Tensor {n}") for n in range(86)
]


def batches() -> list[list[Paper]]:
    return [PAPERS[:30], PAPERS[30:]]


def advice(rule: str) -> list[str]:
    return [str(each) for each in advise([("mine.toml", parse(rule))], batches, today=TODAY)]


def test_a_near_miss_is_told_with_what_the_other_spelling_finds() -> None:
    assert advice("tokenisation OR corpus") == [
        "mine.toml:1:1: `tokenisation` finds 0 of the 100 stored papers (`tokenization` finds 14)"
    ]


def test_a_rule_that_finds_nothing_or_nearly_everything_is_told() -> None:
    assert advice("xylophone")[0] == "mine.toml: finds none of the 100 stored papers (is that meant?)"
    assert advice("tensor")[0].startswith("mine.toml: finds 86 of the 100 stored papers, 86 %")


def test_what_is_excluded_or_right_is_no_matter() -> None:
    assert advice("corpus -xylophone") == []


def test_few_papers_say_nothing() -> None:
    assert advise([("mine.toml", parse("xylophone"))], lambda: [PAPERS[:49]], today=TODAY) == []
