"""Floods of connections and of costly work: visitors may wait, probes and leaving do not, and all is well after."""

from __future__ import annotations

import os
import re
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from digestbot.web.answers import SearchResult
from digestbot.web.listener import MOST_OF_A_NETWORK, ConnectionLimit, Listener
from digestbot.web.paper_search import PaperSearch
from tests.web.kit import Served, wait_for

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def hello(request: Request) -> Response:
    return PlainTextResponse("hello")


async def large(request: Request) -> Response:
    return PlainTextResponse(LARGE)


async def read(request: Request) -> Response:
    return PlainTextResponse(await request.body())


LARGE = b"x" * (1 << 20)
APP = Starlette(routes=[Route("/", hello), Route("/large", large), Route("/sent", read, methods=["POST"])])


def place(url: str) -> tuple[str, int]:
    parts = httpx.URL(url)
    assert parts.port is not None
    return parts.host, parts.port


@contextmanager
def flood(url: str, count: int, *sent: bytes) -> Iterator[list[socket.socket]]:
    """So many connections that have sent this and no more."""
    with ExitStack() as stack:
        opened = []
        for number in range(count):
            each = stack.enter_context(closing(socket.socket()))
            each.settimeout(30)
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            each.connect(place(url))
            if sent:
                each.sendall(sent[number % len(sent)])
            opened.append(each)
        yield opened


def was_closed(connection: socket.socket) -> bool:
    connection.settimeout(30)
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


@pytest.fixture
def more_files() -> Iterator[None]:
    """The test has both ends of each connection."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(
    "sent",
    [
        (),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Half:",),
        (b"POST /sent HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf",),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",),
        (b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n",),
        (b"G", b"", b"GET / HTTP/1.1\r\n\r\n"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 50,),
        (b"POST /sent HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40),),
        (b"\r\n" * 100, b"\x00\xff" * 50, b"GET http://[::1/ HTTP/1.1\r\n\r\n"),
    ],
    ids=[
        "silent", "half a header", "half a body", "idle after an answer", "answers not taken", "all sorts",
        "fifty requests at once", "a body in pieces", "the begin of TLS", "no HTTP",
    ],
)  # fmt: skip
def test_j83_whoever_comes_is_served_however_many_rest(more_files: None, sent: tuple[bytes, ...]) -> None:
    with Listener(APP, "127.0.0.1", 0, proxies=["127.0.0.1"]) as listener, flood(listener.url, 1_100, *sent):
        for _ in range(5):
            assert httpx.get(listener.url, timeout=30, trust_env=False).text == "hello"
        assert len(listener.limit) <= listener.limit.most


def test_j83_a_network_has_its_share_and_no_more(more_files: None) -> None:
    """The first of those that rest go; another network's are not touched."""
    with Listener(APP, "127.0.0.1", 0) as listener, flood(listener.url, MOST_OF_A_NETWORK + 5) as opened:
        assert all(was_closed(each) for each in opened[:5])
        assert len(listener.limit) == MOST_OF_A_NETWORK


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"POST /sent HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"])
def test_j83_a_request_that_does_not_end_is_not_kept(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr("digestbot.web.listener.REQUEST_WITHIN", 0.2)
    with Listener(APP, "127.0.0.1", 0) as listener, flood(listener.url, 3, sent) as opened:
        assert all(was_closed(each) for each in opened)
        wait_for(lambda: len(listener.limit) == 0)


def test_j83_a_header_in_drops_has_no_more_time_than_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestbot.web.listener.REQUEST_WITHIN", 0.5)
    with Listener(APP, "127.0.0.1", 0) as listener, flood(listener.url, 1, b"GET / HTTP/1.1\r\n") as (one,):
        begun = time.monotonic()
        while len(listener.limit):
            with suppress(OSError):
                one.sendall(b"X-A: b\r\n")
            time.sleep(0.02)
            assert time.monotonic() - begun < 30


def test_j83_a_body_without_end_has_no_more_time_than_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestbot.web.listener.REQUEST_WITHIN", 0.5)
    head = b"POST /sent HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with Listener(APP, "127.0.0.1", 0) as listener, flood(listener.url, 1, head) as (one,):
        wait_for(lambda: len(listener.limit) == 1)
        begun = time.monotonic()
        while len(listener.limit):
            with suppress(OSError):
                one.sendall(b"1\r\nx\r\n")
            time.sleep(0.02)
            assert time.monotonic() - begun < 30


def test_j90_who_comes_while_another_part_has_taken_every_file_is_served_when_it_gives_them_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Listener(APP, "127.0.0.1", 0) as listener, closing(socket.socket()) as visitor, ExitStack() as taken:
        visitor.settimeout(30)
        taken.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (visitor.fileno() + 1, hard))
        with suppress(OSError):
            while True:
                taken.enter_context(Path(os.devnull).open())
        visitor.connect(place(listener.url))
        visitor.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        wait_for(lambda: "out of system resource" in caplog.text, 30)
        taken.close()
        assert visitor.makefile("rb").read().endswith(b"hello")


