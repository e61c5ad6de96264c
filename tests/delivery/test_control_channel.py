"""Asking whoever has the store: answered, ended before, or too busy to be waited for."""

from __future__ import annotations

import io
import os
import threading
import time
from pathlib import Path

import pytest

from digestbot.delivery.control_channel import Command, CommandResult, ControlChannel
from digestbot.model.errors import StoreError

ORDER = Command("drop", ("0a",))


@pytest.fixture(autouse=True)
def over_each_store() -> None:
    """Once is enough: no store has a part in it."""


class Tired(Exception):
    pass


def tired() -> None:
    raise Tired


def test_what_nobody_attends_to_is_taken_back(tmp_path: Path) -> None:
    channel = ControlChannel(tmp_path)
    assert channel.ask(ORDER, 60, tired) is None
    assert channel.waiting("drop") == []


def test_who_gives_up_leaves_the_order_there(tmp_path: Path) -> None:
    channel = ControlChannel(tmp_path)
    with channel.attended(), pytest.raises(Tired):
        channel.ask(ORDER, 0, tired)
    assert [order for _, order in channel.waiting("drop")] == [ORDER]


def test_the_answer_is_waited_for_and_impatience_is_told_once(tmp_path: Path) -> None:
    channel, told = ControlChannel(tmp_path), []
    daemon = threading.Thread(target=lambda: channel.answer(channel.waiting("drop")[0][0], CommandResult(("0a",))))

    def impatient() -> None:
        told.append("waits")
        daemon.start()

    with channel.attended():
        assert channel.ask(ORDER, 0, impatient) == CommandResult(("0a",))
    daemon.join()
    assert told == ["waits"]
    assert channel.waiting("drop") == []


def test_an_order_that_cannot_be_left_is_told_with_its_folder(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    with pytest.raises(StoreError, match=r"data/orders: cannot be left for the daemon: Not a directory"):
        ControlChannel(tmp_path).ask(ORDER, 60, tired)


def test_answers_nobody_came_for_and_bytes_of_no_order_go_after_a_day(tmp_path: Path) -> None:
    channel = ControlChannel(tmp_path)
    with channel.attended():
        kept, wanted, over = (channel.put_aside(io.BytesIO(b"dump")) for _ in range(3))
        channel.give(Command("ingest", (str(wanted),)))
        answered, fresh = channel.give(ORDER), channel.give(ORDER)
        for name in (answered, fresh):
            assert channel.answer(name, CommandResult())
    long_ago, lately = time.time() - 86_500, time.time() - 86_300
    for path in (wanted, over, *over.parent.glob(f"{answered}*.answer")):
        os.utime(path, (long_ago, long_ago))
    os.utime(kept, (lately, lately))
    with channel.attended():
        assert [each.exists() for each in (kept, wanted, over)] == [True, True, False]
        assert (channel.answered(answered), channel.answered(fresh)) == (None, CommandResult())


def test_only_bytes_of_its_own_are_discarded(tmp_path: Path) -> None:
    channel = ControlChannel(tmp_path)
    other = tmp_path / "mine.bytes"
    other.write_bytes(b"mine")
    with channel.attended():
        aside = channel.put_aside(io.BytesIO(b"dump"))
        assert (aside.read_bytes(), aside.stat().st_mode & 0o777) == (b"dump", 0o600)
        name = channel.give(ORDER)
        order = next(aside.parent.glob("*.order"))
        channel.discard([str(aside), str(other), str(order)])
        assert [each.exists() for each in (aside, other, order)] == [False, True, True]
        assert [each for each, _ in channel.waiting("drop")] == [name]
        assert channel.waiting("retry") == []


def test_it_is_attended_only_within_and_an_answer_is_read_once(tmp_path: Path) -> None:
    channel = ControlChannel(tmp_path)
    assert not channel.is_attended()
    with channel.attended():
        assert channel.is_attended()
        name = channel.give(ORDER)
        assert channel.answered(name) is None
        assert channel.answer(name, CommandResult(("0a",), "no"))
        assert not channel.take_back(name)
        assert channel.answered(name) == CommandResult(("0a",), "no")
        assert channel.answered(name) is None
    assert not channel.is_attended()
    taken = channel.give(ORDER)
    assert channel.take_back(taken)
    assert not channel.answer(taken, CommandResult())
