"""The rule language: what each way of writing means. Mistakes are in test_mistakes.py."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from digestbot.model.errors import RuleError
from digestbot.rules.ast import (
    And,
    Compare,
    Exact,
    Field,
    Label,
    Near,
    Node,
    Not,
    Number,
    Or,
    Regex,
    Span,
    Topic,
    Words,
)
from digestbot.rules.parser import parse, parse_node
from tests.rules.trees import bare

TOPICS: dict[str, Node] = {
    "multilingual": parse("multilingual").root,
    "medical": parse("medical").root,
    "two words": parse("x").root,
}
S = Span(0, 0)


def w(*spellings: str, field: Field = Field.TEXT, **more: Any) -> Words:
    return Words(field, tuple(tuple(each.split()) for each in spellings), S, **more)


def label(value: str, field: Field = Field.CATEGORY, scheme: str | None = None) -> Label:
    return Label(field, value, S, scheme)


def and_(*nodes: Node) -> And:
    return And(nodes, S)


def or_(*nodes: Node) -> Or:
    return Or(nodes, S)


def not_(node: Node) -> Not:
    return Not(node, S)


def cmp(number: str, operator: str, low: Any, high: Any = None) -> Compare:
    return Compare(Number(number), operator, low, low if high is None else high, S)


EXAMPLES: list[tuple[str, Node]] = [
    # the examples of the design
    ('"speech recognition" OR ASR', or_(w("speech recognition"), w("asr"))),
    (
        "title:(survey OR review) AND NOT abstract:chemistry",
        and_(
            or_(w("survey", field=Field.TITLE), w("review", field=Field.TITLE)),
            not_(w("chemistry", field=Field.ABSTRACT)),
        ),
    ),
    (
        "quantiz* upvotes>=5 (category:cs.CL OR category:cs.LG)",
        and_(w("quantiz", prefix=True), cmp("upvotes", ">=", 5), or_(label("cs.cl"), label("cs.lg"))),
    ),
    ('"low resource translation"~3', Near(Field.TEXT, (("low", "resource", "translation"),), 3, S)),
    (
        "topic:multilingual -topic:medical",
        and_(Topic("multilingual", w("multilingual"), S), not_(Topic("medical", w("medical"), S))),
    ),
    # operators
    ("a b", and_(w("a"), w("b"))),
    ("a AND b", and_(w("a"), w("b"))),
    ("a and b", and_(w("a"), w("and"), w("b"))),
    ("a OR b c OR NOT d", or_(w("a"), and_(w("b"), w("c")), not_(w("d")))),
    ("(a OR b) c", and_(or_(w("a"), w("b")), w("c"))),
    ("((a))", w("a")),
    ("(a b) c", and_(and_(w("a"), w("b")), w("c"))),
    ("(a)OR(b)NOT(c)", or_(w("a"), and_(w("b"), not_(w("c"))))),
    ("NOT NOT x", not_(not_(w("x")))),
    ("a AND NOT -b", and_(w("a"), not_(not_(w("b"))))),
    ('-"a b" -(c d) -title:e', and_(not_(w("a b")), not_(and_(w("c"), w("d"))), not_(w("e", field=Field.TITLE)))),
    (
        "-upvotes>5 -=RAG -/x/",
        and_(not_(cmp("upvotes", ">", 5)), not_(Exact(Field.TEXT, "RAG", S)), not_(Regex(Field.TEXT, "x", S))),
    ),
    ("–x −y", and_(not_(w("x")), not_(w("y")))),
    ("a\nOR\tb\r\n", or_(w("a"), w("b"))),
    ('"AND" "Or"', and_(w("and"), w("or"))),
    ("AND* ANDx NOT-a", and_(w("and", prefix=True), w("andx"), w("not a", "nota"))),
    # words and phrases
    ("AT&T", w("at t")),
    ("gpt-4.1", w("gpt 4 1", "gpt4 1")),
    ("深層学習", w("深 層 学 習")),
    ("C++ F# Müller BERT's", and_(w("c++"), w("f#"), w("muller"), w("bert"))),
    ("“curly quotes” „low“", and_(w("curly quotes"), w("low"))),
    (r'M\"uller Erd\H{o}s "M\"uller lab" {BERT}', and_(w("muller"), w("erdos"), w("muller lab"), w("bert"))),
    ("pre-training", w("pre training", "pretraining")),
    ("pre–training", w("pre training", "pretraining")),
    ("state-of-the-art", w("state of the art", "stateoftheart")),
    ('"a pre-training b-c"', w("a pre training b c", "a pre training bc", "a pretraining b c", "a pretraining bc")),
    ('"a-b x"~2', Near(Field.TEXT, (("a", "b", "x"), ("ab", "x")), 2, S)),
    ("a--b c-", and_(w("a b"), w("c"))),
    ('x"y"(z)', and_(w("x"), w("y"), w("z"))),
    ("Yahoo! a/b", and_(w("yahoo"), w("a b"))),
    # prefixes
    ("pre-train*", w("pre train", "pretrain", prefix=True)),
    ("gpt-4*", w("gpt 4", "gpt4", prefix=True)),
    ("title:sur*^2", w("sur", field=Field.TITLE, prefix=True, weight=2.0)),
    # fields
    ("TITLE:x Abstract:y", and_(w("x", field=Field.TITLE), w("y", field=Field.ABSTRACT))),
    (
        'author:"Ada Lovelace" org:mit source:arxiv',
        and_(w("ada lovelace", field=Field.AUTHOR), w("mit", field=Field.ORG), w("arxiv", field=Field.SOURCE)),
    ),
    (
        "title:(a author:b (c abstract:(d)))",
        and_(
            w("a", field=Field.TITLE),
            w("b", field=Field.AUTHOR),
            and_(w("c", field=Field.TITLE), w("d", field=Field.ABSTRACT)),
        ),
    ),
    ("title:(upvotes>5 topic:medical)", and_(cmp("upvotes", ">", 5), Topic("medical", w("medical"), S))),
    (
        'title:"a b"~1 title:=RAG title:/x/',
        and_(Near(Field.TITLE, (("a", "b"),), 1, S), Exact(Field.TITLE, "RAG", S), Regex(Field.TITLE, "x", S)),
    ),
    # labels
    (
        'category:cs category:"cs.CL" category:(astro-ph OR math.AG)',
        and_(label("cs"), label("cs.cl"), or_(label("astro-ph"), label("math.ag"))),
    ),
    ("category:/^cs/", Regex(Field.CATEGORY, "^cs", S)),
    ("id:2401.00001", label("2401.00001", Field.ID)),
    ("id:2401.00001v2", label("2401.00001", Field.ID)),
    ("id:arXiv:2401.00001v12", label("2401.00001", Field.ID, "arxiv")),
    ("id:hep-th/9901001v3", label("hep-th/9901001", Field.ID)),
    ("id:10.1000/XYZ", label("10.1000/xyz", Field.ID)),
    ("id:doi:10.1000/xyzv2", label("10.1000/xyzv2", Field.ID, "doi")),
    ("id:10.1016/S0140-6736(20)30183-5", label("10.1016/s0140-6736(20)30183-5", Field.ID)),
    ("(id:https://arxiv.org/abs/2401.00001v3)", label("2401.00001", Field.ID, "arxiv")),
    (
        "id:(arxiv:2401.00001 OR doi:10.1/x)",
        or_(label("2401.00001", Field.ID, "arxiv"), label("10.1/x", Field.ID, "doi")),
    ),
    ('id:"10.1/x"', label("10.1/x", Field.ID)),
    # exact, regex
    (
        "=RAG =pre-training =C++",
        and_(Exact(Field.TEXT, "RAG", S), Exact(Field.TEXT, "pre-training", S), Exact(Field.TEXT, "C++", S)),
    ),
    ("foo =Bar", and_(w("foo"), Exact(Field.TEXT, "Bar", S))),
    (r"/a\/b(c|d)/i /x y/", and_(Regex(Field.TEXT, "a/b(c|d)", S, ignore_case=True), Regex(Field.TEXT, "x y", S))),
    # comparisons
    (
        "upvotes>=5 upvotes >= 5 Upvotes= 5",
        and_(cmp("upvotes", ">=", 5), cmp("upvotes", ">=", 5), cmp("upvotes", "=", 5)),
    ),
    ("authors<3 age<=-7", and_(cmp("authors", "<", 3), cmp("age", "<=", -7))),
    ("published>=2024-06-01", cmp("published", ">=", date(2024, 6, 1))),
    ("published=2024-02", cmp("published", "=", date(2024, 2, 1), date(2024, 2, 29))),
    ("published<2024", cmp("published", "<", date(2024, 1, 1), date(2024, 12, 31))),
    ("published=9999-12", cmp("published", "=", date(9999, 12, 1), date(9999, 12, 31))),
    ("upvotes", w("upvotes")),
    # weights
    (
        'x^2.5 "a b"^.5 "a b"~2^3 =X^4 /x/^5',
        and_(
            w("x", weight=2.5),
            w("a b", weight=0.5),
            Near(Field.TEXT, (("a", "b"),), 2, S, 3.0),
            Exact(Field.TEXT, "X", S, 4.0),
            Regex(Field.TEXT, "x", S, False, 5.0),
        ),
    ),
    ("category:cs^100", Label(Field.CATEGORY, "cs", S, None, 100.0)),
    # topics
    ('topic:"two words"', Topic("two words", w("x"), S)),
    ("TOPIC:medical", Topic("medical", w("medical"), S)),
]


@pytest.mark.parametrize(("text", "tree"), EXAMPLES)
def test_a_rule_means_its_tree(text: str, tree: Node) -> None:
    assert bare(parse(text, TOPICS).root) == tree


def source(text: str, node: Node) -> str:
    return text[node.span.start : node.span.end]


def test_each_node_knows_where_it_stood() -> None:
    text = 'a  title:"b c"^2 OR NOT (d =E) upvotes >= 5'
    root = parse(text).root
    assert isinstance(root, Or)
    first, second = root.rules
    assert isinstance(first, And)
    assert isinstance(second, And)
    assert [source(text, each) for each in (root, *root.rules)] == [
        text,
        'a  title:"b c"^2',
        "NOT (d =E) upvotes >= 5",
    ]
    assert [source(text, each) for each in first.rules] == ["a", 'title:"b c"']
    assert [source(text, each) for each in second.rules] == ["NOT (d =E)", "upvotes >= 5"]


def test_sixty_four_spellings_are_the_most() -> None:
    root = parse('"' + "a-b " * 6 + '"').root
    assert isinstance(root, Words)
    assert len(root.alternatives) == 64


@pytest.mark.parametrize("text", ['"low resource"', '"pre-training data"', '"x"', '"a  b"', '"- b"', '"the 3 c-d-e-f"'])
def test_a_lone_phrase_is_read_as_within_a_longer_rule(text: str) -> None:
    """It goes a shorter way, which must lead to the same tree, or the same error."""

    def read(text: str, *, alone: bool) -> object:
        try:
            node = parse_node(text if alone else f"{text} ", offset=7)
        except RuleError as error:
            return str(error)
        return node

    assert read(text, alone=True) == read(text, alone=False)
