"""Output in any encoding: what it has no place for is escaped, never a fault."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from digestbot.cli.main import COMMANDS

PAPERS = """\
{"id": "2609.00101", "title": "\u00dcber das Moos \u2014 \u043c\u043e\u0445 \u2260 lichen \u2200 wall", "abstract": "On moss \u82d4, \u2602.", "authors": ["\u9673 \u6885"]}
{"id": "2609.00102", "title": "\u82d4 moss \U0001f327 and \u03a9", "abstract": "moss \u2060 in the rain"}
"""  # noqa: E501 - a line is a paper
SUBSCRIPTION = """\
name = "Moos \u2260 \u82d4"
timezone = "UTC"
cadence = "daily 07:30"
keywords = ["moss"]
first_run = "last 7 days"
[[to]]
channel = "file"
path = "out"
"""
MATCH = ("match", "moss OR \u82d4")
STORY = (
    ("read", "papers.jsonl"),
    ("ingest", "papers.jsonl"),
    ("check",),
    MATCH,
    ("gist", "--id", "2609.00101"),
    ("explain", "moos", "2609.00101"),
    ("backtest", "moos"),
    ("preview", "moos"),
    ("send", "--dry-run"),
    ("send",),
    ("status",),
    ("next-runs",),
    ("outbox", "list"),
    ("match", "moss AND ("),
    ("explain", "\u82d4", "2609.00101"),
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "subscriptions").mkdir()
    (tmp_path / "subscriptions" / "moos.toml").write_text(SUBSCRIPTION, encoding="utf-8")
    (tmp_path / "papers.jsonl").write_text(PAPERS, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "shift_jis"])
def test_no_command_ends_in_a_traceback(home: Path, encoding: str) -> None:
    assert {words[0] for words in STORY} <= set(COMMANDS)
    for words in STORY:
        done = subprocess.run(
            [sys.executable, "-m", "digestbot", *words],
            cwd=home,
            env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
            capture_output=True,
            timeout=60,
            check=False,
        )
        told = done.stdout + done.stderr
        assert b"Traceback" not in told, (words, told)
        assert b"Error" not in told, (words, told)
        assert done.returncode in (0, 1, 2), (words, told)
        if words == MATCH:
            assert b"\\u82d4 moss \\U0001f327" in done.stdout or encoding == "shift_jis", done.stdout
