"""Out by a proxy: what goes through it, what past it, and the fence, which holds all the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from digestbot.channels import Misconfigured, Receipt, Temporary
from digestbot.channels.http import Poster
from digestbot.channels.registry import open_channel
from digestbot.channels.settings import ChannelSettings
from digestbot.ingest.sources.base import Refused, Unavailable
from digestbot.ingest.sources.web import Web
from digestbot.model.deliveries import Part
from digestbot.model.errors import UsageError
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination
from digestbot.platform.net.network import Network
from digestbot.platform.net.proxies import Proxies
from digestbot.platform.settings import load_settings
from digestbot.runtime.heartbeat import beat
from tests.servers.certificates import Authority, make_authority
from tests.servers.http import HttpServer
from tests.servers.proxy import ProxyServer

FAR = "hooks.example"  # a name that is known to the proxy alone


def network(tmp_path: Path, env: str, **environ: str) -> Network:
    (tmp_path / ".env").write_text(env, encoding="utf-8")
    return Network.of(load_settings(tmp_path, {}), environ)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority of one's own, and what it signed for the far server and the proxy."""
    return make_authority(tmp_path_factory.mktemp("house"), FAR, "localhost")


@pytest.fixture
def far(house: Authority) -> Iterator[HttpServer]:
    """A server that is reached inside TLS."""
    with HttpServer(house.signed) as server:
        yield server


def posted(url: str, through: Network) -> Receipt:
    settings = ChannelSettings(Path(), destinations={"lab": Secret(url)}, timeout=5, network=through)
    with open_channel("webhook", settings) as channel:
        return channel.send(
            Part("a", "application/json", b"{}"), Destination("webhook", {"destination": "lab"}), key="k"
        )


def test_posts_fetches_and_the_heartbeat_go_through_it(http_server: HttpServer, tmp_path: Path) -> None:
    leads = {f"{FAR}:80": ("127.0.0.1", http_server.server_address[1])}
    with ProxyServer(leads=leads, login="ada:pa@ss") as proxy:
        through = network(tmp_path, f"DIGESTBOT_PROXY={proxy.url('ada:pa%40ss')}\n")
        posted(f"http://{FAR}/hook", through)
        with closing(Web(lambda _: None, network=through)) as web:
            web.get(f"http://{FAR}/list", "a list", robots=False).body.close()
        assert beat(Secret(f"http://{FAR}/beat"), through) is None
        assert [each.path for each in http_server.requests] == ["/hook", "/list", "/beat"]
        assert not any("proxy-authorization" in each.headers for each in http_server.requests)
        assert proxy.asked == [f"POST http://{FAR}/hook", f"GET http://{FAR}/list", f"GET http://{FAR}/beat"]


@pytest.mark.parametrize("inside_tls", [False, True])
def test_https_is_a_tunnel_to_the_name_and_its_certificate_is_judged_here(
    far: HttpServer, house: Authority, tmp_path: Path, inside_tls: bool
) -> None:
    leads = {f"{name}:443": ("127.0.0.1", int(far.server_address[1])) for name in (FAR, "other.example")}
    with ProxyServer(leads=leads, certificate=house.signed if inside_tls else None) as proxy:
        env = f"DIGESTBOT_PROXY={proxy.url(host='localhost')}\nDIGESTBOT_CA_FILE={house.cert}\n"
        through = network(tmp_path, env)
        with pytest.raises(Temporary, match="for another name"):
            posted("https://other.example/hook", through)
        assert far.requests == []
        posted(f"https://{FAR}/hook", through)
        assert proxy.asked == ["CONNECT other.example:443", f"CONNECT {FAR}:443"]
        assert [each.path for each in far.requests] == ["/hook"]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:10.0.0.1]", "169.254.169.254",
             "192.168.0.1", "intranet", "printer.local", "db.internal", "router.lan", "x.home.arpa"]
)  # fmt: skip
def test_the_fence_holds_before_the_proxy_is_asked(tmp_path: Path, host: str) -> None:
    with ProxyServer() as proxy:
        through = network(tmp_path, f"DIGESTBOT_PROXY={proxy.url()}\n")
        for scheme in ("http", "https"):
            with pytest.raises(Misconfigured, match="to allow it, set DIGESTBOT_"):
                posted(f"{scheme}://{host}/hook", through)
        with closing(Web(lambda _: None, network=through)) as web, pytest.raises(Refused, match="to allow it"):
            web.get(f"http://{host}/", "a list")
        assert "to allow it" in (beat(Secret(f"http://{host}/"), through) or "")
        assert proxy.asked == []


