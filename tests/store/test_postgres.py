"""The PostgreSQL backend keeps the contract, for many writers, through restarts and whatever a server says."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from digestbot.model.deliveries import DeliveryState
from digestbot.model.errors import StoreError, UsageError
from digestbot.model.papers import Paper
from digestbot.store import open_store
from digestbot.store.base import Cursor, Merged, Store
from digestbot.store.erasing import Keys
from digestbot.store.postgres.connection import Connection
from digestbot.store.postgres.schema import versions
from digestbot.store.postgres.store import PostgresStore
from tests.runtime.cluster.kit import until
from tests.servers.postgres import PostgresServer, open_server
from tests.store.contract import Opener, StoreContract
from tests.store.making import LEASE, NOW, delivery, digest, opening, outcome, subscriber

ADDRESSES_AS_IDS = next(number for number, path in versions().items() if path.stem.endswith("addresses_as_ids"))


class TestPostgresStore(StoreContract):
    @pytest.fixture
    def reopen(self, postgres: PostgresServer, tmp_path: Path) -> Iterator[Opener]:
        """Opens the store anew, closing the one before unless it is opened `beside` it."""
        url = postgres.url()
        opened: list[Store] = []

        def opener(*, beside: bool = False, read_only: bool = False, keys: Keys = tuple) -> Store:
            if not beside:
                for each in opened:
                    each.close()
            opened.append(open_store(url, home=tmp_path, read_only=read_only, keys=keys))
            return opened[-1]

        yield opener
        for each in opened:
            each.close()

    @pytest.fixture
    def store(self, reopen: Opener) -> Store:
        return reopen()


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    return postgres.url()


@pytest.fixture
def crashable() -> Iterator[PostgresServer]:
    """A server that a test may stop."""
    server = open_server()
    server.must_be_ours()
    yield server
    server.remove()


def _open(url: str, *, read_only: bool = False) -> PostgresStore:
    return PostgresStore(url, read_only=read_only)


# many writers


def test_writers_at_once_give_places_without_gaps_that_no_reader_passes(url: str) -> None:
    """Whoever reads up to the head has seen every place there will ever be below it."""
    done = threading.Event()
    seen: list[int] = []

    def write(name: str) -> None:
        with _open(url) as store:
            for number in range(12):
                store.merge([Paper(title=f"Paper {name} {number} {n}") for n in range(3)], now=NOW)

    def read() -> None:
        with _open(url) as store:
            while not (finished := done.is_set()) or len(seen) < store.head():
                head = store.head()
                seen.extend(each.sequence for each in store.window(len(seen), head))
                assert seen == list(range(1, head + 1))
                if finished and head == 4 * 36:
                    return

    _open(url).close()
    with ThreadPoolExecutor() as threads:
        reader = threads.submit(read)
        writers = [threads.submit(write, name) for name in ("ada", "bob", "cyd", "dan")]
        for each in writers:
            each.result()
        done.set()
        reader.result()
    assert seen == list(range(1, 145))


def test_the_same_papers_merged_by_many_at_once_are_logged_once(url: str) -> None:
    papers = [Paper(title=f"The paper number {n}", ids={"arxiv": f"2401.{n:05}"}) for n in range(40)]

    def write(_: int) -> Merged:
        with _open(url) as store:
            return store.merge(papers, now=NOW)

    with ThreadPoolExecutor() as threads:
        merged = list(threads.map(write, range(4)))
    assert sum(each.new for each in merged) == 40
    with _open(url) as store:
        assert store.head() == 40


def test_one_subscription_s_digest_is_opened_by_one_of_many(url: str) -> None:
    """Under the same key, or under another one (by hand, and when due) over the same window."""
    with _open(url) as store:
        store.merge([Paper(title=f"Paper number {n}") for n in range(3)], now=NOW)

    def plan(number: int) -> list[bool]:
        with _open(url) as store:
            return [
                store.open_digest(digest(f"{number % 2}", subscription=f"s{n}", window=(0, 3), entries=[1, 2]), [])
                for n in range(20)
            ]

    with ThreadPoolExecutor() as threads:
        opened = list(threads.map(plan, range(4)))
    assert [sum(each) for each in zip(*opened, strict=True)] == [1] * 20


def test_claims_of_many_at_once_share_and_never_overlap(url: str) -> None:
    record = digest()
    with _open(url) as store:
        store.open_digest(record, [delivery(record, f"u{n}") for n in range(200)])

    def send(_: int) -> list[str]:
        taken: list[str] = []
        with _open(url) as store:
            while claimed := store.claim(now=NOW, lease=LEASE, limit=7):
                taken += [each.id for each in claimed]
                assert store.record([outcome(each) for each in claimed]) == len(claimed)
        return taken

    with ThreadPoolExecutor() as threads:
        taken = [each for part in threads.map(send, range(4)) for each in part]
    with _open(url) as store:
        assert sorted(taken) == sorted(each.id for each in store.deliveries(states={DeliveryState.SENT}))
    assert len(taken) == 200


def test_a06_a_worker_that_comes_back_after_its_lease_writes_nothing(url: str) -> None:
    """Stopped past its lease and resumed: another has taken its deliveries over, under a new fence."""
    record = digest()
    with _open(url) as stopped, _open(url) as other:
        stopped.open_digest(record, [delivery(record)])
        (old,) = stopped.claim(now=NOW, lease=LEASE, limit=1)
        (new,) = other.claim(now=NOW + LEASE, lease=LEASE, limit=1)
        assert stopped.record([outcome(old, DeliveryState.SENDING, parts=1)]) == 0
        assert other.record([outcome(new)]) == 1
        assert stopped.record([outcome(old, DeliveryState.FAILED)]) == 0
        assert [each.state for each in other.deliveries()] == [DeliveryState.SENT]


def test_what_takes_part_in_opening_is_done_with_it_or_not_at_all(url: str) -> None:
    with _open(url) as store:
        _sql(url, "create table jobs (key text)")

        def defer(connection: Connection, keys: list[str]) -> None:
            connection.cursor().executemany("insert into jobs values (%s)", [(key,) for key in keys])

        one, two = digest("one"), digest("two")
        assert store.open_digests([opening(one), opening(one), opening(two)], together=defer) == [True, False, True]
        assert _sql(url, "select key from jobs") == [(one.key,), (two.key,)]

        def fail(connection: Connection, keys: list[str]) -> None:
            defer(connection, keys)
            raise RuntimeError("the engine refuses")

        three = digest("three")
        with pytest.raises(RuntimeError):
            store.open_digests([opening(three, "ada")], together=fail)
        assert (store.digest(three.key), store.deliveries()) == (None, [])
        assert len(_sql(url, "select key from jobs")) == 2


# the tables


def test_starts_at_the_same_time_make_the_tables_once(url: str) -> None:
    with ThreadPoolExecutor() as threads:
        for store in threads.map(lambda _: _open(url), range(6)):
            store.close()
    assert _sql(url, "select number from migrations order by 1") == [(number,) for number in sorted(versions())]


@pytest.mark.parametrize("version", range(1, max(versions())))
def test_every_earlier_version_comes_forward_with_what_it_holds(url: str, version: int) -> None:
    _sql(url, "create table migrations (number integer primary key, done_at timestamptz not null)")
    for number in range(1, version + 1):
        _sql(url, versions()[number].read_text())
        _sql(url, f"insert into migrations values ({number}, now())")
    _sql(url, "insert into standings values ('ml', 3, '2026-03-02T08:00Z', 4, '{7}')")
    with pytest.raises(StoreError, match="older digestbot"):
        _open(url, read_only=True)
    with _open(url) as store:
        assert store.cursor("ml") == Cursor(3, NOW, 4, (7,))
        store.put_subscribers([subscriber()])


def test_papers_of_an_earlier_version_are_known_by_what_their_addresses_name(url: str) -> None:
    addresses = {
        "https://www.nature.com/articles/s41586-026-00001-2": "10.1038/s41586-026-00001-2",
        "https://openreview.net/forum?id=aB3dE": "openreview:aB3dE",
        "https://hal.science/hal-01234567v2": "hal:hal-01234567",
        "https://doi.org/10.1000/EX.1": "10.1000/ex.1",
        "https://arxiv.org/abs/2601.00001v2": "2601.00001",
        "https://www.sciencedirect.com/science/article/pii/S0004370226000012": "pii:S0004370226000012",
        "https://journal.example.org/article/10234": None,
    }
    with _open(url) as store:
        store.merge([Paper(title=f"Paper at {each}", url=each) for each in addresses], now=NOW)
    _sql(url, "delete from work_ids")
    _sql(url, f"delete from migrations where number = {ADDRESSES_AS_IDS}")
    with _open(url) as store:
        for place, (address, reference) in enumerate(addresses.items(), 1):
            found = store.find(reference) if reference else None
            assert (found.sequence if found else None) == (place if reference else None), address
    assert len(_sql(url, "select * from work_ids")) == len(addresses) - 1


@pytest.mark.parametrize("read_only", [False, True])
def test_tables_of_a_newer_version_are_refused_by_name(url: str, read_only: bool) -> None:
    _open(url).close()
    _sql(url, "insert into migrations values (9999, now())")
    with pytest.raises(StoreError, match=r"newer digestbot \(version 9999 .*upgrade"):
        _open(url, read_only=read_only)


def test_a_database_that_cannot_hold_every_character_is_refused(postgres: PostgresServer) -> None:
    name = f"latin_{os.getpid()}"
    _sql(
        postgres.server_url, f"create database {name} encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0"
    )
    with pytest.raises(StoreError, match=r"encoded in LATIN1, not in UTF8.*createdb"):
        _open(make_conninfo(postgres.server_url, dbname=name))


def test_names_longer_than_an_index_takes_are_known_again(url: str) -> None:
    long = Paper(title="word " * 9000, ids={"x" * 9000: "y" * 9000})
    with _open(url) as store:
        assert store.merge([long], now=NOW).new == 1
        assert store.merge([long, replace(long, ids={})], now=NOW).duplicate == 2
        found = store.find("word " * 9000)
        assert found is not None
        assert store.find(found.key) == found


# a server that is not there


def test_a12_a_restart_is_an_error_of_one_call_and_the_next_goes_on(crashable: PostgresServer) -> None:
    with _open(crashable.url()) as store:
        store.merge([Paper(title="Before the restart")], now=NOW)
        for how in ("fast", "immediate"):
            crashable.stop(how)
            for call in (store.head, lambda: store.claim(now=NOW, lease=LEASE, limit=1)):
                with pytest.raises(StoreError, match=r"postgresql://postgres@127.0.0.1:\d+/postgres\S*: .*next call"):
                    call()
            crashable.start()
            assert store.head() == 1
    crashable.stop()
    with pytest.raises(StoreError, match="cannot be reached"):
        _open(crashable.server_url)
    crashable.start()


def test_a12_a_connection_lost_in_the_middle_changes_nothing(url: str) -> None:
    record = digest()
    with _open(url) as store:

        def cut(connection: Connection, _: list[str]) -> None:
            _sql(url, f"select pg_terminate_backend({connection.info.backend_pid})")
            connection.execute("select 1")

        with pytest.raises(StoreError, match="next call"):
            store.open_digests([opening(record, "ada")], together=cut)
        assert (store.digest(record.key), store.deliveries()) == (None, [])
        assert store.open_digest(record, [delivery(record)])


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("set local statement_timeout = 1; select pg_sleep(9)", "took too long"),
        ("do $$ begin raise exception 'no' using errcode = '40001'; end $$", "two writers met"),
        ("do $$ begin raise exception 'no' using errcode = '40P01'; end $$", "two writers met"),
        ("do $$ begin raise exception 'no' using errcode = '53300'; end $$", "run fewer workers"),
        ("do $$ begin raise exception 'no' using errcode = '53100'; end $$", "make room"),
        ("select * from nowhere", "start digestbot anew"),
    ],
)
def test_a12_what_a_server_says_is_told_with_the_way_out(url: str, statement: str, said: str) -> None:
    with _open(url) as store:

        def fail(connection: Connection, _: list[str]) -> None:
            connection.execute(statement.encode())

        with pytest.raises(StoreError, match=said):
            store.open_digests([opening(digest(), "ada")], together=fail)
        assert (store.digests(), store.deliveries()) == ([], [])
        assert store.open_digest(digest(), [])


def test_a12_no_connection_left_on_the_server(postgres: PostgresServer, url: str) -> None:
    """`too many connections`, by a limit on the user: an error now, and good again when there is room."""
    _open(url).close()
    role = f"few_{os.getpid()}"
    _sql(url, f"create role {role} login superuser connection limit 1")
    _sql(url, f"alter role {role} nosuperuser")
    schema = url.rpartition("%3D")[2]
    _sql(url, f"grant all on schema {schema} to {role}; grant all on all tables in schema {schema} to {role}")
    limited = url.replace("//postgres@", f"//{role}@")
    with psycopg.connect(limited), pytest.raises(StoreError, match="too many connections"):
        _open(limited)
    there = f"select from pg_stat_activity where usename = '{role}'"
    with psycopg.connect(url, autocommit=True) as watching:  # who has hung up is gone from the server a moment later
        until(lambda: watching.execute(there).fetchone() is None)
    with _open(limited) as store:
        assert store.head() == 0


@pytest.mark.parametrize(
    "place",
    ["postgresql://u:hunter2@127.0.0.1:1/x", "postgresql://u:hunter2@nowhere.invalid/x?connect_timeout=1"],
)
def test_errors_name_the_store_without_its_password(place: str) -> None:
    with pytest.raises(StoreError, match="postgresql://u@") as caught:
        _open(place)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("wrong", ["postgresql://u:hunter2@host:port/x", "postgresql://u:hunter2@[host/x?a"])
def test_a_url_that_is_none_is_bad_configuration_and_keeps_its_password(wrong: str) -> None:
    with pytest.raises(UsageError, match="DIGESTBOT_STORE") as caught:
        open_store(wrong, home=Path())
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in str(caught.value.__cause__)


def _sql(url: str, statement: str) -> list[tuple[object, ...]]:
    """What a statement gives, past the store."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []
