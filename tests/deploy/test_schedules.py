"""Rounds without a daemon, as deploy/OPERATING.md and the units have them: run as they are written there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]  # ships no types

from tests.deploy.test_files import DEPLOY, judged, tool
from tests.servers.smtp import SmtpServer
from tests.stories.commands import SAMPLES

GOOD = '[good]\nkind = "folder"\npath = "in"\n'
GUIDE = (DEPLOY / "OPERATING.md").read_text(encoding="utf-8")
SCHEDULES = GUIDE.split("## On a schedule")[1].split("\n## ")[0]


def shown(kind: str) -> str:
    (code,) = re.findall(rf"^```{kind}\n(.*?)^```$", SCHEDULES, re.M | re.S)
    return str(code)


def cron() -> str:
    return shown("sh")


def timer() -> str:
    unit = (DEPLOY / "digestbot-once.service").read_text(encoding="utf-8")
    (environment,) = re.findall(r"^Environment=(.*)$", unit, re.M)
    (script,) = re.findall(r"^ExecStart=/bin/sh -c '(.*)'$", unit, re.M)
    return f"export {environment}\n{script}\n"


def runner() -> str:
    (job,) = yaml.safe_load((DEPLOY / "digests.yml").read_text(encoding="utf-8"))["jobs"].values()
    (step,) = [each for each in job["steps"] if each.get("name") == "Fetch and send"]
    return f"set -e\n{step['run']}"


def bring(home: Path, number: int) -> None:
    """A dump that lies in the folder for long enough to be read."""
    path = home / "in" / f"{number}.txt"
    path.write_bytes(SAMPLES[number].read_bytes())
    os.utime(path, (1_700_000_000, 1_700_000_000))


@pytest.fixture
def working(tmp_path: Path, smtp_server: Callable[..., SmtpServer]) -> tuple[Path, SmtpServer]:
    """A working directory with a source that is read and one that is broken."""
    server = smtp_server()
    home = tmp_path / "home"
    (home / "subscriptions").mkdir(parents=True)
    (home / ".env").write_text(f"DIGESTBOT_SMTP_URL={server.url(host='127.0.0.1')}\n")
    to = '[[to]]\nchannel = "email"\naddress = "ada@example.org"\n'
    (home / "subscriptions" / "all.toml").write_text('query = "the OR a"\n' + to)
    (home / "in").mkdir()
    bring(home, 0)
    (home / "sources.toml").write_text(GOOD + '\n[gone]\nkind = "folder"\npath = "nowhere"\n')
    return home, server


@pytest.mark.parametrize("script", [cron, timer, runner])
def test_a_round_sends_once_and_tells_of_a_broken_source(
    working: tuple[Path, SmtpServer], script: Callable[[], str]
) -> None:
    home, server = working
    first = _round(home, script())
    assert first.returncode == 1
    assert "source gone" in first.stderr
    assert len(server.mails) == 1, first.stderr
    bring(home, 1)
    assert _round(home, script()).returncode == 1
    assert len(server.mails) == 2
    (home / "sources.toml").write_text(GOOD)
    again = _round(home, script())
    assert again.returncode == 0, again.stderr
    assert len(server.mails) == 2


def _round(home: Path, script: str) -> subprocess.CompletedProcess[str]:
    text = script.replace("/var/lib/digestbot", str(home)).replace(
        "/opt/digestbot/bin", str(Path(sys.executable).parent)
    )
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "RUNNER_TEMP": "/nowhere",
    }
    return subprocess.run(["sh", "-c", text], cwd=home, env=environment, capture_output=True, text=True, check=False)


def test_a_ci_runner_understands_its_file() -> None:
    judged(tool("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", DEPLOY / "digests.yml")


def test_the_backup_unit_makes_a_backup(working: tuple[Path, SmtpServer], tmp_path: Path) -> None:
    home, _ = working
    unit = (DEPLOY / "digestbot-backup.service").read_text(encoding="utf-8")
    (script,) = re.findall(r"^ExecStart=/bin/sh -c '(.*)'$", unit, re.M)
    script = script.replace("%%", "%").replace("/var/backups/digestbot", str(tmp_path))
    done = _round(home, script)
    assert done.returncode == 0, done.stderr
    (made,) = tmp_path.glob("*.tar.gz")
    assert re.fullmatch(r"\d{8}T\d{6}\.tar\.gz", made.name)
