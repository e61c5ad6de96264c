"""The command line in a process that kills itself at a chosen moment, or lives at another time.

    python -m tests.delivery.dying [--later MINUTES] [--kill before|amid|after NUMBER] -- ARGUMENTS...

``--kill before 3`` is a SIGKILL where the third record would be written to the journals, or the third change be
committed on a server.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from digestbot import bootstrap as room
from digestbot.cli.main import main
from digestbot.platform.settings import Settings
from digestbot.store.tinydb import files, journal


def live_later(minutes: float) -> None:
    """Every App of this process has a clock that goes ahead."""
    plain = room.App.__init__

    def init(self: room.App, settings: Settings) -> None:
        plain(self, settings, lambda: datetime.now(UTC) + timedelta(minutes=minutes), time.sleep)

    room.App.__init__ = init  # type: ignore[method-assign,assignment]  # for this process only


def die(when: str, number: int) -> None:
    """SIGKILL before the numbered record of the journals, with half of it written, or after it."""
    append, write_all = journal.Journal.append, files.write_all
    calls = 0

    def half(descriptor: int, data: bytes) -> None:
        write_all(descriptor, data[: len(data) // 2])
        os.kill(os.getpid(), signal.SIGKILL)

    def counted(self: journal.Journal, payload: bytes) -> None:
        nonlocal calls
        calls += 1
        if calls == number and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        if calls == number and when == "amid":
            files.write_all = half
        append(self, payload)
        if calls == number:
            os.kill(os.getpid(), signal.SIGKILL)

    journal.Journal.append = counted  # type: ignore[method-assign]  # for this process only


def die_on_a_server(when: str, number: int) -> None:
    """SIGKILL before the numbered transaction that changed something is committed, or after it."""
    from digestbot.store.postgres.connection import Connection, Pooled

    plain = Pooled.writing
    calls = 0

    @contextmanager
    def counted(self: Pooled) -> Iterator[Connection]:
        nonlocal calls
        with plain(self) as connection:
            yield connection
            row = connection.execute("select pg_current_xact_id_if_assigned() is not null").fetchone()
            changed = row is not None and row[0]
            calls += changed
            if changed and calls == number and when != "after":
                os.kill(os.getpid(), signal.SIGKILL)
        if changed and calls == number:
            os.kill(os.getpid(), signal.SIGKILL)

    Pooled.writing = counted  # type: ignore[method-assign]  # for this process only


def run() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--later", type=float, default=0.0)
    parser.add_argument("--kill", nargs=2, metavar=("WHEN", "NUMBER"))
    parser.add_argument("arguments", nargs="*")
    asked = parser.parse_args()
    if asked.later:
        live_later(asked.later)
    if asked.kill:
        (die_on_a_server if os.environ.get("DIGESTBOT_STORE") else die)(asked.kill[0], int(asked.kill[1]))
    sys.argv[0] = "digestbot"
    main(asked.arguments)


if __name__ == "__main__":
    run()
