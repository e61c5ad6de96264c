"""Services behind Apprise: pieces, what a refusal means, and nothing secret told."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.channels import Misconfigured, Permanent, Receipt, SendError, Temporary, Unknown, open_channel
from digestbot.channels.apprise.transport import pieces
from digestbot.channels.settings import ChannelSettings
from digestbot.model.deliveries import Part
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination
from digestbot.platform.net.confined import confined
from digestbot.platform.net.fence import PUBLIC_ONLY, Fence, Forbidden
from digestbot.platform.net.network import Network
from digestbot.platform.net.proxies import Proxies
from tests.servers.certificates import make_authority
from tests.servers.http import HttpServer, Reply
from tests.servers.proxy import ProxyServer

pytest.importorskip("apprise", reason="the extra digestbot[apprise] is not installed")

# A package beneath Apprise still asks for a module that Python 3.13 has dropped; it copes without.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

TO = Destination("apprise", {"destination": "lab"})
HERE = Fence.allowing(["127.0.0.1", "::1"])


def outcome(url: str, text: str = "Hello", fence: Fence = HERE, network: Network | None = None) -> Receipt | SendError:
    network = network or Network(fence)
    settings = ChannelSettings(Path(), destinations={"lab": Secret(url)}, timeout=2, network=network)
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


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0", "[::ffff:7f00:1]"]
)
def test_g61_a_service_on_a_private_address_is_refused_when_connecting(http_server: HttpServer, host: str) -> None:
    """Apprise opens its own connections; they are judged on the address they really lead to all the same."""
    port = http_server.server_address[1]
    caught = outcome(f"json://CANARYUSER:CANARYPASS@{host}:{port}/CANARYPATH", fence=PUBLIC_ONLY)
    assert isinstance(caught, Misconfigured)
    way_out = "is no Apprise URL" if host in ("127.1", "0") else "(to allow it, set DIGESTBOT_ALLOW_NETWORKS="
    assert way_out in caught.reason
    assert "CANARY" not in caught.reason
    assert caught.destination_only
    assert http_server.connections == 0


@pytest.mark.parametrize(
    "url", ["mailto://bot:pw@{}?smtp=127.0.0.1&to=ada@x.org&from=b@x.org", "rsyslog://{}/", "rsyslog://{}?protocol=tcp"]
)
# Apprise leaves its socket to the garbage when the connection fails.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_g61_a_service_that_speaks_no_http_is_refused_too(http_server: HttpServer, url: str) -> None:
    place = f"127.0.0.1:{http_server.server_address[1]}"
    caught = outcome(url.format(place), fence=PUBLIC_ONLY)
    assert isinstance(caught, Misconfigured)
    assert "no public address" in caught.reason
    assert http_server.connections == 0


def test_g61_a_redirect_of_a_service_to_a_private_address_is_refused(http_server: HttpServer) -> None:
    with HttpServer() as inside:
        target = inside.url("/", host="127.0.0.2")
        http_server.script("/CANARYPATH", Reply(302, {"Location": target}))
        caught = outcome(address(http_server))
        assert isinstance(caught, Misconfigured)
        assert "127.0.0.2" in caught.reason
        assert inside.connections == 0


def test_g61_a_name_that_answers_anew_is_judged_by_its_new_answer(
    http_server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: whatever was answered before, it is the address connected to that counts; a mix is refused."""
    real = socket.getaddrinfo
    answers = ["192.0.2.1", "127.0.0.1"]

    def lookup(host: str, port: int, *rest: object, **options: object) -> object:
        if host != "rebound.example":
            return real(host, port, *rest, **options)  # type: ignore[arg-type]  # handed on as it came
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0) if len(answers) > 1 else answers[0], port))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    assert lookup("rebound.example", 1)[0][4][0] == "192.0.2.1"  # type: ignore[index]  # what a check would have seen
    caught = outcome(f"json://rebound.example:{http_server.server_address[1]}/", fence=PUBLIC_ONLY)
    assert isinstance(caught, Misconfigured)
    assert "127.0.0.1" in caught.reason
    assert http_server.connections == 0


def test_g61_no_proxy_connects_for_a_service(http_server: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, http_server.url(host="127.0.0.1"))
    monkeypatch.delenv("NO_PROXY", raising=False)
    caught = outcome("json://10.255.255.1:9/")
    assert isinstance(caught, Misconfigured)
    assert "10.255.255.1 is no public address" in caught.reason
    assert http_server.connections == 0


POSTED = "jsons://CANARYUSER:CANARYPASS@hooks.example.org/CANARYPATH"


def by_proxy(proxy: ProxyServer, login: str = "ada:secret", authority: Path | None = None) -> Network:
    return Network(PUBLIC_ONLY, Proxies.of(Secret(proxy.url(login)), (), {}), authority)


def test_a_service_is_posted_to_through_the_proxy_and_trusted_by_the_authority_of_the_house(tmp_path: Path) -> None:
    authority = make_authority(tmp_path, "hooks.example.org")
    with HttpServer(authority.signed) as service:
        leads = {"hooks.example.org:443": ("127.0.0.1", int(service.server_address[1]))}
        with ProxyServer(login="ada:secret", leads=leads) as proxy:
            assert outcome(POSTED, network=by_proxy(proxy, authority=authority.cert)) == Receipt("sent")
            assert isinstance(outcome(POSTED, network=by_proxy(proxy)), Temporary), "a certificate nobody knows"
            assert proxy.asked == ["CONNECT hooks.example.org:443"] * 2
        (post,) = service.requests
        assert json.loads(post.body)["message"] == "Hello"
        assert "proxy-authorization" not in post.headers


