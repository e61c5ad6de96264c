"""The first subscription, made of three answers."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from digestbot.model.errors import UsageError
from digestbot.rules.topics import Topics, TopicSpec
from digestbot.subscribers.starting import (
    Answers,
    Interests,
    arxiv_categories,
    arxiv_source,
    interests,
    library_here,
    recipient,
    subscription,
    topics_near,
)

EXAMPLE = (Path(__file__).parents[2] / "subscriptions" / "my-digest.toml").read_text(encoding="utf-8")
TOPICS = Topics.build(
    {
        "neuroscience": TopicSpec("Neuroscience", keywords=("category:(q-bio.NC OR brain)", "-category:cs.LG cortex")),
        "language": TopicSpec("Language", keywords=("category:cs.CL", "category:cmp-lg"), includes=("dialects",)),
        "dialects": TopicSpec("Dialects and low-resource languages", keywords=("dialect",)),
        "physics": TopicSpec("Physics", keywords=("category:(cond-mat OR cond-mat.str-el OR hep-th)",)),
    }
)


@pytest.mark.parametrize(
    ("text", "sorted_out"),
    [
        ("neuroscience", Interests(topics=("neuroscience",))),
        ("Neuroscience, DIALECTS", Interests(topics=("neuroscience", "dialects"))),
        ("dialects and low-resource languages", Interests(topics=("dialects",))),
        ("spike sorting, RL", Interests(keywords=("spike sorting", "RL"))),
        ('"spike sorting",  ,', Interests(keywords=("spike sorting",))),
        ('title:"a, b", language', Interests(topics=("language",), keywords=('title:"a, b"',))),
        ("title:(x OR y), z", Interests(keywords=("title:(x OR y)", "z"))),
        ("", Interests()),
    ],
)
def test_interests_are_topics_by_name_or_title_and_else_words(text: str, sorted_out: Interests) -> None:
    assert interests(text, TOPICS) == sorted_out


def test_a_file_among_them_is_a_library(tmp_path: Path) -> None:
    (tmp_path / "my.bib").write_text("@misc{a}")
    assert interests(f"dialects, {tmp_path / 'my.bib'}", TOPICS, library_here) == Interests(
        topics=("dialects",), library=tmp_path / "my.bib"
    )


def test_a_visitor_names_no_files_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my.bib").write_text("@misc{a}")
    monkeypatch.chdir(tmp_path)
    assert interests("my.bib", TOPICS, library_here).library == tmp_path / "my.bib"
    assert interests("my.bib", TOPICS) == Interests(keywords=("my.bib",))


@pytest.mark.parametrize(
    ("text", "message"),
    [("title:(broken", "this bracket is never closed"), ("papers/my.bib", "papers/my.bib: no such file")],
)
def test_what_is_no_rule_and_no_file_is_told(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        interests(text, TOPICS, library_here)


def test_topics_are_told_that_words_may_have_meant() -> None:
    assert topics_near("low-resource", TOPICS) == ["dialects"]
    assert topics_near("neurosciense", TOPICS) == ["neuroscience"]
    assert topics_near("chemistry", TOPICS) == []


@pytest.mark.parametrize(
    ("text", "table", "settings", "needs"),
    [
        (
            "ada@example.org",
            {"channel": "email", "address": "ada@example.org"},
            {},
            ("DIGESTBOT_SMTP_URL", "DIGESTBOT_MAIL_FROM"),
        ),
        ("out", {"channel": "file", "path": "out", "formats": ["html", "markdown"]}, {}, ()),
        (
            "https://hooks.slack.com/services/T/B/x",
            {"channel": "slack", "destination": "hook"},
            {"DIGESTBOT_TO_HOOK": "https://hooks.slack.com/services/T/B/x"},
            (),
        ),
        (
            "https://example.org/hook",
            {"channel": "webhook", "destination": "hook"},
            {"DIGESTBOT_TO_HOOK": "https://example.org/hook"},
            (),
        ),
    ],
)
def test_where_to_is_told_by_its_look(
    text: str, table: dict[str, object], settings: dict[str, str], needs: tuple[str, ...]
) -> None:
    to = recipient(text)
    assert (to.table, to.settings, to.needs) == (table, settings, needs)


@pytest.mark.parametrize("text", ["ada@", "@example.org", "a b@example.org"])
def test_half_an_address_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="is no e-mail address"):
        recipient(text)


def test_the_answers_take_the_place_of_the_examples_and_all_else_stays() -> None:
    asked = Interests(topics=("dialects",), keywords=('title:"x"',), library=Path("/home/ada/my.bib"))
    answers = Answers(asked, recipient("ada@example.org"), "weekly mon 09:00", "Asia/Tokyo")
    text = subscription(EXAMPLE, answers)
    example = tomllib.loads(EXAMPLE)
    for key in ("query", "exclude"):
        del example[key]
    assert tomllib.loads(text) == {
        **example,
        "timezone": "Asia/Tokyo",
        "cadence": "weekly mon 09:00",
        "topics": ["dialects"],
        "keywords": ['title:"x"'],
        "like": {"library": "/home/ada/my.bib", "per_week": 5},
        "to": [{"channel": "email", "address": "ada@example.org"}],
    }
    assert "# an IANA name; the hours below are this zone's" in text
    assert "# query = 'title:\"scaling law\" OR upvotes>=50'" in text
    assert '# channel = "slack"  ' in text


def test_without_interests_the_examples_stay() -> None:
    text = subscription(EXAMPLE, Answers(Interests(), recipient("out"), "daily 07:00", "UTC"))
    assert tomllib.loads(text) == {**tomllib.loads(EXAMPLE), "timezone": "UTC", "cadence": "daily 07:00"}


@pytest.mark.parametrize(
    ("topics", "categories"),
    [
        (("neuroscience",), ("q-bio.NC",)),  # neither what is no category of arXiv's nor what is left out
        (("dialects",), ("cs.CL",)),  # of what it is part of
        (("neuroscience", "language"), ("q-bio.NC", "cs.CL")),
        (("physics",), ("cond-mat", "hep-th")),
        ((), ()),
    ],
)
def test_the_categories_of_arxiv_come_from_the_topics(topics: tuple[str, ...], categories: tuple[str, ...]) -> None:
    assert arxiv_categories(Interests(topics=topics), TOPICS) == categories


def test_the_source_of_these_categories() -> None:
    assert tomllib.loads(arxiv_source(("q-bio.NC", "cs.CL"))) == {
        "arxiv": {
            "kind": "arxiv-api",
            "categories": ["q-bio.NC", "cs.CL"],
            "every": "6 hours",
            "first_run": "7 days",
        }
    }
