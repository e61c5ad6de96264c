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
from digestbot.model.errors import DigestbotError, DumpError, Problem, StoreError, UsageError
from digestbot.model.papers import Paper
from digestbot.readers import Skipped
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


def test_the_bounds_of_a_batch_and_of_what_is_held_back() -> None:
    assert (room.BATCH, room.HELD_BACK, room._TOLD) == (1_000, 20_000, 20)


def test_what_became_of_a_dump_comes_back_from_json_as_it_was() -> None:
    skipped = Skipped(3, "unreadable", "why", "garb")
    for error in (None, UsageError(Problem("no such file", "x")), DigestbotError(Problem("broken", "y", 7))):
        plain = Ingested("x", 5, Merged(1, 2, 3), 4, ["a note"], [skipped], error)
        back = Ingested.from_json(json.loads(json.dumps(plain.to_json())))
        assert (back.name, back.found, back.merged, back.skipped, back.notes, back.broken) == (
            "x", 5, Merged(1, 2, 3), 4, ["a note"], [skipped],
        )  # fmt: skip
        assert (type(back.error), str(back.error)) == (type(error), str(error))


def test_in_part_papers_are_merged_as_they_come() -> None:
    log = Log()
    (done,) = run(log, lines(1_000, cut=True), partial=True)
    assert log.batches == [1_000]
    assert done.merged.new == 1_000


def test_the_first_twenty_broken_entries_are_told_and_all_are_counted() -> None:
    log = Log()
    (done,) = run(log, lines(60) + b"no json\n" * 21 + lines(60, first=60))
    assert (done.skipped, len(done.broken)) == (21, 20)
    assert [each.line for each in done.broken] == list(range(61, 81))


def test_a_dump_of_which_most_is_kept_out_is_refused() -> None:
    log = Log()
    (done,) = run(log, lines(2) + b"no json\n" * 20 + lines(1, first=5))
    assert (log.batches, done.found, done.merged) == ([], 3, Merged(0, 0, 0))
    (problem,) = done.error.problems if done.error else ()
    assert problem.message == "most of it was kept out, nothing of it was stored"
    assert problem.way_out == "fetch it again, or take the 3 whole papers with --partial"
    assert (problem.place, problem.line) == ("0", None)


def test_what_is_known_from_the_start_is_marked_so() -> None:
    marked: list[bool] = []

    class Kept(Log):
        def merge(self, papers: Sequence[Paper], *, now: datetime) -> Merged:
            marked.extend(each.baseline for each in papers)
            return super().merge(papers, now=now)

    store = cast(Store, cast(Any, Kept()))
    dumps = [Dump("x", lambda: io.BytesIO(lines(3)))]
    list(ingest(["x"], lambda _: dumps, store, subscriptions=[], now=NOW, is_baseline=lambda each: each.title == "T1"))
    assert marked == [False, True, False]


def test_a_store_that_fails_ends_it_all_and_subscriptions_are_registered_once() -> None:
    log = Log()
    run(log, lines(2), lines(2, first=2))
    assert log.registered == ["a"]

    def broken(*_: object, **__: object) -> Merged:
        raise StoreError("the disk is full")

    log = Log()
    log.merge = broken  # type: ignore[method-assign]  # a disk that is full
    with pytest.raises(StoreError):
        run(log, lines(1), lines(1))

    def lost(name: str) -> Iterator[Dump]:
        raise StoreError("gone")

    with pytest.raises(StoreError):
        list(ingest(["x"], lost, cast(Store, cast(Any, log)), subscriptions=[], now=NOW))
