"""Pages from a real server: conditional, bounded, paced, robots heard, nothing secret told."""

from __future__ import annotations

import gzip
import logging
from contextlib import closing
from datetime import timedelta

import pytest

from digestbot.ingest.sources.base import Memory, Refused, Unavailable
from digestbot.ingest.sources.url import UrlSource
from digestbot.ingest.sources.web import Limits, retry_after
from tests.ingest.kit import NOW, Pace, fetched
from tests.servers.certificates import Certificate
from tests.servers.http import HttpServer, Reply

ROOMY = Limits()


@pytest.fixture
def pace() -> Pace:
    return Pace()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def server(http_server: HttpServer) -> HttpServer:
    http_server.script("/robots.txt", Reply(404))
    return http_server


def get(pace: Pace, url: str, memory: Memory | None = None, limits: Limits = ROOMY) -> dict[str, bytes | str]:
    with closing(pace.web()) as web:
        return fetched(UrlSource("journal", url, web, limits), memory or Memory())


def asked(server: HttpServer, path: str) -> list[dict[str, str]]:
    return [dict(each.headers) for each in server.requests if each.path.partition("?")[0] == path]


def test_a_page_that_did_not_change_is_not_fetched_again(server: HttpServer, pace: Pace) -> None:
    said = {"ETag": '"v1"', "Last-Modified": "Mon, 09 Mar 2026 08:00:00 GMT"}
    server.script("/feed", Reply(headers=said, body=b"papers"), Reply(304))
    memory = Memory()
    assert get(pace, server.url("/feed"), memory) == {"journal": b"papers"}
    assert memory.values == {"etag": '"v1"', "modified": said["Last-Modified"]}
    assert get(pace, server.url("/feed"), memory) == {}
    first, second = asked(server, "/feed")
    assert "if-none-match" not in first
    assert second["if-none-match"] == '"v1"'
    assert second["if-modified-since"] == said["Last-Modified"]
    assert second["user-agent"].startswith("digestbot/")
    assert memory.values["etag"] == '"v1"'


def test_what_could_not_be_merged_is_fetched_again_changed_or_not(server: HttpServer, pace: Pace) -> None:
    server.script("/feed", Reply(headers={"ETag": '"v1"'}, body=b"half a page"))
    memory = Memory({"etag": '"v0"'})
    with closing(pace.web()) as web:
        dumps = UrlSource("journal", server.url("/feed"), web, Limits()).fetch(memory, NOW)
        next(dumps)
        memory.refused = "it breaks off"
        with pytest.raises(Unavailable, match="it breaks off"):
            next(dumps)
    assert memory.values == {}


def test_a_packed_file_is_unpacked(server: HttpServer, pace: Pace) -> None:
    server.script("/dump.gz", Reply(body=gzip.compress(b"papers")))
    assert get(pace, server.url("/dump.gz")) == {"journal": b"papers"}


def test_a_page_that_is_too_large_once_unpacked_is_refused(server: HttpServer, pace: Pace) -> None:
    packed = gzip.compress(bytes(3 * 1024 * 1024))
    server.script("/feed", Reply(headers={"Content-Encoding": "gzip"}, body=packed))
    with pytest.raises(Refused, match="larger than 1 MiB"):
        get(pace, server.url("/feed"), limits=Limits(size=1024 * 1024))


def test_a_body_without_end_is_refused(server: HttpServer, pace: Pace) -> None:
    server.script("/feed", Reply(body=b"x" * 65_536, endless=True))
    with pytest.raises(Refused, match="larger than 1 MiB"):
        get(pace, server.url("/feed"), limits=Limits(size=1024 * 1024))


@pytest.mark.parametrize("reply", [Reply(drip=0.05, body=b"x" * 1000), Reply(drip_head=0.05)])
def test_an_answer_that_drips_is_cut_when_its_time_is_up(server: HttpServer, pace: Pace, reply: Reply) -> None:
    server.script("/feed", reply)
    with pytest.raises(Unavailable, match="took longer than"):
        get(pace, server.url("/feed"), limits=Limits(total=0.3))


def test_a_body_shorter_than_promised_is_no_page(server: HttpServer, pace: Pace) -> None:
    server.script("/feed", Reply(body=b"half", length=100))
    with pytest.raises(Unavailable, match="broke off"):
        get(pace, server.url("/feed"))


def test_redirects_are_followed_but_not_for_ever(server: HttpServer, pace: Pace) -> None:
    server.script("/old", Reply(301, {"Location": "/new"}))
    server.script("/new", Reply(body=b"papers"))
    server.script("/ring", Reply(302, {"Location": "/ring"}))
    assert get(pace, server.url("/old")) == {"journal": b"papers"}
    with pytest.raises(Refused, match="more than 5 times"):
        get(pace, server.url("/ring"))
    assert len(asked(server, "/ring")) == 6