def test_a_name_that_leads_inside_is_refused_where_it_can_be_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    usual = socket.getaddrinfo

    def looked_up(host: str, *more: object, **named: object) -> object:
        return usual("10.1.2.3" if host == "inside.example" else host, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    with ProxyServer() as proxy:
        through = network(tmp_path, f"DIGESTBOT_PROXY={proxy.url()}\n")
        with pytest.raises(Misconfigured, match=r"inside\.example leads to 10\.1\.2\.3"):
            posted("https://inside.example/hook", through)
        assert proxy.asked == []


def test_a_redirect_through_the_proxy_is_judged_again(http_server: HttpServer, tmp_path: Path) -> None:
    from tests.servers.http import Reply

    http_server.script("/list", Reply(302, {"Location": "http://169.254.169.254/meta"}))
    with ProxyServer(leads={f"{FAR}:80": ("127.0.0.1", http_server.server_address[1])}) as proxy:
        through = network(tmp_path, f"DIGESTBOT_PROXY={proxy.url()}\n")
        with closing(Web(lambda _: None, network=through)) as web, pytest.raises(Refused, match=r"169\.254\.169\.254"):
            web.get(f"http://{FAR}/list", "a list", robots=False)
        assert len(proxy.asked) == 1


@pytest.mark.parametrize(
    ("refusal", "login", "lasting", "words"),
    [
        (None, "ada:CANARYPASS", True, "the proxy wants a user and a password.*DIGESTBOT_PROXY"),
        ("403 Forbidden", None, True, "does not let it through.*DIGESTBOT_NO_PROXY"),
        ("502 Bad Gateway", None, False, "the proxy does not lead there"),
    ],
)
def test_what_a_proxy_refuses_is_told_as_its_refusal(
    tmp_path: Path, refusal: str | None, login: str | None, lasting: bool, words: str
) -> None:
    with ProxyServer(refusal=refusal, login=login) as proxy:
        through = network(tmp_path, f"DIGESTBOT_PROXY={proxy.url('eve:CANARYWRONG')}\n")
        with pytest.raises(Misconfigured if lasting else Temporary, match=words) as refused:
            posted(f"https://{FAR}/CANARYPATH", through)
        assert "CANARY" not in str(refused.value)
        with closing(Web(lambda _: None, network=through)) as web, pytest.raises(Refused if lasting else Unavailable):
            web.get(f"https://{FAR}/", "a list", robots=False)


def test_a_login_that_plain_http_is_refused_is_no_answer_of_the_far_side(tmp_path: Path) -> None:
    with ProxyServer(login="ada:secret") as proxy:
        through = network(tmp_path, f"DIGESTBOT_PROXY={proxy.url()}\n")
        with pytest.raises(Misconfigured, match="the proxy wants a user and a password"):
            posted(f"http://{FAR}/hook", through)


def test_a_proxy_that_is_not_there_is_told_as_such(tmp_path: Path) -> None:
    with ProxyServer() as proxy:
        gone = proxy.url()
    with pytest.raises(Temporary, match="the proxy does not lead there: it is not reached"):
        posted(f"https://{FAR}/hook", network(tmp_path, f"DIGESTBOT_PROXY={gone}\n"))


def test_what_is_named_goes_past_it(http_server: HttpServer, tmp_path: Path) -> None:
    with ProxyServer() as proxy:
        env = f"DIGESTBOT_PROXY={proxy.url()}\nDIGESTBOT_NO_PROXY=chat.example, 10.0.0.0/8\n"
        through = network(tmp_path, env + "DIGESTBOT_ALLOW_NETWORKS=127.0.0.1\n")
        posted(http_server.url("/hook", host="127.0.0.1"), through)
        assert proxy.asked == []
        with pytest.raises(Misconfigured, match="no public address"):
            posted(http_server.url("/hook", host="127.0.0.1"), network(tmp_path, env))  # past it, and into the fence


@pytest.mark.parametrize(
    ("listed", "host", "direct"),
    [
        ("example.org", "example.org", True), ("example.org", "a.example.org", True), ("*", "example.org", True),
        (".example.org", "a.example.org", True), ("*.example.org", "a.example.org", True), ("::1", "::1", True),
        ("example.org:443", "example.org", True), ("EXAMPLE.org", "Example.ORG.", True), ("", "example.org", False),
        ("example.org", "notexample.org", False), ("example.org", "example.org.evil", False),
        ("10.0.0.0/8", "10.1.2.3", True), ("10.0.0.0/8", "11.1.2.3", False), ("10.0.0.0/8", "ten.example", False),
        ("", "localhost", True), ("", "127.0.0.2", True), ("", "::1", True),
        ("example.org", "10.1.2.3", False),
    ],
)  # fmt: skip
def test_which_hosts_a_list_names(listed: str, host: str, direct: bool) -> None:
    proxies = Proxies.of(Secret("http://proxy:3128"), [listed], {})
    assert (proxies.for_url("https", host) is None) is direct


def test_the_usual_variables_are_heard_only_when_asked() -> None:
    environ = {"HTTPS_PROXY": "proxy:3128", "http_proxy": "http://other:8080", "NO_PROXY": "localhost,.house.example"}
    assert Proxies.of(None, [], environ).of_scheme == {}
    found = Proxies.of(Secret("env"), ["own.example"], environ)
    asked = {scheme: each.reveal() for scheme, each in found.of_scheme.items()}
    assert asked == {"https": "http://proxy:3128", "http": "http://other:8080"}
    assert found.for_url("https", "x.house.example") is None
    assert found.for_url("https", "own.example") is None
    assert found.for_url("https", "x.example") is not None
    assert Proxies.of(Secret("env"), [], {"ALL_PROXY": "http://p:1"}).for_url("http", "x.example") == Secret(
        "http://p:1"
    )


@pytest.mark.parametrize("value", ["socks5://127.0.0.1:1080", "http://", "http://proxy:port"])
def test_a_proxy_of_another_kind_is_refused_wherever_it_is_named(tmp_path: Path, value: str) -> None:
    with pytest.raises(UsageError, match="DIGESTBOT_PROXY is no HTTP proxy's URL"):
        network(tmp_path, f"DIGESTBOT_PROXY={value}\n")
    with pytest.raises(UsageError, match="the environment: HTTPS_PROXY is no HTTP proxy's URL"):
        network(tmp_path, "DIGESTBOT_PROXY=env\n", HTTPS_PROXY=value)


def test_a_post_through_a_proxy_that_falls_silent_ends_in_time(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        through = network(tmp_path, f"DIGESTBOT_PROXY=http://127.0.0.1:{silent.getsockname()[1]}\n")
        poster = Poster(0.2, through)
        with closing(poster), pytest.raises(Exception, match="lab"):
            poster.post(Secret(f"https://{FAR}/"), b"", {}, name="lab")
