"""The command line with the cluster's waits cut short: ``python -m tests.runtime.cluster.hasty -- ARGUMENTS``."""

from __future__ import annotations

import sys
from datetime import timedelta

from digestbot.cli.main import main
from digestbot.delivery import dispatcher
from digestbot.runtime.cluster import jobs, worker
from digestbot.store.postgres import connection

LEASE = timedelta(seconds=4)
STALLED = timedelta(seconds=3)
_HALF_DONE = b"idle_in_transaction_session_timeout = '4s'"


def hurry() -> None:
    """A lease is over, and a worker counts as gone, after seconds instead of minutes; a tick comes every second."""
    dispatcher.LEASE = LEASE
    jobs.STALLED, jobs.HEARTBEAT = STALLED, timedelta(seconds=0.5)
    # The server ends what a stopped process left half done.
    connection._SESSION = connection._SESSION.replace(b"idle_in_transaction_session_timeout = '60s'", _HALF_DONE)
    worker.TICK = worker.REAP = "* * * * * */1"


if __name__ == "__main__":
    hurry()
    main(sys.argv[sys.argv.index("--") + 1 :])
