"""One rule on one paper: what it answers, and the reasons it gives."""

from __future__ import annotations

import re
import time
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestbot.matching.base import Reason
from digestbot.matching.evaluate import Evaluator
from digestbot.matching.folded_paper import FoldedPaper
from digestbot.model.papers import Paper
from digestbot.rules.ast import And, Compare, Everything, Exact, Label, Name, Near, Node, Not, Or, Regex, Rule, Topic
from digestbot.rules.fields import Field, Number
from digestbot.rules.folding import words
from digestbot.rules.parser import parse
from digestbot.rules.word_forms import forms
from tests.matching.oracle_names import agreeing
from tests.rules.trees import TREE

TODAY = date(2024, 2, 1)
TOPICS = {"speech": parse("(speech OR audio) NOT music").root}
PAPER = Paper(
    title="Pre-training Large Models for C++ and Café queries",
    abstract="We study state-of-the-art BERT's analyses. Low cost transfer to 深層学習; no resource. Speech boxes.",
    authors=("Ada Lovelace", "Lei Wang"),
    organization="Univ. of Müller",
    upvotes=7,
    published=date(2024, 1, 15),
    categories=("cs.CL", "astro-ph.GA"),
    ids={"arxiv": "2401.00001", "doi": "10.1000/XYZ"},
    source="arxiv",
)
BARE = Paper(title="Nothing else")


def matches(rule: str, paper: Paper = PAPER) -> bool:
    return Evaluator(parse(rule, TOPICS), TODAY).matches(paper)


@pytest.mark.parametrize(
    "rule",
    [
        "pretraining", "pre-training", '"pre training"', "training", "pre-train*", "model",
        "MODELS", "c++", "cafe", "query", "queries", "box", "analysis", "bert", "stateoftheart",
        '"state of the art"', "state-of-the-arts", '"large model"', '"of the arts BERT analysis"',
        "深層", "層学習", "stateof*", "large-model", "(largemodel OR large)", '"low cost transfer"',
        '"transfer low"~1', '"cost low to"~1', '"resource low"~8', '"models pretraining"~1',
        "title:large", "abstract:bert", "-title:bert", "author:wang", 'author:"ada lovelace"',
        "org:muller", "source:arxiv", "category:cs", "category:CS.cl", "category:astro-ph",
        "category:/^cs/", "id:2401.00001v3", "id:arxiv:2401.00001", "id:10.1000/xyz",
        "id:doi:10.1000/xyz", "=BERT", "=C++", "=Pre-training", "title:=Large", "/B[E]RT/",
        "/bert/i", "upvotes>=7", "upvotes=7", "upvotes<8", "authors=2", "published=2024",
        "published=2024-01", "published<=2024-01", "published>2023", "published<2024-02", "age=17",
        "age<=17", "NOT upvotes>7", "topic:speech", "NOT NOT bert",
    ],
)  # fmt: skip
def test_a_rule_the_paper_answers(rule: str) -> None:
    assert matches(rule)


@pytest.mark.parametrize(
    "rule",
    [
        '"training pre"', '"queries we"', '"for queries study"~9', "C", "=c++", "=bert", "=Model",
        "=Café's", "stat", "prefixx*", "title:bert", "abstract:large", 'author:"lovelace lei"',
        "author:ada author:grace", "org:ada", "category:c", "category:cs.C", "category:astro",
        "id:2401.0000", "id:doi:2401.00001", "/bert/", "/^BERT/", "upvotes>7", "upvotes<7",
        "authors>2", "published=2023", "published>2024", "published<2024-01", "age>17", "-bert",
        '"transfer low"~0', '"resource low"~7', "music", "-topic:speech", '"bert state"',
    ],
)  # fmt: skip
def test_a_rule_the_paper_does_not_answer(rule: str) -> None:
    assert not matches(rule)


@pytest.mark.parametrize("number", ["upvotes", "authors", "age"])
@pytest.mark.parametrize("operator", ["<", "<=", "=", ">=", ">"])
def test_a_comparison_with_a_missing_value_is_false_and_only_not_turns_it(number: str, operator: str) -> None:
    assert not matches(f"{number}{operator}0", BARE)
    assert matches(f"NOT {number}{operator}0", BARE)
    assert not matches(f"published{operator}2024", BARE)


def test_a_stated_number_of_authors_counts_without_names() -> None:
    assert matches("authors=5", Paper(title="x", author_count=5))


