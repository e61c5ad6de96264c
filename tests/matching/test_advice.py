"""What the stored papers tell about a rule."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from digestbot.matching.advice import advise, foregone
from digestbot.model.papers import Paper
from digestbot.rules.combine import combine
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


def test_fifty_papers_say_something() -> None:
    assert len(advise([("mine.toml", parse("xylophone"))], lambda: [PAPERS[:50]], today=TODAY)) == 2


def test_few_papers_say_nothing() -> None:
    assert advise([("mine.toml", parse("xylophone"))], lambda: [PAPERS[:49]], today=TODAY) == []


@pytest.mark.parametrize(("found", "told"), [(30, 0), (31, 1)])
def test_more_than_three_tenths_is_too_much(found: int, told: int) -> None:
    papers = [Paper(title="heron" if number < found else "kiwi") for number in range(100)]
    problems = advise([("a", parse("heron"))], lambda: [papers], today=TODAY)
    assert len(problems) == told
    assert all(
        str(each).startswith("a: finds 31 of the 100 stored papers, 31 % (add what it must") for each in problems
    )


def test_what_every_paper_answers_is_told_where_it_does_not_stand_alone() -> None:
    (problem,) = advise([("a", parse("* OR tensor"))], batches, today=TODAY)
    assert str(problem).startswith("a: finds 100 of the 100 stored papers, 100 %")


def words(*titles: str) -> list[str]:
    """What is told of the term `herons` where these titles are stored fifty times over, or as often as they say."""
    papers = [Paper(title="kiwi", abstract="kiwi")] * 50 + [Paper(title="x", abstract=each) for each in titles]
    return [str(each) for each in advise([("", parse("herrons OR kiwi"))], lambda: [papers], today=TODAY)][1:]


@pytest.mark.parametrize(
    ("titles", "near"),
    [
        (["herons"] * 2, "herons"),
        (["herons"], None),  # one paper is not worth naming
        (["terrons"] * 2, None),  # it begins with another letter
        (["herronsxx"] * 2, "herronsxx"),
        (["herronsxxx"] * 2, None),  # three letters longer
        (["hexxons"] * 2, None),  # not alike enough
        (["herons", "herons", "herrings", "herrings", "herrings"], "herrings"),  # the most frequent
        (["herrans", "herrans", "herons", "herons", "herons"], "herons"),
        (["he-rrans"] * 2, "herrans"),  # in both readings
    ],
)
def test_what_a_word_that_nobody_writes_may_mean(titles: list[str], near: str | None) -> None:
    (told,) = words(*titles)
    assert (f"(`{near}` finds" in told) if near else told.endswith("stored papers")


@pytest.mark.parametrize("term", ["herron*", "title:=herrons", "/herrons/", "author:herrons"])
def test_only_of_words_a_near_miss_is_told(term: str) -> None:
    papers = [Paper(title="kiwi")] * 50 + [Paper(title="herons")] * 5
    (told,) = advise([("", parse(f"{term} OR kiwi"))], lambda: [papers], today=TODAY)[1:]
    assert "(`" not in str(told)


def test_the_words_of_a_longer_term_are_looked_at_each_and_the_first_unknown_one_is_told() -> None:
    papers = [Paper(title="a kiwi")] * 50 + [Paper(title="grey herons and storks")] * 5
    told = advise([("", parse('"grey herrons" OR "herrons storcks" OR kiwi'))], lambda: [papers], today=TODAY)[1:]
    assert [str(each).partition("(")[2] for each in told] == ["`herons` finds 5)", "`herons` finds 5)"]


def test_another_way_to_write_a_prefix_is_not_looked_for() -> None:
    assert also("tensor*", "tensor", "multidimensional array") == []
    assert len(also("tensor", "tensor", "multidimensional array")) == 1


def test_twenty_terms_that_find_nothing_are_told_and_the_others_counted() -> None:
    rule = " OR ".join(["tensor", *(f"nothing{number}x" for number in range(23))])
    told = [str(each) for each in advise([("a", parse(rule))], batches, today=TODAY)]
    assert len(told) == 22
    assert told[-1] == "a: finds nothing with 3 more of its terms either"
    twenty = " OR ".join(["tensor", *(f"nothing{number}x" for number in range(20))])
    assert len(advise([("a", parse(twenty))], batches, today=TODAY)) == 21


def test_three_other_ways_to_write_a_term_are_named() -> None:
    synonyms = Synonyms([["heron", "egret", "stork", "ibis", "crane"]])
    papers = [Paper(title="egret"), Paper(title="heron")]
    (told,) = advise([("", parse("heron"))], lambda: [papers], today=TODAY, synonyms=synonyms)
    assert 'is also written "egret" or "stork" or "ibis": 1 paper more (to find both: `~heron`)' in str(told)


def warnings(**fields: Any) -> list[str]:
    return [str(each) for each in foregone(combine(**fields))]


NEVER = "can never match (something is both asked for and excluded, or no number answers all comparisons)"
ALWAYS = "matches every paper (leave it out, or ask for more)"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"keywords": ["heron"]}, []),
        ({"query": "heron -heron"}, [f"this rule {NEVER}"]),
        ({"query": "*"}, []),
        ({"query": "heron OR -heron"}, [f"this rule {ALWAYS}"]),
        ({"keywords": ["heron", "kiwi -kiwi"]}, [f"this {NEVER}"]),
        ({"keywords": ["heron", "kiwi"], "exclude": ["kiwi"]}, [f"with what is required and excluded this {NEVER}"]),
        ({"keywords": ["heron"], "require": ["upvotes>3"], "exclude": ["upvotes>1"]}, [f"this rule {NEVER}"]),
    ],
)
def test_what_is_foregone_is_told(fields: dict[str, Any], told: list[str]) -> None:
    assert [each.partition(": ")[2] or each for each in warnings(**fields)] == told
