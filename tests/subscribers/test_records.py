"""Subscribers that stand in the store are read as files are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from digestbot.model.papers import Paper
from digestbot.model.subscribers import Membership, SubscriberRecord
from digestbot.rules.topics import Topics, TopicSpec
from digestbot.store import open_store
from digestbot.subscribers.files import read_folder
from digestbot.subscribers.records import RecordCompiler

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TO = [{"channel": "email", "address": "ada@example.org"}]
TOPICS = Topics({"ml": TopicSpec("Machine learning", keywords=("learning",))})


def record(name: str = "ada", **wants: object) -> SubscriberRecord:
    return SubscriberRecord(name, Membership.ACTIVE, {"keywords": ["speech"], "to": TO, **wants}, NOW, NOW)


def test_a_record_is_the_subscription_that_its_file_would_be(tmp_path: Path) -> None:
    (tmp_path / "topics.toml").write_text('[ml]\ntitle = "Machine learning"\nkeywords = ["learning"]\n')
    (tmp_path / "ada.toml").write_text(
        'topics = ["ml"]\nkeywords = ["speech"]\ncadence = "weekly mon 09:00"\nmax_entries = 3\n'
        '[[to]]\nchannel = "email"\naddress = "ada@example.org"\n'
    )
    (expected,) = read_folder(tmp_path, tmp_path / "topics.toml").wants
    wants, problems = RecordCompiler(TOPICS).read([record(topics=["ml"], cadence="weekly mon 09:00", max_entries=3)])
    assert (wants, problems) == ([expected], [])


def test_only_those_who_are_active_are_sent_anything() -> None:
    records = [replace(record(state.value), state=state) for state in Membership]
    wants, problems = RecordCompiler(TOPICS).read(records)
    assert ([compiled.subscription.id for compiled in wants], problems) == (["active"], [])


def test_the_same_rules_are_made_ready_once() -> None:
    wants, _ = RecordCompiler(TOPICS).read([record("a"), record("b"), record("c", keywords=["other"])])
    assert wants[0].rule is wants[1].rule
    assert wants[0].rule is not wants[2].rule


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"keywords": ["("]}, "subscriber ada"),
        ({"keywrods": ["a"]}, "did you mean 'keywords'"),
        ({"to": []}, "has no destination"),
        ({"cadence": "sometimes"}, "subscriber ada"),
        ({"topics": ["nowhere"]}, "nowhere"),
        ({"max_entries": "many"}, "max_entries"),
    ],
)
def test_what_is_wrong_is_told_with_the_subscriber_and_keeps_nobody_else(wrong: dict[str, Any], said: str) -> None:
    wants, problems = RecordCompiler(TOPICS).read([record(**wrong), record("bob")])
    assert [compiled.subscription.id for compiled in wants] == ["bob"]
    assert all((each.place or "").startswith("subscriber ada") for each in problems)
    assert said in "\n".join(map(str, problems))
    assert [str(each) for each in RecordCompiler(TOPICS).check(record(**wrong))] == [str(each) for each in problems]


@pytest.mark.parametrize("name", ["", "a/b"])
def test_an_id_must_name_its_digests(name: str) -> None:
    assert RecordCompiler(TOPICS).check(record(name))


def test_digests_are_public_only_when_it_is_said_and_readers_are_asked_unless_it_is_said() -> None:
    wants, problems = RecordCompiler(TOPICS).read([record(), record("open", public=True, feedback=False)])
    assert [(each.subscription.public, each.subscription.feedback) for each in wants] == [(False, True), (True, False)]
    assert problems == []
    (problem,) = RecordCompiler(TOPICS).check(record(public="yes"))
    assert problem.message == "public must be true or false"


def test_those_who_like_something_share_no_rules_with_those_who_do_not() -> None:
    like = {"about": "moss", "library": "whatever"}
    plain, likes = RecordCompiler(TOPICS).read([record("a"), record("b", like=like)])[0]
    assert (plain.allowed is None, likes.allowed is None) == (True, False)
    assert (plain.library, likes.library) == (None, None), "without a store they are only looked at"


def test_a_library_is_read_out_of_the_store_under_the_subscribers_id(tmp_path: Path) -> None:
    with open_store("tinydb:data", home=tmp_path) as store:
        store.put_library("a", [Paper(title="A title of its own", abstract="", url="")])
        compiler = RecordCompiler(TOPICS, store)
        records = [record("a", like={"library": "x"}), record("b", like={"about": "x"}), record("c")]
        of_a, of_b, of_c = (each.library for each in compiler.read(records)[0])
        assert (of_b, of_c) == (None, None)
        assert of_a is not None
        assert [each.title for each in of_a.works().papers] == ["A title of its own"]
