"""Row 62: secrets that sing. A whole life at debug level, every channel failing in its own way, and no canary anywhere.

Real processes, so that every library's own log is heard: standard output and error of all of them, what is served
to Prometheus, and every byte that is kept are looked through.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from digestbot.channels.registry import CHANNELS
from digestbot.channels.spec import Reach
from digestbot.model.deliveries import DeliveryState
from digestbot.store import open_store
from tests.delivery.kit import ROOT, configure, fill, mail_to, post_to, subscribe
from tests.servers.http import HttpServer, Reply
from tests.servers.smtp import SmtpServer
from tests.web.kit import Visitor

KINDS = tuple(kind for kind, spec in CHANNELS.items() if spec.reach is Reach.URL)
COMMANDS = (
    "status", "status --json", "outbox list", "outbox list --json", "check", "doctor", "doctor --json", "next-runs",
    "ingest", "send all", "preview all", "send all --dry-run",
)  # fmt: skip
SIGNING = base64.b64encode(b"CANARY-signing-key-of-24").decode()


def secret(name: str) -> str:
    return f"CANARY{name}x7Qz"


def settings(server: HttpServer, smtp: SmtpServer) -> dict[str, str]:
    def url(path: str) -> str:
        return server.url(f"/{path}/{secret(path.upper())}?key={secret('QUERY')}", host="127.0.0.1")

    hooks = {f"TO_{kind.upper()}": url(kind) for kind in KINDS}
    hooks["TO_APPRISE"] = hooks["TO_APPRISE"].replace("http://", f"json://bot:{secret('LOGIN')}@")
    return {
        **hooks,
        "TO_NTFY": server.url(f"/{secret('NTFY')}", host=f":tk_{secret('LOGIN')}@127.0.0.1"),
        "TO_WEBHOOK_SECRET": f"whsec_{SIGNING}",
        "TO_LAN": f"http://192.168.77.1/{secret('LAN')}",
        "TO_GONE": f"http://127.0.0.1:9/{secret('GONE')}",
        "SMTP_URL": smtp.url("bot", secret("PASSWORD"), host="127.0.0.1"),
        "MAIL_FROM": "digest@example.org",
        "OPERATOR": "slack",
        "HEARTBEAT_URL": url("beat"),
        "SOURCE_FEED": url("feed"),
        "SOURCE_BOX": f"imaps://bot:{secret('IMAP')}@127.0.0.1:9",
        "SECRET": f"{secret('SIGNS')}-with-enough-letters,{secret('SIGNED')}-before-that-one",
        "PUBLIC_URL": "https://digest.example.org",
        "OPERATOR_PASSWORD": secret("OPERATING"),
        "LISTEN": "127.0.0.1:0",
        "LOG_LEVEL": "debug",
    }


def scripted(server: HttpServer) -> None:
    """Far sides that fail as they do, and echo what they were asked, as many frameworks do."""

    def echo(kind: str) -> bytes:
        return f"Cannot POST /{kind}/{secret(kind.upper())}?key={secret('QUERY')}".encode()

    def path(kind: str) -> str:
        return f"/{kind}/{secret(kind.upper())}"

    server.script(path("slack"), Reply(404, body=echo("slack")))
    server.script(path("discord"), Reply(500, body=echo("discord")))
    server.script(path("teams"), Reply(close="after"))
    server.script(path("mattermost"), Reply(302, {"Location": f"/elsewhere/{secret('MATTERMOST')}"}))
    server.script(path("webhook"), Reply(429, {"Retry-After": "3"}, echo("webhook")))
    server.script(path("apprise"), Reply(503, body=echo("apprise")))
    server.script("/", Reply(403, body=json.dumps({"error": f"tk_{secret('LOGIN')}: {secret('NTFY')}"}).encode()))
    server.script(path("feed"), Reply(302, {"Location": f"/moved/{secret('FEED')}"}))
    server.script(f"/moved/{secret('FEED')}", Reply(403, body=echo("feed")))
    server.script(path("beat"), Reply(500, body=echo("beat")))


def written(server: HttpServer, smtp: SmtpServer, home: Path, **more: str) -> None:
    configure(home, **settings(server, smtp), **more)
    tables = "".join(post_to(kind, kind) for kind in KINDS) + post_to("webhook", "lan") + post_to("webhook", "gone")
    subscribe(home, "all", tables + mail_to(["ada"]), cadence='"instant"')
    (home / "sources.toml").write_text('[feed]\nkind = "url"\n\n[box]\nkind = "imap"\n')
    fill(home)


def called(home: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-X", "dev", "-W", "ignore", "-m", "digestbot", "--home", str(home), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@contextmanager
def daemon(home: Path, heard: list[str]) -> Iterator[httpx.Client]:
    """A daemon; all that it said is in `heard` at the end. Its pages, by a client."""
    log = home.parent / "log"
    with log.open("w") as file:
        command = [sys.executable, "-m", "digestbot", "--home", str(home), "run"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=file)
    try:
        found = None
        while found is None:
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
            found = re.search(r"serving at (http://[\d.:]+)", log.read_text())
        with httpx.Client(base_url=found[1], trust_env=False, timeout=10) as client:
            yield client
        heard.append(Path(f"/proc/{process.pid}/cmdline").read_text())
    finally:
        process.terminate()
        process.wait(30)
        heard.insert(0, log.read_text())


def forms(value: str) -> set[str]:
    """A secret as it may be written elsewhere."""
    encoded = base64.b64encode(value.encode()).decode()
    return {value, value.lower(), quote(value, safe=""), encoded, encoded.rstrip("="), value[::-1]}


def found_in(texts: Mapping[str, str]) -> list[str]:
    """Where a canary sings, with what stands around it."""
    plain = re.compile(r"canary", re.IGNORECASE)
    others = [form for value in (SIGNING, f"\0bot\0{secret('PASSWORD')}", secret("LOGIN")) for form in forms(value)]
    hits = []
    for place, text in texts.items():
        hits += [f"{place}: ...{text[max(at.start() - 200, 0) : at.end() + 60]}" for at in plain.finditer(text)]
        hits += [f"{place}: {form}" for form in others if form in text]
    return hits


def kept(home: Path) -> dict[str, str]:
    """Every file but the one that holds the secrets."""
    files = (path for path in home.rglob("*") if path.is_file() and path.name != ".env")
    return {str(path.relative_to(home)): path.read_bytes().decode("utf-8", "replace") for path in files}


@pytest.mark.parametrize("form", ["json", pytest.param("plain", marks=pytest.mark.slow)])
def test_row_62_no_secret_is_told_in_a_whole_life(tmp_path: Path, http_server: HttpServer, form: str) -> None:
    home, heard, served = tmp_path / "home", list[str](), dict[str, str]()
    scripted(http_server)
    with SmtpServer(users={"bot": "another"}) as smtp:
        written(http_server, smtp, home, LOG=form)
        with daemon(home, heard) as pages:
            until = time.monotonic() + 60
            while _failures(pages) < len(KINDS) + 2:
                assert time.monotonic() < until, pages.get("/metrics").text
                time.sleep(0.2)
            for path in ("/metrics", "/ready", "/live", f"/leave/{secret('TOKEN')}", f"/confirm/{secret('TOKEN')}"):
                served[path] = re.sub(secret("TOKEN"), "", pages.get(path).text)
            outputs = {name: called(home, *name.split()).communicate(timeout=120)[0] for name in COMMANDS[:5]}
        outputs |= {name: called(home, *name.split()).communicate(timeout=120)[0] for name in COMMANDS}
    assert any("slack" in each.path for each in http_server.requests), "nothing was tried"
    assert any("feed" in each.path for each in http_server.requests), "no source was tried"
    assert "deferred" in heard[0]
    told = heard[0] + "".join(outputs.values())
    assert "Traceback" not in told, told[told.index("Traceback") :][:3000]
    assert found_in({"the daemon": heard[0], **served, **outputs, **kept(home)}) == []


def test_row_62_no_secret_is_told_where_all_goes_well(tmp_path: Path, http_server: HttpServer) -> None:
    """Success is logged, counted and kept too: with receipts, logins, and the names of subscribers."""
    home, heard = tmp_path / "home", list[str]()
    entry = "<entry><id>urn:1</id><title>A paper that came</title><updated>2026-06-01T00:00:00Z</updated></entry>"
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>A journal</title>{entry}</feed>'
    answers = {
        "discord": Reply(headers={"Content-Type": "application/json"}, body=b'{"id": "123"}'),
        "teams": Reply(202, body=b""),
        "feed": Reply(headers={"Content-Type": "application/atom+xml"}, body=feed.encode()),
    }
    for kind, answer in answers.items():
        http_server.script(f"/{kind}/{secret(kind.upper())}", answer)
    http_server.script("/", Reply(body=b'{"id": "hwQ2YpKdmg"}'))  # where ntfy is published to
    with SmtpServer(users={"bot": secret("PASSWORD")}) as smtp:
        configure(home, **settings(http_server, smtp) | {"LOG": "json", "PUBLIC_URL": "http://digest.example.org"})
        subscribe(home, "all", "".join(post_to(kind, kind) for kind in KINDS) + mail_to(["ada"]), cadence='"instant"')
        (home / "sources.toml").write_text('[feed]\nkind = "url"\n')
        fill(home)
        commands = (
            "subscribers add bob@example.org --keyword paper --consent asked", "subscribers list --json",
            "subscribers export", "subscribers pause bob@example.org", "subscribers suppress bob@example.org",
            "subscribers forget bob@example.org", "subscribers audit", "doctor", "status", "outbox list",
        )  # fmt: skip
        with daemon(home, heard) as pages:
            until = time.monotonic() + 60
            while len(smtp.mails) < 1 or len({each.path for each in http_server.requests}) < len(KINDS) + 2:
                assert time.monotonic() < until, (smtp.mails, [each.path for each in http_server.requests])
                time.sleep(0.1)
            served = _operated(pages)
            outputs = {name: called(home, *name.split()).communicate(timeout=120)[0] for name in commands}
        with open_store("tinydb:data", home=home, read_only=True) as store:
            assert {each.state for each in store.deliveries(digest=store.digests()[0].key)} == {DeliveryState.SENT}
    assert "Traceback" not in heard[0]
    assert "A paper that came" in "".join(kept(home).values())
    assert found_in({"log": heard[0], "command": heard[1], **served, **outputs, **kept(home)}) == []


def _operated(pages: httpx.Client) -> dict[str, str]:
    """The operator's pages, after a wrong and a right login."""
    visitor = Visitor(str(pages.base_url), trust_env=False)
    with visitor.http:
        for password in (secret("OPERATING")[:-1], secret("OPERATING")):
            answer = visitor.press("/operator/login", password=password)
        assert "Overview" in answer.text
        names = ("", "/subscribers", "/digests", "/deliveries", "/sources", "/outbox")
        return {path: visitor.get(path).text for path in ("/metrics", *(f"/operator{name}" for name in names))}


