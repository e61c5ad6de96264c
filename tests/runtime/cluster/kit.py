"""Clusters for tests: a store on PostgreSQL, real worker processes, and what became of it all."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from digestbot.model.deliveries import DeliveryState
from digestbot.model.subscribers import Membership, SubscriberRecord
from digestbot.store.postgres.store import PostgresStore
from tests.delivery.kit import NOW, ROOT, configure, papers
from tests.servers.smtp import SmtpServer


def member(name: str, **wants: object) -> SubscriberRecord:
    """Somebody who wants every paper of these tests, at once and by mail."""
    to = [{"channel": "email", "address": f"{name}@example.org"}]
    known = {"query": "the OR paper", "cadence": "instant", "to": to, **wants}
    return SubscriberRecord(name, Membership.ACTIVE, known, NOW, NOW)


def prepared(home: Path, url: str, people: int, server: SmtpServer | None = None, **settings: object) -> None:
    """A working directory over the store at `url`, in which so many wait for the papers that are there."""
    mail = {"SMTP_URL": server.url(host="127.0.0.1")} if server is not None else {}
    configure(home, STORE=url, ALLOW_NETWORKS="127.0.0.1", **mail, **settings)
    names = [f"r{n:05}" for n in range(people)]
    with PostgresStore(url) as store:
        store.put_subscribers(map(member, names))
        store.register(names, now=NOW)
        store.merge(papers(3), now=NOW)


@contextmanager
def worker(home: Path, *arguments: str, module: str = "tests.runtime.cluster.hasty") -> Iterator[subprocess.Popen[str]]:
    """A running worker; killed at the end if it is still there."""
    command = [sys.executable, "-m", module, "--", "--home", str(home), "worker", *arguments]
    with (home / "worker.err").open("a") as err:
        process = subprocess.Popen(command, cwd=ROOT, stdout=err, stderr=err, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for what other processes do."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


def all_sent(store: PostgresStore, count: int) -> Callable[[], bool]:
    """Whether so many deliveries are there and all are sent."""

    def look() -> bool:
        with store.reading() as connection:
            states = dict(connection.execute("select state, count(*) from deliveries group by state").fetchall())
        return states == {DeliveryState.SENT.value: count}

    return look
