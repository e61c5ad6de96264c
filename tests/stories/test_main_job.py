"""The main job, end to end: dumps in, five subscribers reached over every channel, nothing twice."""

from __future__ import annotations

import email
import email.policy
import json
import re
from collections.abc import Callable
from email.message import EmailMessage

import pytest

from tests.servers.http import HttpServer, Reply
from tests.servers.smtp import SmtpServer
from tests.stories.commands import REAL_DUMPS, SAMPLES, Commands

SUBSCRIBERS = {
    "by-mail": '[[to]]\nchannel = "email"\naddress = "ada@example.org"',
    "by-slack": '[[to]]\nchannel = "slack"\ndestination = "lab"',
    "by-discord": '[[to]]\nchannel = "discord"\ndestination = "club"',
    "by-webhook": '[[to]]\nchannel = "webhook"\ndestination = "hook"',
    "by-file": '[[to]]\nchannel = "file"\npath = "out"\nformats = ["html", "markdown", "text", "email", "json"]',
}


def subscribe_five(run: Commands, smtp: SmtpServer, http: HttpServer) -> None:
    http.script("/discord", *[Reply(body=b'{"id": "42"}', headers={"Content-Type": "application/json"})] * 50)
    for name, to in SUBSCRIBERS.items():
        spec = 'keywords = ["language model"]\ntopics = ["multilingual"]\nmax_entries = 7'
        run.subscribe(name, f'name = "Digest {name}"\n{spec}\n\n{to}\n')
    (run.home / ".env").write_text(
        f"DIGESTBOT_SMTP_URL={smtp.url()}\n"
        'DIGESTBOT_MAIL_FROM="Paper digest <digest@example.org>"\n'
        f"DIGESTBOT_TO_LAB={http.url('/slack')}\n"
        f"DIGESTBOT_TO_CLUB={http.url('/discord')}\n"
        f"DIGESTBOT_TO_HOOK={http.url('/hook')}\n"
    )


def mail_parts(data: bytes) -> tuple[EmailMessage, str, str]:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    text, html = (part.get_content() for part in message.iter_parts())
    return message, text.replace("\r\n", "\n"), html.replace("\r\n", "\n")


def test_one_ingest_and_one_send_reach_five_subscribers_and_a_second_send_none(
    run: Commands, smtp_server: Callable[..., SmtpServer], http_server: HttpServer
) -> None:
    smtp = smtp_server()
    subscribe_five(run, smtp, http_server)
    assert run("check").code == 0
    assert run("ingest", *SAMPLES).code == 0

    previews = {
        (name, form): run("preview", name, "--format", form)
        for name, form in [
            ("by-mail", "html"), ("by-mail", "text"), ("by-slack", "slack"), ("by-discord", "discord"),
            ("by-webhook", "json"), ("by-file", "markdown"), ("by-file", "html"),
        ]
    }  # fmt: skip
    assert all(ran.code == 0 and ran.out for ran in previews.values())

    sent = run("send")
    assert sent.code == 0, sent.err
    assert sent.err.count(": sent (") == 5

    (mail,) = smtp.mails
    message, text, html = mail_parts(mail.data)
    assert mail.recipient == "ada@example.org"
    assert message["Date"]
    assert message["Message-ID"]
    assert text == previews["by-mail", "text"].out
    assert html == previews["by-mail", "html"].out

    posted: dict[str, list[str]] = {}
    for request in http_server.requests:
        posted.setdefault(request.path.split("?")[0], []).append(request.body.decode())
    assert "\n".join(posted["/slack"]) == previews["by-slack", "slack"].out
    assert "\n".join(posted["/discord"]) == previews["by-discord", "discord"].out
    assert "\n".join(posted["/hook"]) == previews["by-webhook", "json"].out
    sections = json.loads(posted["/hook"][0])["data"]["sections"]
    assert sum(len(section["entries"]) for section in sections) == 7

    written = {path.suffix: path.read_text() for path in (run.home / "out").rglob("*.*")}
    assert set(written) == {".html", ".md", ".txt", ".eml", ".json"}
    assert written[".md"] == previews["by-file", "markdown"].out
    assert written[".html"] == previews["by-file", "html"].out

    before = run.files()
    again = run("send")
    assert again.code == 0
    assert again.out.count("nothing new since its digest of") == 5
    assert len(smtp.mails) == 1
    assert len(http_server.requests) == sum(map(len, posted.values()))
    assert run.files() == before

    # What was made can be looked at again, byte for byte.
    assert run("preview", "by-mail", "--format", "html").out == html


def test_what_failed_is_tried_again_by_the_next_send_and_nothing_else_is(
    run: Commands, smtp_server: Callable[..., SmtpServer], http_server: HttpServer
) -> None:
    smtp = smtp_server({"RCPT": ["451 4.7.1 greylisted, come back later"]})
    subscribe_five(run, smtp, http_server)
    run("ingest", *SAMPLES)
    first = run("send")
    assert first.code == 1
    assert "by-mail -> email ada@example.org: deferred" in first.err
    assert "greylisted" in first.err
    assert "greylisted" in run("outbox", "list").out
    posts = len(http_server.requests)
    second = run("send")
    assert second.code == 0, second.err
    assert len(smtp.mails) == 1
    assert len(http_server.requests) == posts
    assert run("status").code == 0


def test_papers_over_the_cap_are_carried_to_the_next_digest_and_said_so(run: Commands) -> None:
    run.subscribe("all", 'query = "the OR a OR we"\nmax_entries = 3\n[[to]]\nchannel = "file"\npath = "out"\n')
    run("ingest", SAMPLES[0])
    first = run("send")
    assert re.search(r"3 in the digest, \d+ wait ", first.out)
    run("ingest", *SAMPLES)
    run("send")
    titles = [path.read_text() for path in sorted((run.home / "out").rglob("*.md"))]
    assert len(titles) == 2
    found = [set(re.findall(r"^\S*\d+\\?\.\s+(.+)$|^### (.+)$", text, re.MULTILINE)) for text in titles]
    assert not found[0] & found[1]


@pytest.mark.skipif(not REAL_DUMPS.is_dir(), reason="the real dumps are not beside this checkout")
def test_the_four_real_dumps_in_one_command_and_a_second_run_changes_nothing(run: Commands) -> None:
    dumps = sorted(REAL_DUMPS.glob("*.txt"))
    first = run("ingest", *dumps)
    assert first.code == 0
    rows = [{w: int(n) for n, w in re.findall(r"(\d+) (\w+)", line)} for line in first.out.splitlines()]
    assert [row["found"] for row in rows] == [38, 62, 120, 249, 469]
    assert all(row["new"] + row["updated"] + row["duplicate"] == row["found"] for row in rows)
    assert rows[-1]["new"] == 460
    before = run.files()
    second = run("ingest", *dumps)
    assert "469 found, 0 new, 0 updated, 469 duplicate" in second.out
    assert run.files() == before