def _failures(pages: httpx.Client) -> float:
    counted = re.findall(r"^digestbot_sends_failed_total\{.*\} (\S+)", pages.get("/metrics").text, re.MULTILINE)
    return sum(map(float, counted))


def test_row_62_a_databases_password_is_in_no_error(tmp_path: Path) -> None:
    url = f"postgresql://bot:{secret('DATABASE')}@127.0.0.1:9/digests?application_name={secret('NAME')}"
    configure(tmp_path, STORE=url, LOG_LEVEL="debug")
    subscribe(tmp_path, "all", '[[to]]\nchannel = "file"\npath = "out"\n')
    outputs = {
        name: called(tmp_path, *name.split()).communicate(timeout=120)[0]
        for name in ("status", "doctor --offline", "send", "run", "check")
    }
    assert "127.0.0.1" in outputs["status"]
    assert found_in({**outputs, **kept(tmp_path)}) == []


def test_row_62_settings_never_print_themselves(tmp_path: Path, http_server: HttpServer) -> None:
    from digestbot.platform.settings import load_settings

    with SmtpServer() as smtp:
        environ = {f"DIGESTBOT_{name}": value for name, value in settings(http_server, smtp).items()}
        loaded = load_settings(tmp_path, environ)
    assert found_in({"repr": repr(loaded), "str": str(loaded), "format": f"{loaded}"}) == []


def test_json_lines_carry_one_id_through_a_digests_life(tmp_path: Path) -> None:
    import json

    home, heard = tmp_path / "home", list[str]()
    with SmtpServer() as smtp:
        configure(home, SMTP_URL=smtp.url(host="127.0.0.1"), LISTEN="127.0.0.1:0", LOG="json", LOG_LEVEL="debug")
        subscribe(home, "all", mail_to(["ada"]), cadence='"instant"')
        fill(home)
        with daemon(home, heard):
            until = time.monotonic() + 30
            while not smtp.mails:
                assert time.monotonic() < until
                time.sleep(0.05)
    lines = [json.loads(line) for line in heard[0].splitlines()]
    assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)
    (digest,) = {line["digest"] for line in lines if "digest" in line}
    told = [line for line in lines if line.get("digest") == digest]
    assert [line["message"].removeprefix(digest) for line in told if line["level"] == "info"] == [
        ": 3 papers",
        " -> email ada@example.org: sent",
    ]
    (delivery,) = {line["delivery"] for line in told if "delivery" in line}
    assert any(line["level"] == "debug" and line["delivery"] == delivery for line in told if "delivery" in line)
