"""Slack, Discord and anybody's webhook over real sockets."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import logging
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from digestbot.channels import (
    Channel,
    Misconfigured,
    Permanent,
    Receipt,
    SendError,
    Temporary,
    TooLong,
    Unknown,
    open_channel,
)
from digestbot.channels.http import LONGEST_BODY
from digestbot.channels.settings import ChannelSettings
from digestbot.model.deliveries import Part
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination
from digestbot.platform.net.fence import Fence
from digestbot.platform.net.network import Network
from tests.servers.certificates import Certificate
from tests.servers.http import HttpServer, Reply

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
HERE = Network(Fence.allowing(["127.0.0.1", "::1"]))
BODY = '{"text": "Grüße \\u2028"}'.encode()
KEY = base64.b64encode(bytes(range(24))).decode()
KEY_BEFORE = base64.b64encode(bytes(range(32))).decode()


@contextmanager
def channel_to(kind: str, url: str, *, timeout: float = 2.0, secret: str | None = None) -> Iterator[Channel]:
    destinations = {"lab": Secret(url)} | ({"lab_secret": Secret(secret)} if secret is not None else {})
    settings = ChannelSettings(Path(), destinations=destinations, timeout=timeout, now=lambda: NOW, network=HERE)
    with open_channel(kind, settings) as channel:
        yield channel


def post(channel: Channel, key: str = "k1", body: bytes = BODY) -> Receipt:
    return channel.send(
        Part("1/1", "application/json", body), Destination(channel.kind, {"destination": "lab"}), key=key
    )


def outcome(kind: str, server: HttpServer, *replies: Reply, timeout: float = 2.0) -> Receipt | SendError:
    server.script("/hook", *replies)
    with channel_to(kind, server.url("/hook"), timeout=timeout) as channel:
        try:
            return post(channel)
        except SendError as error:
            return error


def json_reply(status: int, value: object, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status, {"Content-Type": "application/json", **(headers or {})}, json.dumps(value).encode())


# what is common to all: the wire


def test_the_bytes_arrive_as_they_are_and_the_connection_is_kept(http_server: HttpServer) -> None:
    with channel_to("webhook", http_server.url("/hook?a=1&b=%2F")) as channel:
        post(channel)
        post(channel)
    assert [request.body for request in http_server.requests] == [BODY, BODY]
    request = http_server.requests[0]
    assert request.path == "/hook?a=1&b=%2F"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("digestbot/")
    assert http_server.connections == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_c31_no_redirect_is_followed(http_server: HttpServer, status: int) -> None:
    error = outcome("webhook", http_server, Reply(status, {"Location": http_server.url("/private")}))
    assert isinstance(error, Permanent)
    assert "localhost" in error.reason
    assert "/private" not in error.reason
    assert [request.path for request in http_server.requests] == ["/hook"]


def test_g61_proxies_of_the_environment_are_not_used(http_server: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with HttpServer() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        assert isinstance(outcome("webhook", http_server, Reply()), Receipt)
        assert proxy.requests == []


def test_one_destinations_cookies_are_not_kept(http_server: HttpServer) -> None:
    http_server.script("/hook", Reply(headers={"Set-Cookie": "a=b; Path=/"}))
    with channel_to("webhook", http_server.url("/hook")) as channel:
        post(channel)
        post(channel)
    assert "cookie" not in http_server.requests[1].headers


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "gopher://localhost/", "localhost", "http://", "http://a\\@localhost/CANARY",
        "https://hooks.example/CANARY space", "https://hooks.example:port/CANARY", "http://[::1/CANARY", "//x/",
        "https://hooks.example/CANARY\r\nX: y", "https://a..b/CANARY", f"https://{'a' * 64}.org/CANARY", "https://bücher.example/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["slack", "discord", "teams", "mattermost", "webhook"])
def test_g61_an_odd_url_is_refused_unseen(kind: str, url: str) -> None:
    with channel_to(kind, url) as channel, pytest.raises(Misconfigured, match=f"{kind} lab") as caught:
        post(channel)
    assert "CANARY" not in caught.value.reason
    assert caught.value.destination_only


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(close="after"), Unknown),
        (Reply(close="before"), Unknown),
        (Reply(delay=5), Unknown),
        (Reply(headers={"X": "y" * 200}, drip_head=0.02), Unknown),
        (Reply(500), Temporary),
    ],
)
def test_c27_a_post_that_left_and_found_no_answer_is_unknown(
    http_server: HttpServer, reply: Reply, error: type[SendError]
) -> None:
    started = time.monotonic()
    assert type(outcome("webhook", http_server, reply, timeout=0.3)) is error
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "reply",
    [
        Reply(endless=True, body=b"x" * 100_000),
        Reply(endless=True, body=b"x", drip=0.01),
        Reply(body=b"x" * 300, drip=0.02),
        Reply(body=b"short", length=1_000_000),
        Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(bytes(50_000_000))),
    ],
    ids=["endless", "endless drip", "slow", "cut off", "gzip bomb"],
)
def test_c27_a_body_without_end_is_cut_and_its_status_counts(http_server: HttpServer, reply: Reply) -> None:
    started = time.monotonic()
    assert isinstance(outcome("webhook", http_server, reply, timeout=0.3), Receipt)
    assert time.monotonic() - started < 3
    assert isinstance(outcome("slack", http_server, reply, timeout=0.3), Permanent | Unknown)


def test_c27_no_more_of_a_body_is_kept_than_the_limit(http_server: HttpServer) -> None:
    http_server.script("/hook", Reply(endless=True, body=b"x" * 100_000))
    with channel_to("webhook", http_server.url("/hook")) as channel:
        poster: Any = vars(channel)["_poster"]
        answer = poster.post(Secret(http_server.url("/hook")), b"", {}, name="webhook lab")
    assert len(answer.body) == LONGEST_BODY
    assert not answer.whole


def test_c27_nobody_listening_and_no_such_host_are_temporary() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        for url in (f"http://127.0.0.1:{taken.getsockname()[1]}/CANARY", "https://nobody.invalid/CANARY"):
            with channel_to("webhook", url) as channel, pytest.raises(Temporary, match="not reached") as caught:
                post(channel)
            assert "CANARY" not in caught.value.reason


def test_c27_a_certificate_nobody_trusts_is_temporary_and_nothing_is_posted(certificate: Certificate) -> None:
    with HttpServer(certificate) as server:
        assert isinstance(outcome("webhook", server, Reply()), Temporary)
        assert server.requests == []


def test_over_tls_it_arrives(trusted: Certificate) -> None:
    with HttpServer(trusted) as server:
        assert isinstance(outcome("webhook", server, Reply()), Receipt)


def test_c27_after_a_failure_the_next_post_works(http_server: HttpServer) -> None:
    http_server.script("/hook", Reply(close="after"), Reply(delay=1), Reply())
    with channel_to("webhook", http_server.url("/hook"), timeout=0.3) as channel:
        for _ in range(2):
            with pytest.raises(Unknown):
                post(channel)
        assert post(channel).answer == "200"


def test_g62_other_clients_may_log_and_ours_does_not(http_server: HttpServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    outcome("webhook", http_server, Reply(302, {"Location": "https://evil.example/CANARY"}))
    assert not [record for record in caplog.records if record.name.startswith("httpx")]
    assert "CANARY" not in caplog.text
    assert "/hook" not in caplog.text
    httpx.get(http_server.url("/theirs"), trust_env=False)
    assert "/theirs" in caplog.text


# Slack


def test_slack_takes_its_ok(http_server: HttpServer) -> None:
    assert outcome("slack", http_server, Reply(body=b"ok")) == Receipt("ok")


@pytest.mark.parametrize(
    ("reply", "error", "disables"),
    [
        (Reply(body=b"not ok"), Permanent, False),
        (Reply(body=b""), Permanent, False),
        (Reply(body=b"<html>sign in"), Permanent, False),
        (json_reply(200, {"ok": False, "error": "invalid_blocks"}), Permanent, False),
        (json_reply(200, {"ok": False, "error": "channel_is_archived"}), Permanent, True),
        (json_reply(200, {"ok": False, "error": "ratelimited"}), Temporary, None),
        (Reply(201, body=b"ok"), Permanent, False),
        (Reply(404, body=b"no_service"), Permanent, True),
        (Reply(400, body=b"no_service"), Permanent, True),
        (Reply(410, body=b"channel_is_archived"), Permanent, True),
        (Reply(404, body=b"channel_not_found"), Permanent, True),
        (Reply(403, body=b"invalid_token"), Permanent, True),
        (Reply(403, body=b"action_prohibited"), Permanent, True),
        (Reply(400, body=b"user_not_found"), Permanent, True),
        (Reply(400, body=b"invalid_payload"), Permanent, False),
        (Reply(400, body=b"invalid_blocks: msg_blocks_too_long"), TooLong, False),
        (Reply(400, body=b"msg_blocks_too_long"), TooLong, False),
        (Reply(500, body=b"rollup_error"), Temporary, None),
        (Reply(503, body=b"<html>"), Temporary, None),
        (json_reply(429, {"retry_after": 1, "ok": False, "error": "rate_limited"}), Temporary, None),
    ],
)
def test_c28_c30_slacks_words_are_understood(
    http_server: HttpServer, reply: Reply, error: type[SendError], disables: bool | None
) -> None:
    caught = outcome("slack", http_server, reply)
    assert type(caught) is error
    assert isinstance(caught, SendError)
    assert f"slack lab answered {reply.status}" in caught.reason
    if isinstance(caught, Permanent):
        assert caught.disables is disables


# Discord


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("", "?wait=true"),
        ("?thread_id=7", "?thread_id=7&wait=true"),
        ("?wait=false&thread_id=7", "?thread_id=7&wait=true"),
    ],
)
def test_c32_discord_is_asked_to_wait_and_its_id_is_kept(http_server: HttpServer, query: str, sent: str) -> None:
    http_server.script("/hook", json_reply(200, {"id": "1234", "content": "hello"}))
    with channel_to("discord", http_server.url(f"/hook{query}")) as channel:
        assert post(channel).reference == "1234"
    assert http_server.requests[0].path == f"/hook{sent}"


@pytest.mark.parametrize("reply", [Reply(204, body=b""), Reply(body=b"ok"), json_reply(200, {"id": None})])
def test_c32_a_yes_that_does_not_say_saved_is_unknown(http_server: HttpServer, reply: Reply) -> None:
    assert isinstance(outcome("discord", http_server, reply), Unknown)


@pytest.mark.parametrize(
    ("reply", "error", "disables"),
    [
        (json_reply(404, {"message": "Unknown Webhook", "code": 10015}), Permanent, True),
        (json_reply(401, {"message": "Invalid Webhook Token", "code": 50027}), Permanent, True),
        (json_reply(400, {"message": "Invalid Form Body", "code": 50035}), Permanent, False),
        (json_reply(400, {"message": ["odd"], "code": [10015]}), Permanent, False),
        (json_reply(500, {"message": "500: Internal Server Error", "code": 0}), Temporary, None),
        (Reply(502, body=b"<html>"), Temporary, None),
    ],
)
def test_c28_discords_codes_are_understood(
    http_server: HttpServer, reply: Reply, error: type[SendError], disables: bool | None
) -> None:
    caught = outcome("discord", http_server, reply)
    assert type(caught) is error
    if isinstance(caught, Permanent):
        assert caught.disables is disables


def test_a_discord_forum_has_one_thread_for_each_digest(http_server: HttpServer) -> None:
    http_server.script("/hook", *(json_reply(200, {"id": str(n)}) for n in range(71, 75)))
    to = Destination("discord", {"destination": "lab", "thread_name": "Papers of {day}"})
    part = Part("a", "application/json", b'{"content": "x", "thread_name": "Papers of today"}')
    with channel_to("discord", http_server.url("/hook")) as channel:
        for key in ("one-1", "one-2", "two-1", "one-3"):
            channel.send(part, to, key=key)
    asked = [(each.path, json.loads(each.body).get("thread_name")) for each in http_server.requests]
    own, in_it = ("/hook?wait=true", "Papers of today"), ("/hook?wait=true&thread_id=71", None)
    assert asked == [own, in_it, own, in_it]


def test_a_part_of_a_forum_that_was_not_taken_opens_the_thread_next_time(http_server: HttpServer) -> None:
    http_server.script("/hook", Reply(503), json_reply(200, {"id": "72"}))
    to = Destination("discord", {"destination": "lab", "thread_name": "Papers"})
    part = Part("a", "application/json", b'{"thread_name": "Papers"}')
    with channel_to("discord", http_server.url("/hook")) as channel:
        with pytest.raises(Temporary):
            channel.send(part, to, key="one-1")
        channel.send(part, to, key="one-1")
    assert json.loads(http_server.requests[1].body) == {"thread_name": "Papers"}


def test_a_webhook_gets_a_token_and_headers_of_its_own_and_nobody_hears_of_them(
    http_server: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    http_server.script("/hook", Reply(401, body=b"CANARYTOKEN CANARYKEY"))
    more = {"lab_token": "CANARYTOKEN", "lab_headers": '{"X-Api-Key": "CANARYKEY", "X-House": "a b"}'}
    destinations = {"lab": Secret(http_server.url("/hook"))} | {name: Secret(each) for name, each in more.items()}
    settings = ChannelSettings(Path(), destinations=destinations, timeout=2, now=lambda: NOW, network=HERE)
    with open_channel("webhook", settings) as channel, caplog.at_level("DEBUG"), pytest.raises(SendError) as caught:
        post(channel)
    headers = http_server.requests[0].headers
    assert headers["authorization"] == "Bearer CANARYTOKEN"
    assert (headers["x-api-key"], headers["x-house"]) == ("CANARYKEY", "a b")
    assert headers["content-type"] == "application/json"
    assert "CANARY" not in caplog.text + str(caught.value) + repr(settings)


def test_c26_discords_fraction_of_a_second_is_kept(http_server: HttpServer) -> None:
    caught = outcome("discord", http_server, json_reply(429, {"retry_after": 0.65, "global": False}))
    assert isinstance(caught, Temporary)
    assert caught.retry_after is not None
    assert caught.retry_after.total_seconds() == 0.65


# Microsoft Teams


@pytest.mark.parametrize("reply", [Reply(202, body=b""), Reply(200, body=b"1"), Reply(200, body=b"")])
def test_a_workflows_yes_has_no_words(http_server: HttpServer, reply: Reply) -> None:
    assert outcome("teams", http_server, reply) == Receipt(str(reply.status))


@pytest.mark.parametrize(
    ("reply", "error", "disables"),
    [
        (
            Reply(
                200,
                body=b"Webhook message delivery failed: Microsoft Teams endpoint returned HTTP error 429",
            ),
            Temporary,
            None,
        ),
        (Reply(200, body=b"Microsoft Teams endpoint returned HTTP error 403 with ContextId"), Permanent, False),
        (Reply(200, body=b"Microsoft Teams endpoint returned HTTP error 404"), Permanent, True),
        (Reply(200, body=b"Summary or Text is required."), Permanent, False),
        (Reply(200, body=b"<html>sign in"), Permanent, False),
        (Reply(413, body=b"Request Entity Too Large"), Permanent, False),
        (json_reply(429, {"error": {"code": "TooManyRequests", "message": "later"}}), Temporary, None),
        (json_reply(400, {"error": {"code": "WorkflowNotFound", "message": "gone"}}), Permanent, True),
        (json_reply(400, {"error": {"code": "TriggerInputSchemaMismatch", "message": "no"}}), Permanent, False),
        (json_reply(401, {"error": {"code": "DirectApiAuthorizationRequired", "message": "no"}}), Permanent, True),
        (Reply(502, body=b"<html>"), Temporary, None),
    ],
)
def test_c28_what_teams_says_is_understood(
    http_server: HttpServer, reply: Reply, error: type[SendError], disables: bool | None
) -> None:
    caught = outcome("teams", http_server, reply)
    assert type(caught) is error
    if isinstance(caught, Permanent):
        assert caught.disables is disables


# Mattermost


def test_mattermost_takes_its_ok(http_server: HttpServer) -> None:
    assert outcome("mattermost", http_server, Reply(body=b"ok")) == Receipt("ok")


@pytest.mark.parametrize(
    ("reply", "error", "disables"),
    [
        (Reply(200, body=b"<html>sign in"), Permanent, False),
        (
            json_reply(400, {"id": "web.incoming_webhook.invalid.app_error", "message": "Invalid."}),
            Permanent,
            True,
        ),
        (json_reply(400, {"id": "web.incoming_webhook.text.app_error", "message": "No text."}), Permanent, False),
        (json_reply(403, {"id": "web.incoming_webhook.permissions.app_error"}), Permanent, True),
        (json_reply(501, {"id": "web.incoming_webhook.disabled.app_error", "message": "Off."}), Temporary, None),
        (json_reply(429, {}, {"Retry-After": "3"}), Temporary, None),
    ],
)
def test_c28_mattermosts_errors_are_understood(
    http_server: HttpServer, reply: Reply, error: type[SendError], disables: bool | None
) -> None:
    caught = outcome("mattermost", http_server, reply)
    assert type(caught) is error
    if isinstance(caught, Permanent):
        assert caught.disables is disables


# anybody's webhook


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_is_a_yes(http_server: HttpServer, status: int) -> None:
    assert outcome("webhook", http_server, Reply(status, body=b"")) == Receipt(str(status))


def verified(headers: Mapping[str, str], body: bytes, key: str) -> bool:
    """The check of the Standard Webhooks specification, written from its text."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(base64.b64decode(key), signed, hashlib.sha256).digest()).decode()
    return f"v1,{wanted}" in headers["webhook-signature"].split(" ")


