"""Cards and embeds in the eyes of what their vendors publish; deploy/judge.sh puts that where it is looked for."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.rendering.making import CASES, CROWDS
from tests.rendering.test_services import bloated, parts

JUDGES = Path(os.environ.get("JUDGES") or Path(tempfile.gettempdir()) / "digestbot-judges")
NEEDED = ("adaptivecards", "discord-api-spec", "zod")

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not all((JUDGES / "node_modules" / each).is_dir() for each in NEEDED),
    reason=f"needs node, and {' '.join(NEEDED)} from npm in {JUDGES}: sh deploy/judge.sh brings them",
)


def judged(*files: Path) -> tuple[int, str]:
    script = Path(__file__).with_name("vendors.mjs")
    done = subprocess.run(["node", script, JUDGES, *files], capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["teams", "discord"])
def test_vendors_find_no_fault_in_any_post(name: str, tmp_path: Path) -> None:
    files = []
    for case, make in {**CASES, **CROWDS, "bloated": bloated}.items():
        for part in parts(name, make()):
            files.append(tmp_path / f"{name}-{case}-{part.name.replace('/', '-')}.json")
            files[-1].write_bytes(part.body)
    assert judged(*files) == (0, f"{len(files)} posts, 0 faults\n")


def spoilt(name: str, post: Any) -> Any:
    if name == "teams":
        post["attachments"][0]["content"]["body"][0]["inlines"][0]["size"] = "Huge"
    else:
        post["embeds"][0]["title"] = "x" * 257
    return post


@pytest.mark.parametrize("name", ["teams", "discord"])
def test_vendors_would_find_a_fault(name: str, tmp_path: Path) -> None:
    post = spoilt(name, json.loads(parts(name, CASES["one"]())[0].body))
    (tmp_path / f"{name}-spoilt.json").write_text(json.dumps(post))
    code, said = judged(tmp_path / f"{name}-spoilt.json")
    assert code == 1
    assert "1 faults" in said
