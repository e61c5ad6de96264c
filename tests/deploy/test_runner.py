"""deploy/digests.yml, each of its steps run as it stands there, against a repository and a mail server of our own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml  # type: ignore[import-untyped]  # ships no types

from tests.deploy.test_files import DEPLOY, ROOT
from tests.servers.smtp import SmtpServer
from tests.stories.commands import SAMPLES

(JOB,) = yaml.safe_load((DEPLOY / "digests.yml").read_text(encoding="utf-8"))["jobs"].values()
STEPS: list[dict[str, Any]] = [each for each in JOB["steps"] if "run" in each]
SOURCES = '[good]\nkind = "folder"\npath = "incoming"\n'
ADA = {"DIGESTBOT_MAIL_FROM": "Digest <digest@example.org>"}


@dataclass
class Host:
    """A code host: a repository, secrets, and runners that begin with nothing but what the first one installed."""

    folder: Path
    secrets: dict[str, str]
    rounds: int = 0
    changes: int = 0
    installed: ClassVar[str] = ""

    @property
    def repository(self) -> Path:
        return self.folder / "repository.git"

    def git(self, *command: str) -> str:
        return subprocess.run(["git", *command], cwd=self.folder, check=True, capture_output=True, text=True).stdout

    def put(self, name: str, content: bytes) -> None:
        """A file that somebody puts into the repository."""
        self.changes += 1
        checkout = self.folder / f"change-{self.changes}"
        self.git("clone", "-q", str(self.repository), str(checkout))
        (checkout / name).parent.mkdir(exist_ok=True)
        (checkout / name).write_bytes(content)
        self.git("-C", str(checkout), "add", ".")
        self.git("-C", str(checkout), "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", name)
        self.git("-C", str(checkout), "push", "-q", "origin", "HEAD:main")

    def round(self, **inputs: str) -> tuple[dict[str, int], str, str]:
        """Each step's exit code, the page of the run, and what was said; on a new runner."""
        self.rounds += 1
        runner = self.folder / f"runner-{self.rounds}"
        runner.mkdir()
        checkout, path, page = runner / "checkout", runner / "path", runner / "page"
        self.git("clone", "-q", "--depth", "1", f"file://{self.repository}", str(checkout))
        for dump in (checkout / "incoming").iterdir():  # it lies there for long enough to be read
            os.utime(dump, (1_700_000_000, 1_700_000_000))
        environ = self._environ(inputs, runner)
        codes: dict[str, int] = {}
        said = ""
        if self.installed:
            path.write_text(self.installed)
        for step in STEPS:
            if any(codes.values()) and step.get("if") != "always()":
                continue
            if step["name"] == "Install" and self.installed:
                continue
            if path.exists():
                environ["PATH"] = f"{path.read_text().strip()}:{os.environ['PATH']}"
            done = subprocess.run(
                ["bash", "-e", "-c", step["run"]],
                cwd=checkout,
                env=environ,
                capture_output=True,
                text=True,
                check=False,
            )
            codes[step["name"]] = done.returncode
            said += done.stdout + done.stderr
        Host.installed = path.read_text()
        return codes, page.read_text(encoding="utf-8") if page.exists() else "", said

    def _environ(self, inputs: dict[str, str], runner: Path) -> dict[str, str]:
        """What the host sets and the file says; the packages of this environment are the registry's."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DIGESTBOT_TO")}
        packages = {"PYTHONPATH": sysconfig.get_path("purelib"), "PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1"}
        ours = {
            "RUNNER_TEMP": str(runner),
            "GITHUB_PATH": str(runner / "path"),
            "GITHUB_STEP_SUMMARY": str(runner / "page"),
        }
        told = {name: self._said(str(value), inputs) for name, value in JOB["env"].items()}
        return {**kept, **packages, **ours, **told, "PACKAGE": os.environ["TESTED_WHEEL"]}

    def _said(self, value: str, inputs: dict[str, str]) -> str:
        found = re.fullmatch(r"\$\{\{ (secrets|inputs)\.(\w+) \}\}", value)
        return value if found is None else (self.secrets if found[1] == "secrets" else inputs).get(found[2], "")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture
def host(
    tmp_path: Path, wheel: Path, smtp_server: Callable[..., SmtpServer], monkeypatch: pytest.MonkeyPatch
) -> tuple[Host, SmtpServer]:
    server = smtp_server()
    monkeypatch.setenv("TESTED_WHEEL", str(wheel))
    monkeypatch.delenv("DIGESTBOT_HOME", raising=False)
    made = Host(tmp_path, {"DIGESTBOT_SMTP_URL": server.url(host="127.0.0.1"), **ADA})
    made.git("init", "-q", "--bare", "-b", "main", str(made.repository))
    made.put("sources.toml", SOURCES.encode())
    made.put("incoming/first.txt", SAMPLES[0].read_bytes())
    return made, server


def test_the_first_round_writes_and_sends_and_the_second_sends_nothing_again(host: tuple[Host, SmtpServer]) -> None:
    made, server = host
    codes, page, said = made.round(interests="multilingual, agents", to="ada@example.org")
    assert set(codes.values()) == {0}, said
    assert len(server.mails) == 1
    assert "Multilingual models and low-resource languages" in page
    assert "ada@example.org" in made.git("--git-dir", str(made.repository), "show", "main:subscriptions/my-digest.toml")
    held = made.git("--git-dir", str(made.repository), "ls-tree", "-r", "--name-only", "main").split()
    assert not [name for name in held if name.startswith(("data/", ".env"))]  # neither papers nor secrets

    codes, _, said = made.round()  # on a runner that has nothing but the repository
    assert set(codes.values()) == {0}, said
    assert len(server.mails) == 1
    assert "nothing new since its digest" in said

    made.put("incoming/second.txt", SAMPLES[1].read_bytes())
    codes, _, said = made.round()
    assert set(codes.values()) == {0}, said
    assert len(server.mails) == 2
    assert made.git("--git-dir", str(made.repository), "rev-list", "--count", "digestbot-state").strip() == "1"


def test_a_broken_source_is_told_and_keeps_nothing_from_being_sent(host: tuple[Host, SmtpServer]) -> None:
    made, server = host
    made.put("sources.toml", f'{SOURCES}\n[gone]\nkind = "folder"\npath = "nowhere"\n'.encode())
    codes, page, said = made.round(interests="multilingual", to="ada@example.org")
    assert [name for name, code in codes.items() if code] == ["Fetch and send"]
    assert "source gone" in said
    assert len(server.mails) == 1
    assert page
    assert made.round()[0]["Keep what was sent"] == 0
    assert len(server.mails) == 1  # what was sent before the failure is known


def test_a_repository_that_does_not_answer_is_no_first_time(host: tuple[Host, SmtpServer]) -> None:
    made, _ = host
    steps = [each for each in STEPS if each["name"] == "Bring back what was sent"]
    made.git("clone", "-q", str(made.repository), str(made.folder / "alone"))
    made.repository.rename(made.folder / "hidden")
    done = subprocess.run(
        ["bash", "-e", "-c", steps[0]["run"]],
        cwd=made.folder / "alone",
        env={**os.environ, "STATE": "digestbot-state"},
        check=False,
        capture_output=True,
    )
    assert done.returncode not in (0, 2)


def test_without_a_mail_server_pages_come_to_the_repository(host: tuple[Host, SmtpServer]) -> None:
    made, _ = host
    made.secrets.clear()
    codes, _, said = made.round(interests="multilingual")
    assert set(codes.values()) == {0}, said
    held = made.git("--git-dir", str(made.repository), "ls-tree", "-r", "--name-only", "main").split()
    assert [name for name in held if name.startswith("digests/") and name.endswith(".html")]
