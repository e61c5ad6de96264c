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
    ("ab:x", "abstract:"), ("title:model[ti]", "write `title:model`"), ("title:model[au]", "write `author:model`"),
    ("title:gr?ph", "each spelling"), ("x[mh]", "write `keyword:x`"), ('"a b"[MeSH Terms]', "leave"),
    ("2024[dp]", "published=2024"), ("2020:2024[dp]", "published>=2020 published<=2024"), ("x[All Fields]", "leave"),
    ("asthma.ti.", "title:asthma"), ("asthma.ti,ab.", "title and abstract"), ('"a b".au.', 'author:"a b"'),
    ("asthma.mp.", "leave"), ("exp asthma/", "keyword:asthma"), ("comput$", "comput*"), ("comput$3", "comput*"),
    ("randomi$ed", "each spelling"), ("colo#r", "each spelling"), ("+graph tree", "leave it out"), ('+"a b"', "leave"),
    ("TS=(a)", "leave it out"), ("AU=Marsh", "author:Marsh"), ('SO="Nature"', 'journal:"Nature"'), ("AK=x", "keyword"),
    ("WC=Oncology", "category:Oncology"), ("PUBYEAR AFT 2019", "published>2019"), ("KEY(x)", "keyword:(...)"),
    ("all:x", "leave it out"), ("submittedDate:[2023 TO 2024]", "published="), ("year:2024", "published=2024"),
    ("inauthor:x", "author:"), ("（a｜b）", "a OR b"),
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
        "24/7", "GPT-4?", "US$100", "CO$_2$", "$k$", "C#", "H$_2$O", "U.S.", "C ++x",
        '"graph NEAR/5 network"', "BRCA1 (title:x)", "TITLE (x)",
    ],
)  # fmt: skip
def test_what_only_looks_foreign_is_read(rule: str) -> None:
    assert parse(rule)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("a or b", "the operator is OR"), ("(a and b) c", "the operator is AND"), ("cs.CL", "category:cs.CL"),
        ("x q-bio.NC", "category:q-bio.NC"), ("hep-ph", "category:hep-ph"),
        ("cond-mat.str-el", "category:cond-mat.str-el"), ("a and/or b", "the operator is OR"), ("a adj b", "near each"),
        ("a XOR b", "near each"), ("a N3 b", "near each"), ("'a b'", "double quotes"), ("a ‘b c’", "double quotes"),
    ],
)  # fmt: skip
def test_what_is_hardly_meant_is_a_warning(rule: str, said: str) -> None:
    assert said in "".join(map(str, lint(parse(rule))))


@pytest.mark.parametrize(
    "rule",
    [
        '"now or never"', 'title:"search and rescue"', "category:cs.CL", '"cs.CL"', "cs", "math", "e.g.", "N2 fixation",
        "rock 'n roll",
    ],
)  # fmt: skip
def test_what_is_meant_is_no_warning(rule: str) -> None:
    assert lint(parse(rule)) == []
