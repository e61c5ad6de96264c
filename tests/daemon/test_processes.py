"""Real daemons in real processes: signals, a second one, a full disk, a damaged store, ticks that died."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digestbot.core.deliveries import State
from digestbot.delivery import IN_FLIGHT
from digestbot.store import open_store
from tests.delivery.kit import ROOT, configure, copies, ended, fill, left, mail_to, run, subscribe
from tests.servers.actions import Drip
from tests.servers.smtp import SmtpServer


def prepared(home: Path, server: SmtpServer, people: int = 1) -> None:
    configure(home, SMTP_URL=server.url(host="127.0.0.1"))
    subscribe(home, "all", mail_to(f"r{n}" for n in range(people)), cadence='"instant"')
    fill(home)


def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for something outside of this process."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


@contextmanager
def daemon(home: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A running `digestbot run`; killed at the end if it is still there."""
    process = run(home, "run", options=options)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a06_a07_a_second_daemon_and_a_send_are_told_who_has_the_store(tmp_path: Path) -> None:
    with SmtpServer() as server:
        prepared(tmp_path, server)
        with daemon(tmp_path) as first:
            until(lambda: len(server.mails) == 1)
            for command in (("run",), ("send",), ("outbox", "retry", "x")):
                code, _, err = ended(run(tmp_path, *command))
                assert code == 1
                assert f"is held by process {first.pid} on " in err
                assert "stop that one first" in err
            # Looking is allowed meanwhile.
            assert ended(run(tmp_path, "status"))[0] == 0
            first.send_signal(signal.SIGTERM)
            assert ended(first)[0] == 0
        assert ended(run(tmp_path, "send"))[0] == 0
        assert len(server.mails) == 1


def test_a06_a_daemon_stopped_and_continued_neither_loses_nor_doubles(tmp_path: Path) -> None:
    """SIGSTOP while it has the lease: nobody else gets the store, and it finishes what it began."""
    slow = Drip("250 2.0.0 queued", 0.05)
    with SmtpServer({"MESSAGE": [slow] * 30}) as server:
        prepared(tmp_path, server, 10)
        with daemon(tmp_path) as process:
            until(lambda: len(server.mails) >= 2)
            process.send_signal(signal.SIGSTOP)
            assert "is held by process" in ended(run(tmp_path, "send", options=("--later", "20")))[2]
            process.send_signal(signal.SIGCONT)
            until(lambda: len(server.mails) >= 10)
            process.send_signal(signal.SIGTERM)
            assert ended(process)[0] == 0
        assert left(tmp_path) == []
        assert set(copies(server.mails).values()) == {1}


def test_a14_sigterm_finishes_what_is_in_flight_hands_back_the_rest_and_ends_with_0(tmp_path: Path) -> None:
    slow = Drip("250 2.0.0 queued", 0.04)
    with SmtpServer({"MESSAGE": [slow] * 99}) as server:
        prepared(tmp_path, server, 60)
        with daemon(tmp_path) as process:
            until(lambda: len(server.mails) >= 3)
            process.send_signal(signal.SIGTERM)
            assert ended(process)[0] == 0
        waiting = left(tmp_path)
        assert {each.state for each in waiting} == {State.PLANNED}
        assert len(server.mails) + len(waiting) == 60
        server.answers.clear()
        assert ended(run(tmp_path, "send"))[0] == 0
        assert len(server.mails) == 60
        assert set(copies(server.mails).values()) == {1}


def test_a14_a_second_sigterm_ends_it_at_once_and_the_ledger_is_whole(tmp_path: Path) -> None:
    slow = Drip("250 2.0.0 queued", 5.0)
    with SmtpServer({"MESSAGE": slow}) as server:
        prepared(tmp_path, server, 5)
        with daemon(tmp_path) as process:
            until(lambda: len(server.mails) >= 1)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.3)  # hides no race: the answer it waits for takes minutes
            assert process.poll() is None
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert ended(process)[0] == 1
            assert time.monotonic() - began < 5
        assert {each.state for each in left(tmp_path)} <= {State.PLANNED, State.SENDING}
        server.answers.clear()
        assert ended(run(tmp_path, "send", options=("--later", "20")))[0] == 0
        assert left(tmp_path) == []


