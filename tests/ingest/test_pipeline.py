"""The life of a paper: whole dumps stored in batches, broken ones refused, and what is too large to hold back."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from digestbot.ingest import pipeline as room
from digestbot.ingest.pipeline import Ingested, ingest
from digestbot.ingest.sources.base import Dump
from digestbot.model.errors import DumpError, UsageError
from digestbot.model.papers import Paper
from digestbot.store.base import Merged, Store

NOW = datetime(2026, 11, 20, tzinfo=UTC)


class Log:
    """A store that only counts."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.registered: list[str] = []
        self.ids: set[str] = set()

    def register(self, subscriptions: Sequence[str], *, now: datetime) -> None:
        assert not self.batches
        self.registered += subscriptions

    def register_subscribers(self, *, now: datetime) -> None:
        assert not self.batches

    def merge(self, papers: Sequence[Paper], *, now: datetime) -> Merged:
        self.batches.append(len(papers))
        before = len(self.ids)
        self.ids |= {paper.ids["arxiv"] for paper in papers}
        new = len(self.ids) - before
        return Merged(new, 0, len(papers) - new)


def lines(count: int, *, cut: bool = False, first: int = 0) -> bytes:
    made = [
        {"id": f"2601.{number:05}", "title": f"T{number}", "abstract": "A."} for number in range(first, first + count)
    ]
    return "\n".join(map(json.dumps, made)).encode() + (b'\n{"id": "26' if cut else b"\n")


def run(log: Log, *dumps: bytes | Exception, partial: bool = False) -> list[Ingested]:
    def read(name: str) -> Iterator[Dump]:
        data = dumps[int(name)]
        if isinstance(data, UsageError):
            raise data

        def opened() -> io.BytesIO:
            if isinstance(data, Exception):
                raise data
            return io.BytesIO(data)

        yield Dump(name, opened)

    names = map(str, range(len(dumps)))
    store = cast(Store, cast(Any, log))  # the two methods that ingest uses
    return list(ingest(names, read, store, subscriptions=["a"], now=NOW, partial=partial))


def test_papers_are_merged_in_batches_and_the_counts_add_up() -> None:
    log = Log()
    (done,) = run(log, lines(2500) + lines(10))
    assert log.batches == [1000, 1000, 510]
    assert (done.found, done.merged, done.skipped, done.error) == (2510, Merged(2500, 0, 10), 0, None)


def test_a_dump_that_breaks_off_is_refused_whole_or_taken_in_part_on_demand() -> None:
    log = Log()
    (done,) = run(log, lines(5, cut=True))
    assert (log.batches, log.registered) == ([], [])
    assert (done.found, done.skipped) == (5, 1)
    assert "0:6: the dump ends within this line, nothing of it was stored" in str(done.error)
    assert "take the 5 whole papers with --partial" in str(done.error)
    (done,) = run(log, lines(5, cut=True), partial=True)
    assert (done.merged.new, done.skipped, done.error) == (5, 1, None)


def test_a_dump_too_large_to_hold_back_is_stored_up_to_its_break(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "HELD_BACK", 3000)
    log = Log()
    (done,) = run(log, lines(4200, cut=True))
    assert log.batches == [1000, 1000, 1000, 1000, 200]
    assert done.merged.new == done.found == 4200
    assert "the 4200 whole papers were stored" in str(done.error)
    log = Log()
    (done,) = run(log, lines(2999, cut=True))
    assert (log.batches, done.merged.new) == ([], 0)


def test_an_entry_nobody_can_read_keeps_no_other_out() -> None:
    log = Log()
    (done,) = run(log, lines(2) + b"no json\n" + lines(2, first=2))
    assert (done.merged.new, done.skipped, done.error) == (4, 1, None)
    assert [piece.line for piece in done.broken] == [3]


def test_a_bad_dump_stops_none_of_the_others() -> None:
    log = Log()
    done = run(log, b"", DumpError("cannot be opened"), UsageError("no such file"), lines(1))
    assert [each.error is None for each in done] == [False, False, False, True]
    assert [each.name for each in done] == ["0", "1", "2", "3"]
    assert log.registered == ["a"]


def test_a_dump_that_says_it_is_empty_is_fine() -> None:
    feed = b'<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title></feed>'
    (done,) = run(Log(), feed)
    assert (done.found, done.error) == (0, None)
    assert list(done.notes) == ["the feed holds no entries"]