def reasons(rule: str, paper: Paper = PAPER) -> list[tuple[str, str, str]]:
    found = Evaluator(parse(rule, TOPICS), TODAY).reasons(paper)
    return [(each.rule, each.field, each.text) for each in found]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("bert OR model", [("bert", "abstract", "BERT"), ("model", "title", "Models")]),
        ("pretraining", [("pretraining", "title", "Pre-training")]),
        ("pre-training", [("pre-training", "title", "Pre-training")]),
        ("title:(cafe large)", [("cafe", "title", "Café"), ("large", "title", "Large")]),
        ('"cost low to"~1', [('"cost low to"~1', "abstract", "Low cost transfer to")]),
        ("bert -music", [("bert", "abstract", "BERT")]),
        ("NOT music", []),
        ("NOT NOT bert", []),
        ("music", []),
        ("(music bert) OR large", [("large", "title", "Large")]),
        ("topic:speech", [("topic:speech", "abstract", "Speech")]),
        ("author:wang org:muller", [("author:wang", "author", "Lei Wang"), ("org:muller", "org", "Müller")]),
        ("category:cs id:2401.00001", [("category:cs", "category", "cs.CL"), ("id:2401.00001", "id", "2401.00001")]),
        (
            "upvotes >= 5 authors=2 published=2024 age<20",
            [
                ("upvotes >= 5", "upvotes", "7"),
                ("authors=2", "authors", "2"),
                ("published=2024", "published", "2024-01-15"),
                ("age<20", "age", "17"),
            ],
        ),
        ("=C++^2 /B\\w+T/", [("=C++", "title", "C++"), ("/B\\w+T/", "abstract", "BERT")]),
        ("層学習", [("層学習", "abstract", "層学習")]),
        (r"/\b/ bert", [("bert", "abstract", "BERT")]),
        ("bert OR bert", [("bert", "abstract", "BERT")]),
    ],
)  # fmt: skip
def test_reasons_are_the_positive_terms_that_match(rule: str, expected: list[tuple[str, str, str]]) -> None:
    assert reasons(rule) == expected


def test_reasons_give_every_place_in_the_order_of_the_paper() -> None:
    paper = Paper(title="Models of a model", abstract="A MODEL; " * 30)
    found = Evaluator(parse("model"), TODAY).reasons(paper)
    assert found[:3] == [
        Reason("model", "title", "Models", 0, 6),
        Reason("model", "title", "model", 12, 17),
        Reason("model", "abstract", "MODEL", 2, 7),
    ]
    assert sum(each.field == "abstract" for each in found) == 20


def test_the_words_of_a_paper_are_those_of_title_and_abstract_in_each_reading() -> None:
    paper = FoldedPaper(
        Paper(title="Pre-training BERT", abstract="A BERT at a Café.", authors=("Ada",), journal="Acta")
    )
    words = {"pre", "training", "pretraining", "bert", "a", "at", "cafe"}
    assert [paper.said() for _ in range(2)] == [words] * 2


def test_comparisons_have_no_place() -> None:
    assert Evaluator(parse("upvotes>1"), TODAY).reasons(PAPER) == [Reason("upvotes>1", "upvotes", "7")]


def test_who_knows_which_branches_are_answered_is_told_of_those_alone() -> None:
    rule = parse("category:cs OR category:astro-ph OR bert")
    one, other, _ = rule.root.rules if isinstance(rule.root, Or) else ()
    found = Evaluator(rule, TODAY).evidence(PAPER, {id(one): True, id(other): False})
    assert [each.text for each in found] == ["cs.CL", "BERT"]


def test_a_thousand_papers_and_twenty_rules_take_a_moment() -> None:
    evaluators = [Evaluator(parse(f'(model{n} OR "large models" OR quer*) upvotes>={n}'), TODAY) for n in range(20)]
    abstract = " ".join(f"word{n} and-others" for n in range(100))
    papers = [
        FoldedPaper(Paper(title=f"Large language models {n}", abstract=abstract + str(n), upvotes=n % 30))
        for n in range(1000)
    ]
    started = time.process_time()
    found = sum(each.matches(paper) for paper in papers for each in evaluators)
    assert found == 0
    assert time.process_time() - started < 4


# The same question asked slowly, straight from the design's words.


def raw_values(paper: Paper, field: Field) -> list[str]:
    text = [paper.title, paper.abstract]
    by_field: dict[Field, list[Any]] = {
        Field.TEXT: text, Field.TITLE: text[:1], Field.ABSTRACT: text[1:], Field.AUTHOR: list(paper.authors),
        Field.ORG: [paper.organization], Field.SOURCE: [paper.source], Field.JOURNAL: [paper.journal],
    }  # fmt: skip
    return [each for each in by_field[field] if each is not None]