def test_a14_a_send_by_hand_stops_in_good_order_too(tmp_path: Path) -> None:
    slow = Drip("250 2.0.0 queued", 0.04)
    with SmtpServer({"MESSAGE": [slow] * 99}) as server:
        prepared(tmp_path, server, 60)
        process = run(tmp_path, "send")
        until(lambda: len(server.mails) >= 3)
        process.send_signal(signal.SIGTERM)
        code, _, err = ended(process)
        assert code == 1
        waiting = left(tmp_path)
        assert {each.state for each in waiting} == {State.PLANNED}
        assert err.count(": planned: ") >= 1
        assert len(server.mails) + len(waiting) == 60


def test_e47_ticks_that_died_end_the_process_for_its_supervisor(tmp_path: Path) -> None:
    """APScheduler's thread ends while it says that it runs; nothing but the watchdog would notice."""
    with SmtpServer() as server:
        prepared(tmp_path, server)
        script = f"""
import sys
from datetime import timedelta
from digestbot.app import App
from digestbot.daemon import Daemon
from apscheduler.schedulers.background import BackgroundScheduler
def dies(self):
    raise RuntimeError("a fault in the job store")
BackgroundScheduler._process_jobs = dies
import threading; threading.excepthook = lambda *_: None
with App.open({str(tmp_path)!r}) as app:
    sys.exit(Daemon(app, tell=print, tick=timedelta(seconds=0.2)).serve())
"""
        process = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )
        assert process.returncode == 1, process.stderr
        assert "starting the scheduler anew" in process.stdout
        assert "ending, so that a supervisor starts it anew" in process.stdout


def test_a09_a_full_disk_ends_in_an_error_and_the_state_is_the_old_one(tmp_path: Path) -> None:
    """The file may not grow: `send` says so and ends with 1; with room again all arrives, each under its id."""
    with SmtpServer() as server:
        prepared(tmp_path, server, 300)
        size = 200_000  # room for the plan, not for all that becomes of it
        limited = (
            "import resource, sys; "
            f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size})); "
            "from digestbot.cli.main import main; main(sys.argv[1:])"
        )
        full = subprocess.run(
            [sys.executable, "-c", limited, "--home", str(tmp_path), "send"],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert full.returncode == 1, full.stderr
        assert "make room on the disk" in full.stderr
        assert "Traceback" not in full.stderr
        assert sorted(path.name for path in (tmp_path / "data").glob("*.new")) == []
        code, _, err = ended(run(tmp_path, "send", options=("--later", "20")))
        assert code == 0, err
        assert left(tmp_path) == []
        assert len(copies(server.mails)) == 300
        assert len(server.mails) <= 300 + IN_FLIGHT


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a09_a_disk_that_is_really_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a tmpfs")
    try:
        with SmtpServer() as server:
            configure(tmp_path, SMTP_URL=server.url(host="127.0.0.1"), STORE=f"tinydb:{disk}/data")
            subscribe(tmp_path, "all", mail_to(f"r{n}" for n in range(30)))
            dump = ROOT / "digestbot" / "samples"
            samples = [str(path) for path in sorted(dump.glob("*.txt"))]
            (disk / "filler").write_bytes(b"x" * 200_000)
            full = ended(run(tmp_path, "ingest", *samples))
            if full[0] == 0:
                (disk / "more").write_bytes(b"x" * (os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize))
                full = ended(run(tmp_path, "send"))
            assert full[0] == 1, full
            assert "make room on the disk" in full[2]
            for name in ("filler", "more"):
                (disk / name).unlink(missing_ok=True)
            assert ended(run(tmp_path, "ingest", *samples))[0] == 0
            ended(run(tmp_path, "send", options=("--later", "20")))
            with open_store(f"tinydb:{disk}/data", home=tmp_path, read_only=True) as store:
                assert all(each.state is State.SENT for each in store.deliveries())
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("damage", ["cut", "empty", "nul", "newer", "missing"])
def test_a10_a_damaged_ledger_is_refused_by_name_and_nothing_is_sent_again(tmp_path: Path, damage: str) -> None:
    with SmtpServer() as server:
        prepared(tmp_path, server)
        assert ended(run(tmp_path, "send"))[0] == 0
        ledger = tmp_path / "data" / "ledger.json"
        whole = ledger.read_bytes()
        match damage:
            case "cut":
                ledger.write_bytes(whole[: len(whole) // 2])
            case "empty":
                ledger.write_bytes(b"")
            case "nul":
                ledger.write_bytes(bytes(len(whole)))
            case "newer":
                ledger.write_bytes(whole.replace(b'"schema":1', b'"schema":99'))
            case _:
                ledger.unlink()
        for command in ("send", "run", "status"):
            code, _, err = ended(run(tmp_path, command))
            assert code == 1
            assert "data/ledger." in err
            assert "Traceback" not in err
        assert len(server.mails) == 1
