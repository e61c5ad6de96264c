"""The budgets that all workers share: the pace and the number of connections of a mail server, and of one endpoint."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from digestbot.runtime.cluster.budgets import Places, SharedTurns
from digestbot.store.postgres.store import PostgresStore
from tests.runtime.cluster.kit import all_sent, prepared, until, worker
from tests.servers.postgres import PostgresServer
from tests.servers.watched import Watched


def delivered(home: Path, postgres: PostgresServer, people: int, **settings: object) -> Watched:
    """The server, after two workers have sent everybody's mail, each doing two jobs at a time."""
    url = postgres.url()
    with Watched() as server, PostgresStore(url) as store:
        prepared(home, url, people, server, **settings)
        with worker(home), worker(home):
            until(all_sent(store, people))
    assert len(server.mails) == people
    return server


def test_the_connections_of_a_mail_server_are_counted_over_all_workers(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    for limit in ("one", "none"):
        (tmp_path / limit).mkdir()
    assert delivered(tmp_path / "one", postgres, 450, SMTP_CONNECTIONS=1).most == 1
    assert delivered(tmp_path / "none", postgres, 450).most > 1


def test_the_pace_of_a_mail_server_is_kept_by_all_workers_together(tmp_path: Path, postgres: PostgresServer) -> None:
    rate, people = 80, 450
    server = delivered(tmp_path, postgres, people, SMTP_RATE=rate)
    assert server.begun[-1] - server.begun[0] >= 0.9 * (people - 1) / rate
    begun = sorted(server.begun)
    for first, last in zip(begun, begun[rate:], strict=False):  # a second's worth and one more
        assert last - first > 0.8


def test_turns_are_an_interval_apart_whoever_takes_them(postgres: PostgresServer) -> None:
    url, interval, waits = postgres.url(), timedelta(seconds=5), list[float]()
    with PostgresStore(url) as one, PostgresStore(url) as two:

        def waited(seconds: float) -> bool:
            waits.append(seconds)
            return False

        takers = [SharedTurns(store, waited) for store in (one, two)]
        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(lambda n: takers[n % 2].came("lab", interval), range(12)))
        assert takers[0].came("another", interval)
        assert not SharedTurns(one, lambda _: True).came("lab", interval)  # told to stop
    assert len(waits) == 11  # the first of each budget goes at once
    assert all(later - earlier == pytest.approx(5, abs=1.5) for earlier, later in pairwise(sorted(waits)))


def test_a_place_is_free_again_when_it_is_left_or_its_process_is_gone(postgres: PostgresServer) -> None:
    url, stopping = postgres.url(), threading.Event()

    def full(_: float) -> None:
        stopping.set()  # who finds no place waits, and is told to stop

    def taken(places: Places, wanted: int) -> AbstractContextManager[int]:
        stopping.clear()
        return places.some(wanted, stopping)

    with PostgresStore(url) as one, PostgresStore(url) as two, ExitStack() as held:
        ours, theirs = Places(one, "smtp", 3, full), Places(two, "smtp", 3, full)
        for places in (ours, theirs):
            held.callback(places.close)
        assert held.enter_context(taken(ours, 2)) == 2
        assert held.enter_context(taken(theirs, 2)) == 1
        for places in (ours, theirs):
            with taken(places, 1) as count:
                assert count == 0
        theirs.close()  # as the server does with the session of a process that is killed, a moment later
        patient = Places(one, "smtp", 3, time.sleep)
        held.callback(patient.close)
        for _ in range(2):
            with patient.some(4, threading.Event()) as count:
                assert count == 1
