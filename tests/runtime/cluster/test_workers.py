"""Real workers in real processes: planning, delivering, stopping, dying, and a server that goes away."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from digestbot.delivery import IN_FLIGHT
from digestbot.store.postgres.store import PostgresStore
from tests.delivery.kit import copies
from tests.runtime.cluster.kit import all_sent, prepared, until, worker
from tests.servers.http import HttpServer
from tests.servers.postgres import PostgresServer, open_server
from tests.servers.smtp import Mail, SmtpServer

AT_STAKE = 2 * IN_FLIGHT  # a worker does two jobs at a time


def extra(mails: Sequence[Mail]) -> int:
    """How many mails came more than once; each copy is the same, with the same Message-ID."""
    return sum(copies(mails).values()) - len(copies(mails))


def seen(process: subprocess.Popen[str], server: SmtpServer, count: int) -> None:
    """Wait until so many mails have come, and the worker is in the middle of more."""
    until(lambda: len(server.mails) >= count)
    assert process.poll() is None


def planned(home: Path, store: PostgresStore, people: int, *, ago: str) -> None:
    """Have a worker plan for so many, as if it were long ago."""
    with worker(home, "--queues", "tick,plan"):
        until(lambda: len(store.deliveries()) == people)
    with store.writing() as connection:
        connection.execute("update deliveries set planned_at = planned_at - %s::interval", (ago,))


def test_two_workers_plan_and_deliver_each_digest_once(tmp_path: Path, postgres: PostgresServer) -> None:
    url = postgres.url()
    with SmtpServer() as server, PostgresStore(url) as store:
        prepared(tmp_path, url, 200, server)
        with worker(tmp_path) as one, worker(tmp_path) as two:
            until(all_sent(store, 200))
            for each in (one, two):
                each.send_signal(signal.SIGTERM)
            assert (one.wait(30), two.wait(30)) == (0, 0)
        assert extra(server.mails) == 0
        assert len(server.mails) == len(store.digests()) == 200


def test_a14_a_worker_told_to_stop_finishes_what_is_in_flight_and_leaves_the_rest_to_the_next(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    url = postgres.url()
    with SmtpServer() as server, PostgresStore(url) as store:
        prepared(tmp_path, url, 150, server)
        with worker(tmp_path, "--concurrency", "1") as first:
            seen(first, server, 20)
            first.send_signal(signal.SIGTERM)
            assert first.wait(30) == 0
        left = Counter(each.state.value for each in store.deliveries())
        assert set(left) <= {"sent", "planned"}  # nothing is in doubt
        assert left["sent"] == len(server.mails)
        with worker(tmp_path):
            until(all_sent(store, 150))
        assert extra(server.mails) == 0


def test_a06_a_worker_killed_amid_its_shard_loses_none_and_repeats_at_most_what_was_in_flight(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    url = postgres.url()
    with SmtpServer() as server, PostgresStore(url) as store:
        prepared(tmp_path, url, 200, server)
        with worker(tmp_path) as first:
            seen(first, server, 30)
            first.kill()
        with worker(tmp_path):
            until(all_sent(store, 200))
        assert len(copies(server.mails)) == 200
        print(f"copies too many: {extra(server.mails)} of {len(server.mails)}")  # for the README
        assert extra(server.mails) <= AT_STAKE


@pytest.mark.slow
def test_a06_a_worker_stopped_past_its_lease_is_refused_when_it_goes_on(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    """SIGSTOP, the others take over, SIGCONT: its late word changes nothing, and it works on."""
    url = postgres.url()
    with SmtpServer() as server, PostgresStore(url) as store:
        prepared(tmp_path, url, 200, server)
        with worker(tmp_path) as first:
            seen(first, server, 30)
            first.send_signal(signal.SIGSTOP)
            with worker(tmp_path) as second:
                until(all_sent(store, 200))
                first.send_signal(signal.SIGCONT)
                time.sleep(2)  # whatever it still has to say is said in this time; nothing is to be waited for
                assert all_sent(store, 200)()
                for each in (first, second):
                    each.send_signal(signal.SIGTERM)
                assert second.wait(30) == 0
                assert first.wait(30) == 0
        assert len(copies(server.mails)) == 200
        print(f"copies too many: {extra(server.mails)} of {len(server.mails)}")  # for the README
        assert extra(server.mails) <= AT_STAKE


@pytest.mark.slow
@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a12_the_server_restarts_amid_a_run_and_the_workers_go_on(tmp_path: Path, how: str) -> None:
    """A restart in order, and a crash: no worker ends, none is lost."""
    database = open_server("-c max_connections=60")
    try:
        database.must_be_ours()
        url = database.url()
        with SmtpServer() as server, PostgresStore(url) as store:
            prepared(tmp_path, url, 200, server)
            with worker(tmp_path) as one, worker(tmp_path) as two:
                seen(one, server, 30)
                database.stop(how)
                time.sleep(1)  # as long as a restart takes
                database.start()
                until(all_ended(store, 200), 90)
                assert (one.poll(), two.poll()) == (None, None)
            assert len(copies(server.mails)) == 200
            print(f"copies too many: {extra(server.mails)} of {len(server.mails)}")  # for the README
            assert extra(server.mails) <= 2 * AT_STAKE
    finally:
        database.remove()


def all_ended(store: PostgresStore, count: int) -> Callable[[], bool]:
    """As `all_sent`, also while the server is away."""
    look = all_sent(store, count)

    def ended() -> bool:
        try:
            return look()
        except Exception:  # noqa: BLE001  # the server is away
            return False

    return ended


@pytest.mark.slow
def test_a08_what_is_too_late_to_leave_is_held(tmp_path: Path, postgres: PostgresServer) -> None:
    """A cluster that stood still for days tells its operator, and sends nobody old news."""
    url = postgres.url()
    with SmtpServer() as server, PostgresStore(url) as store:
        prepared(tmp_path, url, 5, server)
        planned(tmp_path, store, 5, ago="4 days")
        with worker(tmp_path):
            until(lambda: {each.state.value for each in store.deliveries()} == {"held"})
        assert not server.mails


@pytest.mark.slow
def test_a13_a_store_that_was_moved_away_takes_no_worker(tmp_path: Path, postgres: PostgresServer) -> None:
    """After `migrate` the old store refuses workers, names the new one, and nothing is sent twice."""
    old, new = postgres.url(), postgres.url()
    with SmtpServer() as server:
        prepared(tmp_path, old, 20, server)
        with PostgresStore(old) as store, worker(tmp_path):
            until(all_sent(store, 20))
        command = ["migrate", old, new]
        done = subprocess.run(
            [sys.executable, "-m", "digestbot", "--home", str(tmp_path), *command],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        with worker(tmp_path) as refused:
            assert refused.wait(30) == 1
        text = (tmp_path / ".env").read_text()
        (tmp_path / ".env").write_text(text.replace(old, new))
        with PostgresStore(new) as store, worker(tmp_path):
            until(lambda: len(looked_at(store)) == 20)
            assert all_sent(store, 20)()
        assert extra(server.mails) == 0
        assert len(server.mails) == 20


def looked_at(store: PostgresStore) -> list[str]:
    """Who is in the agenda."""
    with store.reading() as connection:
        return [name for (name,) in connection.execute("select subscription from agenda")]


def test_j88_a_cluster_has_a_heartbeat_which_says_so_while_no_mail_leaves(
    tmp_path: Path, postgres: PostgresServer, http_server: HttpServer
) -> None:
    """One worker does a round, and it tells of it: silence says that none is left."""
    url = postgres.url()
    beats = [f"/beat{end}" for end in ("", "/fail")]
    with SmtpServer({"MAIL": "451 4.3.0 not now"}) as server, PostgresStore(url) as store:
        prepared(tmp_path, url, 3, server, HEARTBEAT_URL=http_server.url("/beat"))
        with worker(tmp_path):
            until(lambda: [each.path for each in http_server.requests][-1:] == ["/beat/fail"])
            assert {each.path for each in http_server.requests} <= set(beats)
            server.answers.clear()
            with store.writing() as connection:
                connection.execute("update deliveries set not_before = null")
            until(lambda: [each.path for each in http_server.requests][-1] == "/beat")
        assert all_sent(store, 3)()


def test_j88_the_heartbeat_of_a_cluster_says_so_while_the_queue_stands_still(
    tmp_path: Path, postgres: PostgresServer, http_server: HttpServer
) -> None:
    """No worker does mail, which nothing that fails would tell: only how long the oldest has been ready."""
    url = postgres.url()
    with SmtpServer() as server, PostgresStore(url) as store:
        prepared(tmp_path, url, 3, server)
        planned(tmp_path, store, 3, ago="90 minutes")
        prepared(tmp_path, url, 0, server, HEARTBEAT_URL=http_server.url("/beat"))
        with worker(tmp_path, "--queues", "tick"):
            until(lambda: [each.path for each in http_server.requests] == ["/beat/fail"])
        said = (tmp_path / "worker.err").read_text()
        assert "3 deliveries wait to leave, the oldest for 1.5 hours" in said


def test_status_tells_of_workers_and_queues_and_no_password(tmp_path: Path, postgres: PostgresServer) -> None:
    url = postgres.url()
    prepared(tmp_path, url, 5)
    command = [sys.executable, "-m", "digestbot", "--home", str(tmp_path), "status"]
    with worker(tmp_path, "--queues", "tick,plan"), PostgresStore(url) as store:
        until(lambda: len(store.deliveries()) == 5)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert re.search(r"1 workers? at work", done.stdout), done.stdout + done.stderr
    assert re.search(r"queue email: [1-9]\d* waiting", done.stdout)
