"""`run`, `next-runs` and `status`: the daemon, and what it will do and has done."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from digestbot.app import App
from digestbot.cli.terminal import complain, complain_of, out, out_json, say
from digestbot.core.deliveries import OPEN_STATES, State
from digestbot.core.digests import DigestRecord, Verdict
from digestbot.core.errors import DigestbotError
from digestbot.dispatch import quiet
from digestbot.subscribers.files import Want

if TYPE_CHECKING:
    from digestbot.harvest import SourceStanding


@click.command()
@click.pass_obj
def run(home: str | None) -> int:
    """The daemon: sends each digest when it is due.

    Works until SIGTERM or Ctrl-C, and finishes what is in flight before it goes; a second one ends it at
    once. Changed settings, subscriptions and templates are taken up when they are right; a subscription whose
    file is wrong is told, and stops none of the others.
    """
    from digestbot.daemon import Daemon
    from digestbot.harvest import Poller

    with App.open(home) as app:
        wants = app.wants()
        complain_of(app.folder.problems)
        app.store.register(app.subscription_ids(), now=app.clock())
        say(f"{len(wants)} subscriptions; stop with Ctrl-C")
        with closing(Poller(app)) as poller:
            return Daemon(app, tell=say, polls=[poller]).serve()


@click.command("next-runs")
@click.argument("subscriptions", nargs=-1, metavar="[SUBSCRIPTION...]")
@click.option("--count", default=3, show_default=True, type=click.IntRange(1, 100))
@click.option("--json", "as_json", is_flag=True, help="One subscription a line, as JSON.")
@click.pass_obj
def next_runs(home: str | None, subscriptions: tuple[str, ...], count: int, as_json: bool) -> int:
    """When each subscription is due next, in its own time zone."""
    with App.open(home, read_only=True) as app:
        for want in app.wants(subscriptions):
            subscription = want.subscription
            zone = ZoneInfo(subscription.timezone)
            slots = subscription.cadence.upcoming(zone, after=app.clock(), count=count)
            local = [slot.at.astimezone(zone) for slot in slots]
            if as_json:
                out_json({"subscription": subscription.id, "next": [at.isoformat() for at in local]})
                continue
            when = ", ".join(f"{at:%a %d %b %H:%M}" for at in local) or "whenever something new matches"
            paused = "paused; would be " if subscription.paused else ""
            out(f"{subscription.id}: {paused}{when} ({subscription.timezone})")
        return 0 if subscriptions else complain_of(app.folder.problems)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One source or subscription a line, as JSON.")
@click.pass_obj
def status(home: str | None, as_json: bool) -> int:
    """How it stands: papers, each source, each subscription's last digest, and what did not arrive.

    Quiet (nothing matched), stale (nothing new to read) and broken are three things. Ends with 1 when a
    source is broken, or a delivery failed, is held, or waits for a retry.
    """
    from digestbot.harvest import standings

    with App.open(home, read_only=True) as app:
        broken = 0
        wants = app.wants()
        newest = app.store.logged([app.store.head()])
        if not as_json:
            since = "".join(f", the last of {each.logged_at:%d %b %H:%M} UTC" for each in newest.values())
            out(f"{app.store.head()} entries in the paper log{since}, in {app.store.place}")
        try:
            sources = [_source(each) for each in standings(app.settings, app.clock())]
        except DigestbotError as error:  # how the subscriptions stand is told all the same
            broken += 1
            sources = []
            complain(str(error))
        for source in sources:
            broken += source["state"] == "broken"
            _show_source(source, as_json=as_json)
        for want in wants:
            standing = _standing(app, want)
            broken += len(standing["broken"])
            if as_json:
                out_json(standing)
            else:
                _show(want, standing)
        return max(complain_of(app.folder.problems), 1 if broken else 0)


def _source(standing: SourceStanding) -> dict[str, Any]:
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
    out(f"source {source['source']}: {when}{source['state']}: {source['why']}")


def _standing(app: App, want: Want) -> dict[str, Any]:
    """How a subscription stands: ``state`` is sent, quiet, stale, broken, paused or waiting."""
    name = want.subscription.id
    last = next(iter(app.store.digests(name, newest=1)), None)
    open_ends = [
        each
        for each in app.store.deliveries(states=OPEN_STATES | {State.FAILED, State.HELD})
        if each.digest.split("/")[0] == name
    ]
    if last is None:
        unseen = app.store.standing(name) is None
        state, why = "waiting", "never seen by ingest, send or run" if unseen else "no digest yet"
    else:
        state, why = _kind_of_quiet(last)
    if want.subscription.paused:
        state, why = "paused", f"paused; before: {why}"
    return {
        "subscription": name,
        "state": "broken" if open_ends else state,
        "why": why,
        "last_digest": last.opened_at.isoformat() if last else None,
        "papers": last.counts.shown if last else 0,
        "broken": [
            {
                "id": each.id,
                "digest": each.digest,
                "destination": each.destination.name,
                "state": each.state,
                "reason": each.reason,
                "destination_gone": each.gone,
            }
            for each in open_ends
        ],
    }


def _kind_of_quiet(last: DigestRecord) -> tuple[str, str]:
    if last.entries:
        return "sent", f"{last.counts.shown} papers"
    return ("stale" if last.verdict is Verdict.NOTHING_NEW else "quiet"), quiet(last)


def _show(want: Want, standing: dict[str, Any]) -> None:
    zone = ZoneInfo(want.subscription.timezone)
    at = standing["last_digest"]
    when = f"last digest {datetime.fromisoformat(at).astimezone(zone):%d %b %H:%M}, " if at else ""
    kind = "" if standing["state"] in ("sent", "waiting") else f"{standing['state']}: "
    out(f"{want.subscription.id}: {when}{kind}{standing['why']}")
    for each in standing["broken"]:
        out(f"    {each['digest']} -> {each['destination']}: {each['state']}: {each['reason'] or 'not tried yet'}")
