"""A store's contents taken to another and back: whole, proved, interrupted anywhere, and never sent twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from digestbot.model.audit import Act, AuditEntry
from digestbot.model.deliveries import DeliveryState
from digestbot.model.errors import StoreError
from digestbot.model.feedback import Feedback, Liking
from digestbot.model.papers import Paper
from digestbot.model.subscribers import Membership, Suppression
from digestbot.store import moving, open_movable, open_store
from digestbot.store.base import Store
from digestbot.store.moving import Mark, MovableStore, MovedTable, Way, begin, move
from digestbot.store.tinydb import sealing
from tests.servers.postgres import PostgresServer
from tests.store.making import LEASE, NOW, delivery, digest, later, opening, outcome, subscriber

Place = Callable[[], str]


@pytest.fixture
def place(postgres: PostgresServer, tmp_path: Path) -> Callable[[str], str]:
    """An empty place for a store of a kind."""
    numbers = iter(range(99))
    return lambda kind: postgres.url() if kind == "postgres" else f"tinydb:{tmp_path}/{next(numbers)}"


@pytest.fixture(autouse=True, params=[sealing.SEGMENT, 3])
def segment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Moved with all papers open, and with nearly all of them sealed."""
    monkeypatch.setattr(sealing, "SEGMENT", request.param)


@pytest.fixture(params=[("tinydb", "postgres"), ("postgres", "tinydb"), ("postgres", "postgres")])
def sides(request: pytest.FixtureRequest, place: Callable[[str], str]) -> tuple[str, str]:
    """Where from, where to."""
    old, new = request.param
    return place(old), place(new)


def _open(url: str, *, read_only: bool = False) -> Store:
    return open_store(url, home=Path(), read_only=read_only)


def _movable(url: str) -> MovableStore:
    return open_movable(url, home=Path())


def fill(url: str, rounds: range = range(4)) -> None:
    """Papers merged, joined and changed; digests; deliveries in every state; subscribers who came and went."""
    with _open(url) as store:
        for number in rounds:
            name = f"{number}"
            store.merge([Paper(title=f"Paper {n} of round {name}", upvotes=n) for n in range(3)], now=later(number))
            store.merge([Paper(title=f"Preprint {name}", ids={"arxiv": f"2401.{number:05}"})], now=NOW)
            store.merge([Paper(title=f"Journal {name}", ids={"doi": f"10.1/{number}"})], now=NOW)
            both = {"arxiv": f"2401.{number:05}", "doi": f"10.1/{number}"}
            store.merge([Paper(title=f"Journal {name}", ids=both, abstract="Odd \0 \ud800 ä")], now=NOW)
            store.merge([Paper(title=f"Paper 0 of round {name}", url="https://example.org")], now=NOW)
            cursor = store.cursor("ml")
            record = digest(name, window=((cursor and cursor.position) or 0, store.head()), entries=[1, 2], carry=[3])
            assert store.open_digest(record, [delivery(record, f"u{n}") for n in range(6)])
            store.register([f"idle-{name}"], now=later(number))
            claimed = store.claim(now=later(-60), lease=LEASE, limit=6, digests={record.key})
            states = (
                DeliveryState.SENT,
                DeliveryState.FAILED,
                DeliveryState.DEFERRED,
                DeliveryState.HELD,
                DeliveryState.PLANNED,
            )
            store.record([outcome(each, state) for each, state in zip(claimed, states, strict=False)])
            store.put_subscribers([subscriber(f"s-{number}-{n}", query=f"x{n}") for n in range(3)])
            store.put_subscribers([subscriber(f"s-{number}-1", state=Membership.PENDING)])
            store.put_opinions(
                [Feedback(name, number + 1, Liking.MORE, NOW) for name in ("ml", "s-0-0", f"s-{number}-2")]
            )
            store.put_library(f"s-{number}-1", [Paper(title=f"Liked in {name}")])
            store.put_library("source/zotero", [Paper(title=f"Liked in {name}")])
            store.remove_subscribers([f"s-{number}-2"])
            store.take_gists(["zh/a", f"zh/{number}"], day=NOW.date() + timedelta(days=number), most=9)
            store.put_gists({f"zh/{number}": f"写了 {number}"})
            store.suppress(
                [Suppression(f"u{number}@x.org", "bounced", NOW, "550"), Suppression("b@x.org", "spam", NOW)],
                noting=[AuditEntry(NOW, "digestbot", Act.SUPPRESSED, f"u{number}@x.org", id=f"{9 - number}")],
            )


