"""A model writes the line under each title, and whatever it does instead the digest leaves; it is told of no reader."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from digestbot.model.deliveries import DeliveryState
from digestbot.model.papers import Paper
from digestbot.store import open_store
from tests.delivery.kit import NOW, ROOT, configure, subscribe
from tests.platform.test_chat_model import completion
from tests.runtime.cluster.kit import until
from tests.servers.http import HttpServer, Reply
from tests.servers.postgres import PostgresServer
from tests.servers.smtp import SmtpServer
from tests.stories.commands import Commands

CANARY = "canary-7q@readers.example"
CHAT = "/v1/chat/completions"
GIST = "该论文研究语音。"
PAPERS = [
    Paper(title=f"The paper number {n}", abstract=f"We propose {n} ways to hear.", authors=("Ada Canary",))
    for n in (1, 2, 3)
]
TO = f'[[to]]\nchannel = "email"\naddress = "{CANARY}"\n'
WANTS = {"cadence": '"instant"', "gist": '"model"', "language": '"zh"'}


@pytest.fixture
def model() -> Iterator[HttpServer]:
    with HttpServer() as server:
        server.script("/v1/models", Reply(body=b'{"data": [{"id": "tiny"}]}'))
        yield server


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


def prepare(home: Path, model: HttpServer, smtp: SmtpServer, store: str = "", **settings: object) -> None:
    store = store or os.environ.get("DIGESTBOT_STORE", "tinydb:data")
    mail = {"SMTP_URL": smtp.url(host="127.0.0.1"), "MAIL_FROM": "digest@papers.test", "SECRET": "c" * 32}
    of_model = {"MODEL_URL": model.url("/v1", host="127.0.0.1"), "MODEL_MODEL": "tiny", "MODEL_KEY": "k-canary"}
    configure(home, STORE=store, **mail, **of_model, **settings)
    subscribe(home, "canaries", TO, **WANTS)
    with open_store(store, home=home) as opened:
        opened.register(["canaries", "other"], now=NOW)
        opened.merge(PAPERS, now=NOW)


def text_of(smtp: SmtpServer) -> str:
    """All that one mail says."""
    from email import message_from_bytes, policy

    (mail,) = smtp.mails
    parts = message_from_bytes(mail.data, policy=policy.default).walk()
    return "\n".join(part.get_content() for part in parts if part.get_content_maintype() == "text")


def assert_told_of_no_reader(model: HttpServer) -> None:
    """Nothing of what leaves for the model is of a reader: the address, the name, the subscription."""
    for each in model.requests:
        said = f"{each.path} {dict(each.headers)} {each.body.decode()}".lower()
        assert "canary" not in said.replace("bearer k-canary", "")
        assert "canaries" not in said
        assert "example" not in said


FAULTS: dict[str, Reply] = {
    "slow": Reply(delay=60),
    "dripping": Reply(body=b" " * 9_000, drip=0.05),
    "endless": Reply(body=b"x" * 65_536, endless=True),
    "no JSON": Reply(body=b"<html>"),
    "another JSON": Reply(body=b'{"choices": "none"}'),
    "429": Reply(429, {"Retry-After": "60"}),
    "500": Reply(500),
    "cut off": Reply(close="after"),
    "silence": completion(""),
}


@pytest.mark.parametrize("each_store", ["tinydb"], indirect=True)
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_the_model_does_the_digest_leaves_with_the_sentence(
    run: Commands, model: HttpServer, smtp: SmtpServer, fault: str
) -> None:
    prepare(run.home, model, smtp, MODEL_SECONDS=1)
    model.script(CHAT, FAULTS[fault])
    assert run("send").code == 0
    said = text_of(smtp)
    assert all(paper.abstract in said for paper in PAPERS if paper.abstract)
    assert "AI:" not in said
    assert model.requests
    assert_told_of_no_reader(model)


def test_the_preview_is_what_is_sent_and_nobody_is_asked_twice(
    run: Commands, model: HttpServer, smtp: SmtpServer
) -> None:
    prepare(run.home, model, smtp)
    subscribe(run.home, "other", '[[to]]\nchannel = "file"\npath = "out"\n', **WANTS)
    model.script(CHAT, completion(GIST))
    assert run("send", "canaries").code == 0
    assert text_of(smtp).count(f"AI: {GIST}") == 6  # in HTML and in text
    assert "was written by a language model" in text_of(smtp)
    asked = len(model.requests)
    assert asked == 3
    shown = run("preview", "other", "--format", "markdown").out
    assert shown.count(f"AI: {GIST}") == 3
    assert run("send", "other").code == 0
    (sent,) = (run.home / "out").rglob("*.md")
    assert sent.read_text(encoding="utf-8") == shown
    assert run("preview", "other", "--format", "markdown").out == shown
    entries = json.loads(run("preview", "other", "--format", "json").out)["data"]["sections"][0]["entries"]
    assert [each["gist"] for each in entries] == [{"text": GIST, "by": "model"}] * 3
    assert len(model.requests) == asked
    assert_told_of_no_reader(model)


@pytest.mark.parametrize("each_store", ["tinydb"], indirect=True)
def test_markup_from_a_model_is_text_in_every_message(run: Commands, model: HttpServer, smtp: SmtpServer) -> None:
    prepare(run.home, model, smtp)
    evil = "<script>alert(1)</script>**Fine** <img src=x onerror=alert(2)> [here](javascript:alert(3))  {{ 7*7 }}"
    model.script(CHAT, completion(f"{evil}\r\nBcc: x@y\x00\u202e" + "long " * 9_000))
    assert run("send").code == 0
    (mail,) = smtp.mails
    said = text_of(smtp)
    assert "AI: Fine here" in said
    assert "{{ 7*7 }}" in said
    for sign in ("<script", "onerror", "javascript:", "\u202e", "\x00"):
        assert sign not in said
    assert b"\r\nBcc:" not in mail.data
    assert len(mail.data) < 60_000


@pytest.mark.parametrize("each_store", ["tinydb"], indirect=True)
def test_a_subscription_may_have_no_gist(run: Commands, model: HttpServer, smtp: SmtpServer) -> None:
    prepare(run.home, model, smtp)
    shown = {}
    for gist in ("true", "false"):
        subscribe(run.home, "canaries", TO, **{**WANTS, "gist": gist})
        shown[gist] = run("preview", "canaries", "--format", "html").out
    assert PAPERS[0].abstract
    assert PAPERS[0].abstract in shown["true"]
    assert PAPERS[0].abstract not in shown["false"]
    assert model.requests == []


@pytest.mark.parametrize("each_store", ["tinydb"], indirect=True)
def test_check_tells_who_wants_a_model_where_there_is_none(run: Commands, model: HttpServer, smtp: SmtpServer) -> None:
    prepare(run.home, model, smtp)
    assert run("check").code == 0
    configure(run.home, SMTP_URL=smtp.url(host="127.0.0.1"))
    checked = run("check")
    assert checked.code == 0
    assert 'subscriptions/canaries.toml: gist = "model" has no model' in checked.err
    assert "DIGESTBOT_MODEL_URL" in checked.err


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"MODEL_URL": "localhost:11434", "MODEL_MODEL": "x"}, "DIGESTBOT_MODEL_URL"),
        ({"MODEL_URL": "http://me:pass@localhost/v1", "MODEL_MODEL": "x"}, "DIGESTBOT_MODEL_URL"),
        ({"MODEL_URL": "http://localhost/v1"}, "DIGESTBOT_MODEL_MODEL"),
        ({"MODEL_URL": "http://localhost/v1", "MODEL_MODEL": "x", "MODEL_KEY": "a b"}, "DIGESTBOT_MODEL_KEY"),
        ({"MODEL_CALLS": "many"}, "DIGESTBOT_MODEL_CALLS"),
        ({"MODEL_SECONDS": "0"}, "DIGESTBOT_MODEL_SECONDS"),
    ],
)
@pytest.mark.parametrize("each_store", ["tinydb"], indirect=True)
def test_settings_of_a_model_that_cannot_be_right(run: Commands, settings: dict[str, Any], wrong: str) -> None:
    configure(run.home, **settings)
    checked = run("check")
    assert checked.code == 2
    assert f"{wrong} is" in checked.err


WAYS = {
    "run on TinyDB": ("digestbot", "run"),
    "worker on PostgreSQL": ("tests.runtime.cluster.hasty --", "worker"),
}


@pytest.mark.parametrize("way", WAYS)
def test_daemon_and_worker_ask_it_too(
    request: pytest.FixtureRequest, tmp_path: Path, model: HttpServer, smtp: SmtpServer, way: str
) -> None:
    store = "tinydb:data"
    if "PostgreSQL" in way:
        pytest.importorskip("procrastinate", reason='workers need: pip install "digestbot[postgres]"')
        postgres: PostgresServer = request.getfixturevalue("postgres")
        store = postgres.url()
    prepare(tmp_path, model, smtp, store)
    model.script(CHAT, completion(GIST))
    module, command = WAYS[way]
    arguments = [sys.executable, "-m", *module.split(), "--home", str(tmp_path), command]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(arguments, cwd=ROOT, stdout=log, stderr=log)
        try:

            def sent() -> bool:
                assert not process.poll(), (tmp_path / "log").read_text()
                with open_store(store, home=tmp_path, read_only=True) as opened:
                    return [each.state for each in opened.deliveries()] == [DeliveryState.SENT]

            until(sent)
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        finally:
            process.kill()
            process.wait()
    assert text_of(smtp).count(f"AI: {GIST}") == 6
    assert len(model.requests) == 3
    assert_told_of_no_reader(model)
    assert CANARY not in (tmp_path / "log").read_text().replace(f"email {CANARY}", "")
