"""What the package's own page shows of README: all its words, and no link that leads nowhere there."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The long description that a wheel carries."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        (name,) = (each for each in packed.namelist() if each.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(packed.read(name))
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata["License-File"] == "LICENSE"
    payload = metadata.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode("utf-8")


def test_no_link_leads_into_a_folder_that_is_not_there(described: str) -> None:
    targets = re.findall(r"\]\(([^)]+)\)", described)
    assert [each for each in targets if not each.startswith("https://")] == []
    assert "deploy/pictures" not in described


def test_its_words_are_those_of_the_readme(described: str) -> None:
    assert described.startswith("# digestbot\n\nNew research papers, matched by your own rules")
    assert "(in full, and how it was measured)." in described  # what was a link
    assert "| `email` | `address`; `DIGESTBOT_SMTP_URL` |" in described
    assert described.rstrip().endswith("are in the folder `deploy` of the source distribution.")


def test_it_renders(described: str) -> None:
    markdown = pytest.importorskip("readme_renderer.markdown", reason="readme-renderer[md] is not installed")
    page = markdown.render(described)
    assert page is not None
    assert page.count("<table>") == 8
    assert page.count("<h2") == 5
