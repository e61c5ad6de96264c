"""`restore`: a store made whole again, from its own files or from a backup, with nothing sent twice by itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digestbot.bootstrap import App
from digestbot.cli.terminal import complain, out, say, warn
from digestbot.model.errors import Problem, UsageError

if TYPE_CHECKING:  # the command imports what it needs when it runs
    from digestbot.model.deliveries import Delivery, Outcome
    from digestbot.model.secret import Secret
    from digestbot.platform.settings import Settings
    from digestbot.store.backup import Backup
    from digestbot.store.tinydb.salvage import Side


@click.command()
@click.argument("backup", required=False, type=click.Path(path_type=Path))
@click.option("--complete", is_flag=True, help="Nothing was sent since BACKUP was made: hold nothing.")
@click.option("--hold", is_flag=True, help="Hold what is new by now: after what came in since was ingested again.")
@click.pass_obj
def restore(home: str | None, backup: Path | None, complete: bool, hold: bool) -> int:
    """Make the store whole again: from what can be read of its own files, or from BACKUP (digestbot backup).

    A damaged TinyDB store goes back to the last good generation and all that followed; the damaged files are kept
    beside it. A backup fills an empty store of either kind, and brings the files of the working directory that are
    not there.

    Where something of the ledger is lost, nothing leaves by itself that may have been sent: what is open, and what
    came in since, is held (digestbot outbox list). A backup does not know what came in after it. So the sources are
    fetched once more, and what they bring is held, too; ends with 1 where one could not be. Dumps that you handed in
    yourself since then: ingest them again, then restore --hold, before you start the daemon.
    """
    if (complete and backup is None) or (hold and backup is not None):
        raise UsageError("--complete goes with a backup, --hold by itself")
    if backup is not None:
        return _from_backup(home, backup, complete=complete)
    if hold:
        with App.open(home) as app:
            hold_back(app.settings, app.settings.store, app.clock())
        return _told(home, "held back")
    return _mended(home)


def _mended(home: str | None) -> int:
    """What can be read of a damaged store, in its place."""
    from digestbot.model.secret import Secret
    from digestbot.store.tinydb.lock import WriterLock
    from digestbot.store.tinydb.salvage import ready, rebuild, take_place

    with App.open(home) as app:
        folder = _folder(app.settings)
        lock = WriterLock(folder)
        try:
            if not ready(folder):
                side = rebuild(folder)
                if side is None:
                    say("nothing is damaged: all is left as it is")
                    return 0
                _tell_lost(side)
                if "ledger" in side.lost:
                    store = Secret(f"tinydb:{side.folder}")
                    with App(replace(app.settings, store=store)) as lacking:
                        lacking.register()  # those of which nothing is known any more were sent something all the same
                    hold_back(app.settings, store, app.clock())
            aside = folder / f"damaged-{app.clock():%Y%m%dT%H%M%S}"
            take_place(folder, aside)
        finally:
            lock.release()
    say(f"the damaged files are in {aside}")
    return _told(home, "restored")


def _told(home: str | None, done: str) -> int:
    from digestbot.model.deliveries import DeliveryState

    with App.open(home, read_only=True) as app:
        store = app.store
        counts, digests = store.count_deliveries(set(DeliveryState)), store.count_digests()
        what = f"{digests} digests, {sum(counts.values())} deliveries"
        out(f"{done}: {store.head()} entries in the paper log, {what}")
        if held := counts.get(DeliveryState.HELD):
            out(f"{held} deliveries are held; decide with: digestbot outbox list, retry, drop")
    return 0


def _folder(settings: Settings) -> Path:
    scheme, _, place = settings.store.reveal().partition(":")
    if scheme != "tinydb":
        hint = "put it back from a backup: digestbot restore BACKUP"
        raise UsageError(Problem("only a TinyDB store can be mended", "DIGESTBOT_STORE", way_out=hint))
    return settings.home / Path(place.strip()).expanduser()


def _tell_lost(side: Side) -> None:
    if "papers" in side.lost:
        warn("papers of the log are lost: ingest their dumps again; what was sent of them is sent again")
    if "ledger" in side.lost:
        warn("the last changes of the ledger are lost: what may have been sent since is held for you to decide")


def hold_back(settings: Settings, store: Secret, now: datetime) -> None:
    """Open what is new for every subscription, and hold all that is open for a human to decide about."""
    from digestbot.digests import open_by_hand
    from digestbot.model.deliveries import OPEN_STATES

    with App(replace(settings, store=store)) as app:
        known = app.store
        wants = [*app.folder.wants, *app.members.wants()]
        seen = [compiled for compiled in wants if known.cursor(compiled.subscription.id) is not None]
        list(open_by_hand(seen, known, now))
        waiting = known.deliveries(states=OPEN_STATES)
        known.record([_held(each, now) for each in waiting])


def _held(delivery: Delivery, now: datetime) -> Outcome:
    from digestbot.model.causes import Cause, sentence
    from digestbot.model.deliveries import DeliveryState, Outcome

    why, doubt = sentence(Cause.RESTORED), delivery.possible_duplicate
    state, parts = DeliveryState.HELD, delivery.parts_sent
    return Outcome(delivery.id, delivery.fence, state, parts, now, Cause.RESTORED, why, possible_duplicate=doubt)


def _from_backup(home: str | None, path: Path, *, complete: bool) -> int:
    from digestbot.model.secret import Secret
    from digestbot.platform.settings import home_folder, load_settings
    from digestbot.store import open_movable
    from digestbot.store.backup import fill, open_backup
    from digestbot.store.moving import move

    folder = home_folder(home, os.environ)
    with open_backup(path, folder) as backup:
        for name in _put_back(backup, folder):
            say(f"kept     {name}")
        settings = load_settings(folder)
        # Held back beside the store, so that the store is never there without it.
        side = f"tinydb:{backup.folder / 'side'}"
        with open_movable(side, home=folder) as new:
            move(backup, new)
        made_at, unasked = backup.contents.made_at, []
        if not complete:
            hold_back(settings, Secret(side), made_at)
            unasked = _hold_what_sources_bring(settings, Secret(side))
        with (
            open_movable(side, home=folder, read_only=True) as whole,
            open_movable(settings.store.reveal(), home=folder) as target,
        ):
            fill(target, whole, backup.place)
    _told(home, f"restored as of {made_at:%d %b %Y %H:%M} UTC")
    for each in unasked:
        complain(each)
    if unasked:
        warn(
            "what these bring again may be sent again. Before `digestbot run`: mend them, then digestbot ingest and "
            "digestbot restore --hold"
        )
    if not complete:
        warn(
            "who left since then is not in it, nor are dumps that were handed in by hand. Before `digestbot run`: "
            "ingest those again, then digestbot restore --hold"
        )
    return 1 if unasked else 0


def _hold_what_sources_bring(settings: Settings, store: Secret) -> list[str]:
    """Fetch all sources and hold what is new; which of them could not be fetched, and why.

    A source brings again what it brought after the backup, and that was sent.
    """
    unasked = []
    with App(replace(settings, store=store)) as app:
        try:
            for polled in app.source_poller.poll(app.clock()):
                new = polled.merged.new + polled.merged.updated
                say(f"source {polled.name}: fetched again, {new} papers that the backup did not have")
                if why := polled.error or polled.skipped:
                    unasked.append(f"source {polled.name}: {why}")
        except UsageError as error:
            unasked.append(str(error))
        now = app.clock()
    hold_back(settings, store, now)
    return unasked


def _put_back(backup: Backup, home: Path) -> Iterator[str]:
    """Put the backup's files where there are none; gives the names of those that were there and stay.

    What sources remember has to fit the papers: of that the backup's stands in any case.
    """
    from digestbot.platform.files.atomic import replace_file

    for name in backup.contents.files:
        target = home / name
        if target.exists() and not name.startswith("data/"):
            yield name
            continue
        try:
            replace_file(target, backup.file(name))
        except OSError as error:
            raise UsageError(Problem(f"cannot be written: {error.strerror}", str(target))) from None
