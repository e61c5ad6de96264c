"""Asking whoever has the store: answered, ended before, or too busy to be waited for."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from digestbot.delivery.control_channel import Command, CommandResult, ControlChannel
from digestbot.model.errors import StoreError

ORDER = Command("drop", ("0a",))


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
