"""A store that the version before wrote is opened and goes on: its words become causes, in every kind of store.

`before_causes/` was written by that version itself, one delivery for each way a delivery then came to stand.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.types.json import Json

from digestbot.model.causes import Cause
from digestbot.model.deliveries import Delivery, DeliveryState
from digestbot.store import open_movable, open_store
from digestbot.store.backup import fill, open_backup, write_backup
from digestbot.store.moving import TABLES
from digestbot.store.postgres.schema import versions
from digestbot.store.postgres.store import PostgresStore
from digestbot.store.tinydb.storage import Database
from tests.servers.postgres import PostgresServer

BEFORE = Path(__file__).parent / "before_causes"
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

# Who a delivery goes to says how it came to stand as it does: its cause now, and whether it may have arrived.
CAUSES: dict[str, tuple[Cause | None, bool]] = {
    "answered": (Cause.ANSWERED, False),
    "answered-again": (Cause.ANSWERED, True),
    "refused": (Cause.REFUSED, False),
    "gone": (Cause.GONE, False),
    "temporary": (Cause.TEMPORARY, False),
    "patience": (Cause.ASKED_FOR_PATIENCE, False),
    # What it was for is not told apart by its words: all of them are tried again.
    "misconfigured": (Cause.TEMPORARY, False),
    "to-mend": (Cause.TEMPORARY, False),
    "fault": (Cause.FAULT, False),
    "stopped": (Cause.STOPPED, False),
    "lease-lost": (Cause.LEASE_LOST, False),
    "no-answer": (Cause.NO_ANSWER, True),
    "no-answer-held": (Cause.NO_ANSWER, True),
    "given-up": (Cause.GIVEN_UP, False),
    "given-up-unanswered": (Cause.GIVEN_UP, True),
    "turn": (Cause.TURN, False),
    "behind": (Cause.BEHIND, False),
    "behind-patience": (Cause.BEHIND_PATIENCE, False),
    "host-refuses": (Cause.HOST_REFUSES, False),
    "late": (Cause.TOO_LATE, False),
    "may-have-arrived": (Cause.MAY_HAVE_ARRIVED, True),
    "no-subscription": (Cause.SUBSCRIPTION_GONE, False),
    "file-wrong": (Cause.SUBSCRIPTION_WRONG, False),
    "paused": (Cause.PAUSED, False),
    "no-destination": (Cause.DESTINATION_REMOVED, False),
    "suppressed": (Cause.SUPPRESSED, False),
    "left": (Cause.UNSUBSCRIBED, False),
    "destination-gone": (Cause.DESTINATION_GONE, False),
    "in-doubt": (Cause.RESTORED, False),
    "forgotten": (Cause.FORGOTTEN, False),
    "retried": (Cause.BY_HAND, False),
    "held": (Cause.BY_HAND, False),
    "dropped": (Cause.BY_HAND, False),
    "handed-back": (Cause.MISCONFIGURED, False),
    "sender-died": (Cause.LEASE_OVER, True),
    "claimed": (None, False),
    "untouched": (None, False),
}
ANSWERS = {
    "answered": "250 2.0.0 Ok: queued",
    "answered-again": "250 2.0.0 Ok: queued",
    "refused": "550 5.7.1 no spam here",
    "gone": "550 5.1.1 User unknown",
    "patience": "429 slow down",
    "no-answer": "cut off",
    "given-up": "452 4.2.2 mailbox full",
    "stopped": "not sent: told to stop before its turn came",
    "turn": None,
    "left": None,
    "untouched": None,
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    shutil.copytree(BEFORE, tmp_path / "data")
    return tmp_path


def whom(delivery: Delivery) -> str:
    return delivery.destination.options["address"].partition("@")[0]


def check(deliveries: list[Delivery]) -> None:
    found = {whom(each): each for each in deliveries}
    assert {name: (each.cause, each.possible_duplicate) for name, each in found.items()} == CAUSES
    assert {name: found[name].answer for name in ANSWERS} == ANSWERS
    assert {each.subscription for each in deliveries} == {"ml"}


def test_the_embedded_store_is_brought_forward_once_and_goes_on(home: Path) -> None:
    with open_store("tinydb:data", home=home, read_only=True) as store:
        check(store.deliveries())
    assert b'"schema":1' in (home / "data" / "ledger.json").read_bytes(), "who only reads writes nothing"
    with open_store("tinydb:data", home=home) as store:
        check(store.deliveries())
        assert [each.slot.by_hand for each in store.digests()] == [False, True]
        assert store.abandon() == 2
        died = {whom(each): each for each in store.claim(now=NOW, lease=timedelta(minutes=5), limit=100)}["claimed"]
        assert (died.cause, died.possible_duplicate, died.fence) == (Cause.LEASE_OVER, True, 2)
    written = {name: (home / "data" / name).read_bytes() for name in ("ledger.json", "papers.json")}
    assert all(b'"schema":4' in each for each in written.values())
    with open_store("tinydb:data", home=home) as store:
        assert {whom(each): each for each in store.deliveries()}["claimed"] == died
    assert {name: (home / "data" / name).read_bytes() for name in written} == written


def test_a_disk_that_is_full_while_it_is_brought_forward_leaves_it_as_it_was(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("digestbot.store.tinydb.files.write_aside", full)
        with pytest.raises(Exception, match="No space left"):
            open_store("tinydb:data", home=home)
    with open_store("tinydb:data", home=home) as store:
        check(store.deliveries())


@pytest.fixture
def as_written(monkeypatch: pytest.MonkeyPatch) -> Callable[[], AbstractContextManager[None]]:
    """Within, files of the version before are read as they were written."""

    @contextmanager
    def earlier() -> Iterator[None]:
        with monkeypatch.context() as before:
            before.setattr("digestbot.store.tinydb.generations.SCHEMA", 1)
            yield

    return earlier


Earlier = Callable[[], AbstractContextManager[None]]


def test_a_backup_of_the_version_before_fills_any_store(home: Path, as_written: Earlier) -> None:
    """What is proved of its rows is proved as they were written."""
    with as_written(), open_movable("tinydb:data", home=home, read_only=True) as source:
        rows = [*source.rows(next(table for table in TABLES if table.name == "deliveries"))]
        assert all("cause" not in row and "gone" in row for row in rows)
        write_backup(home / "backup.tar.gz", source, {}, by="before", now=NOW)
    with open_backup(home / "backup.tar.gz", home) as backup, open_movable("tinydb:new", home=home) as new:
        fill(new, backup, backup.place)
    with open_store("tinydb:new", home=home) as store:
        check(store.deliveries())
        assert [each.slot.by_hand for each in store.digests()] == [False, True]


def test_the_tables_of_a_server_are_brought_forward_alike(
    home: Path, postgres: PostgresServer, as_written: Earlier
) -> None:
    url = postgres.url()
    with as_written(), Database(home / "data", "ledger", read_only=True) as ledger:
        digests, deliveries = ([dict(each) for each in ledger.table(name)] for name in ("digests", "deliveries"))
    with psycopg.connect(url) as connection:
        connection.execute("create table migrations (number integer primary key, done_at timestamptz not null)")
        for number in range(1, 7):
            connection.execute(versions()[number].read_bytes())
            connection.execute("insert into migrations values (%s, now())", (number,))
        for each in digests:
            assert "by_hand" not in each["slot"]
            said: tuple[object, ...] = (each["key"], each["subscription"], each["window"]["upto"], [], Json(each))
            connection.execute(
                "insert into digests (key, subscription, upto, places, record) values (%s, %s, %s, %s, %s)", said
            )
        for each in deliveries:
            each["destination"] = Json(each["destination"])
            marks = ", ".join(f"%({name})s" for name in each)
            connection.execute(f"insert into deliveries ({', '.join(each)}) values ({marks})", each)
    with PostgresStore(url) as store:
        check(store.deliveries())
        assert [each.slot.by_hand for each in store.digests()] == [False, True]
        patient = {whom(each) for each in store.patience_of_kind("email", now=NOW)}
        assert {"gone", "patience", "no-answer"} <= patient
        assert store.count_deliveries({DeliveryState.SENT}) == {DeliveryState.SENT: 2}
