"""The life of a source: fetched when due, merged, remembered; trouble told, and nothing lost by a crash."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import pytest

from digestbot.bootstrap import App
from digestbot.digests import hand_slot, pending
from digestbot.ingest import poller as room
from digestbot.ingest.pipeline import Ingested
from digestbot.ingest.poller import SourcePoller, ailing, source_statuses
from digestbot.ingest.sources.base import Source
from digestbot.ingest.sources.kinds import Surroundings, make_source
from digestbot.ingest.sources.polling import Health, SourceConfig
from digestbot.model.errors import StoreError, UsageError
from digestbot.platform.settings import load_settings
from digestbot.store.base import Merged
from tests.ingest.kit import Pace
from tests.servers.http import HttpServer, Reply

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def listing(*ids: str) -> bytes:
    """An RSS feed of papers."""
    items = "".join(
        f"<item><title>On matter {each}</title><link>https://arxiv.org/abs/{each}</link>"
        f"<description>We study the matter {each} at length.</description></item>"
        for each in ids
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()


@pytest.fixture
def server(http_server: HttpServer, monkeypatch: pytest.MonkeyPatch) -> HttpServer:
    monkeypatch.setenv("NO_PROXY", "*")
    http_server.script("/robots.txt", Reply(404))
    http_server.script("/feed", Reply(headers={"ETag": '"1"'}, body=listing("2603.00001", "2603.00002")))
    return http_server


class Home:
    """A working directory, its app, and a poller at a clock moved by hand."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = NOW
        self.app = App(load_settings(path, {}), lambda: self.now)

    @cached_property
    def poller(self) -> SourcePoller:
        return self.polling()

    def polling(self) -> SourcePoller:
        """A poller of a process of its own."""
        app = self.app
        return SourcePoller(app.settings, lambda: app.store, app.folder.ids, Pace().web(), app.stopping)

    def write(self, text: str) -> None:
        (self.path / "sources.toml").write_text(text, encoding="utf-8")

    def tick(self) -> list[str]:
        """What a person should know of after a tick."""
        return [each.text for each in self.poller(self.now)]

    def health(self) -> list[Health]:
        return [each.verdict.health for each in source_statuses(self.app.settings, self.now)]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path)
    with home.app:
        yield home
        home.poller.close()


def feed(server: HttpServer, name: str = "journal", path: str = "/feed") -> str:
    return f'[{name}]\nkind = "url"\nurl = "{server.url(path)}"\nevery = "6 hours"\nstale_after = "2 days"\n'


def fetches(server: HttpServer, path: str = "/feed") -> int:
    return sum(each.path == path for each in server.requests)


def test_without_sources_a_tick_does_nothing(home: Home) -> None:
    assert home.tick() == []
    assert not (home.path / "data").exists()


def test_a_source_is_fetched_when_it_is_due_and_its_papers_are_in_the_log(home: Home, server: HttpServer) -> None:
    home.write(feed(server))
    assert home.tick() == []
    assert home.app.store.head() == 2
    assert home.tick() == []
    home.now += 5 * HOUR
    assert home.tick() == []
    assert fetches(server) == 1
    server.script("/feed", Reply(304))
    home.now += HOUR
    assert home.tick() == []
    assert fetches(server) == 2
    assert server.requests[-1].headers["if-none-match"] == '"1"'
    assert home.health() == [Health.QUIET]


def test_a_failing_source_is_told_and_stops_no_other(home: Home, server: HttpServer) -> None:
    server.script("/bad", Reply(500), Reply(body=listing("2603.00009")))
    home.write(feed(server, "bad", "/bad") + feed(server))
    (told,) = home.tick()
    assert "bad" in told
    assert "answers 500" in told
    assert home.app.store.head() == 2
    assert home.health() == [Health.BROKEN, Health.FRESH]
    home.now += timedelta(minutes=5)
    assert home.tick() == []
    assert home.app.store.head() == 3
    assert home.health()[0] is Health.FRESH