def test_the_limit_is_below_that_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    for files, most in ((1024, 200), (256, 64), (20, 5)):
        monkeypatch.setattr("digestbot.web.listener.open_files", lambda files=files: files)
        assert ConnectionLimit().most == most


def test_networks_are_told_apart_and_proxies_are_not_one() -> None:
    limit = ConnectionLimit(["10.0.0.0/8"], most=1_000)
    gone: list[str] = []

    def connect(client: str, *, rests: bool = True) -> None:
        abort = SimpleNamespace(abort=lambda: gone.append(client))
        limit.admit(_Connection(client=(client, 1), rests=rests, transport=abort))  # type: ignore[arg-type]

    for number in range(MOST_OF_A_NETWORK + 2):
        connect("10.1.2.3")
        connect(f"2001:db8::{number:x}")
        connect(f"192.0.2.{number}")
    assert gone == ["2001:db8::0", "2001:db8::1"]
    for _ in range(MOST_OF_A_NETWORK + 1):
        connect("198.51.100.1", rests=False)
    assert gone[2:] == ["198.51.100.1"], "who is being answered keeps its place"


class _Connection(SimpleNamespace):
    __hash__ = object.__hash__  # type: ignore[assignment]


@pytest.fixture
def searching(served: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[Searches]:
    made = Searches()
    monkeypatch.setattr(PaperSearch, "look", made.look)
    yield made
    made.over.set()


class Searches:
    """Searches that last until they are over, or nobody waits for them."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.running = 0
        self.begun = 0
        self.abandoned = 0
        self.lock = threading.Lock()

    def look(self, rule: object, today: object, gone: Callable[[], bool], **_: int) -> SearchResult:
        with self.lock:
            self.running += 1
            self.begun += 1
        while not self.over.wait(0.01) and not gone():
            pass
        with self.lock:
            self.running -= 1
            self.abandoned += gone()
        return SearchResult(0, 0, whole=False)


@pytest.mark.parametrize("path", ["/search?q=title:x", "/playground?rules=x", "/playground/found?rules=x"])
def test_j84_costly_work_refuses_and_leaving_does_not_wait(served: Served, searching: Searches, path: str) -> None:
    leave = _leave(served)
    asked = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    with flood(served.url, 60, asked) as opened:
        wait_for(lambda: searching.running == 1, 30)
        with closing(httpx.Client(base_url=served.url, timeout=30, trust_env=False)) as visitor:
            refused = visitor.get(path)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
            assert visitor.get("/").status_code == 200
            assert visitor.get("/search").status_code == 200, "the empty form costs nothing"
            assert visitor.post(leave, data=ONE_CLICK).status_code == 200
        assert searching.running == 1
        wait_for(lambda: sum(_answered(each) for each in opened) == 56, 30)  # one is worked for, and three wait
    wait_for(lambda: searching.running == 0, 30)
    assert searching.abandoned >= 1


def test_j84_work_stops_when_nobody_waits_for_it(served: Served, searching: Searches) -> None:
    with flood(served.url, 1, b"GET /search?q=title:x HTTP/1.1\r\nHost: x\r\n\r\n"):
        wait_for(lambda: searching.running == 1)
    wait_for(lambda: searching.abandoned == 1)


def test_j84_nothing_is_begun_for_who_left_while_they_waited(served: Served, searching: Searches) -> None:
    asked = b"GET /search?q=title:x HTTP/1.1\r\nHost: x\r\n\r\n"
    costly, connected = served.server.site.pools.costly, served.server._listener.limit
    with flood(served.url, 1, asked) as (first,):
        wait_for(lambda: searching.running == 1)
        with flood(served.url, 3, asked):
            wait_for(lambda: costly._in_hand == 4)
        wait_for(lambda: len(connected) == 1)
        assert httpx.get(served.url, timeout=30, trust_env=False).status_code == 200  # the loop has come round
        searching.over.set()
        assert first.recv(15) == b"HTTP/1.1 200 OK"
        wait_for(lambda: costly._in_hand == 0)
    assert searching.begun == 1


def test_j84_leaving_goes_on_while_every_usual_thread_is_at_work(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave, over = _leave(served), threading.Event()
    monkeypatch.setattr("digestbot.web.forms.zones", lambda: [over.wait(30)][:0])
    with flood(served.url, 150, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") as opened:
        wait_for(lambda: sum(_answered(each) for each in opened) == 150 - 32 - 64, 30)
        with closing(httpx.Client(base_url=served.url, timeout=30, trust_env=False)) as visitor:
            assert visitor.get("/").status_code == 503
            assert visitor.post(leave, data=ONE_CLICK).status_code == 200
        over.set()


def _leave(served: Served) -> str:
    """The path by which a subscriber leaves."""
    found = re.search(r'/leave/[^"]+', served.visitor().get(served.subscribe()).text)
    assert found is not None
    return found[0]


def _answered(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b"H"
    except BlockingIOError:
        return False
