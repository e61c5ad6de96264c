"""A queue of files: in order, whole or told of; what the version before left there goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from digestbot.delivery.control_channel import Command, CommandResult, ControlChannel
from digestbot.delivery.mail_queue import MailQueue
from digestbot.platform.files.file_queue import Damaged, FileQueue


def number(said: Any) -> int:
    return int(said["number"])


def test_records_come_in_the_order_they_were_put_and_stay_until_they_are_done(tmp_path: Path) -> None:
    queue = FileQueue(tmp_path / "data" / "numbers", ".number", number)
    assert queue.all() == []
    names = [queue.put({"number": each}) for each in (3, 1, 2)]
    assert queue.all() == list(zip(names, [3, 1, 2], strict=True))
    queue.put({"number": 5}, names[1])
    assert (queue.remove(names[0]), queue.remove(names[0])) == (True, False)
    again = FileQueue(tmp_path / "data" / "numbers", ".number", number)
    assert again.all() == [(names[1], 5), (names[2], 2)]
    assert again.get(names[0]) is None


@pytest.mark.parametrize("data", [b"", b"\0" * 99, b'{"number": 1', b"[]", b"{}", b'{"number": "x"}', b"\xff"])
def test_a_damaged_record_is_told_of_and_holds_up_no_other(tmp_path: Path, data: bytes) -> None:
    queue = FileQueue(tmp_path, ".number", number)
    queue.path("1").write_bytes(data)
    name = queue.put({"number": 2})
    assert queue.all() == [(name, 2)]
    assert queue.damaged() == ["1"]
    with pytest.raises(Damaged, match=r"1\.number"):
        queue.get("1")
    assert queue.path("1").read_bytes() == data


def test_every_changed_byte_of_a_record_is_told(tmp_path: Path) -> None:
    queue = FileQueue(tmp_path, ".number", number)
    name = queue.put({"number": 2})
    whole = queue.path(name).read_bytes()
    for at in range(len(whole)):
        queue.path(name).write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert (queue.all(), queue.damaged()) == ([], [name])


def test_an_answer_that_cannot_be_read_is_an_answer(tmp_path: Path) -> None:
    channel = ControlChannel(tmp_path)
    name = channel.give(Command("drop", ("0a",)))
    (tmp_path / "data" / "orders" / f"{name}.answer").write_bytes(b"\0")
    answer = channel.answered(name)
    assert answer is not None
    assert "cannot be read" in answer.problem
    assert channel.answered(name) is None


def test_letters_and_orders_of_the_version_before_go_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "letters").mkdir(parents=True)
    (data / "orders").mkdir()
    letter = {
        "kind": "confirm",
        "address": "ada@example.org",
        "written_at": "2026-03-02T08:00:00+00:00",
        "values": {"link": "https://example.org/c/1"},
        "name": "01772438400000000000-7-0a0b0c0d",
        "attempts": 2,
        "not_before": "2026-03-02T09:00:00+00:00",
    }
    (data / "letters" / f"{letter['name']}.letter").write_text(json.dumps(letter))
    order = {"do": "drop", "names": ["0a"], "who": "operator ada"}
    (data / "orders" / "01772438400000000000-7.order").write_text(json.dumps(order))
    (data / "orders" / "01772438300000000000-7.answer").write_text('{"done": ["0a"], "problem": ""}')

    letters, channel = MailQueue(data / "letters"), ControlChannel(tmp_path)
    (kept,) = letters.all()
    assert (kept.name, kept.address, kept.attempts) == (letter["name"], "ada@example.org", 2)
    letters.done(kept)
    assert letters.all() == []
    assert channel.waiting("drop") == [("01772438400000000000-7", Command("drop", ("0a",), "operator ada"))]
    assert channel.answered("01772438300000000000-7") == CommandResult(("0a",))
    assert channel.answered("01772438300000000000-7") is None
