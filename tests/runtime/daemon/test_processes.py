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

from digestbot.cli.main import main
from digestbot.delivery import IN_FLIGHT
from digestbot.delivery.control_channel import ControlChannel
from digestbot.delivery.dispatcher import GRACE
from digestbot.model.deliveries import DeliveryState
from digestbot.store import open_store
from digestbot.store.tinydb.version import SCHEMA
from tests.delivery.kit import ROOT, configure, copies, ended, fill, left, mail_to, run, subscribe
from tests.servers.actions import Drip
from tests.servers.smtp import SmtpServer


def prepared(home: Path, server: SmtpServer, people: int = 1) -> None:
    configure(home, SMTP_URL=server.url(host="127.0.0.1"))
    subscribe(home, "all", mail_to(f"r{n}" for n in range(people)), cadence='"instant"')
    fill(home)


PATIENCE = 120.0
"""Seconds for anything to happen that a process does at once: on a busy machine its start alone takes ten and more."""


def until(condition: Callable[[], bool]) -> None:
    """Wait for something outside of this process."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


@contextmanager
def daemon(home: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A running `digestbot run`; killed at the end if it is still there."""
    process = run(home, "run", options=options)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a06_a_second_daemon_is_told_who_has_the_store(tmp_path: Path) -> None:
    with SmtpServer() as server:
        prepared(tmp_path, server)
        with daemon(tmp_path) as first:
            until(lambda: len(server.mails) == 1)
            code, _, err = ended(run(tmp_path, "run"))
            assert code == 1
            assert f"is held by process {first.pid} on " in err
            assert "stop that one first" in err
            # Looking is allowed meanwhile.
            assert ended(run(tmp_path, "status"))[0] == 0
            assert ended(run(tmp_path, "outbox", "list"))[0] == 0
            first.send_signal(signal.SIGTERM)
            assert ended(first)[0] == 0
        assert ended(run(tmp_path, "send"))[0] == 0
        assert len(server.mails) == 1


def test_a07_sends_by_hand_beside_a_daemon_make_one_delivery_of_each(tmp_path: Path) -> None:
    """The daemon has the store: it does what `send` asks for, and `send` tells what came of it."""
    with SmtpServer() as server:
        prepared(tmp_path, server, 5)
        subscribe(tmp_path, "all", mail_to(f"r{n}" for n in range(5)), cadence='"30 2 29 2 *"')
        with daemon(tmp_path):
            until(ControlChannel(tmp_path).is_attended)
            results = [ended(each) for each in [run(tmp_path, "send") for _ in range(3)]]
            assert [code for code, _, _ in results] == [0, 0, 0], results
            assert sum("all: 3 new papers read" in out for _, out, _ in results) == 1
            assert sum("nothing new since its digest" in out for _, out, _ in results) == 2
            assert sum(err.count(": sent (") for _, _, err in results) >= 5
        assert set(copies(server.mails).values()) == {1}
        assert len(server.mails) == 5
        assert not list((tmp_path / "data" / "orders").glob("*.order"))
        assert not list((tmp_path / "data" / "orders").glob("*.answer"))


def test_a07_the_outbox_is_decided_about_beside_a_daemon(tmp_path: Path) -> None:
    with SmtpServer({"MESSAGE": ["554 5.7.1 spam"]}) as server:
        prepared(tmp_path, server)
        with daemon(tmp_path) as process:
            until(lambda: [each.state for each in left(tmp_path)] == [DeliveryState.FAILED])
            (failed,) = left(tmp_path)
            code, _, err = ended(run(tmp_path, "outbox", "hold", "nonsense"))
            assert code == 2
            assert "no delivery with the id 'nonsense'" in err
            assert ended(run(tmp_path, "outbox", "retry", "held"))[:2] == (0, "")
            code, out, err = ended(run(tmp_path, "outbox", "retry", "failed"))
            assert (code, out.split()[:2]) == (0, [failed.id[:8], "planned"]), err
            until(lambda: left(tmp_path) == [])
            code, _, err = ended(run(tmp_path, "outbox", "drop", failed.id[:8]))
            assert code == 2
            assert "is sent: nothing to decide" in err
            process.send_signal(signal.SIGTERM)
            _, _, told = ended(process)
            assert "retry, by hand" in told


