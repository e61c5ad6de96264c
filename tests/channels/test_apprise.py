"""Services behind Apprise: pieces, what a refusal means, and nothing secret told."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.channels import (
    ChannelSettings,
    Misconfigured,
    Permanent,
    Receipt,
    SendError,
    Temporary,
    Unknown,
    open_channel,
)
from digestbot.channels.apprise import pieces
from digestbot.core.deliveries import Part
from digestbot.core.secret import Secret
from digestbot.core.subscriptions import Destination
from tests.servers.http import HttpServer, Reply

pytest.importorskip("apprise", reason="the extra digestbot[apprise] is not installed")

# A package beneath Apprise still asks for a module that Python 3.13 has dropped; it copes without.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

TO = Destination("apprise", {"destination": "lab"})


def outcome(url: str, text: str = "Hello") -> Receipt | SendError:
    settings = ChannelSettings(Path(), destinations={"lab": Secret(url)}, timeout=2)
    with open_channel("apprise", settings) as channel:
        try:
            return channel.send(Part("1/1", "text/plain", text.encode()), TO, key="k1")
        except SendError as error:
            return error


def address(server: HttpServer) -> str:
    return server.url("/CANARYPATH").replace("http://", "json://CANARYUSER:CANARYPASS@")


@pytest.mark.parametrize(
    ("status", "error", "disables"),
    [
        (400, Permanent, False),
        (401, Permanent, True),
        (404, Permanent, True),
        (429, Temporary, None),
        (503, Temporary, None),
    ],
)
def test_a_refusal_is_told_by_its_status(
    http_server: HttpServer, status: int, error: type[SendError], disables: bool | None
) -> None:
    http_server.script("/CANARYPATH", Reply(status, body=b"no CANARYPATH"))
    caught = outcome(address(http_server))
    assert type(caught) is error
    assert isinstance(caught, SendError)
    assert str(status) in caught.reason
    assert "CANARY" not in caught.reason
    if isinstance(caught, Permanent):
        assert caught.disables is disables


def test_c27_no_answer_is_unknown_and_nobody_listening_is_temporary(http_server: HttpServer) -> None:
    http_server.script("/CANARYPATH", Reply(close="after"))
    assert isinstance(outcome(address(http_server)), Unknown)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert isinstance(outcome(f"json://127.0.0.1:{taken.getsockname()[1]}/CANARYPATH"), Temporary)


@pytest.mark.parametrize("url", ["nonsense://CANARY", "CANARY", "tgram://"])
def test_what_is_no_url_of_apprise_is_named_by_its_setting(url: str) -> None:
    caught = outcome(url)
    assert isinstance(caught, Misconfigured)
    assert "DIGESTBOT_TO_LAB" in caught.reason
    assert "CANARY" not in caught.reason
    assert caught.destination_only


def test_a_long_part_leaves_in_pieces_and_a_refusal_in_the_middle_is_unknown(
    http_server: HttpServer,
) -> None:
    text = "\n\n".join(f"{n}. " + "word " * 2000 for n in range(8))
    assert outcome(address(http_server), text) == Receipt("sent in 3 pieces")
    sent = [json.loads(request.body)["message"] for request in http_server.requests]
    assert " ".join(sent).split() == text.split()
    http_server.script("/CANARYPATH", Reply(), Reply(404))
    caught = outcome(address(http_server), text)
    assert isinstance(caught, Unknown)
    assert "after 1 pieces" in caught.reason


@given(st.text(st.sampled_from("ab \n👍é"), max_size=300), st.integers(20, 60))
def test_pieces_lose_nothing_but_blanks_and_pass_no_limit(text: str, most: int) -> None:
    cut = list(pieces(text, most))
    assert all(0 < len(piece) <= most for piece in cut)
    assert "".join("".join(cut).split()) == "".join(text.split())