@pytest.mark.parametrize(
    ("secret", "keys"),
    [
        (f"whsec_{KEY}", [KEY]),
        (KEY, [KEY]),
        (f"whsec_{KEY} whsec_{KEY_BEFORE}", [KEY, KEY_BEFORE]),
        (f"whsec_{KEY},whsec_{KEY_BEFORE.rstrip('=')}", [KEY, KEY_BEFORE]),
    ],
)
def test_c34_the_bytes_sent_are_the_bytes_signed(http_server: HttpServer, secret: str, keys: list[str]) -> None:
    with channel_to("webhook", http_server.url(), secret=secret) as channel:
        post(channel)
    (request,) = http_server.requests
    assert request.headers["webhook-timestamp"] == "1795248000"
    assert len(request.headers["webhook-signature"].split(" ")) == len(keys)
    assert all(verified(request.headers, request.body, key) for key in keys)
    assert not verified(request.headers, request.body + b" ", keys[0])


def test_the_signature_is_that_of_the_specifications_own_example() -> None:
    """The example of the reference libraries: id, time, body and secret are theirs."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = b'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}'
    signature = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert signature == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", ["whsec_", "whsec_not base64!", "whsec_ü"])
def test_c34_a_signing_secret_that_is_none_is_named(http_server: HttpServer, secret: str) -> None:
    with (
        channel_to("webhook", http_server.url(), secret=secret) as channel,
        pytest.raises(Misconfigured, match="DIGESTBOT_TO_LAB_SECRET"),
    ):
        post(channel)
    assert http_server.requests == []


def test_c33_a_post_tried_again_carries_the_same_id(http_server: HttpServer) -> None:
    http_server.script("/hook", Reply(close="after"), Reply())
    with channel_to("webhook", http_server.url("/hook"), secret=f"whsec_{KEY}") as channel:
        with pytest.raises(Unknown):
            post(channel, "0123abcd-2")
        post(channel, "0123abcd-2")
    ids = [(each.headers["webhook-id"], each.headers["idempotency-key"]) for each in http_server.requests]
    assert ids == [("0123abcd-2", "0123abcd-2")] * 2


@pytest.mark.parametrize("key", ["a.b", "a b", "a\r\nX: y", "ä", "", "1/2:3"])
def test_c34_no_id_holds_a_dot_or_anything_a_header_cannot_have(http_server: HttpServer, key: str) -> None:
    with channel_to("webhook", http_server.url()) as channel:
        post(channel, key)
        post(channel, key)
        post(channel, f"{key}x.")
    ids = [request.headers["webhook-id"] for request in http_server.requests]
    assert ids[0] == ids[1] != ids[2]
    assert all(each.isalnum() for each in ids)


def test_without_a_secret_nothing_is_signed(http_server: HttpServer) -> None:
    with channel_to("webhook", http_server.url()) as channel:
        post(channel)
    assert "webhook-signature" not in http_server.requests[0].headers