def told(url: str) -> dict[str, Any]:
    """All that a store says of itself."""
    with _open(url, read_only=True) as store:
        return {
            "log": list(store.logged(range(1, store.head() + 1)).values()),
            "window": list(store.window(0, store.head())),
            "found": [
                store.find(name)
                for number in range(9)
                for name in (f"10.1/{number}", f"Journal {number}", f"Preprint {number}", f"Paper 0 of round {number}")
            ],
            "standings": store.cursors(["ml", *(f"idle-{n}" for n in range(9))]),
            "digests": store.digests(),
            "delivered": store.delivered("ml"),
            "deliveries": store.deliveries(),
            "subscribers": list(store.subscribers()),
            "suppressions": store.suppressions(),
            "audit": store.audit(),
            "libraries": [store.library(each) for each in ("source/zotero", "s-0-1", "s-1-1")],
            "opinions": [*store.opinions("ml"), *store.opinions("s-0-0")],
            "gists": store.gists(["zh/a", *(f"zh/{n}" for n in range(9))]),
        }


def moved(old: str, new: str) -> tuple[Way, list[moving.Moved]]:
    with _movable(old) as source, _movable(new) as target:
        way = begin(source, target)
        return way, move(source, target) if way is Way.MOVE else []


def test_everything_arrives_and_is_proved(sides: tuple[str, str]) -> None:
    old, new = sides
    fill(old)
    before = told(old)
    way, tables = moved(old, new)
    assert way is Way.MOVE
    assert told(new) == before
    assert {each.table: each.rows for each in tables}["log"] == len(before["log"])
    assert all(each.written == each.rows for each in tables)
    # And it goes on where it stopped: known papers are known, sent things are sent, what was open is open.
    with _open(new) as store:
        assert store.merge([Paper(title="Paper 2 of round 1", upvotes=2)], now=NOW).duplicate == 1
        assert store.merge([Paper(title="New", ids={"doi": "10.1/1"})], now=NOW).new == 0
        assert not store.open_digest(digest("0"), [])
        assert store.abandon() in (0, 4)
        open_ones = {
            each.id
            for each in before["deliveries"]
            if each.state not in (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.HELD)
        }
        assert {each.id for each in store.claim(now=later(60), lease=LEASE, limit=99)} == open_ones
        (known,) = store.subscribers(["s-1-0"])
        store.put_subscribers([known])
        (again,) = store.subscribers(["s-1-0"])
        assert again.revision > max(each.revision for each in before["subscribers"])


def test_there_and_back_again_is_the_same(place: Callable[[str], str]) -> None:
    """Also after it went on over there: the place that was left is brought up to date."""
    home, away = place("tinydb"), place("postgres")
    fill(home)
    moved(home, away)
    fill(away, range(4, 6))
    with _open(away) as store:
        store.remove_subscribers(["s-0-0"])
        store.release(["b@x.org"])
        store.record([outcome(each) for each in store.claim(now=later(99), lease=timedelta(seconds=1), limit=9)])
    before = told(away)
    moved(away, home)
    assert told(home) == before
    fill(home, range(6, 7))
    moved(home, away)
    assert told(away) == told(home)


class Cut(BaseException):
    """The process is gone."""


