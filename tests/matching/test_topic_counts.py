"""Topics counted over papers, batch by batch."""

from __future__ import annotations

from datetime import date

from digestbot.matching.topic_counts import TopicCount, TopicCounts
from digestbot.model.papers import Paper
from digestbot.rules.topics import Topics, TopicSpec

TODAY = date(2026, 1, 1)
LIGHT, LASER, BREAD = Paper(title="Light"), Paper(title="A laser and its light"), Paper(title="Bread")


def test_each_topic_has_the_number_of_its_papers_and_the_last_of_them() -> None:
    topics = Topics(
        {"optics": TopicSpec(keywords=("light",), includes=("lasers",)), "lasers": TopicSpec(keywords=("laser",))}
    )
    counts = TopicCounts(topics, topics)
    counts.add([LIGHT, LASER], TODAY)
    counts.add([BREAD, LIGHT], TODAY)
    assert counts.asked == 4
    assert counts["optics"] == TopicCount(3, LIGHT)
    assert counts["lasers"] == TopicCount(1, LASER)


def test_a_topic_that_cannot_be_read_is_told_and_the_others_are_counted() -> None:
    topics = Topics({"wrong": TopicSpec(keywords=("(x",)), "bread": TopicSpec(keywords=("bread",))})
    counts = TopicCounts(topics, topics)
    counts.add([BREAD], TODAY)
    assert [each.place for each in counts.problems] == ["wrong.keywords[0]"]
    assert (counts["bread"].papers, counts["wrong"]) == (1, TopicCount())