def test_a_source_with_nothing_new_for_too_long_is_told_as_stale(home: Home, server: HttpServer) -> None:
    home.write(feed(server))
    home.tick()
    home.now += timedelta(days=2, hours=1)
    (told,) = home.tick()
    assert "journal is stale: nothing new for 2.0 days" in told
    assert home.health() == [Health.STALE]


def test_a_page_that_is_no_listing_is_trouble_and_is_fetched_again(home: Home, server: HttpServer) -> None:
    server.script("/feed", Reply(headers={"ETag": '"1"'}, body=b"\x00\x01\x02 nothing"))
    home.write(feed(server))
    (told,) = home.tick()
    assert "could not be taken" in told
    server.script("/feed", Reply(body=listing("2603.00001")))
    home.now += timedelta(minutes=5)
    assert home.tick() == []
    assert "if-none-match" not in server.requests[-1].headers


def test_a_store_that_fails_leaves_the_memory_as_it_was(
    home: Home, server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.write(feed(server))

    def full(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(home.app.store, "merge", full)
        with pytest.raises(StoreError):
            home.tick()
    assert not (home.path / "data" / "sources.json").exists()
    assert home.tick() == []
    assert home.app.store.head() == 2


def test_what_is_remembered_outlives_the_process_but_not_the_address(home: Home, server: HttpServer) -> None:
    home.write(feed(server))
    home.tick()
    with closing(home.polling()) as another:
        assert list(another(NOW)) == []
        assert fetches(server) == 1
        home.write(feed(server, path="/feed?v=2"))
        assert list(another(NOW)) == []
    assert "if-none-match" not in server.requests[-1].headers
    assert fetches(server, "/feed?v=2") == 1


def test_a_wrong_file_is_told_once_and_what_was_read_before_stays(home: Home, server: HttpServer) -> None:
    home.write(feed(server))
    home.tick()
    home.write("[journal]\nkind = 'urls'\n")
    home.now += 6 * HOUR
    (told,) = home.tick()
    assert "sources.toml:2" in told
    assert fetches(server) == 2
    assert home.tick() == []


def test_told_to_stop_is_no_failure_of_the_source(home: Home, server: HttpServer) -> None:
    home.app.stopping.set()
    home.write(feed(server))
    assert len(list(home.app.source_poller(NOW))) <= 1
    assert json.loads((home.path / "data" / "sources.json").read_text())["sources"]["journal"]["failures"] == 0


def test_by_hand_all_are_fetched_but_the_one_that_asked_to_be_left_alone(home: Home, server: HttpServer) -> None:
    server.script("/busy", Reply(429, {"Retry-After": "7200"}))
    home.write(feed(server, "busy", "/busy") + feed(server))
    assert [each.error is None for each in home.poller.poll(NOW)] == [False, True]
    again = {each.name: each for each in home.poller.poll(NOW + HOUR)}
    assert "left alone until 2026-03-10 14:00" in again["busy"].skipped
    assert (again["journal"].found, again["journal"].merged.duplicate) == (2, 2)
    assert (fetches(server, "/busy"), fetches(server)) == (1, 2)


def test_a_source_without_its_secret_says_which(home: Home) -> None:
    home.write('[my-alerts]\nkind = "imap"\n')
    (told,) = home.tick()
    assert re.search(r"set DIGESTBOT_SOURCE_MY_ALERTS=imaps://user:password@host in \.env", told)


def test_papers_of_a_folder_are_taken_though_one_file_is_none(home: Home) -> None:
    folder = home.path / "incoming"
    folder.mkdir()
    (folder / "bad.bin").write_bytes(b"\x00\x01\x02 nothing")
    (folder / "good.xml").write_bytes(listing("2603.00001"))
    for path in folder.iterdir():
        os.utime(path, (NOW.timestamp() - 60, NOW.timestamp() - 60))
    home.write('[in]\nkind = "folder"\npath = "incoming"\n')
    heard: list[Ingested] = []
    (polled,) = home.poller.poll(NOW, heard.append)
    assert (polled.error, polled.found, polled.merged.new) == (None, 1, 1)
    assert [each.error is None for each in heard] == [False, True]


def test_a_file_that_cannot_be_read_is_told_once(home: Home) -> None:
    bad = home.path / "incoming" / "bad.bin"
    bad.parent.mkdir()
    bad.write_bytes(b"\x00\x01\x02 nothing")
    os.utime(bad, (NOW.timestamp() - 60, NOW.timestamp() - 60))
    home.write('[in]\nkind = "folder"\npath = "incoming"\n')
    (told,) = home.tick()
    assert "bad.bin" in told
    home.now += HOUR
    assert home.tick() == []


def test_an_address_that_is_a_secret_stands_in_env_alone(tmp_path: Path, server: HttpServer) -> None:
    (tmp_path / ".env").write_text(f"DIGESTBOT_SOURCE_MY_FEED={server.url('/feed')}\n")
    home = Home(tmp_path)
    home.write('[my-feed]\nkind = "url"\n')
    with home.app, closing(home.poller):
        assert home.tick() == []
        assert home.app.store.head() == 2
    assert "/feed" not in (tmp_path / "data" / "sources.json").read_text()


def test_a_secret_that_is_no_address_is_bad_configuration(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DIGESTBOT_SOURCE_ALERTS=hunter22\n")
    with pytest.raises(UsageError, match="DIGESTBOT_SOURCE_ALERTS is no URL") as caught:
        load_settings(tmp_path, {})
    assert "hunter22" not in str(caught.value)


SUBSCRIPTION = 'keywords = ["matter"]\ncadence = "daily 08:00"\n[[to]]\nchannel = "file"\npath = "out"\n'


def news(home: Home) -> set[str]:
    """The titles that the subscription's next digest would show."""
    (compiled,) = home.app.wants()
    record = pending(
        compiled, home.app.store, hand_slot(compiled.subscription, home.app.store.head(), home.now), home.now
    )
    shown = home.app.store.logged(entry.sequence for entry in record.entries).values()
    return {each.paper.title for each in shown}


def subscribed(home: Home) -> None:
    (home.path / "subscriptions").mkdir()
    (home.path / "subscriptions" / "all.toml").write_text(SUBSCRIPTION, encoding="utf-8")


def test_what_a_source_with_a_baseline_holds_at_first_is_stored_and_never_news(home: Home, server: HttpServer) -> None:
    subscribed(home)
    home.write(feed(server) + 'first_run = "baseline"\n')
    home.tick()
    assert (home.app.store.head(), news(home)) == (2, set())
    server.script("/feed", Reply(body=listing("2603.00001", "2603.00002", "2603.00003")))
    home.now += 7 * HOUR
    home.tick()
    assert news(home) == {"On matter 2603.00003"}


def test_a_first_run_that_failed_goes_on_with_the_next_fetch(home: Home, server: HttpServer) -> None:
    subscribed(home)
    home.write(feed(server) + 'first_run = "baseline"\n')
    server.script("/feed", Reply(503), Reply(body=listing("2603.00001")))
    home.tick()
    home.now += 7 * HOUR
    home.tick()
    assert (home.app.store.head(), news(home)) == (1, set())


def test_without_a_baseline_what_a_source_holds_at_first_is_news(home: Home, server: HttpServer) -> None:
    subscribed(home)
    home.write(feed(server))
    home.tick()
    assert len(news(home)) == 2


def test_those_that_wait_longest_come_first_and_a_tick_ends_when_its_time_is_spent(
    home: Home, server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert room._SPENT == 120.0
    server.script("/b", Reply(body=listing("2603.00003")))
    home.write(feed(server, "a") + feed(server, "b", "/b"))
    assert [each.name for each in home.poller.poll(NOW)] == ["a", "b"]
    (home.path / "sources.toml").write_text(feed(server, "c", "/c") + feed(server, "a") + feed(server, "b", "/b"))
    server.script("/c", Reply(body=listing("2603.00004")))
    assert [each.name for each in home.poller.poll(NOW + HOUR)] == ["c", "a", "b"]
    monkeypatch.setattr(room, "_SPENT", -1.0)
    asked = len(server.requests)
    home.now += 8 * HOUR
    home.tick()
    pages = [each.path for each in server.requests[asked:] if each.path != "/robots.txt"]
    assert len(pages) == 1


def test_what_is_broken_or_stale_is_told_beside_a_digest_and_nothing_else_is(home: Home, server: HttpServer) -> None:
    assert ailing(home.app.settings, NOW) == []
    server.script("/bad", Reply(404))
    home.write(feed(server, "bad", "/bad") + feed(server))
    assert ailing(home.app.settings, NOW) == []
    home.tick()
    (told,) = ailing(home.app.settings, NOW)
    assert told.startswith("the source bad is broken: ")
    stale = ailing(home.app.settings, NOW + timedelta(days=2, hours=1))
    assert [each[:30] for each in stale] == ["the source bad is broken: bad:", "the source journal is stale: n"]
    home.write("[journal]\nkind = 'urls'\n")
    assert len(ailing(home.app.settings, NOW)) == 1
    assert "sources.toml:2" in ailing(home.app.settings, NOW)[0]


def test_how_each_source_stands_is_told_with_its_times(home: Home, server: HttpServer) -> None:
    home.write(feed(server))
    (waiting,) = source_statuses(home.app.settings, NOW)
    assert (waiting.last_read, waiting.last_tried, waiting.next_fetch) == (None, None, NOW)
    home.tick()
    (read,) = source_statuses(home.app.settings, NOW + HOUR)
    assert (read.last_read, read.last_tried, read.next_fetch) == (NOW, NOW, NOW + 6 * HOUR)
    (due,) = source_statuses(home.app.settings, NOW + 7 * HOUR)
    assert due.next_fetch == NOW + 7 * HOUR


def test_a_source_that_was_taken_out_is_forgotten_and_the_others_are_not(home: Home, server: HttpServer) -> None:
    home.write(feed(server, "a") + feed(server, "b"))
    home.tick()
    home.write(feed(server, "b"))
    home.now += 7 * HOUR
    home.tick()
    kept = json.loads((home.path / "data" / "sources.json").read_text())["sources"]
    assert list(kept) == ["b"]


def test_a_fault_of_ours_in_one_source_keeps_no_other_from_being_fetched(
    home: Home, server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.write(feed(server, "a") + feed(server, "b"))

    def made(config: SourceConfig, around: Surroundings) -> Source:
        if config.name == "a":
            raise KeyError("ours")
        return make_source(config, around)

    monkeypatch.setattr("digestbot.ingest.poller.make_source", made)
    told = home.tick()
    assert told == ["the source a failed: a: failed by a fault of digestbot (KeyError)"]
    assert home.health() == [Health.BROKEN, Health.FRESH]


def test_the_first_twenty_dumps_that_could_not_be_read_are_told(home: Home) -> None:
    folder = home.path / "incoming"
    folder.mkdir()
    for number in range(21):
        (folder / f"{number:02}.bin").write_bytes(b"\x00\x01\x02 nothing %d" % number)
        os.utime(folder / f"{number:02}.bin", (NOW.timestamp() - 60, NOW.timestamp() - 60))
    home.write('[in]\nkind = "folder"\npath = "incoming"\n')
    (polled,) = home.poller.poll(NOW)
    assert (polled.dumps, polled.found, len(polled.unread)) == (21, 0, 20)


def test_news_are_new_papers_or_changed_ones(home: Home, server: HttpServer) -> None:
    home.write(feed(server))
    (polled,) = home.poller.poll(NOW)
    assert (polled.dumps, polled.found, polled.merged, polled.verdict.health) == (1, 2, Merged(2, 0, 0), Health.FRESH)
    (polled,) = home.poller.poll(NOW + HOUR)
    assert (polled.merged, polled.verdict.health) == (Merged(0, 0, 2), Health.QUIET)
    changed = listing("2603.00001", "2603.00002").replace(b"</link>", b"</link><author>Ada Lovelace</author>")
    server.script("/feed", Reply(body=changed))
    (polled,) = home.poller.poll(NOW + 2 * HOUR)
    assert (polled.merged, polled.verdict.health) == (Merged(0, 2, 0), Health.FRESH)
