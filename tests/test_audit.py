"""The audit of pinned packages: known vulnerabilities end it with 1, and want of a network never does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.http import HttpServer, Reply

ROOT = Path(__file__).parents[1]
PINS = re.findall(r"^([\w.-]+)==", (ROOT / "deploy" / "constraints.txt").read_text(encoding="utf-8"), re.M)


def audited(url: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "AUDIT_URL": url, "VENV": str(Path(sys.executable).parents[1])}
    return subprocess.run(
        ["sh", ROOT / "deploy" / "audit.sh"], env=environment, capture_output=True, text=True, check=False
    )


def answered(*vulnerable: str) -> Reply:
    known = {name: {"vulns": [{"id": f"PYSEC-{name}"}]} for name in vulnerable}
    return Reply(body=json.dumps({"results": [known.get(name, {}) for name in PINS]}).encode())


def test_every_pin_is_looked_up_in_one_request(http_server: HttpServer) -> None:
    http_server.script("/batch", answered())
    done = audited(http_server.url("/batch"))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"0 known vulnerabilities in {len(PINS)} packages" in done.stdout
    (request,) = http_server.requests
    asked = json.loads(request.body)["queries"]
    assert [each["package"]["name"] for each in asked] == PINS
    assert all(each["version"] and each["package"]["ecosystem"] == "PyPI" for each in asked)


def test_a_vulnerability_fails_and_is_named(http_server: HttpServer) -> None:
    http_server.script("/batch", answered(PINS[0], PINS[-1]))
    done = audited(http_server.url("/batch"))
    assert done.returncode == 1
    assert f"{PINS[0]} " in done.stdout
    assert f"https://osv.dev/vulnerability/PYSEC-{PINS[-1]}" in done.stdout
    assert "2 known vulnerabilities" in done.stdout


@pytest.mark.parametrize(
    "reply",
    [Reply(503), Reply(body=b"<html>"), Reply(body=b'{"results": [{}]}'), Reply(body=b"[]"), Reply(close="after")],
    ids=["unavailable", "no JSON", "too few answers", "another answer", "no answer"],
)
def test_where_nobody_answers_that_is_said_and_nothing_fails(http_server: HttpServer, reply: Reply) -> None:
    http_server.script("/batch", reply)
    done = audited(http_server.url("/batch"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("audit: NOT DONE")


def test_ci_audits_and_tests_and_fails_for_either(tmp_path: Path) -> None:
    """Over copies of the two scripts that only say what they end with."""
    (tmp_path / ".ci").mkdir()
    (tmp_path / "deploy").mkdir()
    (tmp_path / ".ci" / "run").write_text((ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    for audit, tests, expected in ((0, 0, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1)):
        (tmp_path / "deploy" / "audit.sh").write_text(f"echo audited\nexit {audit}\n")
        (tmp_path / "deploy" / "test.sh").write_text(f"echo tested\nexit {tests}\n")
        done = subprocess.run(["bash", tmp_path / ".ci" / "run"], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (expected, "tested\naudited\n")
