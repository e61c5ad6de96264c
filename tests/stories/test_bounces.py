"""`digestbot bounces`, and the daemon: mail that came back is read from wherever it lies. Section H of the faults."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digestbot.bounces.mailbox import Maildir
from tests.bounces.messages import original, postfix
from tests.delivery.kit import ROOT, ended
from tests.delivery.kit import run as started
from tests.servers.certificates import Certificate
from tests.servers.imap import ImapServer
from tests.servers.smtp import SmtpServer
from tests.stories.commands import SAMPLES, Commands

MINE = 'query = "the OR language"\n[[to]]\nchannel = "email"\naddress = "ada@example.org"\n'


@pytest.fixture
def report(run: Commands, smtp_server: Callable[..., SmtpServer]) -> bytes:
    """The report of a digest that has left."""
    server = smtp_server()
    settings(run, server)
    run.subscribe("mine", MINE)
    assert run("ingest", *SAMPLES).code == 0
    assert run("send").code == 0
    return postfix(original(), to=server.mails[-1].sender)


def settings(run: Commands, server: SmtpServer | None = None, **more: str) -> None:
    path = run.home / ".env"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if server is not None:
        text += f"DIGESTBOT_SMTP_URL={server.url(host='127.0.0.1')}\nDIGESTBOT_SECRET=a-secret-of-many-characters\n"
        text += "DIGESTBOT_BOUNCE_ADDRESS=bounce@example.org\n"
    path.write_text(text + "".join(f"DIGESTBOT_{name}={value}\n" for name, value in more.items()), encoding="utf-8")


def suppressed(run: Commands) -> list[str]:
    lines = run("subscribers", "list", "--suppressed", "--json").out.splitlines()
    return [each for line in lines for each in json.loads(line)["addresses"]]


def test_a_mail_server_pipes_a_report_in(report: bytes, run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"From MAILER-DAEMON Mon Mar 2\r\n" + report)))
    ran = run("bounces", "-")
    assert ran.code == 0, ran.err
    assert "ada@example.org: hard bounce: there is no such mailbox; nothing more is sent there" in ran.out
    assert suppressed(run) == ["ada@example.org"]
    assert list((run.home / "data" / "returned").rglob("*.*")) == []
    # The next digest is not sent, and it is said why.
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(report)))
    assert run("bounces", "-").code == 0


def test_an_mbox_is_read_mail_by_mail_and_left_as_it_is(report: bytes, run: Commands) -> None:
    box = run.home / "box"
    quoted = report.replace(b"\r\nFrom ", b"\r\n>From ")
    box.write_bytes(b"From a@b Mon Mar 2 08:00:00 2026\nSubject: hello\n\n>From me to you\n\nFrom x\n" + quoted)
    before = box.read_bytes()
    ran = run("bounces", box, "--json")
    assert [json.loads(line)["act"] for line in ran.out.splitlines()] == [None, "hard bounce"]
    assert "2 mails, 1 addresses suppressed" in ran.err
    assert box.read_bytes() == before
    again = run("bounces", box, "--json")
    assert [json.loads(line)["why"] for line in again.out.splitlines()][1] == "read before"


def test_a_maildir_is_read_and_its_mails_marked(report: bytes, run: Commands) -> None:
    box = Maildir(run.home / "box")
    box.put(b"Subject: hello\n\n")
    box.put(report)
    settings(run, BOUNCES="box")
    assert "2 mails, 1 addresses suppressed" in run("bounces").err
    assert "0 mails" in run("bounces").err
    assert all(path.name.endswith(":2,S") for path in (run.home / "box" / "cur").iterdir())
    assert suppressed(run) == ["ada@example.org"]


def test_a_folder_on_a_server_is_read_once_and_left_as_it_is(
    report: bytes, run: Commands, trusted: Certificate
) -> None:
    with ImapServer(trusted, {4: b"Subject: hello\r\n\r\n", 7: report}) as server:
        server.folders = {"Bounces"}
        settings(run, BOUNCES=f"{server.url()}/Bounces")
        ran = run("bounces")
        assert "2 mails, 1 addresses suppressed" in ran.err, ran
        assert "0 mails" in run("bounces").err
        server.mails[9] = report + b"\r\n"
        assert "read before" not in run("bounces").out
        assert not [each for each in server.commands if "STORE" in each or "EXPUNGE" in each or "SELECT" in each]
        settings(run, BOUNCES=f"{server.url(password='wrong')}/Bounces")
        ran = run("bounces")
        assert ran.code == 1
        assert "check DIGESTBOT_BOUNCES in .env" in ran.err
        assert "wrong" not in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "DIGESTBOT_BOUNCES: names no mailbox"),
        (("none",), "there is no such file or maildir"),
        (("subscriptions",), "is no maildir"),
    ],
)
def test_what_cannot_be_read_is_told(arguments: tuple[str, ...], said: str, run: Commands) -> None:
    run.subscribe("mine", MINE)
    ran = run("bounces", *(run.home / each for each in arguments))
    assert (ran.code, said in ran.err) == (2, True), ran.err


def test_without_a_secret_nothing_can_be_known_to_be_ours(run: Commands) -> None:
    mail = run.home / "report"
    mail.write_bytes(postfix(original()))
    ran = run("bounces", mail)
    assert ran.code == 2
    assert "set DIGESTBOT_SECRET" in ran.err


@contextmanager
def daemon(home: Path) -> Iterator[subprocess.Popen[str]]:
    process = started(home, "run")
    try:
        end = time.monotonic() + 30
        while not (home / "data" / "orders" / "attended").exists():
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.communicate()


def test_beside_a_daemon_the_commands_do_the_same(report: bytes, run: Commands) -> None:
    """On TinyDB the daemon has the store: orders are handed to it, and what came back is kept for it."""
    with daemon(run.home):
        code, out, err = ended(started(run.home, "subscribers", "add", "bob@example.org", "--keyword", "speech"))
        assert (code, out) == (0, "bob@example.org: added\n"), err
        code, _, err = ended(started(run.home, "subscribers", "add", "carl@example.org", "--cadence", "dayly"))
        assert code in (1, 2)
        assert "cadence" in err
        mail = run.home / "report"
        mail.write_bytes(report)
        assert ended(started(run.home, "bounces", str(mail)))[0] == 0
        end = time.monotonic() + 60
        while "ada@example.org" not in suppressed(run):
            assert time.monotonic() < end
            time.sleep(0.2)
        code, out, _ = ended(started(run.home, "subscribers", "release", "ada@example.org", "--reason", "mended"))
        assert (code, out) == (0, "ada@example.org: released\n")
        assert suppressed(run) == []
    log = run("subscribers", "audit").out
    assert log.count("operator ") == 3  # the send by hand, the one added, the release
    assert ROOT.exists()
