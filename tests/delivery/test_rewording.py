"""Nothing decides by what people read: every reason reworded, the deliveries go as they did."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DECIDING = (
    "test_dispatcher.py",
    "test_halves.py",
    "test_servers.py",
    "test_mail_limits.py",
    "test_notices.py",
    "test_commands.py",
)


def test_every_reason_for_people_reworded_and_the_delivery_suite_passes_all_the_same(each_store: str) -> None:
    if each_store != "tinydb":
        pytest.skip("once is enough")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.delivery.rewording"]
    files = [str(HERE / name) for name in DECIDING]
    done = subprocess.run(
        [*command, "-k", "not postgres", *files],
        cwd=HERE.parents[1],
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
