"""What a model is shown of a paper, and what of its answer may stand in a digest."""

from __future__ import annotations

import pytest

from digestbot.digests.gist_words import gist_id, instruction, one_line, question
from digestbot.model.papers import Paper

PAPER = Paper(title="Glass", abstract="We melt it.", authors=("Ada Lovelace",), url="https://example.org/1", upvotes=3)


def test_a_model_is_shown_title_and_abstract_and_nothing_else() -> None:
    assert question(PAPER) == "Title: Glass\n\nAbstract: We melt it."
    flood = Paper(title="t" * 9_000, abstract="a" * 90_000)
    assert question(flood) == f"Title: {'t' * 500}\n\nAbstract: {'a' * 4_000}"


def test_one_paper_in_one_language_is_known_again_whatever_else_changes() -> None:
    again = Paper(title="Glass", abstract="We melt it.", upvotes=900)
    assert gist_id("zh", PAPER) == gist_id("ZH", again)
    assert gist_id("zh", PAPER).startswith("zh/")
    others = {gist_id("de", PAPER), gist_id("zh", Paper(title="Glass", abstract="We melt it twice."))}
    assert gist_id("zh", PAPER) not in others


def test_a_model_is_told_the_language() -> None:
    assert "'pt-BR'" in instruction("pt-BR")


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("A plain sentence.", "A plain sentence."),
        ("  该论文提出了一种方法。\n", "该论文提出了一种方法。"),
        ("<think>First I\nthink.</think>\n\nThen I say it.", "Then I say it."),
        ("<think>and never come to an end", ""),
        ('"In quotation marks."', "In quotation marks."),
        ("「引号。」", "引号。"),
        ("**Bold** and *slanted* and `code` in __one__ line", "Bold and slanted and code in one line"),
        ("# Heading\n- one\n- two", "Heading one two"),
        ("```text\nfenced\n```", "fenced"),
        ("See [the page](http://evil.example/x) and ![it](http://evil.example/y.png).", "See the page and it."),
        ("Click [here](javascript:alert(1)).", "Click here."),
        ("<b>a</b> <script>alert('x')</script><img src=x onerror=y> b<!-- c -->", "a b"),
        ("x <script>alert(1)", "x"),
        ("p < 0.05 and q > 2, in C# with snake_case at 3*4", "p < 0.05 and q > 2, in C# with snake_case at 3*4"),
        ("a\x00b\x1b[31m\u202ec\u2066d\u2028e", "ab[31mcd e"),
        ("", ""),
        ("...", ""),
        ("<b></b>", ""),
        ("42.", ""),
    ],
)
def test_one_line_without_markup(answer: str, shown: str) -> None:
    assert one_line(answer) == shown


def test_its_length_is_bounded() -> None:
    assert len(one_line("word " * 50_000)) <= 300
    assert len(one_line("<a" * 50_000 + "[" * 50_000)) <= 300
