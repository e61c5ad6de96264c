"""What stands above a section: a reader's words for what a rule asks for."""

from __future__ import annotations

import pytest

from digestbot.rules.combine import combine
from digestbot.rules.headings import heading


@pytest.mark.parametrize(
    ("keyword", "said"),
    [
        ("low-resource", "Low-resource"),
        ('"SCALING LAW"', "SCALING LAW"),
        ('"lichen wall"~4', "Lichen wall"),
        ("=MOSS", "MOSS"),
        ("/peat-?bog/i", "Peat bog"),
        ("quantiz*", "Quantiz…"),
        ("title:survey", "Survey"),
        ('abstract:"language model"^2.5', "Language model"),
        ("title:(survey OR review)", "Survey, review"),
        ("speech -music upvotes>=3", "Speech"),
        ("category:cs.CL", "cs.CL"),
        ("upvotes>=50", "Your search"),
        ("a1 OR b1 OR c1 OR d1", "Your search"),
        ("*", "All papers"),
    ],
)
def test_a_heading_says_what_is_asked_for_and_no_rule(keyword: str, said: str) -> None:
    (clause,) = combine(keywords=[keyword]).clauses
    assert heading(clause.rule) == said
