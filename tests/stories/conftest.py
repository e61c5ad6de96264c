"""A working directory and the command line over it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.commands import Commands


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, each_store: str
) -> Commands:
    """`run("ingest", dump)` gives what it wrote and how it ended, over each kind of store."""
    for name in ("DIGESTBOT_HOME", "DIGESTBOT_SMTP_URL"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    home.mkdir()
    return Commands(home, capsys)
