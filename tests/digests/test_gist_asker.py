"""Gists by a model: never asked for twice, so many a day, so long a run, left alone when it fails, frozen."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from digestbot.digests import hand_slot, open_by_hand, pending
from digestbot.digests.gist_asker import GistAsker, asker_of, model_of
from digestbot.digests.gist_words import gist_id
from digestbot.digests.model_gists import ModelGists, waits_for_model
from digestbot.model.digests import EntryRecord
from digestbot.model.papers import Paper
from digestbot.model.subscriptions import GistSource
from digestbot.platform.net.chat_model import ChatModel, ModelError
from digestbot.platform.settings import load_settings
from digestbot.store import open_store
from digestbot.store.base import Store
from digestbot.subscribers.compiled import CompiledSubscription
from tests.delivery.kit import Clock
from tests.digests.kit import compiled, record, slot, subscription, utc

PAPERS = [Paper(title=f"Speech {n}", abstract=f"We listen to {n} voices.") for n in range(5)]
BY_ID = {gist_id("zh", each): each for each in PAPERS}


class Model(ChatModel):
    """A model that says what it is told to say: a text, what it raises, or seconds that it takes."""

    def __init__(self, *answers: str | ModelError | float) -> None:
        super().__init__("http://model.test/v1", "tiny")
        object.__setattr__(self, "answers", list(answers))
        object.__setattr__(self, "asked", list[str]())
        object.__setattr__(self, "bounds", list[tuple[int, float]]())
        object.__setattr__(self, "turn", threading.Lock())

    answers: list[str | ModelError | float]
    asked: list[str]
    bounds: list[tuple[int, float]]
    turn: threading.Lock

    def ask(self, system: str, question: str, *, most_tokens: int, seconds: float) -> str:
        with self.turn:
            self.asked.append(question)
            self.bounds.append((most_tokens, seconds))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, ModelError):
            raise answer
        if isinstance(answer, float):
            time.sleep(answer)
        return f"说 {answer}"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store("tinydb:data", home=tmp_path) as opened:
        yield opened


def asker(model: Model, store: Store, clock: Clock | None = None, **bounds: Any) -> GistAsker:
    told = {"calls": 100, "seconds": 20.0, **bounds}
    return GistAsker(model, lambda: store, clock or Clock(), threading.Event(), **told)


def test_what_is_there_is_never_asked_for_again(store: Store) -> None:
    model = Model("x")
    assert asker(model, store).ask("zh", BY_ID) == dict.fromkeys(BY_ID, "说 x")
    assert len(model.asked) == 5
    assert asker(model, store).ask("zh", BY_ID) == {}  # whoever asks has looked what is there
    assert store.gists(BY_ID) == dict.fromkeys(BY_ID, "说 x")
    assert len(model.asked) == 5


def test_no_more_than_so_many_a_day(store: Store) -> None:
    model, clock = Model("x"), Clock()
    of_today = asker(model, store, clock, calls=3)
    assert len(of_today.ask("zh", BY_ID)) == 3
    assert asker(model, store, clock, calls=3).ask("de", BY_ID) == {}
    clock.move(days=1)
    rest = {name: paper for name, paper in BY_ID.items() if name not in store.gists(BY_ID)}
    assert len(of_today.ask("zh", rest)) == 2


def test_what_failed_is_not_asked_for_again_on_that_day(store: Store) -> None:
    model, clock = Model(ModelError("m answered 500"), "x"), Clock()
    found = asker(model, store, clock).ask("zh", BY_ID)
    assert len(found) == 4
    rest = {name: paper for name, paper in BY_ID.items() if name not in found}
    assert asker(model, store, clock).ask("zh", rest) == {}
    clock.move(days=1)
    assert asker(model, store, clock).ask("zh", rest).keys() == rest.keys()


def test_after_failures_in_a_row_it_is_left_alone_for_a_while(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    model, clock = Model(ModelError("m answered 500")), Clock()
    one = asker(model, store, clock)
    assert one.ask("zh", BY_ID) == {}
    asked = len(model.asked)
    assert 3 <= asked <= 4
    assert one.ask("de", BY_ID) == {}
    assert len(model.asked) == asked
    assert "no gists by the model until 08:10 UTC: m answered 500" in caplog.text
    clock.move(minutes=11)
    one.ask("de", BY_ID)
    assert len(model.asked) > asked


@pytest.mark.parametrize(
    ("error", "minutes"),
    [
        (ModelError("m answered 429", wait=3_600, settled=True), 60),
        (ModelError("m answered 503", wait=1_200), 20),
        (ModelError("m answered 401", settled=True), 10),
    ],
)
def test_one_that_says_so_is_left_alone_at_once(store: Store, error: ModelError, minutes: int) -> None:
    model, clock = Model(error), Clock()
    one = asker(model, store, clock)
    one.ask("zh", BY_ID)
    asked = len(model.asked)
    assert asked <= 2
    clock.move(minutes=minutes - 1)
    one.ask("de", BY_ID)
    assert len(model.asked) == asked
    clock.move(minutes=2)
    one.ask("de", BY_ID)
    assert len(model.asked) > asked


def test_an_answer_without_a_word_is_a_failure(store: Store) -> None:
    class Silent(Model):
        def ask(self, system: str, question: str, *, most_tokens: int, seconds: float) -> str:
            return "<think>what now"

    assert asker(Silent(""), store).ask("zh", BY_ID) == {}
    assert store.gists(BY_ID) == {}


def test_a_fault_of_ours_loses_nothing(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    class Odd(Model):
        def ask(self, system: str, question: str, *, most_tokens: int, seconds: float) -> str:
            raise RuntimeError(question)

    assert asker(Odd(""), store).ask("zh", BY_ID) == {}
    assert "m" in caplog.text


def test_a_run_waits_no_longer_than_it_may_and_the_next_one_may_again(store: Store) -> None:
    model = Model(9.0)
    one = asker(model, store, seconds=0.2)
    began = time.monotonic()
    assert one.ask("zh", BY_ID) == {}
    assert one.ask("de", BY_ID) == {}
    assert time.monotonic() - began < 8
    assert len(model.asked) == 2
    one.begin()
    one.ask("de", BY_ID)
    assert len(model.asked) == 4


def test_nobody_is_asked_where_the_next_answer_would_come_too_late(store: Store) -> None:
    slow = Model(0.3)
    asker(slow, store, seconds=0.5).ask("zh", BY_ID)
    assert len(slow.asked) == 2
    model = Model("x")
    assert asker(model, store, seconds=0.0).ask("de", BY_ID) == {}
    stopped = threading.Event()
    stopped.set()
    assert GistAsker(model, lambda: store, Clock(), stopped, calls=9, seconds=9.0).ask("de", BY_ID) == {}
    assert model.asked == []


def test_who_is_told_to_stop_waits_no_longer(store: Store) -> None:
    model, stopping = Model(9.0), threading.Event()
    one = GistAsker(model, lambda: store, Clock(), stopping, calls=9, seconds=9.0)
    threading.Timer(0.1, stopping.set).start()
    began = time.monotonic()
    assert one.ask("zh", BY_ID) == {}
    assert time.monotonic() - began < 8


def reader(name: str = "lab", **fields: Any) -> CompiledSubscription:
    made = compiled(subscription(gist=GistSource.MODEL, language="zh", **fields))
    return replace(made, subscription=replace(made.subscription, id=name))


def gists(store: Store, compiled: CompiledSubscription, one: GistAsker | None) -> Mapping[str, str]:
    clock = Clock()
    (record,) = open_by_hand([compiled], store, clock(), asker=one)
    assert record is not None
    logged = store.logged(each.sequence for each in record.entries)
    assert store.digest(record.key) == record
    return {logged[each.sequence].paper.title: each.gist for each in record.entries}


@pytest.fixture
def filled(store: Store) -> Store:
    store.register(["lab", "other"], now=Clock()() - timedelta(days=1))
    store.merge([*PAPERS, Paper(title="Speech without an abstract")], now=Clock()())
    return store


def test_a_digest_holds_what_was_written_when_it_was_opened(filled: Store) -> None:
    model = Model("x")
    one = asker(model, filled)
    told = {paper.title: "说 x" for paper in PAPERS}
    assert gists(filled, reader(), one) == {**told, "Speech without an abstract": ""}
    assert len(model.asked) == 5
    assert gists(filled, reader("other"), one) == {**told, "Speech without an abstract": ""}
    assert len(model.asked) == 5


def test_each_run_of_the_pipeline_has_its_seconds(filled: Store) -> None:
    model = Model(9.0)
    one = asker(model, filled, seconds=0.2)
    for name, asked in (("lab", 2), ("other", 4)):
        assert set(gists(filled, reader(name), one).values()) == {""}
        assert len(model.asked) == asked


def test_a_preview_asks_nobody_and_shows_what_is_there(filled: Store) -> None:
    now = Clock()()
    slot = hand_slot(reader().subscription, filled.head(), now)
    assert {each.gist for each in pending(reader(), filled, slot, now).entries} == {""}
    asker(Model("x"), filled).ask("zh", BY_ID)
    preview = pending(reader(), filled, slot, now)
    assert sum(each.gist == "说 x" for each in preview.entries) == 5
    (sent,) = open_by_hand([reader()], filled, now, asker=asker(Model("another"), filled))
    assert sent == preview


def test_nothing_is_asked_for_those_who_want_the_sentence_or_nothing(filled: Store) -> None:
    model = Model("x")
    for source in (GistSource.SENTENCE, GistSource.NONE):
        made = compiled(subscription(gist=source))
        assert not waits_for_model(made.subscription)
        (record,) = open_by_hand([replace(made, subscription=replace(made.subscription, id=source))], filled, Clock()(),
                                 asker=asker(model, filled))  # fmt: skip
        assert record is not None
        assert record.gists is (source is GistSource.SENTENCE)
    assert model.asked == []


def test_what_waited_from_earlier_is_shown_in_a_line_and_not_asked_for(filled: Store) -> None:
    model = Model("x")
    one, few = asker(model, filled), reader(max_entries=2)
    gists(filled, few, one)
    assert len(model.asked) == 2
    (record,) = open_by_hand([few], filled, Clock()() + timedelta(days=1), asker=one, waiting=True)
    assert record is not None
    assert all(each.carried for each in record.entries)
    assert len(model.asked) == 2


def test_a_place_that_the_log_no_longer_has_keeps_no_digest_from_leaving(filled: Store) -> None:
    made = record(slot(2), utc(2), entries=(EntryRecord(1, ("speech",)), EntryRecord(77, ("speech",))))
    (told,) = ModelGists(filled, asker(Model("x"), filled)).told([(reader().subscription, made)]).values()
    assert [(each.sequence, each.gist) for each in told.entries] == [(1, "说 x"), (77, "")]


FAILED = ModelError("m answered 500")


def one_by_one(one: GistAsker, language: str, count: int) -> None:
    """Ask for so many gists, one after another."""
    for name in [gist_id(language, each) for each in PAPERS[:count]]:
        one.ask(language, {name: PAPERS[0]})


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ([FAILED], 3),
        ([FAILED, FAILED, "x", FAILED, FAILED, "x"], 5),  # not in a row
        (["x", FAILED], 4),
    ],
)
def test_it_is_left_alone_after_three_failures_in_a_row(
    store: Store, answers: list[str | ModelError | float], asked: int
) -> None:
    model, clock = Model(*answers), Clock()
    one = asker(model, store, clock)
    one_by_one(one, "zh", 5)
    assert len(model.asked) == asked
    clock.move(minutes=10, seconds=-1)
    one_by_one(one, "de", 1)
    assert len(model.asked) == (asked if asked < 5 else 6)


def test_after_its_rest_the_first_failure_is_one_too_many(store: Store) -> None:
    model, clock = Model(FAILED), Clock()
    one = asker(model, store, clock)
    one_by_one(one, "zh", 3)
    clock.move(minutes=10)
    one_by_one(one, "de", 2)
    assert len(model.asked) == 4


@pytest.mark.parametrize(("seconds", "bound"), [(90.0, 30.0), (20.0, 20.0)])
def test_an_answer_may_have_half_a_minute_or_what_the_run_has_left(store: Store, seconds: float, bound: float) -> None:
    model = Model("x")
    asker(model, store, seconds=seconds).ask("zh", dict(list(BY_ID.items())[:2]))
    assert model.bounds == [(800, bound)] * 2


def test_two_are_asked_at_once(store: Store) -> None:
    model = Model(ModelError("m answered 401", settled=True))
    asker(model, store).ask("xx", {gist_id("xx", each): each for each in PAPERS})
    assert len(model.asked) == 2


def test_no_process_waits_for_the_end_of_an_answer(store: Store) -> None:
    class Watched(Model):
        def ask(self, system: str, question: str, *, most_tokens: int, seconds: float) -> str:
            self.asked.append(f"daemon: {threading.current_thread().daemon}")
            return "x"

    model = Watched("")
    asker(model, store).ask("zh", dict(list(BY_ID.items())[:2]))
    assert model.asked == ["daemon: True"] * 2


def test_there_is_an_asker_where_a_model_is_set(store: Store, tmp_path: Path) -> None:
    stopping = threading.Event()
    assert asker_of(load_settings(tmp_path, {}), lambda: store, Clock(), stopping) is None
    environ = {
        "DIGESTBOT_MODEL_URL": "http://127.0.0.1:9/v1",
        "DIGESTBOT_MODEL_MODEL": "tiny",
        "DIGESTBOT_MODEL_KEY": "k",
        "DIGESTBOT_ALLOW_NETWORKS": "127.0.0.1",
    }
    settings = load_settings(tmp_path, environ)
    model = model_of(settings)
    assert model is not None
    assert (model.url, model.name, model.key and model.key.reveal()) == ("http://127.0.0.1:9/v1", "tiny", "k")
    assert asker_of(settings, lambda: store, Clock(), stopping) is not None
