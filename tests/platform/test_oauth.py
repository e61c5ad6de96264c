"""Logging in by access tokens (XOAUTH2): had from a token server, kept, renewed, refused; by SMTP and by IMAP."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from digestbot.channels import Misconfigured, Temporary
from digestbot.channels.email.smtp import Session
from digestbot.channels.email.smtp_url import parse_smtp_url
from digestbot.channels.settings import ChannelSettings
from digestbot.ingest.sources.base import Memory, Refused, Unavailable
from digestbot.ingest.sources.imap import ImapSource
from digestbot.model.errors import UsageError
from digestbot.model.secret import Secret
from digestbot.platform.net.fence import Fence
from digestbot.platform.net.network import Network
from digestbot.platform.net.oauth import AccessTokens, OAuthClient, TokenRefused
from digestbot.platform.settings import load_settings
from tests.servers.certificates import Certificate
from tests.servers.http import HttpServer, Reply
from tests.servers.imap import ImapServer
from tests.servers.smtp import SmtpServer

USER = "digest@example.org"
HERE = Network(Fence.allowing(["127.0.0.1", "::1"]))


def given(token: str, life: object = 3600, **more: object) -> Reply:
    said = {"token_type": "Bearer", "access_token": token, "expires_in": life, **more}
    return Reply(body=json.dumps(said).encode())


def refused(status: int = 400, **said: str) -> Reply:
    return Reply(status, body=json.dumps(said).encode())


class Clock:
    """Seconds, as the test says."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(http_server: HttpServer) -> HttpServer:
    """A token server; its script says what it gives."""
    return http_server


def tokens_of(
    server: HttpServer, home: Path, clock: Callable[[], float] = time.monotonic, refresh: str = "CANARYR1"
) -> AccessTokens:
    client = OAuthClient(
        server.url("/token", host="127.0.0.1"), "an app", Secret(refresh), Secret("CANARYSECRET"), "mail"
    )
    return AccessTokens(client, USER, HERE, home / "data" / "oauth.json", clock)


def asked(server: HttpServer) -> list[dict[str, str]]:
    return [{key: each for key, (each,) in parse_qs(one.body.decode()).items()} for one in server.requests]


def test_a_token_is_asked_for_once_and_kept_until_shortly_before_its_end(
    server: HttpServer, tmp_path: Path, clock: Clock
) -> None:
    server.script("/token", given("t1"), given("t2", "600"), given("t3", None))
    tokens = tokens_of(server, tmp_path, clock)
    assert [tokens.token().reveal() for _ in range(3)] == ["t1"] * 3
    assert asked(server) == [
        {"grant_type": "refresh_token", "client_id": "an app", "refresh_token": "CANARYR1",
         "client_secret": "CANARYSECRET", "scope": "mail"}
    ]  # fmt: skip
    clock.now = 3539
    assert tokens.token().reveal() == "t1"
    clock.now = 3541
    assert tokens.token().reveal() == "t2"
    clock.now += 541
    assert tokens.token().reveal() == "t3"


def test_a_token_that_was_refused_is_renewed_and_another_is_not(server: HttpServer, tmp_path: Path) -> None:
    server.script("/token", given("t1"), given("t2"))
    tokens = tokens_of(server, tmp_path)
    first = tokens.token()
    assert tokens.token(refused=first).reveal() == "t2"
    assert tokens.token(refused=first).reveal() == "t2"  # another thread's refusal is of the one before
    assert len(server.requests) == 2


def test_a_new_refresh_token_is_kept_until_another_is_set(server: HttpServer, tmp_path: Path) -> None:
    server.script("/token", given("t1", refresh_token="CANARYR2"), given("t2"), given("t3"))
    tokens_of(server, tmp_path).token()
    kept = tmp_path / "data" / "oauth.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    tokens_of(server, tmp_path).token()
    tokens_of(server, tmp_path, refresh="CANARYNEW").token()
    assert [each["refresh_token"] for each in asked(server)] == ["CANARYR1", "CANARYR2", "CANARYNEW"]


def test_two_processes_take_each_refresh_token_once(server: HttpServer, tmp_path: Path, clock: Clock) -> None:
    server.script("/token", *(given(f"t{n}", refresh_token=f"CANARYR{n + 2}") for n in range(3)))
    one, other = tokens_of(server, tmp_path, clock), tokens_of(server, tmp_path, clock)
    one.token()
    other.token()
    clock.now = 4000
    one.token()
    assert [each["refresh_token"] for each in asked(server)] == ["CANARYR1", "CANARYR2", "CANARYR3"]


