"""The client of a language model: what comes of every answer, in bounded time, and no key or path in what it says."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from digestbot.model.secret import Secret
from digestbot.platform.net.chat_model import ChatModel, ModelError
from tests.servers.http import HttpServer, Reply

CHAT = "/own/v1/chat/completions"


def completion(content: Any) -> Reply:
    return Reply(body=json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode())


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as server:
        yield server


def model(server: HttpServer, **fields: Any) -> ChatModel:
    return ChatModel(server.url("/own/v1", host="127.0.0.1"), "tiny", **fields)


def ask(server: HttpServer, seconds: float = 5.0, **fields: Any) -> str:
    return model(server, **fields).ask("Be short.", "What?", most_tokens=9, seconds=seconds)


def test_a_question_and_its_answer(server: HttpServer) -> None:
    server.script(CHAT, completion("一行。"))
    assert ask(server, key=Secret("k-123")) == "一行。"
    (request,) = server.requests
    assert (request.method, request.path, request.headers["authorization"]) == ("POST", CHAT, "Bearer k-123")
    assert json.loads(request.body) == {
        "model": "tiny",
        "messages": [{"role": "system", "content": "Be short."}, {"role": "user", "content": "What?"}],
        "max_tokens": 9,
        "temperature": 0,
        "stream": False,
    }


def test_without_a_key_none_is_sent(server: HttpServer) -> None:
    server.script(CHAT, completion("x"))
    ask(server)
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"choices": []}', b'{"choices": [{"message": {}}]}', b'{"choices": [null]}',
     b'{"choices": [{"message": {"content": null}}]}', b'{"choices": [{"message": {"content": ["x"]}}]}',
     b"\xff\xfe", b"[" * 200_000, b'{"error": {"message": "k-123"}}'],
)  # fmt: skip
def test_what_is_no_completion_is_told(server: HttpServer, body: bytes) -> None:
    server.script(CHAT, Reply(body=body))
    with pytest.raises(ModelError, match="answers what is no") as error:
        ask(server, key=Secret("k-123"))
    assert "k-123" not in str(error.value)
    assert (error.value.wait, error.value.settled) == (0, False)


@pytest.mark.parametrize(
    ("reply", "wait", "settled"),
    [
        (Reply(429, {"Retry-After": "7"}), 7.0, True),
        (Reply(429), 0.0, True),
        (Reply(503, {"Retry-After": "9" * 400}), 86_400.0, False),
        (Reply(503, {"Retry-After": "soon"}), 0.0, False),
        (Reply(500), 0.0, False),
        (Reply(401), 0.0, True),
        (Reply(404), 0.0, True),
    ],
)
def test_a_refusal_says_how_long_to_leave_it_alone(
    server: HttpServer, reply: Reply, wait: float, settled: bool
) -> None:
    server.script(CHAT, reply)
    with pytest.raises(ModelError, match=f"answered {reply.status}$") as error:
        ask(server)
    assert (error.value.wait, error.value.settled) == (wait, settled)


def test_no_redirect_is_followed(server: HttpServer) -> None:
    server.script(CHAT, Reply(307, {"Location": server.url("/elsewhere")}))
    with pytest.raises(ModelError, match="answered 307"):
        ask(server)
    assert [each.path for each in server.requests] == [CHAT]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(delay=30),
        Reply(body=b" " * 900, drip=0.05),
        Reply(drip_head=0.05),
        Reply(body=b" ", endless=True, drip=0.05),
    ],
)
def test_what_takes_too_long_is_cut(server: HttpServer, reply: Reply) -> None:
    server.script(CHAT, reply)
    began = time.monotonic()
    with pytest.raises(ModelError):
        ask(server, seconds=0.3)
    assert time.monotonic() - began < 10  # not the half minute and more that these would take


def test_an_answer_without_end_is_read_no_further(server: HttpServer) -> None:
    server.script(CHAT, Reply(body=b"x" * 65_536, endless=True))
    with pytest.raises(ModelError, match="without end"):
        ask(server)


def test_nobody_there(server: HttpServer) -> None:
    with pytest.raises(ModelError, match=r"^127\.0\.0\.1:1 is not reached \(ConnectError\)$"):
        ChatModel("http://127.0.0.1:1/secret-path", "tiny").ask("", "", most_tokens=1, seconds=2)


def test_the_models_there_are(server: HttpServer) -> None:
    server.script("/own/v1/models", Reply(body=b'{"data": [{"id": "tiny"}, {"id": "big"}, 3]}'), Reply(body=b"[]"))
    assert model(server).models(5) == ["tiny", "big"]
    with pytest.raises(ModelError, match="no list of models"):
        model(server).models(5)
