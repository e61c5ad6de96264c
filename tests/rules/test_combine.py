"""Keywords, topics and queries made one rule, and every problem with the entry it came from."""

from __future__ import annotations

import pytest

from digestbot.model.errors import Problem, RuleError
from digestbot.rules.ast import And, Not, Or, Topic
from digestbot.rules.combine import combine
from digestbot.rules.keywords import Keyword
from digestbot.rules.parser import parse
from digestbot.rules.topics import Topics, TopicSpec
from tests.rules.trees import bare

TAXONOMY = Topics.build({"multilingual": TopicSpec(keywords=("bilingual",))})


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        ("speech", "speech"),
        ("  low-resource ", "low-resource"),
        ("cross-lingual transfer", '"cross-lingual transfer"'),
        ("search and rescue", '"search and rescue"'),
        ("AT&T", "AT&T"),
        ("input/output systems", '"input/output systems"'),
        ("C++ code", '"C++ code"'),
        ("deep - learning", '"deep - learning"'),
        ("graph networks^2", '"graph networks"^2'),
        (r"M\"uller lab", r'"M\"uller lab"'),
        ("a OR b", "a OR b"),
        ("NOT a", "NOT a"),
        ("a -b", "a -b"),
        ("-b", "-b"),
        ("=RAG", "=RAG"),
        ("transformer*", "transformer*"),
        ("title:x y", "title:x y"),
        ('"a b"~2', '"a b"~2'),
        ("(a b)", "a b"),
        ("/gpt-[45]/", "/gpt-[45]/"),
        ("upvotes>=5", "upvotes>=5"),
        ("topic:multilingual x", "topic:multilingual x"),
    ],
)
def test_a_plain_entry_is_a_phrase_and_one_with_the_language_a_rule(entry: str, rule: str) -> None:
    assert bare(Keyword.of(entry).node(TAXONOMY, 0)) == bare(parse(rule, TAXONOMY).root)


def test_lists_combine_as_the_design_says() -> None:
    combined = combine(
        keywords=["low-resource", "a OR b", "cross-lingual transfer^2"],
        topics=["multilingual"],
        query='title:"scaling law" upvotes>=3',
        require=["x y", "z"],
        exclude=["speech", "c d"],
        taxonomy=TAXONOMY,
    )
    assert combined.rule.text == (
        '(low-resource OR (a OR b) OR "cross-lingual transfer"^2 OR topic:"multilingual" OR '
        '(title:"scaling law" upvotes>=3)) AND "x y" AND z AND NOT speech AND NOT "c d"'
    )
    root = combined.rule.root
    assert isinstance(root, And)
    assert [type(each) for each in root.rules] == [Or, type(parse("z").root), type(parse("z").root), Not, Not]
    assert bare(root) == bare(parse(combined.rule.text, TAXONOMY).root)
    assert [each.label for each in combined.clauses] == [
        "low-resource",
        "a OR b",
        "cross-lingual transfer",
        "topic:multilingual",
        "query",
    ]
    assert isinstance(combined.clauses[3].rule.root, Topic)
    assert [each.topic for each in combined.clauses] == [None, None, None, "multilingual", None]


def test_an_entry_that_is_a_topic_is_known_as_one_and_a_query_is_the_query() -> None:
    combined = combine(
        keywords=["topic:multilingual", "topic:multilingual x"], query="topic:multilingual", taxonomy=TAXONOMY
    )
    assert [each.topic for each in combined.clauses] == ["multilingual", None, None]


def test_spans_of_rule_and_clauses_point_into_the_whole_text() -> None:
    combined = combine(keywords=["graph nets^2", "a OR b"], query=" c ", exclude=["d"])
    sources = [each.rule.text[each.rule.root.span.start : each.rule.root.span.end] for each in combined.clauses]
    assert sources == ['"graph nets"', "a OR b", "c"]
    assert all(each.rule.text == combined.rule.text for each in combined.clauses)
    root = combined.rule.root
    assert isinstance(root, And)
    assert root.rules[1] == parse(combined.rule.text).root.rules[1]  # type: ignore[union-attr]  # it is an And


