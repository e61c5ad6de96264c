"""arXiv's API and OAI-PMH from a real server: every page once, in order, slowly, and where it was cut off again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from digestbot.ingest.sources import arxiv_api
from digestbot.ingest.sources.arxiv_api import ArxivApiSource
from digestbot.ingest.sources.base import Memory, Refused, Unavailable
from digestbot.ingest.sources.oai import OaiSource
from digestbot.ingest.sources.web import Web
from tests.ingest.kit import NOW, Pace, fetched
from tests.servers.http import HttpServer, Reply


@pytest.fixture
def pace() -> Pace:
    return Pace()


@pytest.fixture
def web(pace: Pace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.setenv("NO_PROXY", "*")
    with closing(pace.web()) as web:
        yield web


def queries(server: HttpServer) -> list[dict[str, str]]:
    return [{k: v[0] for k, v in parse_qs(urlsplit(each.path).query).items()} for each in server.requests]


def atom(total: int, *published: str) -> Reply:
    entries = "".join(f"<entry><published>{each}</published></entry>" for each in published)
    head = f"<feed><updated>2026-03-10T00:00:00Z</updated><opensearch:totalResults>{total}</opensearch:totalResults>"
    return Reply(body=f"{head}{entries}</feed>".encode())


def api(server: HttpServer, web: Web) -> ArxivApiSource:
    return ArxivApiSource("cl", "cat:cs.CL", web, url=server.url("/api"))


def test_the_api_is_read_page_by_page_from_a_week_ago_three_seconds_apart(
    http_server: HttpServer, web: Web, pace: Pace
) -> None:
    first, second = ("2026-03-04T00:00:00Z", "2026-03-05T01:00:00Z"), ("2026-03-06T17:59:00Z",)
    http_server.script("/api", atom(3, *first), atom(3, *second))
    memory = Memory()
    assert list(fetched(api(http_server, web), memory)) == ["cl", "cl page 2"]
    asked = queries(http_server)
    assert asked[0]["search_query"] == "(cat:cs.CL) AND submittedDate:[202603031200 TO 202603111200]"
    assert asked[0]["sortBy"] == "submittedDate"
    assert [each["start"] for each in asked] == ["0", "2"]
    assert pace.pauses == [3.0]
    assert memory.values == {"last": "2026-03-06T17:59:00+00:00"}


def test_the_api_is_asked_again_for_the_days_in_which_papers_on_hold_appear(http_server: HttpServer, web: Web) -> None:
    http_server.script("/api", atom(0))
    memory = Memory({"last": "2026-03-08T10:00:00+00:00"})
    assert fetched(api(http_server, web), memory) == {}
    assert "[202603051000 TO" in queries(http_server)[0]["search_query"]
    assert memory.values == {"last": "2026-03-08T10:00:00+00:00"}


def test_an_empty_page_where_there_are_papers_is_asked_for_again(http_server: HttpServer, web: Web) -> None:
    http_server.script("/api", atom(1), atom(1, "2026-03-09T10:00:00Z"))
    assert len(fetched(api(http_server, web), Memory())) == 1
    http_server.script("/api", atom(1))
    with pytest.raises(Unavailable, match="empty pages"):
        fetched(api(http_server, web), Memory())


def test_a_page_that_could_not_be_merged_is_asked_for_again(http_server: HttpServer, web: Web) -> None:
    http_server.script("/api", atom(2, "2026-03-04T00:00:00Z"), atom(2, "2026-03-05T00:00:00Z"))
    memory = Memory()
    dumps = api(http_server, web).fetch(memory, NOW)
    next(dumps)
    next(dumps)
    memory.refused = "it breaks off"
    with pytest.raises(Unavailable, match="it breaks off"):
        next(dumps)
    assert memory.values == {"last": "2026-03-04T00:00:00+00:00"}


def test_a_long_fetch_stops_in_time_and_the_next_goes_on_there(
    http_server: HttpServer, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arxiv_api, "PATIENCE", 2.0)
    dates = ("2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z", "2026-03-06T00:00:00Z")
    http_server.script("/api", *(atom(3, each) for each in dates))
    memory = Memory()
    assert len(fetched(api(http_server, web), memory)) == 2
    assert memory.unfinished
    http_server.script("/api", atom(1, dates[2]))
    fetched(api(http_server, web), memory)
    assert "[202603050000 TO" in queries(http_server)[-1]["search_query"]
    assert not memory.unfinished


def test_a_wrong_query_is_refused_and_nonsense_is_not_believed(http_server: HttpServer, web: Web) -> None:
    entry = b"<entry><id>https://arxiv.org/api/errors#malformed</id></entry>"
    http_server.script("/api", Reply(body=b"<feed><opensearch:totalResults>1</opensearch:totalResults>" + entry))
    with pytest.raises(Refused, match="refuses the query"):
        fetched(api(http_server, web), Memory())
    http_server.script("/api", Reply(body=b"<html>Rate exceeded.</html>"))
    with pytest.raises(Unavailable, match="none of arXiv's API"):
        fetched(api(http_server, web), Memory())


def oai_page(content: str, date: str = "2026-03-10T12:00:00Z") -> Reply:
    return Reply(body=f"<?xml version='1.0'?><OAI-PMH><responseDate>{date}</responseDate>{content}</OAI-PMH>".encode())


def records(token: str | None = None) -> Reply:
    rest = "" if token is None else f"<resumptionToken cursor='0'>{token}</resumptionToken>"
    return oai_page(f"<ListRecords><record>said: &lt;error code='x'></record>{rest}</ListRecords>")


def oai(server: HttpServer, web: Web) -> OaiSource:
    return OaiSource("oai", web, url=server.url("/oai"), set_="cs")


def test_a_harvest_follows_its_tokens_and_notes_the_day(http_server: HttpServer, web: Web, pace: Pace) -> None:
    http_server.script("/oai", records("a&amp;b|1001"), records(""))
    memory = Memory()
    assert list(fetched(oai(http_server, web), memory)) == ["oai", "oai page 2"]
    assert queries(http_server) == [
        {"verb": "ListRecords", "metadataPrefix": "arXiv", "from": "2026-03-03", "set": "cs"},
        {"verb": "ListRecords", "resumptionToken": "a&b|1001"},
    ]
    assert memory.values == {"from": "2026-03-10"}
    assert pace.pauses == [3.0]


def test_no_records_is_no_failure(http_server: HttpServer, web: Web) -> None:
    http_server.script("/oai", oai_page("<error code='noRecordsMatch'>none</error>", "2026-03-12T00:00:00Z"))
    memory = Memory({"from": "2026-03-10"})
    assert fetched(oai(http_server, web), memory) == {}
    assert memory.values == {"from": "2026-03-12"}


def test_an_expired_token_begins_the_harvest_anew(http_server: HttpServer, web: Web) -> None:
    http_server.script("/oai", oai_page('<error code="badResumptionToken">expired</error>'), records())
    memory = Memory({"from": "2026-03-01", "token": "old", "began": "2026-03-09"})
    assert len(fetched(oai(http_server, web), memory)) == 1
    assert [each.get("from") for each in queries(http_server)] == [None, "2026-03-01"]
    assert memory.values == {"from": "2026-03-10"}


def test_a_harvest_cut_off_goes_on_at_its_token(http_server: HttpServer, web: Web) -> None:
    http_server.script("/oai", records("more"), Reply(500))
    memory = Memory()
    with pytest.raises(Unavailable):
        fetched(oai(http_server, web), memory)
    assert memory.values == {"token": "more", "began": "2026-03-10"}


def test_flow_control_is_obeyed(http_server: HttpServer, web: Web, pace: Pace) -> None:
    http_server.script("/oai", Reply(503, {"Retry-After": "20"}), Reply(503, {"Retry-After": "3600"}))
    with pytest.raises(Unavailable) as caught:
        fetched(oai(http_server, web), Memory())
    assert 20.0 in pace.pauses
    assert caught.value.retry_after == timedelta(hours=1)


def test_other_errors_are_refused_in_the_repositorys_words(http_server: HttpServer, web: Web) -> None:
    http_server.script("/oai", oai_page('<error code="badArgument">no such set</error>'))
    with pytest.raises(Refused, match="badArgument: no such set"):
        fetched(oai(http_server, web), Memory())
    http_server.script("/oai", Reply(body=b"<html>maintenance</html>"))
    with pytest.raises(Unavailable, match="no OAI-PMH"):
        fetched(oai(http_server, web), Memory())
