"""`outbox`: the ledger's open ends, and what a human decides about them."""

from __future__ import annotations

import click

from digestbot.app import App
from digestbot.cli.terminal import out, out_json, say
from digestbot.core.deliveries import OPEN_STATES, Delivery, Outcome, State
from digestbot.core.errors import UsageError

_OPEN_ENDS = OPEN_STATES | {State.FAILED, State.HELD}


@click.group()
def outbox() -> None:
    """The ledger's open ends: list, retry, drop, hold.

    A delivery is named by the first letters of its id, as `list` shows it; all of one destination by its
    name in quotes, "slack lab".
    """


@outbox.command("list")
@click.option("--json", "as_json", is_flag=True, help="One delivery a line, as JSON.")
@click.pass_obj
def list_(home: str | None, as_json: bool) -> int:
    """What was planned and did not arrive (yet)."""
    with App.open(home, read_only=True) as app:
        deliveries = app.store.deliveries(states=_OPEN_ENDS)
    for each in deliveries:
        if as_json:
            out_json(
                {
                    "id": each.id,
                    "digest": each.digest,
                    "destination": each.destination.name,
                    "state": each.state,
                    "attempts": each.attempts,
                    "not_before": each.not_before.isoformat() if each.not_before else None,
                    "reason": each.reason,
                    "destination_gone": each.gone,
                }
            )
        else:
            again = f", again from {each.not_before:%d %b %H:%M} UTC" if each.not_before else ""
            reason = each.reason or "not tried yet"
            gone = ", and nothing more goes there until: outbox retry" if each.gone else ""
            out(f"{each.id[:8]}  {each.state}  {each.digest} -> {each.destination.name}: {reason}{gone}{again}")
    if not deliveries and not as_json:
        say("nothing is open: all that was planned has arrived")
    return 0


def _decide(home: str | None, ids: tuple[str, ...], state: State, allowed: frozenset[State]) -> int:
    with App.open(home) as app:
        known = app.store.deliveries()
        chosen = list({each.id: each for name in ids for each in _named(known, name, allowed)}.values())
        for delivery in chosen:
            if delivery.state not in allowed:
                raise UsageError(f"{delivery.id[:8]} is {delivery.state}: nothing to decide about it")
        now = app.clock()
        app.store.record([Outcome(d.id, d.fence, state, d.parts_sent, now, "by hand") for d in chosen])
        for delivery in chosen:
            out(f"{delivery.id[:8]}  {state}  {delivery.digest} -> {delivery.destination.name}")
    return 0


def _named(known: list[Delivery], name: str, allowed: frozenset[State]) -> list[Delivery]:
    """The delivery whose id begins so, or all of the destination of that name to decide about."""
    found = [each for each in known if each.id.startswith(name)]
    if len(found) == 1:
        return found
    of_destination = [each for each in known if each.destination.name == name and each.state in allowed]
    if not of_destination:
        what = "no delivery" if not found else f"{len(found)} deliveries"
        raise UsageError(f"{what} with the id {name!r} (see: digestbot outbox list)")
    return of_destination


_IDS = click.argument("ids", nargs=-1, required=True, metavar="ID...")


@outbox.command()
@_IDS
@click.pass_obj
def retry(home: str | None, ids: tuple[str, ...]) -> int:
    """Plan them anew: they leave with the next `send` or `run`, under their first Message-ID.

    Their age and their failed attempts are forgotten, and a destination that was gone is tried again.
    """
    return _decide(home, ids, State.PLANNED, _OPEN_ENDS - {State.SENDING})


@outbox.command()
@_IDS
@click.pass_obj
def hold(home: str | None, ids: tuple[str, ...]) -> int:
    """Keep them back until `retry` or `drop`."""
    return _decide(home, ids, State.HELD, _OPEN_ENDS - {State.SENDING})


@outbox.command()
@_IDS
@click.pass_obj
def drop(home: str | None, ids: tuple[str, ...]) -> int:
    """Give them up for good; the ledger keeps that it was your decision."""
    return _decide(home, ids, State.DROPPED, _OPEN_ENDS - {State.SENDING})