def test_operators_of_other_languages_are_no_phrase() -> None:
    with pytest.raises(RuleError, match="did you mean `OR`"):
        Keyword.of("speech || audio").node(None, 0)


@pytest.mark.parametrize(
    ("lists", "text"),
    [
        ({"keywords": ["a"]}, "a"),
        ({"keywords": ["a", "b"]}, "a OR b"),
        ({"keywords": ["a"], "exclude": ["b"]}, "a AND NOT b"),
        ({"query": "a b"}, "(a b)"),
        ({"topics": ["multilingual"], "require": ["a"]}, 'topic:"multilingual" AND a'),
    ],
)
def test_absent_lists_leave_no_trace(lists: dict[str, object], text: str) -> None:
    combined = combine(**lists, taxonomy=TAXONOMY)  # type: ignore[arg-type]  # a table of arguments
    assert combined.rule.text == text
    assert bare(combined.rule.root) == bare(parse(text, TAXONOMY).root)


def test_require_alone_is_a_rule_with_one_clause() -> None:
    combined = combine(require=["a", "b c"], exclude=["d"])
    assert combined.rule.text == 'a AND "b c" AND NOT d'
    assert [each.label for each in combined.clauses] == ["require"]
    assert bare(combined.clauses[0].rule.root) == bare(parse('a AND "b c"').root)


@pytest.mark.parametrize("lists", [{}, {"exclude": ["a"]}])
def test_nothing_asked_for_is_an_error(lists: dict[str, list[str]]) -> None:
    with pytest.raises(RuleError, match="at least one of keywords, topics, query or require"):
        combine(keywords=lists.get("keywords", []), exclude=lists.get("exclude", []))


def test_every_problem_names_its_entry_and_its_place_there() -> None:
    with pytest.raises(RuleError) as raised:
        combine(
            keywords=["fine", "  (a", "... ..."],
            require=["x AND"],
            exclude=["", "titel:x"],
            topics=["multilingal"],
            query="a\n b)",
            taxonomy=TAXONOMY,
        )
    assert [(each.place, each.line, each.column) for each in raised.value.problems] == [
        ("keywords[1]", 1, 3),
        ("keywords[2]", 1, 1),
        ("topics[0]", 1, 1),
        ("query", 2, 3),
        ("require[0]", 1, 3),
        ("exclude[0]", 1, 1),
        ("exclude[1]", 1, 1),
    ]
    assert "multilingual" in (raised.value.problems[2].way_out or "")


@pytest.mark.parametrize(
    ("line", "column", "found"),
    [
        (1, 1, ("keywords[0]", 1, 1)),
        (1, 6, ("keywords[0]", 1, 6)),
        (1, 7, (None, None, None)),  # the OR between them
        (1, 12, ("keywords[1]", 1, 3)),  # the spaces before it are counted
        (None, 17, ("keywords[1]", 1, 8)),
        (1, 18, (None, None, None)),
        (1, 24, ("query", 1, 1)),
        (2, 1, ("query", 2, 1)),
        (2, 4, ("query", 2, 4)),
        (3, 2, ("query", 3, 2)),
        (2, None, (None, None, None)),
        (None, None, (None, None, None)),
    ],
)
def test_a_problem_of_the_whole_is_told_where_its_entry_has_it(
    line: int | None, column: int | None, found: tuple[str | None, int | None, int | None]
) -> None:
    combined = combine(keywords=["speech", "  a OR b"], query='title:"scaling law"\nOR abstract:model\nOR x')
    assert combined.rule.text == 'speech OR (a OR b) OR (title:"scaling law"\nOR abstract:model\nOR x)'
    told = combined.located(Problem("odd", "somewhere", line, column, "mend it"))
    assert (told.place, told.line, told.column) == found
    assert (told.message, told.way_out) == ("odd", "mend it")
