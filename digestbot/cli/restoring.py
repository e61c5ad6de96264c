"""`restore`: a damaged store made whole again, as far as it can be, with nothing sent twice by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from digestbot.app import App
from digestbot.cli.terminal import out, say, warn
from digestbot.core.deliveries import OPEN_STATES, Outcome, State
from digestbot.core.errors import Problem, UsageError
from digestbot.core.secret import Secret
from digestbot.dispatch import hand_slot, open_digest
from digestbot.settings import Settings
from digestbot.store.tinydb.lock import WriterLock
from digestbot.store.tinydb.salvage import IN_DOUBT, Side, ready, rebuild, take_place


@click.command()
@click.pass_obj
def restore(home: str | None) -> int:
    """Make a damaged store whole again: from the last good generation, and all that followed and can be read.

    The damaged files are kept beside it. Where something of the ledger is lost, nothing leaves by itself that
    may have been sent: what is open, and what came in since, is held (digestbot outbox list).
    """
    with App.open(home) as app:
        folder = _folder(app.settings)
        lock = WriterLock(folder)
        try:
            if not ready(folder):
                side = rebuild(folder)
                if side is None:
                    say("nothing is damaged: all is left as it is")
                    return 0
                _hold_back(app, side)
            aside = folder / f"damaged-{app.clock():%Y%m%dT%H%M%S}"
            take_place(folder, aside)
        finally:
            lock.release()
    say(f"the damaged files are in {aside}")
    with App.open(home, read_only=True) as app:
        store = app.store
        held = len(store.deliveries(states={State.HELD}))
        digests, deliveries = len(store.digests()), len(store.deliveries())
        out(f"restored: {store.head()} entries in the paper log, {digests} digests, {deliveries} deliveries")
        if held:
            out(f"{held} deliveries are held; decide with: digestbot outbox list, retry, drop")
    return 0


def _folder(settings: Settings) -> Path:
    scheme, _, place = settings.store.reveal().partition(":")
    if scheme != "tinydb":
        hint = "put it back from a backup, with your database's own tools"
        raise UsageError(Problem("only a TinyDB store can be restored so", "DIGESTBOT_STORE", way_out=hint))
    return settings.home / Path(place.strip()).expanduser()


def _hold_back(app: App, side: Side) -> None:
    """Say what is lost; where that may be of the ledger, open what is new since for every subscription, and hold it."""
    if "papers" in side.lost:
        warn("the last papers of the log are lost: ingest their dumps again; what was sent of them is sent again")
    if "ledger" not in side.lost:
        return
    warn("the last changes of the ledger are lost: what may have been sent since is held for you to decide")
    with App(replace(app.settings, store=Secret(f"tinydb:{side.folder}"))) as beside:
        now, store = app.clock(), beside.store
        for want in beside.folder.wants:
            if store.standing(want.subscription.id) is not None:
                open_digest(want, store, hand_slot(want.subscription, store.head(), now), now)
        waiting = store.deliveries(states=OPEN_STATES)
        store.record([Outcome(each.id, each.fence, State.HELD, each.parts_sent, now, IN_DOUBT) for each in waiting])