def test_a_redirect_from_https_to_http_is_refused(trusted: Certificate, pace: Pace, server: HttpServer) -> None:
    with HttpServer(trusted) as secure:
        secure.script("/robots.txt", Reply(404))
        secure.script("/feed", Reply(302, {"Location": server.url("/feed")}))
        with pytest.raises(Refused, match="from https to http"):
            get(pace, secure.url("/feed"))
    assert server.requests == []


def test_a_certificate_nobody_trusts_is_refused(certificate: Certificate, pace: Pace) -> None:
    with HttpServer(certificate) as secure, pytest.raises(Refused, match="not trusted"):
        get(pace, secure.url("/feed"))


def test_what_robots_txt_forbids_is_not_fetched(server: HttpServer, pace: Pace) -> None:
    server.script("/robots.txt", Reply(body=b"User-agent: digestbot\nDisallow: /private\nCrawl-delay: 7\n"))
    with pytest.raises(Refused, match="robots"):
        get(pace, server.url("/private/feed"))
    assert asked(server, "/private/feed") == []
    assert get(pace, server.url("/public")) == {"journal": b"ok"}
    assert pace.pauses[-1] == 7.0


def test_robots_txt_is_read_once_a_day(server: HttpServer, pace: Pace) -> None:
    with closing(pace.web()) as web:
        for _ in range(4):
            fetched(UrlSource("a", server.url("/a"), web, ROOMY), Memory())
            pace.time += 40_000
    assert len(asked(server, "/robots.txt")) == 2


def test_a_robots_txt_that_cannot_be_had_forbids_for_now(server: HttpServer, pace: Pace) -> None:
    server.script("/robots.txt", Reply(500))
    with pytest.raises(Unavailable, match="robots"):
        get(pace, server.url("/feed"))
    assert asked(server, "/feed") == []


def test_a_short_wait_that_is_asked_for_is_waited(server: HttpServer, pace: Pace) -> None:
    server.script("/feed", Reply(503, {"Retry-After": "5"}), Reply(body=b"papers"))
    assert get(pace, server.url("/feed")) == {"journal": b"papers"}
    assert 5.0 in pace.pauses


def test_a_long_wait_is_handed_on(server: HttpServer, pace: Pace) -> None:
    server.script("/feed", Reply(429, {"Retry-After": "7200"}))
    with pytest.raises(Unavailable) as caught:
        get(pace, server.url("/feed"))
    assert caught.value.retry_after == timedelta(hours=2)
    assert len(asked(server, "/feed")) == 1


def test_requests_to_one_host_keep_apart(server: HttpServer, pace: Pace) -> None:
    with closing(pace.web()) as web:
        for name in ("a", "b"):
            fetched(UrlSource(name, server.url(f"/{name}"), web, Limits()), Memory())
    assert pace.pauses == [1.0, 1.0]  # robots.txt, one page, the other


@pytest.mark.parametrize(("status", "kind"), [(404, Refused), (403, Refused), (500, Unavailable), (502, Unavailable)])
def test_errors_are_permanent_or_worth_a_retry(
    server: HttpServer, pace: Pace, status: int, kind: type[Exception]
) -> None:
    server.script("/feed", Reply(status))
    with pytest.raises(kind, match=f"answers {status}"):
        get(pace, server.url("/feed"))


def test_neither_errors_nor_logs_show_what_is_secret_in_a_url(
    server: HttpServer, pace: Pace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.script("/s3cretpath/feed", Reply(500))
    url = server.url("/s3cretpath/feed?token=t0ken").replace("http://", "http://user:p4ss@")
    with pytest.raises(Unavailable) as caught:
        get(pace, url)
    told = str(caught.value) + caplog.text
    assert not any(each in told for each in ("s3cretpath", "t0ken", "p4ss"))
    assert asked(server, "/s3cretpath/feed")[0]["authorization"].startswith("Basic ")


def test_nobody_there_is_worth_a_retry(pace: Pace) -> None:
    with pytest.raises(Unavailable, match="is not reached"):
        get(pace, "http://127.0.0.1:9/feed")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("Tue, 10 Mar 2026 12:01:00 GMT", 60),
        ("Tue, 10 Mar 2026 11:00:00 GMT", 0),
        ("99999999999999999999", 7 * 86_400),
        ("soon", None),
        ("-5", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_seconds_and_as_a_date(value: str | None, seconds: int | None) -> None:
    assert retry_after(value, NOW) == (None if seconds is None else timedelta(seconds=seconds))
