"""The guides for who adds a reader, a channel or a store, followed to the letter over a copy of the package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.http import HttpServer, Reply

ROOT = Path(__file__).parents[2]
IGNORED = shutil.ignore_patterns("__pycache__")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package, beside it what it ships, and the tests that guides name."""
    for name in ("digestbot", "templates", "subscriptions", "tests"):
        shutil.copytree(ROOT / name, tmp_path / "copy" / name, ignore=IGNORED)
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "copy")
    return tmp_path / "copy"


def follow(room: str, copy: Path) -> str:
    """Do what the guide of a room says: write its modules, change the lines it shows; the guide."""
    guide = (ROOT / "digestbot" / room / "README.md").read_text(encoding="utf-8")
    file = ""
    # Files and code in the order they are told; a file is the one named last before the code.
    for named, kind, code in re.findall(
        r"`((?:digestbot|tests)/[\w/]+\.py)`|^```(\w+)\n(.*?)^```$", guide, re.M | re.S
    ):
        file = named or file
        if kind == "python":
            (copy / file).parent.mkdir(exist_ok=True)
            (copy / file).write_text(code, encoding="utf-8")
        elif kind == "diff":
            change(copy / file, code)
    return guide


def change(path: Path, diff: str) -> None:
    lines = diff.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] in " -")
    after = "".join(line[1:] for line in lines if line[0] in " +")
    text = path.read_text(encoding="utf-8")
    assert text.count(before) >= 1, f"{path.name} has no such lines:\n{before}"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def ran(copy: Path, *command: str, code: int = 0, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "PYTHONSAFEPATH": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def clean(copy: Path, *files: str) -> None:
    """What the guide has people write passes the house's own lint."""
    paths = [str(copy / each) for each in files]
    ran(copy, "-m", "ruff", "check", "--no-cache", "--config", str(ROOT / "pyproject.toml"), *paths)
    ran(copy, "-m", "ruff", "format", "--no-cache", "--check", "--config", str(ROOT / "pyproject.toml"), *paths)


def suite(copy: Path, *arguments: str) -> str:
    return ran(copy, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", *arguments)


def at_home(copy: Path, name: str) -> None:
    """What the guide has people write keeps the rules of the house."""
    assert " passed" in suite(copy, "tests/test_house.py", "-k", name)


def test_a_reader_added_by_its_guide_reads(copy: Path) -> None:
    guide = follow("listing", copy)
    (sample,) = re.findall(r"^```text\n(.*?)^```$", guide, re.M | re.S)
    (copy / "list.txt").write_text(sample)
    out = ran(copy, "-m", "digestbot", "read", "--json", "list.txt")
    assert out.count('"source":"reading-list"') == 2
    assert '"ids":{"arxiv":"2604.00001"}' in out
    clean(copy, "digestbot/listing/reading_list.py")
    at_home(copy, "reading_list")


def test_a_channel_added_by_its_guide_sends(copy: Path) -> None:
    guide = follow("channels", copy)
    (to,) = re.findall(r"^```toml\n(.*?)^```$", guide, re.M | re.S)
    home = copy / "home"
    (home / "subscriptions").mkdir(parents=True)
    (home / "subscriptions" / "all.toml").write_text('query = "the OR a"\n' + to)
    with HttpServer() as server:
        server.script("/hook", Reply(body=b'{"success":true}'))
        (home / ".env").write_text(f"DIGESTBOT_TO_LAB={server.url('/hook')}\nDIGESTBOT_ALLOW_NETWORKS=127.0.0.1\n")
        sample = sorted((copy / "digestbot" / "cli" / "samples").glob("*.txt"))[0]
        ran(copy, "-m", "digestbot", "--home", str(home), "ingest", str(sample))
        ran(copy, "-m", "digestbot", "--home", str(home), "send")
        assert b'"text"' in server.requests[0].body
    assert "10 passed" in suite(copy, "tests/channels/test_contract.py", "-k", "rocketchat")
    clean(copy, "digestbot/channels/rocketchat.py")
    at_home(copy, "rocketchat")


def test_a_store_added_by_its_guide_keeps_the_contract(copy: Path) -> None:
    follow("store", copy)
    assert re.search(r"\d{3,} passed", suite(copy, "tests/store/test_team.py"))
    clean(copy, "digestbot/store/team/__init__.py", "digestbot/store/team/store.py")
    at_home(copy, "store.team")