def stands(wanted: str, word: str, prefix: bool) -> bool:
    return word.startswith(wanted) if prefix else word in forms(wanted)


def slowly(node: Node, paper: Paper) -> bool:  # noqa: C901 - one case for each kind of node
    match node:
        case And():
            return all(slowly(each, paper) for each in node.rules)
        case Or():
            return any(slowly(each, paper) for each in node.rules)
        case Not():
            return not slowly(node.rule, paper)
        case Topic():
            return slowly(node.rule, paper)
        case Compare():
            values = {
                Number.UPVOTES: paper.upvotes,
                Number.AUTHORS: paper.author_count,
                Number.PUBLISHED: paper.published,
                Number.AGE: paper.published and (TODAY - paper.published).days,
            }
            value: Any = values[node.number]
            if value is None:
                return False
            return bool(
                {
                    "<": value < node.low,
                    "<=": value <= node.high,
                    "=": node.low <= value <= node.high,
                    ">=": value >= node.low,
                    ">": value > node.high,
                }[node.operator]
            )
        case Label(field=Field.CATEGORY):
            return any((each.lower() + ".").startswith(node.value + ".") for each in paper.categories)
        case Label():
            return any(
                each.lower() == node.value and node.scheme in (None, scheme) for scheme, each in paper.ids.items()
            )
        case Exact():
            whole = rf"(?<![^\W_]){re.escape(node.text)}" + (r"(?!\w|\+\+|#)" if node.text[-1].isalnum() else "")
            return any(re.search(whole, raw) for raw in raw_values(paper, node.field))
        case Regex():
            flags = re.IGNORECASE | re.ASCII if node.ignore_case else re.ASCII
            return any(re.search(node.pattern, raw, flags) for raw in raw_values(paper, node.field))
        case Near():
            return any(
                all(
                    any(stands(each, word, False) for word in reading[at : at + len(spelling) + node.slop])
                    for each in spelling
                )
                for raw in raw_values(paper, node.field)
                for reading in words(raw)
                for spelling in node.alternatives
                for at in range(len(reading))
            )
        case Everything():
            return True
        case Name():
            return any(agreeing(node.name, each) for each in paper.authors)
        case _:
            return any(
                all(
                    stands(each, reading[at + n], node.prefix and n == len(spelling) - 1)
                    for n, each in enumerate(spelling)
                )
                for raw in raw_values(paper, node.field)
                for reading in words(raw)
                for spelling in node.alternatives
                for at in range(len(reading) - len(spelling) + 1)
            )


PIECE = st.sampled_from(
    ["model", "Models", "pre-training", "pretraining", "Speech", "C++", "BERT", "BERT's", "boxes", "analyses", "GPT4",
     "é", "of", ".", "b", "models-of"]
)  # fmt: skip
AUTHORS = ("Ilse Marsh", "Marsh J", "Yann LeCun", "Y LeCun", "Mirjam van den Hoek", "K. Mueller", "Müller")
TEXT = st.lists(PIECE, max_size=8).map(" ".join)
PAPERS = st.builds(
    Paper,
    title=TEXT,
    abstract=st.none() | TEXT,
    authors=st.lists(st.sampled_from(AUTHORS), max_size=2).map(tuple),
    organization=st.none() | TEXT,
    journal=st.none() | TEXT,
    source=st.none() | TEXT,
    upvotes=st.none() | st.integers(0, 30),
    published=st.none() | st.integers(-5, 40).map(lambda days: TODAY - timedelta(days=days)),
    categories=st.lists(st.sampled_from(["cs.CL", "CS", "csx", "astro-ph.GA", "astro"]), max_size=2).map(tuple),
    ids=st.sampled_from([{}, {"arxiv": "2401.00001"}, {"doi": "2401.00001"}, {"arxiv": "2401.00002"}]),
)


@given(TREE, PAPERS)
@settings(max_examples=500, deadline=None)
def test_the_evaluator_answers_as_the_slow_one_does(tree: Node, paper: Paper) -> None:
    evaluator = Evaluator(Rule("x" * 10, tree), TODAY)
    assert evaluator.matches(paper) is slowly(tree, paper)
    for each in evaluator.reasons(paper):
        assert each.field in {"title", "abstract", "author", "org", "journal", "source", "category", "id", *Number}
        if each.start is not None and each.field in ("title", "abstract"):
            assert getattr(paper, each.field)[each.start : each.end] == each.text
