"""`run`, `next-runs` and `status`: the daemon, and what it will do and has done."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import click

from digestbot.app import App
from digestbot.cli.terminal import out, out_json, say
from digestbot.core.deliveries import OPEN_STATES, State


@click.command()
@click.pass_obj
def run(home: str | None) -> int:
    """The daemon: sends each digest when it is due.

    Works until SIGTERM or Ctrl-C, and finishes the send in flight before it goes.
    """
    from digestbot.daemon import Daemon

    with App.open(home) as app:
        wants = app.wants()
        app.store.register(app.subscription_ids(), now=app.clock())
        say(f"{len(wants)} subscriptions; stop with Ctrl-C")
        return Daemon(app, tell=say).serve()


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
    return 0


@click.command()
@click.pass_obj
def status(home: str | None) -> int:
    """How it stands: papers, each subscription's last digest, and what did not arrive.

    Ends with 1 when a delivery failed, is held, or waits for a retry.
    """
    with App.open(home, read_only=True) as app:
        store = app.store
        out(f"{store.head()} entries in the paper log")
        broken = 0
        for want in app.wants():
            subscription = want.subscription
            last = store.digests(subscription.id, newest=1)
            if not last:
                standing = store.standing(subscription.id)
                waiting = "never seen by ingest, send or run" if standing is None else "no digest yet"
                out(f"{subscription.id}: {waiting}")
                continue
            record = last[0]
            at = record.opened_at.astimezone(ZoneInfo(subscription.timezone))
            what = f"{record.counts.shown} papers" if record.entries else f"quiet: {record.verdict}"
            out(f"{subscription.id}: last digest {at:%d %b %H:%M}, {what}")
            troubled = store.deliveries(digest=record.key, states=OPEN_STATES | {State.FAILED, State.HELD})
            for delivery in troubled:
                broken += 1
                out(f"    {delivery.destination.name}: {delivery.state}: {delivery.reason or 'not tried yet'}")
    return 1 if broken else 0
