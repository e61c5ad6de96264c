"""What deploy/ holds is true: judged by the tools of those who read it, and all that it names is there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # ships no types

from digestbot.cli.main import COMMANDS
from digestbot.platform.settings.names import is_known
from tests import reference
from tests.servers.certificates import Certificate

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
COMPOSED = sorted(DEPLOY.glob("compose*.yaml"))
USER = 10001


def tool(name: str) -> str:
    found = shutil.which(name, path=f"{Path(sys.executable).parent}:/usr/sbin:/usr/bin:/bin:/usr/local/bin")
    if found is None:
        pytest.skip(f"{name} is not here")
    return found


def judged(*command: str | Path) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


# everything in deploy/


@pytest.mark.parametrize(
    "path", [path for path in sorted(DEPLOY.iterdir()) if path.is_file()], ids=lambda path: path.name
)
def test_commands_and_settings_that_are_named_are_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r"DIGESTBOT_[A-Z][A-Z_]*[A-Z]", text):
        assert is_known(name) or f"{name}_" in ("DIGESTBOT_TO_", "DIGESTBOT_SOURCE_"), name
    code = "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)) if path.suffix == ".md" else text
    for name in re.findall(r"(?:^|[/ ])digestbot(?: --home \S+)? ([a-z][a-z-]+)", code):
        if path.suffix in (".md", ".service"):
            assert name in COMMANDS, name


def test_the_reference_is_made_from_the_program() -> None:
    assert reference.FILE.read_text(encoding="utf-8") == reference.reference(), "run: python -m tests.reference --write"


# systemd


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units as systemd would find them, with a program that is there in the place of one that is installed."""
    for path in UNITS:
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(text.replace("/opt/digestbot/bin/digestbot", "/bin/true"), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", [path.name for path in UNITS])
def test_systemd_understands_the_units(units: Path, name: str) -> None:
    told = judged(tool("systemd-analyze"), "verify", "--man=no", "--recursive-errors=no", units / name)
    assert name not in told, told


@pytest.mark.parametrize(("name", "most"), [("digestbot", 15), ("digestbot-once", 25), ("digestbot-backup", 45)])
def test_the_units_are_locked_up(name: str, most: int) -> None:
    """Exposure of 10: the more a unit may do, the higher; most units of a distribution have 9."""
    judged(
        tool("systemd-analyze"), "security", "--offline=true", "--no-pager", f"--threshold={most}",
        DEPLOY / f"{name}.service",
    )  # fmt: skip


# containers


def test_the_container_file_copies_what_is_there_and_runs_as_nobody() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.M):
        *sources, _ = line.split()
        for source in sources:
            assert (ROOT / source).exists(), source
            allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
            assert f"!{source}" in allowed, f"{source} is not sent to the builder"
    assert re.findall(r"^USER (.+)$", text, re.M) == [f"{USER}:{USER}"]
    assert 'ENTRYPOINT ["digestbot"]' in text
    assert re.findall(r'^CMD \["(.+)"\]$', text, re.M)[-1] in COMMANDS
    (check,) = re.findall(r"^HEALTHCHECK .*\\\n    CMD (.*)$", text, re.M)
    bot = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]["bot"]
    assert bot["healthcheck"]["test"] == ["CMD", *json.loads(check)]
    assert "http://127.0.0.1:8080/ready" in check


PIN = re.compile(r"([\w.-]+)==\S+(?: ; [^\\]+)? \\(?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?)+\n    # via .+\n")


def pinned(*extras: str) -> set[str]:
    """The packages that these extras are installed with, each with its hashes."""
    lines = judged(sys.executable, DEPLOY / "pins.py", *extras)
    assert PIN.sub("", lines) == ""
    return {_plain(each) for each in PIN.findall(lines)}


def test_all_that_goes_into_the_container_is_pinned_and_known_by_its_hash() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    (extras,) = re.findall(r"deploy/pins.py ([a-z ]+) > pins.txt", text)
    assert set(_needed("digestbot", frozenset(extras.split()))) <= pinned(*extras.split())
    assert "hatchling" in pinned("build")


def test_what_somebody_tries_gets_no_more_than_it_needs() -> None:
    own = set(_needed("digestbot", frozenset()))
    assert own <= pinned()
    assert {"hatchling", "pytest", "starlette", "psycopg"} & pinned() == set()