def test_a13_killed_anywhere_and_run_again_it_is_whole(sides: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = sides
    fill(old)
    before = told(old)
    monkeypatch.setattr(moving, "BATCH", 3)
    kinds = {type(_closed(_movable(each))) for each in sides}
    steps = left = 0

    def dying(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any) -> Any:
            nonlocal steps, left
            steps += 1
            left -= 1
            if left == 0:
                raise Cut
            return real(*arguments)

        return step

    for kind in kinds:
        for name in ("take_in", "take_out", "put_mark"):
            monkeypatch.setattr(kind, name, dying(getattr(kind, name)))
    for attempt in range(1, 99):
        left = attempt
        with suppress(Cut):
            moved(old, new)
            break
        free = [url for url in sides if _is_free(url)]
        assert free in ([], [old]) or attempt == 1, "both go on, or the one that has less"
    assert steps > attempt > 9
    assert told(new) == before
    with pytest.raises(StoreError, match="was moved to"):
        _open(old)


def _is_free(url: str) -> bool:
    try:
        _open(url).close()
    except StoreError as error:
        assert "half filled" in str(error) or "was moved to" in str(error)  # noqa: PT017  it may fail or not
        return False
    return True


def _closed(movable: MovableStore) -> MovableStore:
    movable.close()
    return movable


def test_half_moved_nobody_writes_to_either_until_it_is_finished_or_taken_back(sides: tuple[str, str]) -> None:
    old, new = sides
    fill(old)
    before = told(old)
    with _movable(old) as source, _movable(new) as target:
        assert begin(source, target) is Way.MOVE
        places = source.place, target.place
    for url, said in ((old, f"was moved to {places[1]}"), (new, f"is only half filled from {places[0]}")):
        with pytest.raises(StoreError) as caught:
            _open(url)
        assert said in str(caught.value)
        assert "digestbot migrate" in str(caught.value)
        _open(url, read_only=True).close()
    assert moved(new, old) == (Way.TAKEN_BACK, [])
    fill(old, range(4, 5))
    assert moved(old, new)[0] is Way.MOVE
    assert told(new) == told(old) != before


def test_moved_twice_is_moved_once_and_what_went_on_is_left_alone(sides: tuple[str, str]) -> None:
    old, new = sides
    fill(old)
    moved(old, new)
    fill(new, range(4, 5))
    after = told(new)
    assert moved(old, new) == (Way.DONE, [])
    assert told(new) == after


def test_a_place_that_holds_something_else_is_refused(sides: tuple[str, str], place: Callable[[str], str]) -> None:
    old, new = sides
    fill(old)
    fill(new, range(7, 8))
    with pytest.raises(StoreError, match="holds something already"):
        moved(old, new)
    with pytest.raises(StoreError, match="same store on both sides"), _movable(old) as movable:
        begin(movable, movable)
    fill(old, range(5, 6))  # and nobody was kept from it
    third, fourth = place("postgres"), place("tinydb")
    moved(new, third)
    with pytest.raises(StoreError, match="was moved to"):
        moved(new, fourth)
    with pytest.raises(StoreError, match="holds what the other one does not"):
        moved(old, new)


def test_a_row_that_reads_otherwise_is_told(sides: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = sides
    fill(old)
    kind = type(_closed(_movable(new)))
    real = kind.take_in

    def losing(self: Any, table: MovedTable, rows: Sequence[moving.Row]) -> None:
        real(self, table, rows[:-1] if table.name == "deliveries" else rows)

    with monkeypatch.context() as patch:
        patch.setattr(kind, "take_in", losing)
        with pytest.raises(StoreError, match="does not read as what was written: deliveries"):
            moved(old, new)
    with pytest.raises(StoreError, match="half filled"):
        _open(new)
    before = told(old)
    moved(old, new)
    assert told(new) == before


def test_workers_that_still_run_are_stopped_and_what_is_on_its_way_is_waited_for(postgres: PostgresServer) -> None:
    old, new = postgres.url(), postgres.url()
    record = digest()
    with _open(old) as worker:
        worker.open_digests([opening(record, "ada")])
        now = datetime.now(UTC)  # leases are the server's clock against ours
        (claimed,) = worker.claim(now=now, lease=LEASE, limit=1)
        with pytest.raises(StoreError, match=r"1 deliveries are on their way.*stop all workers"):
            moved(old, new)
        assert worker.record([outcome(claimed)]) == 1
        moved(old, new)
        for change in (
            lambda: worker.merge([Paper(title="Too late for this")], now=now),
            lambda: worker.claim(now=now, lease=LEASE, limit=1),
            lambda: worker.open_digest(digest("late", window=(0, 0)), []),
            lambda: worker.register(["late"], now=now),
            lambda: worker.put_subscribers([subscriber()]),
        ):
            with pytest.raises(StoreError, match=r"was moved to postgresql://"):
                change()
    with _open(new) as store:
        assert [each.state for each in store.deliveries()] == [DeliveryState.SENT]


def test_marks_are_kept(sides: tuple[str, str]) -> None:
    for url in sides:
        for mark in (Mark("x", left=True), Mark("y", left=False), None, None):
            with _movable(url) as movable:
                movable.put_mark(mark)
            with _movable(url) as movable:
                assert movable.mark() == mark
