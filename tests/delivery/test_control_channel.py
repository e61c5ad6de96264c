"""Asking whoever has the store: answered, ended before, or too busy to be waited for."""

from __future__ import annotations

import io
import os
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock

from digestbot.delivery import control_channel
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
        channel.give(Command("drop", ("0b",)))
        assert over.parent.stat().st_mode & 0o777 == 0o700
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


def test_a_day_to_the_second_is_not_over_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = ControlChannel(tmp_path)
    with channel.attended():
        day, more = (channel.put_aside(io.BytesIO(b"dump")) for _ in range(2))
    os.utime(day, (1_001, 1_001))
    os.utime(more, (1_000, 1_000))
    monkeypatch.setattr("digestbot.delivery.control_channel.time.time", lambda: 87_401.0)
    with channel.attended():
        assert [each.exists() for each in (day, more)] == [True, False]


def test_who_is_answered_in_time_is_not_impatient(tmp_path: Path) -> None:
    channel = ControlChannel(tmp_path)
    with channel.attended():
        daemon = threading.Timer(0.1, lambda: channel.answer(channel.waiting("drop")[0][0], CommandResult(("0a",))))
        daemon.start()
        assert channel.ask(ORDER, 60, tired) == CommandResult(("0a",))
    daemon.join()


def test_whoever_waits_looks_twenty_times_a_second_and_never_waits_for_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel, waits, locks = ControlChannel(tmp_path), list[float](), list[float]()
    lock = channel._lock

    def locked(timeout: float) -> FileLock:
        locks.append(timeout)
        return lock(timeout)

    def pause(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            channel.answer(channel.waiting("drop")[0][0], CommandResult())

    with ControlChannel(tmp_path).attended():
        monkeypatch.setattr(channel, "_lock", locked)
        monkeypatch.setattr("digestbot.delivery.control_channel.time.sleep", pause)
        assert channel.ask(ORDER, 60, tired) == CommandResult()
    assert waits == [0.05] * 3
    assert set(locks) == {0}


def test_what_is_put_aside_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[tuple[str, int]] = []

    def fsync(descriptor: int) -> None:
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        synced.append((Path(path).suffix, os.fstat(descriptor).st_size))

    channel = ControlChannel(tmp_path)
    with channel.attended():
        monkeypatch.setattr(os, "fsync", fsync)
        channel.put_aside(io.BytesIO(b"dump"))
    assert synced == [(".bytes", 4)]


def test_what_is_answered_in_the_last_moment_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = ControlChannel(tmp_path)
    take_back = channel.take_back

    def answered_first(name: str) -> bool:
        channel.answer(name, CommandResult(("0a",)))
        return take_back(name)

    monkeypatch.setattr(channel, "take_back", answered_first)
    assert channel.ask(ORDER, 60, tired) == CommandResult(("0a",))


def test_whoever_attends_second_does_not_wait_for_ever_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digestbot.delivery.control_channel._ATTENDING", 0.1)
    channel, other = ControlChannel(tmp_path), ControlChannel(tmp_path)
    with channel.attended():
        with other.attended():
            assert channel.is_attended()
        assert channel.is_attended()
    (lock,) = (tmp_path / "data" / "orders").glob("attended*")
    assert lock.stat().st_mode & 0o777 == 0o600


def test_it_is_told_in_time_that_another_attends() -> None:
    assert control_channel._ATTENDING == 5.0
    assert (control_channel._KEPT, control_channel._GLANCE) == (86_400.0, 0.05)


def test_bytes_that_break_off_leave_nothing_and_what_is_gone_is_discarded_too(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("gone")

    channel = ControlChannel(tmp_path)
    with channel.attended():
        with pytest.raises(OSError, match="gone"):
            channel.put_aside(Broken())
        assert list((tmp_path / "data" / "orders").glob("*.bytes")) == []
        aside = channel.put_aside(io.BytesIO(b"dump"))
        aside.unlink()
        channel.discard([str(aside)])


def test_an_order_by_nobody_in_particular_is_the_operators() -> None:
    assert Command.read({"do": "drop", "names": [1]}) == Command("drop", ("1",), "operator")
    assert Command.read({"do": "drop", "names": [], "who": "operator ada"}).who == "operator ada"


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