def test_an_extra_that_is_not_there_is_told() -> None:
    done = subprocess.run([sys.executable, DEPLOY / "pins.py", "wbe"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no extra 'wbe'" in done.stderr


def test_no_pin_says_where_it_was_found() -> None:
    text = (DEPLOY / "constraints.txt").read_text(encoding="utf-8")
    head, pins = text.partition("\n\n")[0], text.splitlines()[2:]
    assert "pin.sh" in head
    assert not [line for line in pins if "://" in line or (line.lstrip().startswith("-") and "--hash=" not in line)]
    assert {_plain(each) for each in PIN.findall(text)} == pinned("dev") | pinned("build")


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _needed(name: str, extras: frozenset[str]) -> Iterator[str]:
    """All that a package needs here, as far as it goes."""
    from importlib.metadata import requires

    from packaging.requirements import Requirement

    waiting, seen = [(name, extras)], {(name, extras)}
    while waiting:
        package, wanted = waiting.pop()
        for line in requires(package) or []:
            need = Requirement(line)
            if need.marker and not any(need.marker.evaluate({"extra": each}) for each in (wanted or {""})):
                continue
            step = (_plain(need.name), frozenset(need.extras))
            if step not in seen:
                seen.add(step)
                waiting.append(step)
                yield step[0]


@pytest.mark.parametrize("path", COMPOSED, ids=lambda path: path.name)
def test_compose_understands_its_files(path: Path) -> None:
    judged(tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", path)


@pytest.mark.parametrize("path", COMPOSED, ids=lambda path: path.name)
def test_services_run_what_is_there_with_as_little_as_they_need(path: Path) -> None:
    services: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["services"]
    ours = {name: each for name, each in services.items() if each.get("image") == "digestbot"}
    assert ours
    for each in ours.values():
        assert each["command"][0] in COMMANDS
        assert all(map(is_known, each.get("environment", {})))
        assert each["read_only"] is True
        assert each["cap_drop"] == ["ALL"]
        assert each["user"] == f"{USER}:{USER}"
        assert all(port.startswith("127.0.0.1:") for port in each.get("ports", ()))


# Kubernetes


def test_kubernetes_understands_its_file() -> None:
    judged(tool("kubernetes-validate"), "--strict", DEPLOY / "kubernetes.yaml")


def test_pods_run_what_is_there_with_as_little_as_they_need() -> None:
    found = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8")))
    kinds = {each["kind"]: each for each in found}
    deployed = kinds["Deployment"]["spec"]
    assert deployed["replicas"] == 1
    assert deployed["strategy"] == {"type": "Recreate"}
    for pod in (deployed["template"]["spec"], kinds["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]):
        assert pod["securityContext"]["runAsUser"] == USER
        assert pod["securityContext"]["runAsNonRoot"] is True
        (container,) = pod["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert all(is_known(each["name"]) for each in container.get("env", ()))
        mounted = {each["name"] for each in container["volumeMounts"]}
        assert mounted == {each["name"] for each in pod["volumes"]}
    (container,) = deployed["template"]["spec"]["containers"]
    assert container["args"][0] in COMMANDS
    assert {container[f"{probe}Probe"]["httpGet"]["path"] for probe in ("liveness", "readiness")} == {"/live", "/ready"}
    assert all(map(is_known, kinds["Secret"]["stringData"]))


def test_the_subscription_it_shows_is_right(tmp_path: Path) -> None:
    from digestbot.subscribers.files import read_folder

    found = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8")))
    (shown,) = [each for each in found if each["kind"] == "ConfigMap"]
    for name, text in shown["data"].items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    folder = read_folder(tmp_path, ROOT / "subscriptions" / "topics.toml")
    assert not folder.problems
    assert [compiled.subscription.id for compiled in folder.wants] == ["lab"]


# nginx


def test_nginx_understands_its_file(tmp_path: Path, certificate: Certificate) -> None:
    shown = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    shown = shown.replace("/etc/ssl/digestbot/fullchain.pem", str(certificate.cert))
    shown = shown.replace("/etc/ssl/digestbot/privkey.pem", str(certificate.key))
    shown = shown.replace("/var/log/nginx/", f"{tmp_path}/").replace("listen 80;", "listen 18080;")
    (tmp_path / "shown.conf").write_text(shown.replace("listen [::]:80;", "").replace("listen [::]:443 ssl http2;", ""))
    whole = f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{ access_log off; include {tmp_path}/shown.conf; }}\n"
    (tmp_path / "nginx.conf").write_text(whole)
    judged(tool("nginx"), "-t", "-e", tmp_path / "error.log", "-c", tmp_path / "nginx.conf")


def test_nginx_logs_no_signed_address() -> None:
    shown = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    (form,) = re.findall(r"log_format \w+ '(.*)';", shown)
    assert not re.search(r"\$(request|uri|request_uri|args|http_referer|query_string)\b", form)
    assert all(line.endswith(" digestbot;") for line in re.findall(r"access_log .*", shown))
