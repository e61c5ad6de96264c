"""`worker`: one of the processes that share a PostgreSQL store."""

from __future__ import annotations

from dataclasses import asdict

import click

from digestbot.app import App
from digestbot.cli.terminal import complain_of, out, out_json, say

QUEUES = "tick, ingest, plan, email, slack, discord, teams, mattermost, apprise, webhook, file"


@click.command()
@click.option("--queues", metavar="NAME,...", help=f"Do these jobs only, of {QUEUES}; all unless it is said.")
@click.option("--concurrency", default=2, show_default=True, type=click.IntRange(1, 16), help="Jobs at a time.")
@click.pass_obj
def worker(home: str | None, queues: str | None, concurrency: int) -> int:
    """One of many workers: ingest, digests and deliveries as jobs, for a store on PostgreSQL.

    Start as many as are needed, where they are needed; stop and kill them as you like. On SIGTERM or Ctrl-C a worker
    finishes what is in flight and leaves the rest to the others; a second one ends it at once.
    """
    from digestbot.cluster.jobs import QUEUES as KNOWN
    from digestbot.cluster.worker import ClusterApp, Worker

    asked = [each.strip() for each in (queues or "").split(",") if each.strip()]
    unknown = [each for each in asked if each not in KNOWN]
    if unknown:
        raise click.UsageError(f"no such queue: {', '.join(unknown)}; there are {', '.join(KNOWN)}")
    with ClusterApp.open(home) as app:
        made = Worker(app, say, queues=asked, concurrency=concurrency)
        complain_of(app.folder.problems)
        say(f"working on {app.store.place}: {', '.join(asked or KNOWN)}; stop with Ctrl-C")
        return made.serve()


def show_cluster(app: App, *, as_json: bool) -> None:
    """Tell of the workers and jobs on a shared store; nothing of one that has never seen a worker's job."""
    if not app.settings.store.reveal().startswith("postgres"):
        return
    from digestbot.cluster.status import cluster_standing
    from digestbot.cluster.worker import postgres

    standing = cluster_standing(postgres(app))
    if as_json:
        queues = [{**asdict(each), "oldest": each.oldest and each.oldest.isoformat()} for each in standing.queues]
        out_json({"workers": standing.alive, "silent_workers": standing.silent, "queues": queues})
        return
    if standing.alive or standing.silent or standing.queues:
        silent = f", {standing.silent} not heard of for half a minute" if standing.silent else ""
        out(f"{standing.alive} worker{'' if standing.alive == 1 else 's'} at work{silent}")
    for each in standing.queues:
        since = f", the oldest since {each.oldest:%d %b %H:%M:%S} UTC" if each.oldest else ""
        out(f"queue {each.name}: {each.waiting} waiting, {each.doing} being done, {each.failed} failed{since}")