def test_a07_what_was_ordered_of_a_daemon_that_was_killed_is_not_lost(tmp_path: Path) -> None:
    """SIGSTOP keeps it from answering, SIGKILL ends it: the command does the work itself then."""
    with SmtpServer() as server:
        prepared(tmp_path, server)
        subscribe(tmp_path, "all", mail_to(["r0"]), cadence='"30 2 29 2 *"')
        with daemon(tmp_path) as process:
            until(ControlChannel(tmp_path).is_attended)
            process.send_signal(signal.SIGSTOP)
            sending = run(tmp_path, "send")
            until(lambda: bool(list((tmp_path / "data" / "orders").glob("*.order"))))
            process.kill()
            code, out, err = ended(sending)
        assert code == 0, err
        assert "all: 3 new papers read" in out
        assert len(server.mails) == 1
        assert not list((tmp_path / "data" / "orders").glob("*.order"))


def test_what_waits_is_sent_by_the_daemon_that_has_the_store(tmp_path: Path) -> None:
    with SmtpServer() as server:
        prepared(tmp_path, server)
        subscribe(tmp_path, "all", mail_to(["r0"]), cadence='"30 2 29 2 *"', max_entries=1)
        with daemon(tmp_path):
            until(ControlChannel(tmp_path).is_attended)
            code, out, err = ended(run(tmp_path, "send", "--waiting"))
            assert code == 0, err
            assert "all: 3 new papers read, 3 matched, 3 in the digest" in out
            code, out, err = ended(run(tmp_path, "send", "--waiting"))
            assert (code, "nothing new since its digest" in out) == (0, True), err
        assert len(server.mails) == 1


def test_a07_a_wrong_mailing_is_held_back_in_the_middle(tmp_path: Path) -> None:
    """What people decide takes effect between two deliveries, not after the last of thousands."""
    slow = Drip("250 2.0.0 queued", 0.15)  # half of the mails take a minute, in which the command is sure to be done
    with SmtpServer({"MESSAGE": [slow] * 999}) as server:
        prepared(tmp_path, server, 200)
        with daemon(tmp_path):
            until(lambda: len(server.mails) >= 3)
            waiting = [each.id for each in left(tmp_path) if each.state is DeliveryState.PLANNED]
            code, out, err = ended(run(tmp_path, "outbox", "hold", *waiting[100:]))
            assert code == 0, err
            assert out.count("held") == len(waiting[100:])
            assert len(server.mails) < 100
            server.answers.clear()
            until(lambda: {each.state for each in left(tmp_path)} == {DeliveryState.HELD})
        assert len(server.mails) == 200 - len(waiting[100:])


def test_a06_a_daemon_stopped_and_continued_neither_loses_nor_doubles(tmp_path: Path) -> None:
    """SIGSTOP while it has the lease: nobody else gets the store, a send waits, and it finishes what it began."""
    slow = Drip("250 2.0.0 queued", 0.05)
    with SmtpServer({"MESSAGE": [slow] * 30}) as server:
        prepared(tmp_path, server, 10)
        with daemon(tmp_path) as process:
            until(lambda: len(server.mails) >= 2)
            process.send_signal(signal.SIGSTOP)
            sending = run(tmp_path, "send", options=("--later", "20"))
            until(lambda: bool(list((tmp_path / "data" / "orders").glob("*.order"))))
            process.send_signal(signal.SIGCONT)
            until(lambda: len(server.mails) >= 10)
            assert ended(sending)[0] == 0
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
        assert {each.state for each in waiting} == {DeliveryState.PLANNED}
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
            assert time.monotonic() - began < GRACE / 2
        assert {each.state for each in left(tmp_path)} <= {DeliveryState.PLANNED, DeliveryState.SENDING}
        server.answers.clear()
        code, _, err = ended(run(tmp_path, "send", options=("--later", "20")))
        assert code == 0, err
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
        assert {each.state for each in waiting} == {DeliveryState.PLANNED}
        assert err.count(": planned: ") >= 1
        assert len(server.mails) + len(waiting) == 60


