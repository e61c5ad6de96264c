"""The audit of what is installed: a vulnerability fails it; no network, or an unknown package, is said and does not."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "deploy" / "audit.sh"
WELL = {"name": "httpx", "version": "0.28.1", "vulns": []}
BAD = {"name": "jinja2", "version": "3.0", "vulns": [{"id": "CVE-1", "fix_versions": ["3.1.6"]}]}
UNKNOWN = {"name": "inhouse", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("said", "code", "told"),
    [
        (json.dumps({"dependencies": [WELL]}), 0, "0 known vulnerabilities in 1 packages"),
        (json.dumps({"dependencies": [WELL, BAD]}), 1, "jinja2 3.0: CVE-1, mended in 3.1.6"),
        (json.dumps({"dependencies": [WELL, UNKNOWN]}), 0, "1 of 2 packages could not be looked up"),
        ("", 0, "left out, the list of vulnerabilities cannot be reached"),
    ],
)
def test_the_audit_fails_for_a_vulnerability_only(tmp_path: Path, said: str, code: int, told: str) -> None:
    """pip-audit ends with 1 in the last three cases; the network is not asked here."""
    audit = tmp_path / "pip-audit"
    audit.write_text(f"#!/bin/sh\ncat <<'END'\n{said}\nEND\nexit 1\n")
    audit.chmod(0o755)
    ran = subprocess.run(
        ["sh", SCRIPT], env={**os.environ, "PIP_AUDIT": str(audit)}, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, told in ran.stdout) == (code, True), ran.stdout + ran.stderr
