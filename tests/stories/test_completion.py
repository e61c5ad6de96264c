"""What the shell offers while a command is typed, asked as the shells ask."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.commands import WITHOUT_STORE, Commands

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two subscriptions, and `digestbot` on the way to programs."""
    folder = tmp_path / "home" / "subscriptions"
    folder.mkdir(parents=True)
    for name in ("lab", "lunch"):
        (folder / f"{name}.toml").write_text('keywords = ["x"]\n[[to]]\nchannel = "file"\npath = "out"\n')
    program = tmp_path / "bin" / "digestbot"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m digestbot "$@"\n')
    program.chmod(0o755)
    return folder.parent


def shell(home: Path, *command: str, **told: str) -> str:
    environ = {**os.environ, "PATH": f"{home.parent / 'bin'}:{os.environ['PATH']}", "HOME": str(home.parent), **told}
    for moved in ("DIGESTBOT_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "ZDOTDIR"):
        environ.pop(moved, None)
    return subprocess.run(command, cwd=home, env=environ, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["next-r"], {"next-runs"}),
        (["preview", "l"], {"lab", "lunch"}),
        (["explain", "2401.00001", "lu"], {"lunch"}),
        (["topics", "neurosc"], {"neuroscience"}),
        (["read", "--format", "arxiv-a"], {"arxiv-atom"}),
        (["outbox", "retry", "pl"], {"planned"}),
        (["send", "--wait"], {"--waiting"}),
        (["--home", "/nowhere", "preview", "l"], set()),
    ],
)
def test_bash_is_offered_what_there_is(home: Path, typed: list[str], offered: set[str]) -> None:
    asked = f"COMP_WORDS=(digestbot {' '.join(typed)}); COMP_CWORD={len(typed)}; _digestbot_completion digestbot"
    found = shell(
        home, "bash", "-c", f'eval "$(digestbot completion bash)"; {asked}; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    assert set(found.split()) == offered


@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_other_shells_are_told_what_each_is(home: Path, name: str) -> None:
    asked = {"COMP_WORDS": "digestbot topics neurosc", "COMP_CWORD": "neurosc" if name == "fish" else "2"}
    found = shell(home, "digestbot", _DIGESTBOT_COMPLETE=f"{name}_complete", **asked)
    assert "Neuroscience" in found
    assert "neuroscience" in found


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_what_is_installed_is_a_script_of_that_shell(home: Path, name: str) -> None:
    written = Path(shell(home, "digestbot", "completion", name, "--install").removeprefix("written").strip())
    places = {
        "bash": ".local/share/bash-completion/completions/digestbot",
        "zsh": ".zfunc/_digestbot",
        "fish": ".config/fish/completions/digestbot.fish",
    }
    assert written.relative_to(home.parent) == Path(places[name])
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not here")
    subprocess.run([name, "-n", written], check=True)


@WITHOUT_STORE
def test_an_unknown_shell_is_told_which_there_are(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/usr/bin/nu")
    ran = run("completion")
    assert (ran.code, "name it: digestbot completion bash|zsh|fish" in ran.err) == (2, True)
