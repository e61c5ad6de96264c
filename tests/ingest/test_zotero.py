"""Libraries: of Zotero from a server that speaks its interface, and of any other source; kept, never news."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digestbot.bootstrap import App
from digestbot.ingest.poller import SourcePoller, source_statuses
from digestbot.ingest.sources.base import Memory, Refused, Unavailable
from digestbot.ingest.sources.polling import Health
from digestbot.ingest.sources.zotero import ZoteroSource
from digestbot.model.secret import Secret
from digestbot.platform.net.fence import PUBLIC_ONLY
from digestbot.platform.settings import load_settings
from tests.ingest.kit import NOW, Pace, fetched
from tests.servers.http import HttpServer, Reply
from tests.servers.zotero import ZoteroServer


@pytest.fixture
def zotero(monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoteroServer]:
    monkeypatch.setenv("NO_PROXY", "*")
    with ZoteroServer() as server:
        server.put("AAAA1111", title="On the migration of songbirds", abstractNote="They fly.", DOI="10.1/birds")
        server.put("BBBB2222", title="Molten glass in furnaces", abstractNote="It flows.")
        server.put("CCCC3333", itemType="note", note="buy milk")
        yield server


class Reader:
    """A source read again and again."""

    def __init__(self, server: ZoteroServer, key: str = "P9NiFoyLeZu2bZNvvuQPDWsd", url: str = "") -> None:
        self.pace, self.memory = Pace(), Memory()
        self._source = ("zotero", "users/1", Secret(key), url or server.url)

    def __call__(self) -> dict[str, bytes | str]:
        name, library, key, url = self._source
        self.memory.whole = False
        with closing(self.pace.web()) as web:
            return fetched(ZoteroSource(name, library, web, key, url), self.memory)


def test_a_library_is_read_whole_and_again_only_when_it_changed(zotero: ZoteroServer) -> None:
    read = Reader(zotero)
    assert b"songbirds" in bytes(read()["zotero"])  # type: ignore[arg-type]  # what came was no error
    assert read.memory.values == {"version": "3"}
    assert read() == {}
    assert zotero.requests[-1].headers["if-modified-since-version"] == "3"
    assert not read.memory.whole
    zotero.delete("AAAA1111")
    came = read()["zotero"]
    assert isinstance(came, bytes)
    assert b"songbirds" not in came
    assert b"milk" not in came
    assert read.memory.whole
    assert {each.headers["zotero-api-key"] for each in zotero.requests} == {"P9NiFoyLeZu2bZNvvuQPDWsd"}


def test_pages_are_followed_to_the_last(zotero: ZoteroServer) -> None:
    for number in range(230):
        zotero.put(f"K{number:07}", title=f"Paper number {number}")
    came = Reader(zotero)()["zotero"]
    assert isinstance(came, bytes)
    assert all(f'"Paper number {number}"'.encode() in came for number in range(230))
    assert [each.query["start"] for each in zotero.requests] == ["0", "100", "200"]
    assert ["if-modified-since-version" in each.headers for each in zotero.requests] == [False] * 3


def test_one_that_changes_while_it_is_read_is_read_anew_and_not_for_ever(zotero: ZoteroServer) -> None:
    for number in range(120):
        zotero.put(f"K{number:07}", title=f"Paper number {number}")
    zotero.changing = True
    with pytest.raises(Unavailable, match="changes while it is read"):
        Reader(zotero)()
    assert len(zotero.requests) == 6


def test_the_server_is_left_alone_as_long_as_it_asks(zotero: ZoteroServer) -> None:
    for number in range(120):
        zotero.put(f"K{number:07}", title=f"Paper number {number}")
    zotero.headers["Backoff"] = "20"
    zotero.replies.append((429, {"Retry-After": "7"}))
    read = Reader(zotero)
    read()
    assert read.pace.pauses == [7.0, 20.0]
    zotero.headers["Backoff"] = "900"
    zotero.put("NEW", title="Another paper")
    with pytest.raises(Unavailable, match="asks to be left alone for 900 seconds") as refused:
        read()
    assert refused.value.retry_after == timedelta(seconds=900)
    zotero.replies.append((503, {"Retry-After": "3600"}))
    with pytest.raises(Unavailable, match="answers 503") as refused:
        Reader(zotero)()
    assert refused.value.retry_after == timedelta(hours=1)


def test_a_wrong_key_is_told_with_its_setting_and_never_shown(zotero: ZoteroServer) -> None:
    with pytest.raises(Refused, match="answers 403") as refused:
        Reader(zotero, key="wrong-key")()
    assert "DIGESTBOT_SOURCE_ZOTERO" in str(refused.value)
    assert "wrong-key" not in str(refused.value)


def test_the_key_goes_to_no_other_server(zotero: ZoteroServer, http_server: HttpServer) -> None:
    zotero.replies.append((302, {"Location": http_server.url("/elsewhere")}))
    http_server.script("/elsewhere", Reply(200, body=b"[]"))
    Reader(zotero)()
    (caught,) = http_server.requests
    assert "zotero-api-key" not in caught.headers
    assert caught.headers["zotero-api-version"] == "3"


def test_what_is_no_list_of_items_is_an_error(zotero: ZoteroServer, http_server: HttpServer) -> None:
    http_server.script("/users/1/items/top", Reply(200, body=b'{"error": 1}'))
    with pytest.raises(Unavailable, match="no list of items"):
        Reader(zotero, url=http_server.url("/"))()


class Home:
    """A working directory with sources, polled at a clock moved by hand."""

    def __init__(self, path: Path, sources: str, **environ: str) -> None:
        (path / "sources.toml").write_text(sources, encoding="utf-8")
        self.path, self.now = path, NOW
        self.app = App(load_settings(path, environ), lambda: self.now)
        self.pace = Pace()

    def tick(self) -> list[str]:
        """What a person should know of after a day."""
        self.now += timedelta(days=1)
        app = self.app
        with closing(SourcePoller(app.settings, lambda: app.store, (), self.pace.web(), app.stopping)) as poller:
            return [each.text for each in poller(self.now)]

    def titles(self, name: str) -> list[str]:
        return [each.title for each in self.app.store.library(f"source/{name}")]


def test_the_papers_of_a_library_are_kept_and_are_no_news(zotero: ZoteroServer, tmp_path: Path) -> None:
    sources = f'[mine]\npreset = "zotero:users/1"\nurl = "{zotero.url}"\n'
    home = Home(tmp_path, sources, DIGESTBOT_SOURCE_MINE="P9NiFoyLeZu2bZNvvuQPDWsd")
    with home.app:
        assert home.tick() == []
        assert home.titles("mine") == ["Molten glass in furnaces", "On the migration of songbirds"]
        assert home.app.store.head() == 0
        zotero.delete("BBBB2222")
        zotero.replies.append((500, {}))
        (told,) = home.tick()
        assert "answers 500" in told
        assert len(home.titles("mine")) == 2, "what could not be asked for is as it was"
        assert home.tick() == []
        assert home.titles("mine") == ["On the migration of songbirds"]
        mark = home.app.store.library_mark("source/mine")
        asked = len(zotero.requests)
        assert home.tick() == []
        assert (len(zotero.requests), home.app.store.library_mark("source/mine")) == (asked + 1, mark)
        zotero.delete("AAAA1111")
        assert home.tick() == []
        assert home.titles("mine") == []
        (status,) = source_statuses(home.app.settings, home.now)
        assert status.verdict.health is Health.QUIET


def test_a_library_may_be_any_source(http_server: HttpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    http_server.script("/robots.txt", Reply(404))
    bib = b"@article{a, title={Songbirds of the north}}\n@article{b, title={Songbirds of the south}}\n"
    broken = bib[:60] + b"\n@article{c, title={"
    http_server.script("/my.bib", Reply(body=bib), Reply(body=broken), Reply(body=bib[:44]), Reply(304))
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "one.bib").write_bytes(b"@article{a, title={Glass in furnaces}}")
    (tmp_path / "papers" / "two.bib").write_bytes(b"@article{a, title={Tides over mudflats}}")
    home = Home(
        tmp_path,
        f'[web]\nkind = "url"\nuse = "library"\nurl = "{http_server.url("/my.bib")}"\n'
        '[disk]\nkind = "folder"\nuse = "library"\npath = "papers"\nsettled_for = "1 second"\n',
    )
    home.now = datetime.now(UTC) + timedelta(days=1)
    with home.app:
        assert home.tick() == []
        assert home.titles("web") == ["Songbirds of the north", "Songbirds of the south"]
        assert home.titles("disk") == ["Glass in furnaces", "Tides over mudflats"]
        (tmp_path / "papers" / "one.bib").unlink()
        (told,) = home.tick()
        assert "could not be taken" in told
        assert len(home.titles("web")) == 2, "a broken dump takes nothing away"
        assert home.titles("disk") == ["Tides over mudflats"]
        assert home.tick() == []
        assert home.titles("web") == ["Songbirds of the north"]
        assert home.app.store.head() == 0


def test_the_fence_holds_for_libraries_too(zotero: ZoteroServer, tmp_path: Path) -> None:
    home = Home(tmp_path, f'[mine]\npreset = "zotero:users/1"\nurl = "{zotero.url}"\n')
    with home.app:
        poller = home.app.source_poller
        (told,) = [each.text for each in poller(home.now)]
        assert home.app.channel_settings.network.fence == PUBLIC_ONLY
    assert "localhost" in told
    assert zotero.requests == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('preset = "zotero:users/me"', "there is no preset 'zotero:users/me'"),
        ('kind = "zotero"', "[x] needs library"),
        ('kind = "folder"\npath = "p"\nuse = "likes"', "use cannot be 'likes'"),
        ('preset = "zotero:groups/12"\nfirst_run = "baseline"', "first_run goes with news"),
    ],
)
def test_what_is_wrong_with_a_library_is_told(tmp_path: Path, text: str, said: str) -> None:
    home = Home(tmp_path, f"[x]\n{text}\n")
    with home.app:
        (told,) = home.tick()
    assert said in told
