"""Random rules, and trees without their places, for the tests of the language."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import strategies as st

from digestbot.rules.ast import (
    And,
    Compare,
    Everything,
    Exact,
    Label,
    Name,
    Near,
    Node,
    Not,
    Or,
    Regex,
    Span,
    Topic,
    Words,
)
from digestbot.rules.fields import Field, Number

NOWHERE = Span(0, 0)


def bare(node: Node) -> Node:
    """The tree with every span at nothing."""
    match node:
        case And() | Or():
            return replace(node, rules=tuple(bare(each) for each in node.rules), span=NOWHERE)
        case Not() | Topic():
            return replace(node, rule=bare(node.rule), span=NOWHERE)
        case _:
            return replace(node, span=NOWHERE)


WORD = st.sampled_from(["model", "models", "pretraining", "speech", "c++", "bert", "box", "analysis", "gpt4", "of"])
TEXT_FIELD = st.sampled_from(
    [Field.TEXT, Field.TEXT, Field.TITLE, Field.ABSTRACT, Field.JOURNAL, Field.ORG, Field.SOURCE]
)
WEIGHT = st.sampled_from([1.0, 1.0, 2.5, 0.5, 100.0])
DAY = st.dates(date(2023, 12, 20), date(2024, 2, 10))


@st.composite
def words(draw: st.DrawFn) -> Words:
    spelling = tuple(draw(st.lists(WORD, min_size=1, max_size=3)))
    prefix = len(spelling) == 1 and spelling[0].isalpha() and len(spelling[0]) > 2 and draw(st.booleans())
    return Words(draw(TEXT_FIELD), (spelling,), NOWHERE, prefix, draw(WEIGHT))


@st.composite
def compare(draw: st.DrawFn) -> Compare:
    number = draw(st.sampled_from(Number))
    operator = draw(st.sampled_from(["<", "<=", "=", ">=", ">"]))
    value = draw(DAY) if number is Number.PUBLISHED else draw(st.integers(-5, 40))
    return Compare(number, operator, value, value, NOWHERE)


LEAF: st.SearchStrategy[Node] = st.one_of(
    words(),
    st.builds(
        lambda f, ws, n, weight: Near(f, (tuple(ws),), n, NOWHERE, weight),
        TEXT_FIELD,
        st.lists(WORD, min_size=1, max_size=3),
        st.integers(0, 4),
        WEIGHT,
    ),
    st.builds(
        lambda f, text, weight: Exact(f, text, NOWHERE, weight),
        TEXT_FIELD,
        st.sampled_from(["BERT", "C++", "pre-training", "é"]),
        WEIGHT,
    ),
    st.builds(
        lambda f, text, i, weight: Regex(f, text, NOWHERE, i, weight),
        TEXT_FIELD,
        st.sampled_from(["b.rt", "^pre", "s$", r"\d+", "a/b", r"C\+"]),
        st.booleans(),
        WEIGHT,
    ),
    st.builds(
        lambda value, weight: Label(Field.CATEGORY, value, NOWHERE, None, weight),
        st.sampled_from(["cs", "cs.cl", "astro-ph"]),
        WEIGHT,
    ),
    st.builds(
        lambda scheme, weight: Label(Field.ID, "2401.00001", NOWHERE, scheme, weight),
        st.sampled_from([None, "arxiv", "doi"]),
        WEIGHT,
    ),
    st.builds(
        lambda name, weight: Name(Field.AUTHOR, name, NOWHERE, weight),
        st.sampled_from(["Marsh I", "van den Hoek", "LeCun, Yann", "Müller"]),
        WEIGHT,
    ),
    st.just(Everything(NOWHERE)),
    compare(),
)
TREE: st.SearchStrategy[Node] = st.recursive(
    LEAF,
    lambda part: st.one_of(
        st.builds(lambda each: Not(each, NOWHERE), part),
        st.builds(lambda each: And(tuple(each), NOWHERE), st.lists(part, min_size=2, max_size=3)),
        st.builds(lambda each: Or(tuple(each), NOWHERE), st.lists(part, min_size=2, max_size=3)),
    ),
    max_leaves=12,
)


def written(node: Node, draw: st.DataObject) -> str:
    """The tree in the rule language, in one of the ways to write it."""
    match node:
        case And() | Or():
            parts = [_grouped(each, draw) if isinstance(each, And | Or) else written(each, draw) for each in node.rules]
            between = " OR " if isinstance(node, Or) else draw.draw(st.sampled_from([" ", " AND ", "\n"]))
            return between.join(parts)
        case Not():
            inner = _grouped(node.rule, draw) if isinstance(node.rule, And | Or) else written(node.rule, draw)
            dash = not isinstance(node.rule, Not) and draw.draw(st.booleans())
            return f"-{inner}" if dash else f"NOT {inner}"
        case Compare():
            space = draw.draw(st.sampled_from(["", " "]))
            return f"{node.number}{space}{node.operator}{space}{node.low}"
        case Topic():
            return f"topic:{node.name}"
        case Everything():
            return "*"
        case _:
            field = "" if node.field is Field.TEXT else f"{node.field}:"
            weight = "" if node.weight == 1.0 else f"^{node.weight}"
            return f"{field}{_term(node, draw)}{weight}"


def _grouped(node: Node, draw: st.DataObject) -> str:
    return f"({written(node, draw)})"


def _term(node: Words | Near | Exact | Regex | Label | Name, draw: st.DataObject) -> str:
    match node:
        case Words() if len(node.alternatives[0]) == 1:
            (word,) = node.alternatives[0]
            shape = "{}*" if node.prefix else draw.draw(st.sampled_from(["{}", '"{}"', "“{}”"]))
            return shape.format(word)
        case Words():
            return f'"{" ".join(node.alternatives[0])}"'
        case Near():
            return f'"{" ".join(node.alternatives[0])}"~{node.slop}'
        case Exact():
            return f"={node.text}"
        case Regex():
            return "/" + node.pattern.replace("/", r"\/") + "/" + ("i" if node.ignore_case else "")
        case Name():
            return f'"{node.name}"'
        case Label():
            return f"{node.scheme}:{node.value}" if node.scheme else node.value
