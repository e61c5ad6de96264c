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
    for name in ("digestbot", "templates", "subscriptions", "tests", "deploy"):
        shutil.copytree(ROOT / name, tmp_path / "copy" / name, ignore=IGNORED)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tmp_path / "copy")
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


def suite(copy: Path, *arguments: str, code: int = 0) -> str:
    return ran(copy, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", *arguments, code=code)


def at_home(copy: Path, name: str) -> None:
    """What the guide has people write keeps the rules of the house."""
    assert " passed" in suite(copy, "tests/test_house.py", "-k", name)


def test_a_reader_added_by_its_guide_reads(copy: Path) -> None:
    guide = follow("readers", copy)
    (sample,) = re.findall(r"^```text\n(.*?)^```$", guide, re.M | re.S)
    (copy / "list.txt").write_text(sample)
    out = ran(copy, "-m", "digestbot", "read", "--json", "list.txt")
    assert out.count('"source":"reading-list"') == 2
    assert '"ids":{"arxiv":"2604.00001"}' in out
    clean(copy, "digestbot/readers/formats/reading_list.py")
    at_home(copy, "reading_list")
    forgotten = suite(copy, "tests/readers/test_formats.py", code=1)
    assert "test_every_reader_has_a_sample_or_a_test_of_its_own" in forgotten
    assert "1 failed" in forgotten
    shutil.copy(ROOT / "digestbot" / "readers" / "registry.py", copy / "digestbot" / "readers")
    assert "test_every_class_that_reads_is_registered" in suite(copy, "tests/readers/test_formats.py", code=1)


def test_a_channel_added_by_its_guide_is_sent_by_all_who_send(copy: Path) -> None:
    guide = follow("channels", copy)
    (to,) = re.findall(r"^```toml\n(.*?)^```$", guide, re.M | re.S)
    ran(copy, "-m", "tests.reference", "--write")
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
    named = [f"tests/{file}" for file in ("channels/test_contract.py", "delivery/test_notices.py", "test_readme.py")]
    assert "failed" not in suite(copy, *named, "tests/deploy/test_files.py", "-k", "rocketchat or made_from")
    # By the one-shot, the daemon and a worker, on both stores.
    assert "5 passed" in suite(copy, "tests/runtime/test_every_channel.py", "-k", "rocketchat")
    clean(copy, *(f"digestbot/channels/{name}.py" for name in ("registry", "rocketchat/spec", "rocketchat/transport")))
    at_home(copy, "rocketchat")


def test_a_forgotten_step_of_the_channels_guide_fails_the_test_it_names(copy: Path) -> None:
    guide = follow("channels", copy)
    steps = dict(re.findall(r"^\| (\d) \| `pytest ([^`]+)`", guide, re.M))
    changed = {"4": "digestbot/channels/registry.py", "5": "tests/channels/services.py", "6": "README.md"}
    assert steps.keys() == changed.keys()
    for step, file in changed.items():
        followed = (copy / file).read_text(encoding="utf-8")
        shutil.copy(ROOT / file, copy / file)
        failed = ran(
            copy, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", *steps[step].split(), code=1
        )
        assert "1 failed" in failed
        (copy / file).write_text(followed, encoding="utf-8")


def test_a_store_added_by_its_guide_keeps_the_contract(copy: Path) -> None:
    follow("store", copy)
    assert re.search(r"\d{3,} passed", suite(copy, "tests/store/test_team.py"))
    clean(copy, "digestbot/store/team/__init__.py", "digestbot/store/team/store.py")
    at_home(copy, "store.team")