def test_a_new_refresh_token_that_cannot_be_kept_is_told_and_used(
    server: HttpServer, tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "data").write_text("no folder", encoding="utf-8")
    server.script("/token", given("t1", refresh_token="CANARYR2"), given("t2"))
    tokens = tokens_of(server, tmp_path, clock)
    with caplog.at_level(logging.WARNING):
        tokens.token()
    assert "oauth.json cannot be written" in caplog.text
    assert "CANARY" not in caplog.text
    clock.now = 4000
    tokens.token()
    assert asked(server)[1]["refresh_token"] == "CANARYR2"


@pytest.mark.parametrize("damage", [b"", b"[1]", b'{"x": 1}', b"\xff\x00"])
def test_a_damaged_file_of_tokens_is_as_none(server: HttpServer, tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "oauth.json").write_bytes(damage)
    server.script("/token", given("t1"))
    assert tokens_of(server, tmp_path).token().reveal() == "t1"
    assert asked(server)[0]["refresh_token"] == "CANARYR1"


@pytest.mark.parametrize(
    ("reply", "lasting", "words"),
    [
        (refused(error="invalid_grant", error_description="AADSTS70008: expired CANARYR1"), True,
         "invalid_grant AADSTS70008: expired <secret>.*sign in anew and set DIGESTBOT_SMTP_OAUTH_REFRESH_TOKEN"),
        (refused(401, error="invalid_client", error_description="AADSTS7000222\r\n more"), True,
         "AADSTS7000222 more.*_CLIENT_SECRET, which expires"),
        (refused(error="unauthorized_client"), True, "allow the application"),
        (refused(error="invalid_scope"), True, "correct DIGESTBOT_SMTP_OAUTH_SCOPE"),
        (Reply(404, body=b"<html>"), True, "404.*look at DIGESTBOT_SMTP_OAUTH_TOKEN_URL"),
        (Reply(200, body=b"<html>"), True, "look at DIGESTBOT_SMTP_OAUTH_TOKEN_URL"),
        (Reply(200, body=b'{"access_token": "a\\nb"}'), True, "TOKEN_URL"),
        (Reply(200, body=b"x" * 65_000, endless=True), True, "TOKEN_URL"),
        (Reply(302, {"Location": "https://elsewhere.example"}), True, "302"),
        (Reply(503), False, "503"),
        (refused(429, error="temporarily_unavailable"), False, "429"),
        (Reply(close="before"), False, "is not reached"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_with_the_way_out_and_without_a_secret(
    server: HttpServer, tmp_path: Path, reply: Reply, lasting: bool, words: str
) -> None:
    server.script("/token", reply)
    with pytest.raises(TokenRefused, match=words) as error:
        tokens_of(server, tmp_path).token()
    assert error.value.lasting is lasting
    assert "CANARY" not in str(error.value)


def test_the_fence_holds_for_the_token_server(server: HttpServer, tmp_path: Path) -> None:
    client = OAuthClient(server.url("/token", host="127.0.0.1"), "an app", Secret("r"))
    with pytest.raises(TokenRefused, match=r"DIGESTBOT_SMTP_OAUTH_TOKEN_URL: 127\.0\.0\.1 is no public"):
        AccessTokens(client, USER, Network(), tmp_path / "oauth.json").token()
    assert server.requests == []


@pytest.fixture
def line(tmp_path: Path, server: HttpServer) -> ChannelSettings:
    return ChannelSettings(tmp_path, network=HERE, tokens=tokens_of(server, tmp_path))


def test_smtp_logs_in_and_renews_a_refused_token_once(
    line: ChannelSettings, server: HttpServer, smtp_server: Callable[..., SmtpServer]
) -> None:
    server.script("/token", given("CANARYOLD"), given("CANARYNEW"), given("CANARYWRONG"))
    mail = smtp_server(tokens={USER: "CANARYNEW"})
    Session(parse_smtp_url(Secret(mail.url())), line).close()
    Session(parse_smtp_url(Secret(mail.url())), line).close()
    logins = [[command for command, _ in talk.commands if command.startswith("AUTH")] for talk in mail.talks]
    assert [len(each) for each in logins] == [2, 1]
    assert len(server.requests) == 2


def test_smtp_tells_of_a_login_that_stays_refused(
    line: ChannelSettings, server: HttpServer, smtp_server: Callable[..., SmtpServer]
) -> None:
    server.script("/token", given("CANARYA"), given("CANARYB"))
    mail = smtp_server(tokens={USER: "other"})
    with pytest.raises(Misconfigured, match=r"the login of digest@example\.org by XOAUTH2.*535.*OAUTH_USER") as error:
        Session(parse_smtp_url(Secret(mail.url())), line)
    assert "CANARY" not in str(error.value)
    with pytest.raises(Misconfigured, match="offers no login by XOAUTH2"):
        Session(parse_smtp_url(Secret(smtp_server(users={USER: "x"}).url())), line)


@pytest.mark.parametrize(("reply", "kind"), [(refused(error="invalid_grant"), Misconfigured), (Reply(503), Temporary)])
def test_smtp_without_a_token_is_tried_again_or_told(
    line: ChannelSettings,
    server: HttpServer,
    smtp_server: Callable[..., SmtpServer],
    reply: Reply,
    kind: type[Exception],
) -> None:
    server.script("/token", reply)
    with pytest.raises(kind, match="gives no token"):
        Session(parse_smtp_url(Secret(smtp_server(tokens={}).url())), line)


def test_imap_logs_in_and_renews_a_refused_token_once(
    line: ChannelSettings, server: HttpServer, trusted: Certificate
) -> None:
    server.script("/token", given("old"), given("new"))
    with ImapServer(trusted, {1: b"Subject: a\r\n\r\nb"}) as mailbox:
        mailbox.tokens = {USER: "new"}
        url = Secret(f"imaps://digest%40example.org@localhost:{mailbox.server_address[1]}")
        source = ImapSource("alerts", url, network=HERE, tokens=line.tokens)
        assert len(list(source.fetch(Memory(), datetime.now(UTC)))) == 1
        assert [each for each in mailbox.commands if each.startswith(("AUTH", "LOGIN"))] == ["AUTHENTICATE XOAUTH2"] * 2


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (given("CANARYWRONG"), Refused, r"refuses the login of digest@example\.org by XOAUTH2.*for IMAP too"),
        (refused(error="invalid_grant"), Refused, "sign in anew"),
        (Reply(503), Unavailable, "gives no token"),
    ],
)
def test_imap_tells_of_a_login_that_stays_refused(
    line: ChannelSettings, server: HttpServer, trusted: Certificate, reply: Reply, kind: type[Exception], words: str
) -> None:
    server.script("/token", reply)
    with ImapServer(trusted, {}) as mailbox:
        url = Secret(f"imaps://digest%40example.org@localhost:{mailbox.server_address[1]}")
        source = ImapSource("alerts", url, network=HERE, tokens=line.tokens)
        with pytest.raises(kind, match=words) as error:
            list(source.fetch(Memory(), datetime.now(UTC)))
        assert "CANARY" not in str(error.value)


OAUTH = {"TOKEN_URL": "https://login.example/token", "CLIENT_ID": "an-app", "REFRESH_TOKEN": "r"}


@pytest.mark.parametrize(
    ("changes", "more", "words"),
    [
        ({"REFRESH_TOKEN": ""}, "", "is of no use without DIGESTBOT_SMTP_OAUTH_REFRESH_TOKEN"),
        ({"TOKEN_URL": "http://login.example/token"}, "", "DIGESTBOT_SMTP_OAUTH_TOKEN_URL is no https:// URL"),
        ({}, "DIGESTBOT_SMTP_URL=smtps://a:b@mail.example", "DIGESTBOT_SMTP_URL holds a password"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(
    tmp_path: Path, changes: dict[str, str], more: str, words: str
) -> None:
    lines = [f"DIGESTBOT_SMTP_OAUTH_{name}={value}" for name, value in (OAUTH | changes).items()]
    (tmp_path / ".env").write_text("\n".join([*lines, more, ""]), encoding="utf-8")
    with pytest.raises(UsageError, match=words):
        load_settings(tmp_path, {})


def test_who_logs_in_is_the_sender_unless_said(tmp_path: Path) -> None:
    lines = [f"DIGESTBOT_SMTP_OAUTH_{name}={value}\n" for name, value in OAUTH.items()]
    (tmp_path / ".env").write_text("".join([*lines, f"DIGESTBOT_MAIL_FROM=Digest <{USER}>\n"]), encoding="utf-8")
    assert load_settings(tmp_path, {}).smtp_oauth_user == USER
    other = load_settings(tmp_path, {"DIGESTBOT_SMTP_OAUTH_USER": "shared@example.org"})
    assert other.smtp_oauth_user == "shared@example.org"
    tokens = AccessTokens.of(other, Network())
    assert tokens is not None
    assert tokens.user == "shared@example.org"
