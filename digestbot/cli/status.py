"""`status`: how it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from digestbot.bootstrap import App
from digestbot.cli import completing
from digestbot.cli.terminal import complain, complain_of, out, out_json, out_row
from digestbot.model.errors import DigestbotError

if TYPE_CHECKING:
    from digestbot.ingest.poller import SourceStatus
    from digestbot.model.subscribers import Membership
    from digestbot.subscribers.compiled import CompiledSubscription

_ONE_BY_ONE = 200  # subscribers in the store that are told one by one; of more they are counted


@click.command()
@click.argument("subscriptions", nargs=-1, metavar="[SUBSCRIPTION...]", shell_complete=completing.subscriptions)
@click.option("--json", "as_json", is_flag=True, help="One source or subscription a line, as JSON.")
@click.pass_obj
def status(home: str | None, subscriptions: tuple[str, ...], as_json: bool) -> int:
    """How it stands: papers, each source, each subscription's last digest, and what did not arrive.

    Quiet (nothing matched), stale (nothing new to read) and broken are three things. Subscribers in the store are
    counted where they are more than 200; name one to see it. Ends with 1 when a source is broken, a delivery
    failed, is held, or waits for a retry, or the daemon's last round was hindered.
    """
    from digestbot.model.subscribers import Membership

    with App.open(home, read_only=True) as app:
        if subscriptions:
            return 1 if _tell(app, app.wants(subscriptions), as_json=as_json) else 0
        members = app.store.count_subscribers()
        many = members.get(Membership.ACTIVE, 0) > _ONE_BY_ONE
        wants = app.folder.wants if many else app.wants()
        if not as_json:
            newest = app.store.logged([app.store.head()])
            since = "".join(f", the last of {each.logged_at:%d %b %H:%M} UTC" for each in newest.values())
            out(f"{app.store.head()} entries in the paper log{since}, in {app.store.place}")
        _show_cluster(app, as_json=as_json)
        broken = _tell_hindered(app, as_json=as_json)
        broken += _tell_sources(app, as_json=as_json) + _tell(app, wants, as_json=as_json)
        if many:
            broken += _count(app, members, as_json=as_json)
        return max(complain_of(app.folder.problems), 1 if broken else 0)


def _tell_hindered(app: App, *, as_json: bool) -> int:
    """What kept the daemon's last round from its work; how much of it."""
    from digestbot.runtime.health.pulse import last_hindered

    hindered = last_hindered(app.settings.home)
    if hindered and as_json:
        out_json({"hindered": hindered})
    for each in () if as_json else hindered:
        out(f"the last round of `digestbot run` was hindered: {each}")
    return len(hindered)


def _tell_sources(app: App, *, as_json: bool) -> int:
    """How each source stands; how many are broken."""
    from digestbot.ingest.poller import source_statuses

    try:
        sources = [_source(each) for each in source_statuses(app.settings, app.clock())]
    except DigestbotError as error:  # how the subscriptions stand is told all the same
        complain(str(error))
        return 1
    for source in sources:
        _show_source(source, as_json=as_json)
    return sum(source["state"] == "broken" for source in sources)


def _tell(app: App, wants: Sequence[CompiledSubscription], *, as_json: bool) -> int:
    """How each of these stands; how many deliveries did not arrive."""
    from digestbot.runtime.health.subscriptions import subscription_statuses

    broken = 0
    for compiled, standing in zip(wants, subscription_statuses(app, wants), strict=True):
        broken += len(standing["broken"])
        if as_json:
            out_json(standing)
        else:
            _show(compiled, standing)
    return broken


def _count(app: App, members: Mapping[Membership, int], *, as_json: bool) -> int:
    """How many subscribers the store has and how all deliveries stand that did not arrive; how many of these failed,
    are held or wait for a retry.
    """
    from digestbot.model.deliveries import OPEN_ENDS, DeliveryState

    unsent = app.store.count_deliveries(OPEN_ENDS)
    if as_json:
        subscribers = {str(state): count for state, count in members.items()}
        out_json({"subscribers": subscribers, "deliveries": {str(state): count for state, count in unsent.items()}})
    else:
        told = ", ".join(f"{members[state]:,} {state}" for state in sorted(members))
        out(f"subscribers: {told} (one of them: digestbot status ID)")
        if unsent:
            told = ", ".join(f"{unsent[state]:,} {state}" for state in sorted(unsent))
            out(f"deliveries that did not arrive, of all: {told} (digestbot outbox list)")
    under_way = DeliveryState.PLANNED, DeliveryState.SENDING
    return sum(count for state, count in unsent.items() if state not in under_way)


def _show_cluster(app: App, *, as_json: bool) -> None:
    """Tell of the workers and jobs on a shared store; nothing of one that has never seen a worker's job."""
    if not app.settings.store.reveal().startswith("postgres"):
        return
    from digestbot.runtime.cluster.status import cluster_status
    from digestbot.runtime.cluster.worker import postgres

    standing = cluster_status(postgres(app))
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


def _source(standing: SourceStatus) -> dict[str, Any]:
    """How a source stands: ``state`` is fresh, quiet, stale, broken or waiting."""
    return {
        "source": standing.config.name,
        "state": str(standing.verdict.health),
        "why": standing.verdict.reason,
        "since": _iso(standing.verdict.since),
        "last_read": _iso(standing.last_read),
        "last_tried": _iso(standing.last_tried),
        "next": _iso(standing.next_fetch),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _show_source(source: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        out_json(source)
        return
    at = source["last_read"]
    when = f"last read {datetime.fromisoformat(at):%d %b %H:%M} UTC, " if at else ""
    out_row(f"source {source['source']}: {when}{source['state']}: {source['why']}")


def _show(compiled: CompiledSubscription, standing: dict[str, Any]) -> None:
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(compiled.subscription.timezone)
    at = standing["last_digest"]
    when = f"last digest {datetime.fromisoformat(at).astimezone(zone):%d %b %H:%M %Z}, " if at else ""
    kind = "" if standing["state"] in ("sent", "waiting") else f"{standing['state']}: "
    out_row(f"{compiled.subscription.id}: {when}{kind}{standing['why']}")
    for each in standing["broken"]:
        out_row(
            f"{each['digest']} -> {each['destination']}: {each['state']}: {each['reason'] or 'not tried yet'}", "    "
        )
