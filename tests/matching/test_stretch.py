"""Papers matched once for many rule sets: each finds what it would have found by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime
from random import Random

from digestbot.matching.rule_index import RuleIndex
from digestbot.matching.stretch import Stretch, find
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.rules.combine import Combined, combine
from digestbot.rules.topics import Topics, TopicSpec

TODAY = date(2026, 11, 21)
WORDS = ("speech", "models", "low-resource", "agents", "vision", "translation", "survey", "graphs")
TOPICS = Topics.build(
    {
        "language": TopicSpec(keywords=("speech", "translation"), includes=("poor",)),
        "poor": TopicSpec(keywords=("low-resource",), exclude=("vision",)),
    }
)


def papers(count: int, random: Random) -> list[LoggedPaper]:
    at = datetime(2026, 11, 20, 8, tzinfo=UTC)
    return [
        LoggedPaper(
            place,
            f"title:{place}",
            at,
            Paper(
                title=" ".join(random.choices(WORDS, k=3)),
                abstract=" ".join(random.choices(WORDS, k=8)) if random.random() < 0.8 else None,
                upvotes=random.choice((None, 0, 5)),
                published=random.choice((None, date(2026, 11, 20), date(2026, 1, 1))),
            ),
        )
        for place in range(1, count + 1)
    ]


def wanted(random: Random) -> Combined:
    return combine(
        keywords=random.sample(WORDS, random.randrange(1, 3)),
        topics=random.sample(("language", "poor"), random.randrange(3)),
        exclude=random.sample(WORDS, random.randrange(2)),
        query=random.choice((None, '"speech models" OR upvotes>=5', "age<=3 -survey")),
        taxonomy=TOPICS,
    )


def test_each_finds_what_it_finds_by_itself_whatever_part_of_its_papers_is_shared() -> None:
    random = Random(3)
    log = papers(60, random)
    index = RuleIndex()
    rules = [wanted(random) for _ in range(40)]
    hits = 0
    for stretch in (Stretch(log[20:50], 20, index), Stretch(log[30:50], 30, index)):
        for today in (TODAY, date(2026, 1, 2)):
            stretch.match(random.sample(rules, 30), today)  # the others are matched when they ask
        for rule in rules:
            carried = sorted(random.sample(log[:20], 5), key=lambda each: each.sequence)
            after = random.randrange(stretch.after, 50)
            for today in (TODAY, date(2026, 1, 2)):
                expected = find(rule, [*carried, *log[after:50]], today=today)
                found = stretch.find(rule, after, carried, today)
                assert found.found == expected
                assert stretch.find(rule, after, carried, today) is found
                hits += len(expected)
    assert hits > 500


def test_a_topic_that_two_subscriptions_include_gives_both_its_reasons_under_its_own_name() -> None:
    (paper,) = papers(1, Random(1))
    paper = LoggedPaper(1, "k", paper.logged_at, Paper(title="Low-resource speech"))
    rules = {name: combine(topics=["language"], keywords=[name], taxonomy=TOPICS) for name in ("speech", "agents")}
    stretch = Stretch([paper])
    stretch.match(rules.values(), TODAY)
    for rule in rules.values():
        (found,) = stretch.answers(rule, 0, (), TODAY)
        assert {(each.rule, each.text) for each in found.reasons()} >= {
            ("topic:language", "speech"),
            ("topic:language", "Low-resource"),
        }
