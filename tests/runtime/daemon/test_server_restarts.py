"""FAULTS A12: the daemon's rounds while PostgreSQL comes and goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from digestbot.runtime.daemon import Daemon
from digestbot.runtime.reloader import Reloader
from tests.delivery.kit import Clock, FakeChannel, mail_to, open_app, papers, states, subscribe
from tests.servers.postgres import PostgresServer, open_server


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresServer]:
    """A server that the test may stop; the daemon's store is on it."""
    server = open_server()
    server.must_be_ours()
    monkeypatch.setenv("DIGESTBOT_STORE", server.url())
    yield server
    server.remove()


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a12_a_round_without_its_server_fails_and_a_later_one_does_its_work(
    tmp_path: Path, server: PostgresServer, how: str
) -> None:
    clock, told, mail = Clock(), list[str](), FakeChannel("email")
    subscribe(tmp_path, "all", mail_to(["ada", "bob"]), cadence='"instant"')
    with open_app(tmp_path, clock, mail) as app:
        app.store.register(["all"], now=clock())
        daemon = Daemon(Reloader(app), told.append)
        for number in range(1, 4):
            app.store.merge(papers(2, first=2 * number), now=clock())
            server.stop(how)
            daemon.tick()
            daemon.tick()
            assert sum("this round failed, the next tries again" in line for line in told) == 2 * number
            assert len(mail.taken) == 2 * (number - 1)
            server.start()
            clock.now += timedelta(minutes=1)
            daemon.tick()
            assert len(mail.taken) == 2 * number
        assert states(app) == {"sent": 6}
    assert not any("hunter" in line or "Traceback" in line for line in told)


def test_a12_restarted_in_the_middle_of_sending_nothing_is_lost_and_twice_only_in_flight(
    tmp_path: Path, server: PostgresServer
) -> None:
    clock, told = Clock(), list[str]()
    sent = 0

    def restart_once(*_: object) -> None:
        nonlocal sent
        sent += 1
        if sent == 10:
            server.stop("immediate")
            server.start()

    mail = FakeChannel("email", restart_once)
    subscribe(tmp_path, "all", mail_to(f"r{n}" for n in range(40)), cadence='"instant"')
    with open_app(tmp_path, clock, mail) as app:
        app.store.register(["all"], now=clock())
        app.store.merge(papers(2), now=clock())
        daemon = Daemon(Reloader(app), told.append)
        for _ in range(4):
            daemon.tick()
            clock.now += timedelta(minutes=20)  # past the leases of what was in flight
        assert states(app) == {"sent": 40}
        arrived = {name for name, _, _ in mail.taken}
        assert len(arrived) == 40
        keys = {key for _, key, _ in mail.taken}
        assert len(keys) == 40, "a copy came under another key"
