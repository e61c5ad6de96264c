"""What the stored papers tell about a rule."""

from __future__ import annotations

from datetime import date

import pytest

from digestbot.matching.advice import advise
from digestbot.model.papers import Paper
from digestbot.rules.parser import parse
from digestbot.rules.synonyms import Synonyms
from digestbot.rules.topics import Topics

TODAY = date(2026, 11, 21)
PAPERS = [Paper(title=f"Tokenization of corpus {n}") for n in range(14)] + [
    Paper(title=f"Tensor {n}") for n in range(86)
]


def batches() -> list[list[Paper]]:
    return [PAPERS[:30], PAPERS[30:]]


def advice(rule: str) -> list[str]:
    return [str(each) for each in advise([("mine.toml", parse(rule))], batches, today=TODAY)]


def test_a_near_miss_is_told_with_what_the_other_spelling_finds() -> None:
    assert advice("tokenzation OR corpus") == [
        "mine.toml:1:1: `tokenzation` finds 0 of the 100 stored papers (`tokenization` finds 14)"
    ]


def test_a_rule_that_finds_nothing_or_nearly_everything_is_told() -> None:
    assert advice("xylophone")[0] == "mine.toml: finds none of the 100 stored papers (is that meant?)"
    assert advice("tensor")[0].startswith("mine.toml: finds 86 of the 100 stored papers, 86 %")


def test_what_is_excluded_or_right_is_no_matter() -> None:
    assert advice("corpus -xylophone") == []


SYNONYMS = Synonyms([["tensor", "multidimensional array"], ["RL", "reinforcement learning"]])


def also(rule: str, *titles: str) -> list[str]:
    some, topics = [Paper(title=each) for each in titles], Topics({}, synonyms=SYNONYMS)
    return [str(each) for each in advise([("", parse(rule, topics))], lambda: [some], today=TODAY, synonyms=SYNONYMS)]


def test_another_way_to_write_a_term_is_told_with_how_many_papers_more_it_would_find() -> None:
    papers = ("RL for pumps", "Reinforcement learning", "Reinforcement learning at sea", "Others")
    [told] = also("title:RL", *papers)
    assert '`title:RL` is also written "reinforcement learning": 2 papers more' in told
    assert told.endswith("(to find both: `title:~RL`)")
    [told] = also('"reinforcement learning" sea', *papers[:2], "RL at sea")
    assert "1 paper more" in told
    assert '`~"reinforcement learning"`' in told


@pytest.mark.parametrize("rule", ["~RL", 'RL OR "reinforcement learning"', "RL -sea", "=RL", "reinforc*", "pumps"])
def test_what_would_find_no_paper_more_is_not_told(rule: str) -> None:
    assert also(rule, "RL", "Reinforcement learning at sea") == []


def test_everything_is_meant_where_it_stands_alone() -> None:
    assert advice("*") == []


def test_few_papers_say_nothing() -> None:
    assert advise([("mine.toml", parse("xylophone"))], lambda: [PAPERS[:49]], today=TODAY) == []
