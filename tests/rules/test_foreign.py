"""What other search engines write is never taken for words in silence, wherever a rule is written."""

from __future__ import annotations

import pytest

from digestbot.model.errors import RuleError
from digestbot.rules.combine import combine
from digestbot.rules.lint import lint
from digestbot.rules.parser import parse

FOREIGN = [
    ("LLM[ti]", "title:LLM"), ("LLM[Title]", "title:LLM"), ("Marsh[1au]", "author:Marsh"),
    ("Nature[ta]", "journal:Nature"),
    ("x[tiab]", "leave"), ("x[MeSH:NoExp]", "leave"), ('"a b"[ad]', 'org:"a b"'), ("x[zz]", "quote"),
    ("TITLE-ABS-KEY(x)", "title and abstract"), ("title(x)", "title:(...)"), ("SRCTITLE(x)", "journal:(...)"),
    ("AFFIL(x)", "org:(...)"), ("a NEAR/5 b", '"a b"~5'), ("a NEAR b", '"a b"~10'), ('"a b" w/3 c', '"a b c"~3'),
    ("a adj2 b", '"a b"~2'), ("a ONEAR/1 b", "~1"), ('"a b"@4', '"a b"~4'), ("wom?n", "wom*"),
    ("gr??n", "/gr.?.?n/i"),
    ("a|b|c", "a OR b OR c"), ("a&&b", "a AND b"), ("a ANDNOT b", "AND NOT"), ("TI=(x)", "title:"),
    ("ab:x", "abstract:"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "way_out"), FOREIGN)
def test_foreign_syntax_is_an_error_that_names_our_way(rule: str, way_out: str) -> None:
    for read in (parse, lambda text: combine(query=text), lambda text: combine(keywords=[text])):
        with pytest.raises(RuleError) as raised:
            read(rule)
        assert way_out in str(raised.value.problems[0])


@pytest.mark.parametrize(
    "rule",
    [
        "near infrared", "adjoint", "adj5", "R&D", "what is attention?",
        "[CLS] token", '"a|b"', '"x[ti]"', "LLM (agents)", "w/o",
        "24/7", "GPT-4?", '"graph NEAR/5 network"', "BRCA1 (title:x)", "TITLE (x)",
    ],
)  # fmt: skip
def test_what_only_looks_foreign_is_read(rule: str) -> None:
    assert parse(rule)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("a or b", "the operator is OR"), ("(a and b) c", "the operator is AND"), ("cs.CL", "category:cs.CL"),
        ("x q-bio.NC", "category:q-bio.NC"), ("hep-ph", "category:hep-ph"),
        ("cond-mat.str-el", "category:cond-mat.str-el"),
    ],
)  # fmt: skip
def test_what_is_hardly_meant_is_a_warning(rule: str, said: str) -> None:
    assert said in "".join(map(str, lint(parse(rule))))


@pytest.mark.parametrize(
    "rule", ['"now or never"', 'title:"search and rescue"', "category:cs.CL", '"cs.CL"', "cs", "math", "e.g."]
)
def test_what_is_meant_is_no_warning(rule: str) -> None:
    assert lint(parse(rule)) == []
