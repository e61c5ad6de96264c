"""What looks at raw text: exact words and regular expressions."""

from __future__ import annotations

import pytest

from digestbot.rules.exact import occurrences
from digestbot.rules.regexes import LONGEST_REGEX, PatternError, pattern


@pytest.mark.parametrize(
    ("word", "raw", "places"),
    [
        ("RAG", "RAG, rag RAGs (RAG) xRAG RAG", [(0, 3), (15, 18), (25, 28)]),
        ("BERT", "BERT-large BERT's BERT_x BERT2", [(0, 4), (11, 15), (18, 22)]),
        ("C", "C C++ C# C+ C.", [(0, 1), (9, 10), (12, 13)]),
        ("C++", "C++ C+++ C++11 xC++", [(0, 3), (4, 7), (9, 12)]),
        ("pre-training", "pre-training Pre-training pre training", [(0, 12)]),
        ("cafe", "cafe\u0301 cafe", [(6, 10)]),
        ("é", "cafe\u0301 é éé", [(6, 7)]),
        ("BERT", "BERT中文", [(0, 4)]),
        ("深層", "深層学習", [(0, 2)]),
        ("aa", "aa-aa aaa", [(0, 2), (3, 5)]),
    ],
)
def test_an_exact_word_is_whole_and_keeps_its_case(word: str, raw: str, places: list[tuple[int, int]]) -> None:
    assert list(occurrences(word, raw)) == places


def test_a_pattern_gives_offsets_in_characters() -> None:
    text = "中文 \ud800 Bert BERT"
    assert [text[a:b] for a, b in pattern("b.rt", True).spans(text)] == ["Bert", "BERT"]
    assert pattern("BERT").found_in(text)
    assert not pattern("bert").found_in(text)


@pytest.mark.parametrize("text", ["(", r"(a)\1", "(?=a)", "a{2000}", r"a\C", "\ud800", "a" * (LONGEST_REGEX + 1)])
def test_a_pattern_that_cannot_be_used_says_why(text: str) -> None:
    with pytest.raises(PatternError, match=r"\w"):
        pattern(text)


def test_a_pattern_takes_linear_time() -> None:
    assert not pattern("(a*)*b").found_in("a" * 20_000)
