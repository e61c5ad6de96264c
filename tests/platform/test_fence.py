"""Where URLs may lead: every spelling of a private address is refused when connecting, and nothing reaches it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpcore
import pytest

from digestbot.channels import Misconfigured, open_channel
from digestbot.channels.settings import ChannelSettings
from digestbot.ingest.sources.base import Refused
from digestbot.ingest.sources.web import Web
from digestbot.model.deliveries import Part
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination
from digestbot.platform.net.fence import PUBLIC_ONLY, Fence, Forbidden
from digestbot.platform.net.network import Network
from digestbot.platform.net.transport import GuardedBackend
from digestbot.runtime.heartbeat import beat
from tests.servers.certificates import Certificate
from tests.servers.http import HttpServer, Reply

PRIVATE = (
    "127.0.0.1", "::1", "0", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "::ffff:127.0.0.1",
    "::ffff:100.64.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "169.254.169.254", "fd00::1", "100.64.0.1",
    "224.0.1.1", "239.255.255.250", "255.255.255.255", "240.0.0.1", "0.0.0.0", "::", "10.0.0.1", "172.16.0.1",
    "192.168.1.1", "198.18.0.1", "192.0.2.1", "fe80::1", "fec0::1", "ff0e::1", "::127.0.0.1", "2001:0:7f00:1::",
    "64:ff9b:1::7f00:1", "2001:db8::1",
    # Those of which Python's releases differ, or which none of them knows.
    "192.0.0.1", "192.0.0.8", "192.0.0.9", "192.0.0.170", "192.0.0.192", "192.88.99.1", "192.31.196.1",
    "192.52.193.9", "192.175.48.48", "198.51.100.7", "203.0.113.7", "233.252.0.1", "::ffff:192.0.0.8",
    "64:ff9b::c058:6301", "2002:c000:8::1", "100::2", "100:0:0:1::1", "2001::1", "2001:1::1", "2001:2::1", "2001:3::1",
    "2001:4:112::1", "2001:10::1", "2001:20::1", "2001:30::1", "2001:1ff:ffff::1", "2620:4f:8000::1", "3fff::1",
    "3fff:fff::1", "5f00::2", "fc00::1", "ff05::2", "4000::1",
    # ISATAP, of anybody's network and of no network; IPv4 translated (SIIT), compatible, and local NAT64.
    "2606:4700::5efe:a00:1", "2606:4700:1:2:200:5efe:c0a8:101", "2606:4700::5efe:7f00:1", "2002:808:808::5efe:a00:1",
    "fe80::5efe:808:808", "::ffff:0:8.8.8.8", "::8.8.8.8", "64:ff9b:1::808:808",
)  # fmt: skip
PUBLIC = (
    "192.0.1.1", "192.88.98.255", "192.88.100.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "100.63.255.255",
    "100.128.0.0", "172.15.255.255", "172.32.0.0", "2001:200::1", "2001:db7::1", "2001:db9::1", "2620:fe::fe",
    "3ffe:ffff::1", "3fff:1000::1", "2002:808:808::1",
    "2606:4700::5efe:808:808", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8",
)  # fmt: skip

Answers = Callable[..., None]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """`names("evil.example", ["8.8.8.8"], ["127.0.0.1"])`: what a name leads to, the first time and then."""
    known: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def lookup(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        if host not in known:
            return real(host, port, *rest, **options)
        answers = known[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return lambda host, *answers: known.update({host: list(answers)})


def sent_to(url: str, fence: Fence = PUBLIC_ONLY) -> None:
    settings = ChannelSettings(Path(), destinations={"lab": Secret(url)}, timeout=2, network=Network(fence))
    with open_channel("webhook", settings) as channel:
        channel.send(Part("1/1", "application/json", b"{}"), Destination("webhook", {"destination": "lab"}), key="k")


@pytest.mark.parametrize("spelt", PRIVATE)
def test_every_spelling_of_a_private_address_is_refused_when_connecting(spelt: str) -> None:
    with pytest.raises(Forbidden, match="no public address"):
        GuardedBackend(PUBLIC_ONLY).connect_tcp(spelt, 9)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_let_through_also_inside_others(address: str) -> None:
    PUBLIC_ONLY.check("x", [address])


@pytest.mark.parametrize("spelt", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "localhost"])
def test_a_webhook_to_this_machine_is_refused_with_the_way_out(spelt: str, http_server: HttpServer) -> None:
    with pytest.raises(
        Misconfigured, match=r"127\.0\.0\.1.* is no public address.*DIGESTBOT_ALLOW_NETWORKS"
    ) as refused:
        sent_to(http_server.url("/CANARY", host=spelt), Fence.allowing(["::1"]))
    assert refused.value.destination_only
    assert "CANARY" not in refused.value.reason
    assert http_server.connections == 0


def test_the_dot_behind_localhost_is_refused_too(names: Answers) -> None:
    names("localhost.", ["127.0.0.1"])
    with pytest.raises(Misconfigured, match="no public address"):
        sent_to("http://localhost.:9/")


def test_an_allowed_network_is_let_through_and_no_other(http_server: HttpServer) -> None:
    sent_to(http_server.url("/hook", host="127.0.0.1"), Fence.allowing(["127.0.0.0/8"]))
    assert len(http_server.requests) == 1
    with pytest.raises(Misconfigured, match="no public address"):
        sent_to(http_server.url("/hook", host="127.0.0.1"), Fence.allowing(["127.0.0.2/32", "10.0.0.0/8"]))
    assert Fence.allowing(["10.0.0.0/8"]).permits("::ffff:10.1.2.3")
    assert not Fence.allowing(["0.0.0.0/8"]).permits("::1")


def test_a_host_with_a_public_and_a_private_address_is_refused_whole(names: Answers, http_server: HttpServer) -> None:
    names("mixed.example", ["8.8.8.8", "127.0.0.1"])
    with pytest.raises(Misconfigured, match=r"mixed\.example leads to 127\.0\.0\.1"):
        sent_to(f"http://mixed.example:{http_server.server_address[1]}/")
    assert http_server.connections == 0


def test_a_name_that_changes_between_check_and_connect_reaches_only_what_was_checked(
    names: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the address that was judged is the one connected to; the name is not looked up again."""
    names("rebound.example", ["8.8.8.8"], ["127.0.0.1"])
    reached: list[str] = []

    def connect(self: object, host: str, *rest: object, **options: object) -> httpcore.NetworkStream:
        reached.append(host)
        raise httpcore.ConnectError("refused")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    backend = GuardedBackend(PUBLIC_ONLY)
    with pytest.raises(httpcore.ConnectError):
        backend.connect_tcp("rebound.example", 80)
    with pytest.raises(Forbidden):
        backend.connect_tcp("rebound.example", 80)
    assert reached == ["8.8.8.8"]


