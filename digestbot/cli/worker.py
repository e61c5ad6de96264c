"""`worker`: one of the processes that share a PostgreSQL store."""

from __future__ import annotations

import click

from digestbot.cli.terminal import complain_of, say

JOBS = "tick, ingest, plan, and of each kind of channel (email, slack, ...) its deliveries"


@click.command()
@click.option("--queues", metavar="NAME,...", help=f"Do these jobs only, of {JOBS}; all unless it is said.")
@click.option("--concurrency", default=2, show_default=True, type=click.IntRange(1, 16), help="Jobs at a time.")
@click.pass_obj
def worker(home: str | None, queues: str | None, concurrency: int) -> int:
    """One of many workers: ingest, digests and deliveries as jobs, for a store on PostgreSQL.

    Start as many as are needed, where they are needed; stop and kill them as you like. On SIGTERM or Ctrl-C a worker
    finishes what is in flight and leaves the rest to the others; a second one ends it at once.
    """
    from digestbot.runtime.cluster.queues import QUEUES
    from digestbot.runtime.cluster.worker import ClusterApp, Worker

    asked = [each.strip() for each in (queues or "").split(",") if each.strip()]
    unknown = [each for each in asked if each not in QUEUES]
    if unknown:
        raise click.UsageError(f"no such queue: {', '.join(unknown)}; there are {', '.join(QUEUES)}")
    with ClusterApp.open(home) as app:
        made = Worker(app, say, queues=asked, concurrency=concurrency)
        complain_of(app.folder.problems)
        say(f"working on {app.store.place}: {', '.join(asked or QUEUES)}; stop with Ctrl-C")
        return made.serve()
