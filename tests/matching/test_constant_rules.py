"""What is certain of a rule before any paper is seen, as literal values."""

from __future__ import annotations

import pytest

from digestbot.matching.constant_rules import verdict
from digestbot.rules.parser import parse

TOPICS = {"birds": parse("heron OR stork").root}


@pytest.mark.parametrize(
    "rule",
    [
        "heron -heron",
        "heron kiwi -(heron OR stork)",
        "title:heron -heron",  # what a title holds, title or abstract hold
        "abstract:heron -heron",
        'abstract:"a heron"~3 -("a heron"~3)',
        "title:=Heron -(=Heron)",
        "title:/her+on/i -/her+on/i",
        "category:cs.CL -category:cs",
        "category:cs.CL.x -category:cs.CL",
        "author:lovelace -author:lovelace",
        "id:doi:10.1/a -id:doi:10.1/a",
        "upvotes>5 upvotes<5",
        "upvotes>5 upvotes<=5",
        "upvotes=5 upvotes=6",
        "upvotes>=5 upvotes<7 -upvotes=5 -upvotes=6",
        "published=2024 published>2025",
        "published<2024 published>=2024-01",
        "-*",
        "heron -*",
        "topic:birds -heron -stork",
        "(upvotes>5 OR upvotes>7) upvotes<3",
        "title:heron title:kiwi -heron",
    ],
)
def test_what_no_paper_can_answer(rule: str) -> None:
    assert str(verdict(parse(rule, TOPICS).root)) == "never"


@pytest.mark.parametrize(
    "rule",
    [
        "*",
        "heron OR *",
        "heron OR -heron",
        "heron OR -title:heron",
        "category:cs OR -category:cs.CL",
        "upvotes>5 OR -upvotes>5",
        "-upvotes>5 OR upvotes>3",
        "-(upvotes>5 upvotes<5)",
        "-topic:birds OR heron OR stork",
        "-upvotes>=5 OR upvotes=5 OR upvotes>5",
    ],
)
def test_what_every_paper_answers(rule: str) -> None:
    assert str(verdict(parse(rule, TOPICS).root)) == "always"


@pytest.mark.parametrize(
    "rule",
    [
        "heron",
        "heron -stork",
        "heron -title:heron",  # it may stand in the abstract
        "title:heron -abstract:heron",
        "heron OR -stork",
        "heron OR title:heron",
        "-heron OR title:heron",
        'title:"a heron"~3 -("a heron"~4)',
        "title:=Heron -(=heron)",
        "title:/her+on/ -/her+on/i",
        "title:heron -her*",
        "title:heron -author:heron",
        "journal:heron -heron",
        "category:cs -category:cs.CL",
        "category:csx -category:cs",
        "category:cs.CL -source:cs",
        "source:a.b -source:a",
        "id:doi:10.1/a -id:arxiv:10.1/a",
        "id:1.2 -id:1",
        "author:lovelace -author:noether",
        "upvotes>5 OR upvotes<=5",  # nobody may know them
        "upvotes>5 upvotes<7",
        "upvotes>=5 upvotes<=5",
        "upvotes>5 authors<5",
        "upvotes>5 -upvotes>7",
        "upvotes>5 OR upvotes>7",
        "-upvotes>5 -upvotes<=5",
        "heron *",
        "topic:birds -heron",
        "topic:birds OR -kiwi",
        "published>=2024 published<2024-02",
    ],
)
def test_what_depends_on_the_paper(rule: str) -> None:
    assert verdict(parse(rule, TOPICS).root) is None


def birds(count: int) -> str:
    return " ".join(f"bird{number}" for number in range(count))


@pytest.mark.parametrize(("count", "told"), [(12, "never"), (13, "None")])
def test_a_rule_of_more_than_twelve_leaves_is_not_tried_out(count: int, told: str) -> None:
    assert str(verdict(parse(f"{birds(count)} -bird0").root)) == told
