"""Every kind of channel that has a SPEC, by all who send and on both stores, to real servers."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from digestbot.channels.registry import CHANNELS
from digestbot.channels.spec import Reach
from digestbot.model.deliveries import Delivery, DeliveryState
from digestbot.store import open_store
from tests.channels.services import SERVICES
from tests.delivery.kit import NOW, ROOT, configure, papers, subscribe
from tests.runtime.cluster.kit import until
from tests.servers.http import HttpServer
from tests.servers.postgres import PostgresServer
from tests.servers.smtp import SmtpServer

OF_REACH = {
    Reach.MAIL: 'address = "ada@example.org"\n',
    Reach.URL: 'destination = "{kind}"\n',
    Reach.FOLDER: 'path = "out"\n',
}
UNTRIED = {DeliveryState.PLANNED, DeliveryState.SENDING}
TITLES = tuple(f"The paper number {n}" for n in (1, 2, 3))


class Arrived(NamedTuple):
    """What came of one run: how each delivery stands, and what lies at the far sides, by kind."""

    deliveries: dict[str, Delivery]
    taken: dict[str, list[bytes]]


def prepare(home: Path, store: str, servers: dict[str, HttpServer], smtp: SmtpServer) -> None:
    """A subscription to every paper that goes to every kind, and papers that are news to it."""
    urls = {f"TO_{kind.upper()}": SERVICES[kind].url(server) for kind, server in servers.items()}
    mail = {"SMTP_URL": smtp.url(host="127.0.0.1"), "MAIL_FROM": "digest@example.org"}
    configure(home, STORE=store, ALLOW_NETWORKS="127.0.0.1,::1", **mail, **urls)
    tables = [f'[[to]]\nchannel = "{kind}"\n{OF_REACH[spec.reach]}' for kind, spec in CHANNELS.items()]
    to = "".join(table.format(kind=kind) for table, kind in zip(tables, CHANNELS, strict=True))
    subscribe(home, "all", to, cadence='"instant"')
    with open_store(store, home=home) as opened:
        opened.register(["all"], now=NOW)
        opened.merge(papers(3), now=NOW)


WAYS = {
    "send on TinyDB": ("digestbot", "send"),
    "send on PostgreSQL": ("digestbot", "send"),
    "run on TinyDB": ("digestbot", "run"),
    "run on PostgreSQL": ("digestbot", "run"),
    "worker on PostgreSQL": ("tests.runtime.cluster.hasty --", "worker"),
}


@pytest.fixture(scope="module", params=WAYS)
def arrived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arrived]:
    """One process, told to stop when all was tried."""
    home, (module, command) = tmp_path_factory.mktemp("home"), WAYS[request.param]
    store = "tinydb:data"
    if "PostgreSQL" in request.param:
        pytest.importorskip("procrastinate", reason='workers need: pip install "digestbot[postgres]"')
        postgres: PostgresServer = request.getfixturevalue("postgres")
        store = postgres.url()
    with ExitStack() as stack:
        kinds = [kind for kind, spec in CHANNELS.items() if spec.reach is Reach.URL]
        servers = {kind: stack.enter_context(HttpServer()) for kind in kinds}
        for kind, server in servers.items():
            server.script(SERVICES[kind].path, SERVICES[kind].yes)
        smtp = stack.enter_context(SmtpServer())
        prepare(home, store, servers, smtp)
        log = stack.enter_context((home / "log").open("w"))
        arguments = [sys.executable, "-m", *module.split(), "--home", str(home), command]
        process = subprocess.Popen(arguments, cwd=ROOT, stdout=log, stderr=log)
        try:

            def tried() -> bool:
                assert not process.poll(), (home / "log").read_text()
                with open_store(store, home=home, read_only=True) as opened:
                    states = [each.state for each in opened.deliveries()]
                return len(states) == len(CHANNELS) and not UNTRIED & set(states)

            until(tried)
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        finally:
            process.kill()
            process.wait()
        taken = {kind: [each.body for each in server.requests] for kind, server in servers.items()}
        taken |= {"email": [each.data for each in smtp.mails]}
        taken |= {"file": [each.read_bytes() for each in (home / "out").rglob("*.md")]}
        with open_store(store, home=home, read_only=True) as opened:
            yield Arrived({each.destination.channel: each for each in opened.deliveries()}, taken)


@pytest.mark.parametrize("kind", CHANNELS)
def test_a_digest_arrives_by_every_kind_of_channel(arrived: Arrived, kind: str) -> None:
    if kind == "apprise":
        pytest.importorskip("apprise", reason="the extra digestbot[apprise] is not installed")
    assert arrived.deliveries[kind].state is DeliveryState.SENT, arrived.deliveries[kind].reason
    assert arrived.deliveries[kind].attempts == 1
    (body,) = arrived.taken[kind]
    shown = re.sub(r"\u200b|=\r\n|\*\*", "", body.decode())
    assert [title for title in TITLES if title in shown] == list(TITLES)
