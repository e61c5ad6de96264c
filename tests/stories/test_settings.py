"""Every setting is explained: in the `.env` that `init` writes, and on the front page."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from digestbot.platform.setting_names import KNOWN
from digestbot.platform.settings import Settings, load_settings
from tests.stories.commands import Commands

REFERENCE = (Path(__file__).parents[2] / "deploy" / "REFERENCE.md").read_text(encoding="utf-8")


@pytest.fixture
def env(run: Commands) -> str:
    """What `init` writes."""
    assert run("init", str(run.home / "new")).code == 0
    return (run.home / "new" / ".env").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*KNOWN, "DIGESTBOT_TO_LAB", "DIGESTBOT_TO_LAB_SECRET", "DIGESTBOT_SOURCE_ALERTS"])
def test_every_setting_stands_in_the_env_of_init_under_words_that_explain_it(env: str, name: str) -> None:
    lines = env.splitlines()
    at, *_ = [number for number, line in enumerate(lines) if re.match(rf"# {name}(=|, )", line)]
    before = [line for line in lines[:at] if not re.match("# DIGESTBOT_", line)]
    assert lines[at].startswith(f"# {name}, ") or len(before[-1].split()) > 2


@pytest.mark.parametrize("name", KNOWN)
def test_every_setting_stands_in_the_reference_in_its_own_words(name: str) -> None:
    assert f"| `{name}` | {KNOWN[name].replace('|', chr(92) + '|')} |" in REFERENCE


def test_every_field_comes_from_a_setting_that_is_known() -> None:
    """Else it would be one that nobody can set, or that nobody explains."""
    singular = {"secrets": "SECRET", "dkim_keys": "DKIM_KEY", "dkim_selectors": "DKIM_SELECTOR"}
    fields = {field.name for field in dataclasses.fields(Settings)} - {"destinations", "sources"}
    assert {f"DIGESTBOT_{singular.get(name, name.upper())}" for name in fields} == set(KNOWN)


def test_the_examples_in_it_are_right_values(env: str, tmp_path: Path) -> None:
    """Take away every `# `: all of it is understood."""
    taken = re.sub(r"(?m)^# (DIGESTBOT_[A-Z_]+=)", r"\1", env).replace(
        "https://hooks.slack.com/services/...", "https://x.org"
    )
    (tmp_path / ".env").write_text(taken, encoding="utf-8")
    for key in ("rsa.pem", "ed25519.pem"):
        (tmp_path / key).touch()
    found = load_settings(tmp_path, {})
    assert found.operator == "me@example.org"
    assert found.concurrency == 4
    assert dict(found.destinations).keys() == {"lab", "lab_secret"}
