"""Real processes: killed at any moment, writing at once, and on a disk that is really full."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from digestbot.model.deliveries import DeliveryState
from digestbot.model.errors import StoreError
from digestbot.model.papers import Paper
from digestbot.store import open_store
from digestbot.store.base import Store
from tests.store.making import NOW

ROOT = Path(__file__).parents[2]


def _start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.store.writer", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _assert_there(store: Store, acknowledged: list[str]) -> None:
    sent = {each.reason for each in store.deliveries(states={DeliveryState.SENT})}
    for line in acknowledged:
        what, _, name = line.partition(" ")
        if what == "merged":
            assert all(store.find(f"Paper {name} {n}") for n in range(3)), line
        elif what == "opened":
            assert store.digest(f"ml/{name}") is not None, line
            assert len(store.deliveries(digest=f"ml/{name}")) == 2, line
        else:
            assert name in sent, line


def test_kill_9_at_any_moment_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """FAULTS A1 to A5 as far as the store goes: it always opens, and holds all that it ever said yes to."""
    chance = random.Random(4)
    acknowledged: list[str] = []
    for run in range(12):
        with _start(str(tmp_path), str(run)) as process:
            assert process.stdout is not None
            # From the first moment of making the files to well into the work.
            if run >= 3:
                acknowledged.append(process.stdout.readline().strip())
            time.sleep(chance.uniform(0.1, 0.4))  # hides no race: any moment is a right one to be killed at
            process.send_signal(signal.SIGKILL)
            acknowledged += [line.strip() for line in process.stdout if line.endswith("\n")]
        with open_store("tinydb:data", home=tmp_path) as store:
            _assert_there(store, acknowledged)
    assert len(acknowledged) > 100


def test_the_files_of_a_running_writer_are_whole_at_every_moment(tmp_path: Path) -> None:
    """A reader beside the writer sees what was acknowledged before, through any number of generations."""
    acknowledged: list[str] = []
    with _start(str(tmp_path), "0") as process:
        assert process.stdout is not None
        for _ in range(12):
            acknowledged += [process.stdout.readline().strip() for _ in range(20)]
            with open_store("tinydb:data", home=tmp_path, read_only=True) as store:
                _assert_there(store, acknowledged)
        process.kill()


def test_a_second_process_is_told_who_writes(tmp_path: Path) -> None:
    """FAULTS A6 and A11."""
    with _start(str(tmp_path), "0") as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(StoreError, match=rf"lock: is held by process {process.pid} on \S+, since 20"):
            open_store("tinydb:data", home=tmp_path)
        process.kill()
        process.wait()
        with open_store("tinydb:data", home=tmp_path) as store:
            assert store.head() >= 3


def test_a_file_that_may_not_grow_further(tmp_path: Path) -> None:
    """FAULTS A9: the system itself cuts the write short (a limit on file size), midway through a record."""
    script = f"""
import resource, pathlib
from digestbot.model.errors import StoreError
from digestbot.model.papers import Paper
from digestbot.store import open_store
from tests.store.making import NOW
home = pathlib.Path({str(tmp_path)!r})
with open_store("tinydb:data", home=home) as store:
    store.merge([Paper(title="Before it was full")], now=NOW)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    large = [Paper(title=f"Too much {{n}} of it", abstract="x" * 2000) for n in range(100)]
    try:
        store.merge(large, now=NOW)
    except StoreError as error:
        assert "papers.journal" in str(error) and "room" in str(error), error
    else:
        raise SystemExit("not refused")
    assert store.head() == 1
    store.merge([Paper(title="Small enough to fit")], now=NOW)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert store.merge(large, now=NOW).new == 100
"""
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
    assert sorted(path.name for path in (tmp_path / "data").glob("*.new")) == []
    with open_store("tinydb:data", home=tmp_path) as store:
        assert store.head() == 102
        assert store.merge([Paper(title="Before it was full")], now=NOW).duplicate == 1
