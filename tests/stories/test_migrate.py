"""`migrate`: a newsletter outgrows its machine, moves, and nobody gets anything twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from digestbot.model.papers import Paper
from digestbot.store import open_store
from tests.servers.postgres import PostgresServer
from tests.servers.smtp import SmtpServer
from tests.store.making import NOW
from tests.stories.commands import SAMPLES, Commands, tables

ROOT = Path(__file__).parents[2]
EMBEDDED = pytest.mark.parametrize("each_store", ["tinydb"], indirect=True)  # it says itself where from and where to
EVERYTHING = 'query = "the OR a OR we"\n'


def _mailing(run: Commands, server: SmtpServer) -> None:
    (run.home / ".env").write_text(f"DIGESTBOT_SMTP_URL={server.url(host='127.0.0.1')}\n")
    for name in ("ada", "bob"):
        run.subscribe(name, EVERYTHING + f'[[to]]\nchannel = "email"\naddress = "{name}@example.org"\n')


@EMBEDDED
def test_a_newsletter_moves_to_postgresql_and_back_and_sends_nothing_twice(
    run: Commands, postgres: PostgresServer, smtp_server: Callable[..., SmtpServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, url = smtp_server(), postgres.url()
    _mailing(run, server)
    run("ingest", SAMPLES[0])
    assert run("send").code == 0
    assert len(server.mails) == 2
    there = run("migrate", "DIGESTBOT_STORE", url)
    assert there.code == 0, there.err
    assert "digests: 2 rows, 2 written now, sha256 " in there.out
    assert "both sides are the same; now write DIGESTBOT_STORE=postgresql://" in there.err
    # What was left is left: it says where everything is.
    left = run("send")
    assert left.code == 1
    assert "was moved to postgresql://postgres@127.0.0.1" in left.err
    with monkeypatch.context() as patch:
        patch.setenv("DIGESTBOT_STORE", url)
        assert "postgresql://postgres@127.0.0.1" in run("status").out
        run("send")
        assert len(server.mails) == 2
        run("ingest", *SAMPLES)
        run("send")
        assert len(server.mails) == 4
        assert run("migrate", url, "tinydb:data").code == 0
        assert run("send").code == 1
    run("send")
    assert len(server.mails) == 4
    again = run("migrate", url, "tinydb:data")
    assert again.code == 0
    assert "nothing is left to do" in again.err


@EMBEDDED
def test_a13_killed_halfway_and_run_again(
    run: Commands, postgres: PostgresServer, smtp_server: Callable[..., SmtpServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """kill -9 as soon as some of it has arrived: neither side sends until it is finished, and then nothing again."""
    server, url = smtp_server(), postgres.url()
    _mailing(run, server)
    with open_store("tinydb:data", home=run.home) as store:
        store.register(["ada", "bob"], now=NOW)
        store.merge([Paper(title=f"Paper number {n}", abstract="so it is " * 99) for n in range(5_999)], now=NOW)
        store.merge([Paper(title="The one that is sent")], now=NOW)
    assert run("send").code == 0
    assert len(server.mails) == 2
    command = [sys.executable, "-m", "digestbot", "--home", str(run.home), "migrate", "tinydb:data", url]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        end = time.monotonic() + 60
        while not tables(url).get("log"):
            assert time.monotonic() < end, "nothing arrives"
            assert process.poll() is None, "it was over before it was killed"
        os.kill(process.pid, signal.SIGKILL)
    arrived = len(tables(url)["log"].splitlines())
    assert 0 < arrived < 6_000
    assert "was moved to" in run("send").err
    with monkeypatch.context() as patch:
        patch.setenv("DIGESTBOT_STORE", url)
        assert "is only half filled" in run("send").err
    again = run("migrate", "tinydb:data", url)
    assert again.code == 0, again.err
    (written,) = [int(line.split()[3]) for line in again.out.splitlines() if line.startswith("log:")]
    assert written <= 6_000 - arrived
    monkeypatch.setenv("DIGESTBOT_STORE", url)
    assert run("send").code == 0
    assert len(server.mails) == 2
    with open_store(url, home=run.home) as store:
        assert store.head() == 6_000


@EMBEDDED
@pytest.mark.parametrize(
    ("sides", "code", "said"),
    [
        (("tinydb:data", "tinydb:data"), 1, "is held by process"),
        (("tinydb:data", "mysql://u:hunter2@h/x"), 2, "write tinydb:FOLDER"),
        (("tinydb:data", "postgresql://u:hunter2@127.0.0.1:1/x"), 1, "cannot be reached"),
        (("tinydb:data", "postgresql://u:hunter2@127.0.0.1:a/x"), 2, "no URL that PostgreSQL understands"),
        (("tinydb:data",), 2, "Missing argument"),
    ],
)
def test_what_cannot_be_moved_is_told_in_a_line(run: Commands, sides: tuple[str, ...], code: int, said: str) -> None:
    ran = run("migrate", *sides)
    assert ran.code == code
    assert said in ran.err
    assert "hunter2" not in ran.err