def test_e47_ticks_that_died_end_the_process_for_its_supervisor(tmp_path: Path) -> None:
    """APScheduler's thread ends while it says that it runs; nothing but the watchdog would notice."""
    with SmtpServer() as server:
        prepared(tmp_path, server)
        script = f"""
import sys
from datetime import timedelta
from digestbot.bootstrap import App
from digestbot.runtime.reloader import Reloader
from digestbot.runtime.daemon import Daemon
from apscheduler.schedulers.background import BackgroundScheduler
def dies(self):
    raise RuntimeError("a fault in the job store")
BackgroundScheduler._process_jobs = dies
import threading; threading.excepthook = lambda *_: None
with App.open({str(tmp_path)!r}) as app:
    sys.exit(Daemon(Reloader(app), tell=print, tick=timedelta(seconds=0.2)).serve())
"""
        process = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
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
            cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False,
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
            dump = ROOT / "digestbot" / "cli" / "samples"
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
                assert all(each.state is DeliveryState.SENT for each in store.deliveries())
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def damaged(whole: bytes, damage: str) -> bytes:
    """A state file to which something happened."""
    return {
        "cut off": whole[: len(whole.rstrip(b"\0")) // 2],
        "empty": b"",
        "NUL": bytes(len(whole)),
        "BOM": b"\xef\xbb\xbf" + whole,
    }[damage]


@pytest.mark.parametrize("damage", ["cut off", "empty", "NUL", "BOM", "missing"])
@pytest.mark.parametrize("name", ["ledger.json", "ledger.journal", "papers.json", "papers.journal"])
def test_a10_a_damaged_state_file_is_refused_by_name_and_nothing_is_sent_again(
    tmp_path: Path, name: str, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    to_file = '[[to]]\nchannel = "file"\npath = "out"\n'
    configure(tmp_path)
    subscribe(tmp_path, "all", to_file)
    fill(tmp_path)
    assert line(tmp_path, capsys, "send")[0] == 0
    (digest,) = (tmp_path / "out").rglob("*.md")
    digest.unlink()
    path = tmp_path / "data" / name
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(damaged(path.read_bytes(), damage))
    for command in (("send",), ("run",), ("status",), ("ingest", str(digest)), ("outbox", "list")):
        code, err = line(tmp_path, capsys, *command)
        assert code == 1
        # A BOM before a journal, or a missing snapshot, is told with the file it is in.
        assert f"data/{name}" in err
        assert "digestbot restore" in err
    assert list((tmp_path / "out").rglob("*.md")) == []


def line(home: Path, capture: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The command line in this process: how it ended, and what it complained of."""
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), *arguments])
    return int(ended.value.code or 0), capture.readouterr().err


def test_a10_a_ledger_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    with SmtpServer() as server:
        prepared(tmp_path, server)
        assert ended(run(tmp_path, "send"))[0] == 0
        ledger = tmp_path / "data" / "ledger.json"
        newer = ledger.read_bytes().replace(f'"schema":{SCHEMA}'.encode(), b'"schema":99')
        ledger.write_bytes(newer)
        for command in ("send", "run", "status", "restore"):
            code, _, err = ended(run(tmp_path, command))
            assert code == 1
            assert "data/ledger.json: was written by a newer digestbot (version 99" in err
            assert "Traceback" not in err
        assert len(server.mails) == 1
        assert ledger.read_bytes() == newer
