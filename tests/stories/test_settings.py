"""Every setting is explained: in the `.env` that `init` writes, and on the front page."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from digestbot.platform.settings import load_settings
from digestbot.platform.settings.names import ALL
from digestbot.platform.settings.row import Setting
from tests.servers.certificates import Certificate
from tests.stories.commands import Commands

REFERENCE = (Path(__file__).parents[2] / "deploy" / "REFERENCE.md").read_text(encoding="utf-8")


@pytest.fixture
def env(run: Commands) -> str:
    """What `init` writes."""
    assert run("init", str(run.home / "new")).code == 0
    return (run.home / "new" / ".env").read_text(encoding="utf-8")


def test_init_makes_the_directory_that_all_other_commands_would_take(tmp_path: Path, run: Commands) -> None:
    new = tmp_path / "named"
    assert run("--home", new, "init").code == 0
    assert (new / ".env").is_file()
    assert not (run.home / "sources.toml").exists()


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.name)
def test_every_setting_stands_in_the_env_of_init_under_words_that_explain_it(env: str, row: Setting) -> None:
    paragraph = next(each for each in env.split("\n\n") if f"\n# {row.line}" in each)
    assert row.words[1:] in " ".join(paragraph.replace("\n#", "").split())


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.name)
def test_every_setting_stands_in_the_reference_in_its_own_words(row: Setting) -> None:
    assert f"| `{row.name}`" in REFERENCE
    assert f"| {row.words.replace('|', chr(92) + '|')} |" in REFERENCE


@pytest.mark.parametrize("without", ["DIGESTBOT_SMTP_OAUTH", "DIGESTBOT_SMTP_URL"])
def test_the_examples_in_it_are_right_values(env: str, tmp_path: Path, certificate: Certificate, without: str) -> None:
    """Take away every `# `: all of it is understood, but that a mailbox is opened in one of two ways."""
    taken = re.sub(r"(?m)^# (DIGESTBOT_[A-Z_]+=)", r"\1", env).replace(
        "https://hooks.slack.com/services/...", "https://x.org"
    )
    (tmp_path / ".env").write_text(re.sub(rf"(?m)^{without}.*$", "", taken), encoding="utf-8")
    shutil.copy(certificate.cert, tmp_path / "house-ca.pem")
    for key in ("rsa.pem", "ed25519.pem"):
        (tmp_path / key).touch()
    found = load_settings(tmp_path, {})
    assert found.operator == "me@example.org"
    assert found.concurrency == 4
    assert dict(found.destinations).keys() == {"lab", "lab_secret", "lab_token", "lab_headers"}