def test_a_plain_service_is_posted_to_through_the_proxy_too(http_server: HttpServer) -> None:
    leads = {"hooks.example.org:80": ("127.0.0.1", int(http_server.server_address[1]))}
    url = POSTED.replace("jsons", "json")
    with ProxyServer(login="ada:secret", leads=leads) as proxy:
        assert outcome(url, network=by_proxy(proxy)) == Receipt("sent")
        assert proxy.asked == ["POST http://hooks.example.org/CANARYPATH"]
        caught = outcome(url, network=by_proxy(proxy, "ada:wrong"))
    assert isinstance(caught, Misconfigured)
    assert "the proxy wants a user and a password" in caught.reason
    assert len(http_server.requests) == 1


@pytest.mark.parametrize(
    ("login", "refusal", "kind", "told"),
    [
        ("ada:wrong", None, Misconfigured, "the proxy wants a user and a password"),
        ("ada:secret", "403 Forbidden", Misconfigured, "the proxy does not let it through (403 Forbidden)"),
        ("ada:secret", "502 Bad Gateway", Temporary, "the proxy does not lead there: 502 Bad Gateway"),
    ],
)
def test_what_a_proxy_refuses_is_told_and_was_not_sent(
    login: str, refusal: str | None, kind: type[SendError], told: str
) -> None:
    with ProxyServer(login="ada:secret", refusal=refusal) as proxy:
        caught = outcome(POSTED, network=by_proxy(proxy, login))
    assert isinstance(caught, SendError)
    assert type(caught) is kind, caught.reason
    assert told in caught.reason
    assert "CANARY" not in caught.reason
    assert "secret" not in caught.reason


def test_a_proxy_that_is_not_there_is_tried_again() -> None:
    with ProxyServer() as proxy:
        gone = by_proxy(proxy)
    caught = outcome(POSTED, network=gone)
    assert isinstance(caught, Temporary)
    assert "the proxy does not lead there: it is not reached" in caught.reason


@pytest.mark.parametrize("host", ["10.255.255.1", "printer", "nas.lan"])
def test_g61_no_proxy_is_sent_to_an_address_of_the_house(host: str) -> None:
    with ProxyServer(login="ada:secret") as proxy:
        caught = outcome(POSTED.replace("hooks.example.org", host), network=by_proxy(proxy))
        assert proxy.asked == []
    assert isinstance(caught, Misconfigured)
    assert host in caught.reason
    assert "to allow it" in caught.reason


def test_what_is_reached_without_the_proxy_goes_past_it(http_server: HttpServer) -> None:
    with ProxyServer() as proxy:
        network = Network(HERE, Proxies.of(Secret(proxy.url()), ("127.0.0.1",), {}))
        assert outcome(address(http_server), network=network) == Receipt("sent")
        assert proxy.asked == []


# Apprise leaves its socket to the garbage when the connection fails.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_g61_a_service_that_speaks_no_http_stays_inside_the_fence_with_a_proxy_too(http_server: HttpServer) -> None:
    with ProxyServer() as proxy:
        caught = outcome(f"rsyslog://127.0.0.1:{http_server.server_address[1]}/", network=by_proxy(proxy))
        assert proxy.asked == []
    assert isinstance(caught, Misconfigured)
    assert http_server.connections == 0


def test_g61_the_fence_of_others_follows_into_their_threads_and_no_further(http_server: HttpServer) -> None:
    place = ("127.0.0.1", http_server.server_address[1])
    with ThreadPoolExecutor(1) as pool, confined(PUBLIC_ONLY):
        with pytest.raises(Forbidden, match="no public address"):
            pool.submit(copy_context().run, socket.create_connection, place).result()
        pool.submit(socket.create_connection, place).result().close()  # another's work at the same time
    socket.create_connection(place).close()


@pytest.mark.parametrize(
    ("family", "kind", "target", "said"),
    [
        (socket.AF_INET, socket.SOCK_STREAM, ("localhost", 9), "no address of the internet"),
        (socket.AF_UNIX, socket.SOCK_STREAM, "/run/docker.sock", "no address of the internet"),
        (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 9), "no public address"),
        (socket.AF_INET6, socket.SOCK_STREAM, ("fe80::1%lo", 9), "no public address"),
    ],
)
def test_g61_names_local_sockets_and_packets_are_judged_too(family: int, kind: int, target: Any, said: str) -> None:
    with socket.socket(family, kind) as made, confined(PUBLIC_ONLY) as refused:
        with pytest.raises(Forbidden, match=said):
            made.connect(target)
        if kind == socket.SOCK_DGRAM:
            with pytest.raises(Forbidden, match=said):
                made.sendto(b"x", target)
    assert said in refused[0]


def test_g61_after_a_refusal_no_other_address_is_a_way_around(http_server: HttpServer) -> None:
    place = ("127.0.0.1", http_server.server_address[1])
    with confined(Fence.allowing(["127.0.0.1"])) as refused:
        socket.create_connection(place).close()
        for target in (("10.0.0.1", 9), place):
            with pytest.raises(Forbidden, match=r"10\.0\.0\.1 is no public"):
                socket.create_connection(target)
    assert len(refused) == 1
