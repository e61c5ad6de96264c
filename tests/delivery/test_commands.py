"""`status` and `outbox` over the ledger's open ends: quiet, stale and broken, and what a human decides."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from digestbot.cli.main import main
from digestbot.model.causes import Cause
from digestbot.model.papers import Paper
from tests.delivery.kit import NOW, configure, fill, left, mail_to, papers, post_to, store_of, subscribe
from tests.servers.http import HttpServer, Reply


class Line:
    """The command line over one working directory."""

    def __init__(self, home: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.home, self._capture = home, capture

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(self.home), *arguments])
        written = self._capture.readouterr()
        return int(ended.value.code or 0), written.out, written.err

    def states(self) -> dict[str, str]:
        _, out, _ = self("status", "--json")
        told = map(json.loads, out.splitlines())
        return {each["subscription"]: each["state"] for each in told if "subscription" in each}


@pytest.fixture
def line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Line:
    return Line(tmp_path, capsys)


def kept(home: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in (home / "data").rglob("*") if path.is_file()}


def news(home: Path, *found: Paper) -> None:
    with store_of(home) as store:
        store.merge(found, now=NOW)


def test_quiet_stale_and_broken_are_three_things(line: Line, http_server: HttpServer) -> None:
    http_server.script("/lab", Reply(500))
    configure(line.home, TO_LAB=http_server.url("/lab"))
    to_file = '[[to]]\nchannel = "file"\npath = "out"\n'
    subscribe(line.home, "quiet", to_file, query='"nowhere to be found"')
    subscribe(line.home, "fine", to_file)
    subscribe(line.home, "broken", post_to("webhook", "lab"))
    subscribe(line.home, "paused", to_file, paused="true")
    subscribe(line.home, "waiting", to_file)
    fill(line.home)
    assert line("send", "quiet", "fine", "broken")[0] == 1
    found = line.states()
    assert found == {"quiet": "quiet", "fine": "sent", "broken": "broken", "paused": "paused", "waiting": "waiting"}
    code, out, _ = line("status")
    assert code == 1
    assert "quiet: none of 3 new papers matches the rules" in out
    (waits,) = left(line.home)
    assert (waits.cause, waits.answer) == (Cause.TEMPORARY, "webhook lab answered 500 Internal Server Error")
    assert f"webhook lab: deferred: {waits.reason}" in out


def test_a_new_subscription_is_told_from_when_on_it_reads(line: Line) -> None:
    """Papers are there, and it sends none of them: whoever has just written it wonders."""
    configure(line.home)
    fill(line.home)
    subscribe(line.home, "late", '[[to]]\nchannel = "file"\npath = "out"\n')
    code, out, _ = line("send")
    assert code == 0
    assert "late: nothing sent: it begins with what comes in from now on" in out


@pytest.mark.parametrize(("when_empty", "framed"), [("note", False), ("always", True)])
def test_nothing_new_to_read_is_called_stale(line: Line, when_empty: str, framed: bool) -> None:
    configure(line.home)
    subscribe(line.home, "all", '[[to]]\nchannel = "file"\npath = "out"\n', when_empty=f'"{when_empty}"')
    fill(line.home, 0)
    assert line("send")[0] == 0
    assert line.states() == {"all": "stale"}
    assert "stale: nothing new to read since the last digest" in line("status")[1]
    (note,) = (line.home / "out").rglob("*.md")
    assert "No new papers came in" in note.read_text()
    assert ("No new papers read" in note.read_text()) == framed


def test_the_three_quiets_of_a_digest_and_its_sources(line: Line, http_server: HttpServer) -> None:
    """Nothing new to read because a source is broken is no quiet day; `send` and `status` say so."""
    feed = b"<rss version='2.0'><channel><title>J</title></channel></rss>"
    http_server.script("/stale", Reply(body=feed, headers={"Content-Type": "application/rss+xml"}))
    http_server.script("/broken", Reply(404))
    configure(line.home)
    subscribe(line.home, "all", '[[to]]\nchannel = "file"\npath = "out"\n')
    (line.home / "incoming").mkdir()
    (line.home / "sources.toml").write_text(
        f"[broken]\nkind = 'url'\nurl = '{http_server.url('/broken')}'\n"
        "[incoming]\nkind = 'folder'\npath = 'incoming'\nsettled_for = '1 second'\n"
    )
    code, out, _ = line("status")
    assert code == 0
    assert "source incoming: waiting: never fetched yet" in out
    assert line("ingest")[0] == 1
    code, out, err = line("send")
    assert code == 0
    assert "all: nothing sent: nothing new to read since the last digest" in out
    assert "the source broken is broken: " in err
    assert "incoming" not in err
    code, out, _ = line("status")
    assert code == 1, "a broken source is something broken"
    assert "source broken: broken: " in out
    assert "source incoming: last read " in out
    code, out, _ = line("status", "--json")
    told = [row for row in map(json.loads, out.splitlines()) if "state" in row]
    rows = {row.get("source") or row["subscription"]: row for row in told}
    assert {name: row["state"] for name, row in rows.items()} == {
        "broken": "broken",
        "incoming": "quiet",
        "all": "stale",
    }
    assert rows["broken"]["last_read"] is None
    assert rows["broken"]["last_tried"]
    assert rows["incoming"]["last_read"] <= rows["incoming"]["next"]
    (line.home / "sources.toml").write_text("[broken\n")
    assert "sources.toml" in line("send")[2]
    code, out, err = line("status")
    assert code == 1
    assert "sources.toml" in err
    assert "all: last digest" in out


def test_c28_outbox_shows_a_destination_that_is_gone_and_retry_opens_it_again(
    line: Line, http_server: HttpServer
) -> None:
    http_server.script("/lab", Reply(410), Reply())
    configure(line.home, TO_LAB=http_server.url("/lab"))
    subscribe(line.home, "all", post_to("webhook", "lab"))
    fill(line.home)
    assert line("send")[0] == 1
    news(line.home, *papers(1, first=9))
    assert line("send")[0] == 1
    assert len(http_server.requests) == 1
    _, out, _ = line("outbox", "list")
    assert "nothing more goes there until: outbox retry" in out
    first, second = left(line.home)
    assert (first.cause, second.cause) == (Cause.GONE, Cause.DESTINATION_GONE)
    assert f"webhook lab: {second.reason}" in out
    assert line("outbox", "retry", "webhook lab")[1].count("planned") == 2
    assert line("send")[0] == 0
    assert len(http_server.requests) == 3
    assert line.states() == {"all": "sent"}


def test_all_that_stand_alike_are_decided_about_by_one_word(line: Line, http_server: HttpServer) -> None:
    """`outbox drop held` after a restore; the dry run names the same deliveries and changes nothing."""
    http_server.script("/lab", Reply(500))
    configure(line.home, TO_LAB=http_server.url("/lab"), TO_OTHER=http_server.url("/other"))
    for name in ("one", "two"):
        subscribe(line.home, name, post_to("webhook", "lab") + post_to("webhook", "other"))
    fill(line.home)
    line("send")
    assert line("outbox", "drop", "held") == (0, "", "there is none in that state\n")
    held = line("outbox", "hold", "deferred", "planned")[1]
    assert held.count("held") == 2
    before = kept(line.home)
    assert line("outbox", "drop", "held", "--dry-run")[1] == held.replace("  held  ", "  dropped  ")
    assert kept(line.home) == before
    assert line("outbox", "drop", held.split()[2])[1].count("dropped") == 1, "a digest by its key"
    assert line("outbox", "drop", "held")[1].count("dropped") == 1
    assert line("outbox", "list")[2].startswith("nothing is open")
    for name in ("sent", "sending", "dropped", "HELD"):
        code, _, err = line("outbox", "drop", name)
        assert (code, f"no delivery with the id '{name}'" in err) == (2, True)
    assert line("outbox", "drop")[0] == 2


def test_e48_many_due_at_once_all_leave(line: Line) -> None:
    configure(line.home)
    for n in range(60):
        subscribe(line.home, f"s{n:02}", f'[[to]]\nchannel = "file"\npath = "out/{n}"\n')
    fill(line.home, 1)
    assert line("send")[0] == 0
    assert len(list((line.home / "out").rglob("*.md"))) == 60
    assert set(line.states().values()) == {"sent"}


def test_the_settings_of_the_service_are_checked_without_showing_them(line: Line) -> None:
    configure(
        line.home, OPERATOR="nobody", HEARTBEAT_URL="secret-canary", MAX_LATENESS="soon", ON_UNKNOWN="maybe",
        CONCURRENCY="0",
    )  # fmt: skip
    subscribe(line.home, "all", mail_to(["ada"]))
    code, _, err = line("check")
    assert code == 2
    for name in ("OPERATOR", "HEARTBEAT_URL", "MAX_LATENESS", "ON_UNKNOWN", "CONCURRENCY"):
        assert f"DIGESTBOT_{name} is no" in err
    assert "canary" not in err


def test_a_few_subscribers_are_told_one_by_one_and_many_are_counted(
    line: Line, http_server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    http_server.script("/lab", Reply(500))
    configure(line.home, TO_LAB=http_server.url("/lab"))
    subscribe(line.home, "broken", post_to("webhook", "lab"))
    for name in ("ada", "bob", "cleo"):
        assert line("subscribers", "add", f"{name}@example.org", "--keyword", "paper", "--consent", "asked")[0] == 0
    fill(line.home)
    assert line("send", "broken")[0] == 1
    names = set(line.states())
    (ada,) = (each["id"] for each in map(json.loads, line("subscribers", "list", "--json")[1].splitlines())
              if each["addresses"] == ["ada@example.org"])  # fmt: skip
    assert len(names) == 4
    monkeypatch.setattr("digestbot.cli.status._ONE_BY_ONE", 2)
    assert set(line.states()) == {"broken"}
    code, out, _ = line("status")
    assert code == 1
    assert "subscribers: 3 active (one of them: digestbot status ID)" in out
    assert "deliveries that did not arrive, of all: 1 deferred (digestbot outbox list)" in out
    told = [json.loads(each) for each in line("status", "--json")[1].splitlines()]
    assert told[-1] == {"subscribers": {"active": 3}, "deliveries": {"deferred": 1}}
    code, out, _ = line("status", ada)
    assert (code, out) == (0, f"{ada}: no digest yet\n")
    assert line("status", "broken")[0] == 1
    code, _, err = line("status", "nobody")
    assert code == 2
    assert "nobody" in err


def test_nobody_is_told_to_edit_a_file(line: Line) -> None:
    configure(line.home)
    subscribe(line.home, "all", mail_to(["ada"]))
    line("subscribers", "add", "bob@example.org", "--keyword", "paper", "--consent", "asked")
    fill(line.home)
    (bob,) = (json.loads(each)["id"] for each in line("subscribers", "list", "--json")[1].splitlines())
    for name, told in (("all", line("preview", "all")[1]), (bob, line("preview", bob)[1])):
        assert "To change or stop it, ask whoever sends it to you." in " ".join(told.split()), name
        assert ".toml" not in told
