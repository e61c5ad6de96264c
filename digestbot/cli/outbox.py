"""`outbox`: the ledger's open ends, and what a human decides about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from digestbot.bootstrap import App
from digestbot.cli import completing
from digestbot.cli.terminal import out_json, out_row, say
from digestbot.cli.via_daemon import ask, operator, store_or_daemon

if TYPE_CHECKING:
    from digestbot.model.deliveries import Delivery


@click.group()
def outbox() -> None:
    """The ledger's open ends: list, retry, drop, hold.

    A delivery is named by the first letters of its id, as `list` shows it; many at once by what they have in common:
    their state (held, failed, deferred, unknown, planned), their digest, or their destination's name in quotes,
    "slack lab". While the daemon runs, it is the one that does it, within a second or two.
    """


@outbox.command("list")
@click.option("--json", "as_json", is_flag=True, help="One delivery a line, as JSON.")
@click.pass_obj
def list_(home: str | None, as_json: bool) -> int:
    """What was planned and did not arrive (yet).

    In JSON, `cause` says why in a word that scripts may rely on, `reason` in a sentence that may be reworded.
    """
    from digestbot.model.deliveries import OPEN_ENDS

    with App.open(home, read_only=True) as app:
        deliveries = app.store.deliveries(states=OPEN_ENDS)
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
                    "cause": each.cause,
                    "reason": each.reason,
                    "possible_duplicate": each.possible_duplicate,
                    "destination_gone": each.gone,
                }
            )
        else:
            again = f", again from {each.not_before:%d %b %H:%M} UTC" if each.not_before else ""
            reason = each.reason or "not tried yet"
            gone = ", and nothing more goes there until: outbox retry" if each.gone else ""
            where = f"{each.digest} -> {each.destination.name}"
            out_row(f"{where}: {reason}{gone}{again}", f"{each.id[:8]}  {each.state}  ")
    if not deliveries and not as_json:
        say("nothing is open: all that was planned has arrived")
    return 0


def _decide(home: str | None, ids: tuple[str, ...], decision: str, dry_run: bool) -> int:
    from digestbot.delivery.control_channel import Command
    from digestbot.delivery.operator_actions import are_states, chosen, decided, noted

    if dry_run:
        with App.open(home, read_only=True) as app:
            return _tell(chosen(app.store, ids), decision)
    while True:
        with store_or_daemon(home) as (app, daemon):
            found = chosen(app.store, ids)
            if daemon is None:
                app.store.note(noted(decision, found, app.clock(), operator()))
                app.store.record(decided(decision, found, app.clock()))
                return _tell(found, decision)
            # What stands in a state may be another by the time the daemon looks; it decides about those of then.
            meant = ids if are_states(ids) else tuple(each.id for each in found)
            answer = ask(daemon, Command(decision, meant, operator()))
        if answer is not None:
            with App.open(home, read_only=True) as app:
                return _tell(app.store.deliveries(ids=set(answer.done)), decision)


def _tell(deliveries: list[Delivery], decision: str) -> int:
    from digestbot.delivery.operator_actions import DECISIONS

    for each in deliveries:
        out_row(f"{each.digest} -> {each.destination.name}", f"{each.id[:8]}  {DECISIONS[decision]}  ")
    if not deliveries:
        say("there is none in that state")
    return 0


_IDS = click.argument(
    "ids", nargs=-1, required=True, metavar="ID|STATE|DIGEST|DESTINATION...", shell_complete=completing.deliveries
)
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Show which ones, and change nothing.")


@outbox.command()
@_IDS
@_DRY_RUN
@click.pass_obj
def retry(home: str | None, ids: tuple[str, ...], dry_run: bool) -> int:
    """Plan them anew: they leave with the next `send` or `run`, under their first Message-ID.

    Their age and their failed attempts are forgotten, and a destination that was gone is tried again.
    """
    return _decide(home, ids, "retry", dry_run)


@outbox.command()
@_IDS
@_DRY_RUN
@click.pass_obj
def hold(home: str | None, ids: tuple[str, ...], dry_run: bool) -> int:
    """Keep them back until `retry` or `drop`."""
    return _decide(home, ids, "hold", dry_run)


@outbox.command()
@_IDS
@_DRY_RUN
@click.pass_obj
def drop(home: str | None, ids: tuple[str, ...], dry_run: bool) -> int:
    """Give them up for good; the ledger keeps that it was your decision.

    After a restore, `outbox drop held` gives up all that is held; with --dry-run first, it shows them.
    """
    return _decide(home, ids, "drop", dry_run)