def test_a_redirect_to_a_private_address_is_refused_like_any_connection(names: Answers) -> None:
    """The first host is allowed, as a public one would be; where it sends us is not."""
    with HttpServer() as outside, HttpServer() as inside:
        outside.script("/feed", Reply(302, {"Location": inside.url("/secrets", host="localhost")}))
        outside.script("/robots.txt", Reply(404))
        names("feed.example", ["127.0.0.1"])
        names("localhost", ["127.0.0.2"])
        with (
            closing(Web(lambda _: None, network=Network(Fence.allowing(["127.0.0.1"])))) as web,
            pytest.raises(Refused, match=r"localhost leads to 127\.0\.0\.2"),
        ):
            web.get(outside.url("/feed", host="feed.example"), "news")
        assert inside.connections == 0


def test_sources_and_the_heartbeat_keep_to_the_fence(http_server: HttpServer) -> None:
    with closing(Web(lambda _: None)) as web, pytest.raises(Refused, match="no public address"):
        web.get(http_server.url("/feed"), "news")
    assert "no public address" in (beat(Secret(http_server.url("/CANARY")), Network()) or "")
    assert beat(Secret(http_server.url("/CANARY")), Network(Fence.allowing(["127.0.0.1", "::1"]))) is None
    assert http_server.connections == 1


@pytest.mark.parametrize(
    "url",
    [
        r"http://a\@127.0.0.1/",
        "http://0177.0.0.1/",
        r"http://8.8.8.8\@127.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http+unix://%2Frun%2Fdocker.sock/",
        "http:///etc/passwd",
    ],
)
def test_other_schemes_and_what_programs_read_differently_are_refused(url: str) -> None:
    with pytest.raises(Misconfigured):
        sent_to(url, Fence.allowing(["0.0.0.0/0", "::/0"]))


def test_a_user_before_the_host_hides_no_host(http_server: HttpServer) -> None:
    with pytest.raises(Misconfigured, match="no public address"):
        sent_to(http_server.url("/").replace("http://", "http://hooks.slack.com@"))
    assert http_server.connections == 0


def test_sockets_of_this_machine_are_not_connected_to(tmp_path: Path) -> None:
    with pytest.raises(NotImplementedError):
        GuardedBackend(PUBLIC_ONLY).connect_unix_socket(str(tmp_path / "docker.sock"))


def test_no_proxy_connects_in_our_place(
    http_server: HttpServer, monkeypatch: pytest.MonkeyPatch, names: Answers
) -> None:
    """A proxy named by the environment would reach the private address for us; it is not asked."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, http_server.url())
    monkeypatch.delenv("NO_PROXY", raising=False)
    names("inside.example", ["10.0.0.1"])
    with pytest.raises(Misconfigured, match="no public address"):
        sent_to("http://inside.example/")
    with closing(Web(lambda _: None)) as web, pytest.raises(Refused, match="no public address"):
        web.get("http://inside.example/feed", "news")
    assert "no public" in (beat(Secret("http://inside.example/"), Network()) or "")
    assert http_server.connections == 0


def test_tls_is_to_the_hosts_name_though_its_address_is_connected_to(trusted: Certificate) -> None:
    with HttpServer(trusted) as server:
        sent_to(server.url("/hook"), Fence.allowing(["127.0.0.1", "::1"]))
        assert server.requests[0].headers["host"] == f"localhost:{server.server_address[1]}"


def test_addresses_that_do_not_answer_give_way_to_the_next(names: Answers, http_server: HttpServer) -> None:
    names("two.example", ["127.0.0.3", "127.0.0.1"])
    sent_to(f"http://two.example:{http_server.server_address[1]}/", Fence.allowing(["127.0.0.0/8"]))
    assert len(http_server.requests) == 1
