"""ntfy: what is published, who may, and what each answer of its server means."""

from __future__ import annotations

import base64
import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from digestbot.channels import Misconfigured, Permanent, SendError, Temporary, Unknown, open_channel
from digestbot.channels.settings import ChannelSettings
from digestbot.model.deliveries import Part
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination
from digestbot.platform.net.fence import Fence
from digestbot.platform.net.network import Network
from tests.servers.http import HttpServer, Reply

TO = Destination("ntfy", {"destination": "phone"})
PART = Part("1/1", "application/json", '{"title":"Grüße","message":"1. A paper"}'.encode())
PUBLISHED = Reply(body=b'{"id":"hwQ2YpKdmg","time":1635528741,"event":"message","topic":"s3cret","message":"x"}')


def sent(server: HttpServer, url: str = "http://{at}/s3cret", key: str = "0123abcd") -> str | SendError:
    """What came of a message to a URL at the server."""
    written = Secret(url.format(at=f"127.0.0.1:{server.server_address[1]}"))
    settings = ChannelSettings(
        Path(), destinations={"phone": written}, timeout=2, network=Network(Fence.allowing(["127.0.0.1"]))
    )
    with closing(open_channel("ntfy", settings)) as channel:
        try:
            return channel.send(PART, TO, key=key).answer
        except SendError as error:
            return error


def answered(server: HttpServer, status: int, body: object, **headers: str) -> SendError:
    server.script("/", Reply(status, headers, json.dumps(body).encode()))
    error = sent(server)
    assert isinstance(error, SendError)
    assert "s3cret" not in error.reason
    return error


def test_a_message_is_published_on_the_topic_in_json(http_server: HttpServer) -> None:
    http_server.script("/", PUBLISHED)
    assert sent(http_server) == "published as hwQ2YpKdmg"
    (request,) = http_server.requests
    assert (request.method, request.path) == ("POST", "/")
    assert json.loads(request.body) == {
        "topic": "s3cret",
        "title": "Grüße",
        "message": "1. A paper",
        "sequence_id": "0123abcd",
    }
    assert "authorization" not in request.headers


BASIC = "Basic " + base64.b64encode(b"ada:p:w@").decode()


@pytest.mark.parametrize(
    ("url", "authorization"),
    [
        ("http://:tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2@{at}/s3cret", "Bearer tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"),
        ("http://tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2@{at}/s3cret", "Bearer tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"),
        ("http://ada:p%3Aw%40@{at}/s3cret/", BASIC),
    ],
)
def test_a_token_or_a_password_in_the_url_says_who_publishes(
    http_server: HttpServer, url: str, authorization: str
) -> None:
    http_server.script("/", PUBLISHED)
    assert sent(http_server, url) == "published as hwQ2YpKdmg"
    assert http_server.requests[0].headers["authorization"] == authorization
    assert http_server.requests[0].path == "/"


@pytest.mark.parametrize(
    "url",
    ["http://{at}/", "http://{at}", "http://{at}/a/s3cret", "http://{at}/s3cret?auth=x", "http://{at}/s3 cret"],
)
def test_a_url_without_a_topic_is_a_wrong_setting_of_this_destination_alone(http_server: HttpServer, url: str) -> None:
    error = sent(http_server, url)
    assert isinstance(error, Misconfigured)
    assert error.destination_only
    assert "https://ntfy.sh/topic" in error.reason
    assert "cret" not in error.reason
    assert http_server.requests == []


@pytest.mark.parametrize(
    ("status", "body", "kind", "gone"),
    [
        # https://github.com/binwiederhier/ntfy/blob/main/server/errors.go
        (400, {"code": 40010, "http": 400, "error": "invalid request: topic name is disallowed"}, Permanent, False),
        (400, {"code": 40014, "http": 400, "error": "invalid request: attachments not allowed"}, Permanent, False),
        (401, {"code": 40101, "http": 401, "error": "unauthorized"}, Permanent, True),
        (403, {"code": 40301, "http": 403, "error": "forbidden"}, Permanent, True),
        (404, {"code": 40401, "http": 404, "error": "page not found"}, Permanent, True),
        (413, {"code": 41303, "http": 413, "error": "JSON body too large"}, Permanent, False),
        (429, {"code": 42901, "http": 429, "error": "limit reached: too many requests"}, Temporary, False),
        (429, {"code": 42908, "http": 429, "error": "limit reached: too many messages"}, Temporary, False),
        (500, {"code": 50001, "http": 500, "error": "internal server error"}, Temporary, False),
        (507, {"error": "insufficient storage"}, Temporary, False),
    ],
)
def test_what_ntfy_refuses_is_lasting_or_passing_and_told_in_its_words(
    http_server: HttpServer, status: int, body: dict[str, Any], kind: type[SendError], gone: bool
) -> None:
    error = answered(http_server, status, body)
    assert type(error) is kind
    assert getattr(error, "disables", False) is gone
    assert error.reason.endswith(body["error"])


def test_ntfy_is_left_alone_as_long_as_it_asks(http_server: HttpServer) -> None:
    error = answered(http_server, 429, {"error": "limit reached"}, **{"Retry-After": "90"})
    assert isinstance(error, Temporary)
    assert error.retry_after == timedelta(seconds=90)


def test_a_yes_that_is_no_ntfys_is_not_taken_for_one(http_server: HttpServer) -> None:
    assert isinstance(answered(http_server, 200, "Please sign in"), Permanent)
    http_server.script("/", Reply(200, body=b'{"id":', length=400))
    assert isinstance(sent(http_server), Unknown)
    http_server.script("/", Reply(close="after"))
    assert isinstance(sent(http_server), Unknown)


def test_the_topic_and_the_password_are_shown_in_no_error(http_server: HttpServer) -> None:
    http_server.script("/", Reply(403, body=b'{"error":"no tk_hush12345 on s3cret for p4ssword"}'))
    for url in ("http://:tk_hush12345@{at}/s3cret", "http://ada:p4ssword@{at}/s3cret"):
        error = sent(http_server, url)
        assert isinstance(error, Permanent)
        (hidden,) = [word for word in ("tk_hush12345", "p4ssword") if word in url]
        assert hidden not in error.reason
        assert "s3cret" not in error.reason


def test_a_server_that_is_not_there_is_tried_again(tmp_path: Path) -> None:
    with HttpServer() as server:
        pass
    error = sent(server, "http://:tk_hush12345@{at}/s3cret")
    assert isinstance(error, Temporary)
    assert "hush" not in error.reason
