"""Output in any encoding: what it has no place for is escaped, never a fault."""

from __future__ import annotations

import json
import os
import re
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
    ("gist",),
    ("explain", "2609.00101", "moos"),
    ("backtest", "moos"),
    ("preview", "moos"),
    ("send", "--dry-run"),
    ("send",),
    ("status",),
    ("next-runs",),
    ("outbox", "list"),
    ("match", "moss AND ("),
    ("explain", "\u82d4 is no paper", "moos"),
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "subscriptions").mkdir()
    (tmp_path / "subscriptions" / "moos.toml").write_text(SUBSCRIPTION, encoding="utf-8")
    (tmp_path / "papers.jsonl").write_text(PAPERS, encoding="utf-8")
    return tmp_path


# Every command of the story in one process, whose start costs the most; each ends with a line of its own.
ALL = """
import json, sys
from digestbot.cli.main import main
for words in json.loads(sys.argv[1]):
    try:
        main(words)
    except SystemExit as ended:
        sys.stdout.flush(), sys.stderr.flush()
        print(f"\\n-- ended {ended.code or 0}", flush=True)
"""


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "shift_jis"])
def test_no_command_ends_in_a_traceback(home: Path, encoding: str) -> None:
    assert {words[0] for words in STORY} <= set(COMMANDS)
    done = subprocess.run(
        [sys.executable, "-c", ALL, json.dumps(STORY)],
        cwd=home,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=False,
    )
    told = re.split(rb"\n-- ended (\d)\r?\n", done.stdout)
    said = dict(zip(STORY, told[::2], strict=False))
    wrong = {("match", "moss AND ("): b"2", STORY[-1]: b"2"}
    assert told[1::2] == [wrong.get(words, b"0") for words in STORY], done.stdout
    assert (len(told[1::2]), done.returncode) == (len(STORY), 0), done.stdout
    for words, text in said.items():
        assert b"Traceback" not in text, (words, text)
        assert b"Error" not in text, (words, text)
    assert b"\\u82d4 moss \\U0001f327" in said[MATCH] or encoding == "shift_jis", said[MATCH]
