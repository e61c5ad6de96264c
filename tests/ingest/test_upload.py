"""`ingest` beside a daemon that has the store: the daemon reads the dumps in, and no crash loses one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digestbot.delivery.control_channel import ControlChannel
from digestbot.ingest.upload import Upload, stage
from tests.delivery.kit import ROOT, configure, ended, store_of, subscribe
from tests.runtime.daemon.test_processes import daemon, until

TO_FILE = '[[to]]\nchannel = "file"\npath = "out"\n'


def lines(*numbers: int, cut: bool = False) -> str:
    made = [{"id": f"2601.{n:05}", "title": f"The paper {n}", "abstract": "About it."} for n in numbers]
    return "".join(f"{json.dumps(each)}\n" for each in made) + '{"id": "26' * cut


def ingesting(home: Path, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """`digestbot ingest` in a folder of its own, far from the daemon's."""
    command = [sys.executable, "-m", "digestbot", "--home", str(home), "ingest", *arguments]
    pipe = subprocess.PIPE
    there = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=folder, env=there, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def ingested(home: Path, folder: Path, *arguments: str, given: str = "") -> tuple[int, str, str]:
    process = ingesting(home, folder, *arguments)
    out, err = process.communicate(given, timeout=120)
    return process.returncode, out, err


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    configure(home)
    subscribe(home, "all", TO_FILE, query='"the paper"', cadence='"instant"')
    return home


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    (folder / "dumps").mkdir(parents=True)
    (folder / "one.jsonl").write_text(lines(1, 2, 3))
    (folder / "dumps" / "two.jsonl").write_text(lines(3, 4))
    (folder / "cut.jsonl").write_text(lines(5, 6, cut=True))
    return folder


@contextmanager
def attended(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A daemon that has the store and takes orders."""
    with daemon(home) as process:
        until(ControlChannel(home).is_attended)
        yield process


def kept(home: Path) -> int:
    with store_of(home, read_only=True) as store:
        return store.head()


def left_over(home: Path) -> list[str]:
    return [path.name for path in (home / "data" / "orders").iterdir() if path.name != "attended"]


def test_dumps_are_read_in_by_the_daemon_as_they_would_be_without_it(home: Path, folder: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    configure(alone)
    asked = [
        (("one.jsonl",), ""),
        (("dumps", "cut.jsonl", "-", "nowhere"), lines(7)),
        (("--partial", "cut.jsonl"), ""),
        (("--format", "ris", "one.jsonl"), ""),
        (("--json", "one.jsonl", "-"), "no dump at all"),
    ]
    expected = [ingested(alone, folder, *arguments, given=given) for arguments, given in asked]
    assert [code for code, _, _ in expected] == [0, 2, 0, 1, 1]
    with attended(home):
        found = [ingested(home, folder, *arguments, given=given) for arguments, given in asked]
        # Instant digests of what came in leave without a second command.
        until(lambda: len(list((home / "out").rglob("*.md"))) >= 1)
    assert found == expected
    assert kept(home) == kept(alone) == 7
    assert left_over(home) == []


def test_the_files_of_the_working_directory_are_named_and_those_of_elsewhere_are_put_aside(
    home: Path, folder: Path
) -> None:
    """A service sees neither its operator's folders nor /tmp, and a pipe is nobody else's."""
    inside = home / "incoming" / "one.jsonl"
    inside.parent.mkdir()
    inside.write_text(lines(1))
    (home / "data" / "orders").mkdir(parents=True)
    reader, writer = os.pipe()
    os.write(writer, b"piped")
    os.close(writer)
    asked = Upload([str(inside), str(folder / "dumps"), f"/dev/fd/{reader}", str(folder / "nowhere")], partial=True)
    handed = stage(asked, home, orders := ControlChannel(home))
    os.close(reader)
    assert handed.names == [str(inside), str(folder / "dumps" / "two.jsonl"), f"/dev/fd/{reader}", asked.names[-1]]
    named, copied, piped, missing = map(Path, handed.places)
    assert (named, missing) == (inside, folder / "nowhere")
    assert (copied.read_text(), piped.read_text()) == (lines(3, 4), "piped")
    assert Upload.ordered(handed.order) == handed
    orders.discard(handed.places)
    assert inside.exists()
    assert left_over(home) == []


@pytest.mark.parametrize("gone", ["killed", "asked to stop"])
def test_what_was_handed_to_a_daemon_that_ended_is_read_in_by_the_command(home: Path, folder: Path, gone: str) -> None:
    """Standard input is read once: its bytes must outlive the daemon that they were meant for."""
    with attended(home) as process:
        process.send_signal(signal.SIGSTOP)
        command = ingesting(home, folder, "one.jsonl", "-")
        assert command.stdin is not None
        command.stdin.write(lines(8, 9))
        command.stdin.close()
        command.stdin = None
        until(lambda: any(name.endswith(".order") for name in left_over(home)))
        (folder / "one.jsonl").unlink()
        process.send_signal(signal.SIGKILL if gone == "killed" else signal.SIGTERM)
        process.send_signal(signal.SIGCONT)
        code, out, err = ended(command)
    assert code == 0, err
    assert "one.jsonl: 3 found" in out
    assert "-: 2 found" in out
    assert kept(home) == 5
    assert left_over(home) == []


def test_what_a_command_that_was_killed_had_handed_in_is_read_in_by_the_next_daemon(home: Path, folder: Path) -> None:
    with attended(home) as process:
        process.send_signal(signal.SIGSTOP)
        command = ingesting(home, folder, "one.jsonl")
        until(lambda: any(name.endswith(".order") for name in left_over(home)))
        command.kill()
        command.communicate()
    assert kept(home) == 0
    with attended(home):
        until(lambda: not any(name.endswith((".order", ".bytes")) for name in left_over(home)))
        assert kept(home) == 3


def test_bytes_of_an_order_that_was_never_given_are_taken_away_and_those_of_one_that_waits_are_kept(
    home: Path,
) -> None:
    orders = ControlChannel(home)
    with orders.attended():
        pass
    (home / "dump").write_text("x")
    with (home / "dump").open("rb") as stream:
        waiting, orphan = orders.put_aside(stream), orders.put_aside(stream)
    orders.give(Upload(["-"], [str(waiting)]).order)
    for path in (waiting, orphan):
        os.utime(path, (0, 0))
    with orders.attended():
        assert waiting.exists()
        assert not orphan.exists()
