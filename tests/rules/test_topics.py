"""The taxonomy: topics resolve, include one another, and tell every problem at once."""

from __future__ import annotations

import pytest

from digestbot.model.errors import RuleError
from digestbot.rules.ast import Or, Topic
from digestbot.rules.parser import parse
from digestbot.rules.topics import Topics, TopicSpec


def problems(specs: dict[str, TopicSpec]) -> list[str]:
    with pytest.raises(RuleError) as raised:
        Topics.build(specs)
    return [str(each) for each in raised.value.problems]


def test_a_topic_is_keywords_or_query_or_includes_and_require_and_not_exclude() -> None:
    topics = Topics.build(
        {
            "multilingual": TopicSpec(
                title="Multilingual models",
                keywords=("cross-lingual", "low-resource language"),
                require=("model",),
                exclude=("speech",),
                query="title:(bilingual OR polyglot)",
                includes=("translation",),
            ),
            "translation": TopicSpec(keywords=("machine translation",)),
        }
    )
    assert topics.rule("multilingual").text == (
        '(cross-lingual OR "low-resource language" OR topic:"translation" OR (title:(bilingual OR polyglot)))'
        " AND model AND NOT speech"
    )
    assert list(topics) == ["multilingual", "translation"]
    assert topics.title("multilingual") == "Multilingual models"
    assert topics.title("translation") == "translation"
    included = parse("topic:translation", topics).root
    assert isinstance(included, Topic)
    assert included.rule is topics["translation"]


def test_topics_named_in_queries_resolve_in_any_order() -> None:
    topics = Topics.build(
        {
            "a": TopicSpec(query="topic:b OR x"),
            "b": TopicSpec(keywords=("topic:c",)),
            "c": TopicSpec(keywords=("z",), exclude=("topic:d",)),
            "d": TopicSpec(keywords=("w",)),
        }
    )
    assert set(topics) == {"a", "b", "c", "d"}


def test_cycles_are_named_in_full() -> None:
    found = problems(
        {
            "a": TopicSpec(includes=("b",)),
            "b": TopicSpec(query="x OR topic:c"),
            "c": TopicSpec(includes=("a", "fine")),
            "self": TopicSpec(keywords=("x",), includes=("self",)),
            "fine": TopicSpec(keywords=("x",)),
            "behind": TopicSpec(includes=("a",)),
        }
    )
    assert len(found) == 2
    assert "circle: a -> b -> c -> a" in found[0]
    assert "circle: self -> self" in found[1]


def test_every_problem_is_told_at_once_with_its_place() -> None:
    found = problems(
        {
            "translation": TopicSpec(keywords=("fine", "(x")),
            "uses-it": TopicSpec(includes=("translation", "translatoin"), query="a\n titel:x"),
            "empty": TopicSpec(title="Nothing"),
        }
    )
    assert [each.partition(": ")[0] for each in found] == [
        "translation.keywords[1]:1:1",
        "empty",
        "uses-it.includes[1]:1:1",
        "uses-it.query:2:2",
    ]
    assert "did you mean `topic:translation`?" in found[2]
    assert "includes" in found[1]


def test_topics_that_blow_up_are_refused() -> None:
    doubling = {f"t{n}": TopicSpec(includes=(f"t{n + 1}",), query=f"topic:t{n + 1}") for n in range(18)} | {
        "t18": TopicSpec(keywords=("x",))
    }
    assert "more than 50000 terms with its topics" in problems(doubling)[0]
    chain = {f"t{n}": TopicSpec(includes=(f"t{n + 1}",)) for n in range(300)} | {"t300": TopicSpec(keywords=("x",))}
    assert "levels deep with its topics" in problems(chain)[0]


def test_only_what_is_asked_for_is_looked_into() -> None:
    topics = Topics(
        {
            "wrong": TopicSpec(query="(x"),
            "on-wrong": TopicSpec(keywords=("y",), includes=("wrong",)),
            "fine": TopicSpec(keywords=("z",), includes=("deep",)),
            "deep": TopicSpec(keywords=("w",)),
        }
    )
    assert set(topics) == {"wrong", "on-wrong", "fine", "deep"}
    assert "wrong" in topics
    included = parse("topic:fine OR topic:deep", topics).root
    assert isinstance(included, Or)
    assert topics["fine"] is topics["fine"]
    for name in ("wrong", "on-wrong"):
        with pytest.raises(RuleError, match="bracket is never closed"):
            topics.rule(name)
        with pytest.raises(RuleError) as raised:
            parse(f"x topic:{name}", topics)
        (problem,) = raised.value.problems
        assert problem.column == 3
        assert f"the topic `{name}` cannot be used: wrong.query" in problem.message
    (told,) = topics.problems()
    assert told.place == "wrong.query"


def test_a_topic_told_to_be_wrong_is_wrong_for_all_that_build_on_it() -> None:
    specs = {"a": TopicSpec(keywords=("x",)), "b": TopicSpec(includes=("a",)), "c": TopicSpec(keywords=("y",))}
    topics = Topics(specs, {"a": RuleError("unknown key 'exlude'")})
    assert topics.problems() == []
    assert topics.rule("c").text == "y"
    for name in ("a", "b"):
        with pytest.raises(RuleError, match="exlude"):
            topics.rule(name)


def tree(**includes: str) -> Topics:
    return Topics({name: TopicSpec(keywords=(name,), includes=tuple(each.split())) for name, each in includes.items()})


def test_the_outline_has_each_topic_once_where_it_is_least_deep() -> None:
    topics = tree(physics="optics quantum", optics="light", quantum="light", light="", art="light")
    assert topics.outline() == [(0, "physics"), (1, "optics"), (1, "quantum"), (0, "art"), (1, "light")]
    assert topics.outline("physics") == [(0, "physics"), (1, "optics"), (2, "light"), (1, "quantum")]
    assert topics.part_of("light") == ["optics", "quantum", "art"]


def test_the_outline_leaves_nothing_out_that_includes_itself_or_what_is_not_there() -> None:
    assert tree(a="b", b="a", c="gone").outline() == [(0, "c"), (0, "a"), (0, "b")]
    assert tree(a="b", b="a").outline("a") == [(0, "a"), (1, "b")]
