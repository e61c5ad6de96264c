"""`bounces`: mail that came back, taken in by hand or handed over by a mail server."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digestbot.bootstrap import App
from digestbot.cli.terminal import out, out_json, say
from digestbot.model.errors import Problem, StoreLocked, UsageError

if TYPE_CHECKING:  # the command imports what it needs when it runs
    from digestbot.bounces.handler import BounceVerdict
    from digestbot.bounces.mailbox import Mail, Maildir
    from digestbot.bounces.poller import BouncePoller


@click.command()
@click.argument("place", default="", metavar="[FILE|MAILDIR|-]")
@click.option("--json", "as_json", is_flag=True, help="One mail a line, as JSON.")
@click.pass_obj
def bounces(home: str | None, place: str, as_json: bool) -> int:
    """Take in mail that came back: failures, complaints, requests to unsubscribe.

    From a file (one mail, or an mbox), a maildir, or standard input (-), as a mail server pipes it; without any,
    from DIGESTBOT_BOUNCES. Mails of a maildir are marked as read when they are done; nothing is deleted. Reading a
    mail twice does no harm. While the daemon has the store, mails are kept for it.
    """
    from digestbot.bounces.mailbox import Maildir, mails_in
    from digestbot.bounces.poller import spool

    source = None if place in ("", "-") else Path(place)
    if source is not None and not source.exists():
        raise UsageError(Problem("there is no such file or maildir", place))
    if source is not None and source.is_dir() and not Maildir.is_one(source):
        raise UsageError(Problem("is no maildir: it has no new and cur", place, way_out="name the folder above them"))
    with App.open(home, read_only=True) as app:
        kept = spool(app.settings.home)
        if not place and app.settings.bounces is None:
            raise UsageError(Problem("names no mailbox", "DIGESTBOT_BOUNCES", way_out="set it, or name a file, or -"))
    if place == "-":
        for mail in mails_in(sys.stdin.buffer, "standard input"):
            kept.put(mail.data)  # on the disk before anything is done: a mail server hands over once
    try:
        with App.open(home) as app:
            _ = app.store
            poller = app.bounce_poller
            now = app.clock()
            return _tell(poller.spooled(now) if place == "-" else _read(poller, now, source), as_json=as_json)
    except StoreLocked:
        if source is None and place != "-":
            say("the daemon has the store, and reads what came back by itself")
            return 0
        count = _keep(kept, source) if source is not None else 1
        say(f"kept for the daemon, which has the store: {count} mails" if source else "kept for the daemon")
        return 0


def _read(poller: BouncePoller, now: datetime, source: Path | None) -> Iterable[tuple[Mail, BounceVerdict]]:
    from digestbot.bounces.mailbox import Maildir

    if source is None:
        return poller.rounds(now)
    return poller.read_maildir(Maildir(source), now) if source.is_dir() else poller.read_file(source, now)


def _keep(kept: Maildir, source: Path) -> int:
    """Put mails where the daemon looks for them; their number."""
    from digestbot.bounces.mailbox import Maildir

    number = 0
    for mail in _mails(source):
        kept.put(mail.data)
        if source.is_dir():
            Maildir(source).done(mail)
        number += 1
    return number


def _mails(source: Path) -> Iterator[Mail]:
    from digestbot.bounces.mailbox import Maildir
    from digestbot.bounces.poller import mails_of

    yield from Maildir(source).unread() if source.is_dir() else mails_of(source)


def _tell(found: Iterable[tuple[Mail, BounceVerdict]], *, as_json: bool) -> int:
    number = suppressed = 0
    for mail, verdict in found:
        number += 1
        suppressed += verdict.suppressed
        if as_json:
            said = {"mail": mail.name, "act": verdict.act, "why": verdict.why, "address": verdict.address or None}
            out_json(said | {"suppressed": verdict.suppressed})
        else:
            who = f"{verdict.address}: " if verdict.address else ""
            what = f"{verdict.act}: " if verdict.act else "nothing done: "
            then = "; nothing more is sent there" if verdict.suppressed else ""
            out(f"{mail.name}: {who}{what}{verdict.why}{then}")
    say(f"{number} mails, {suppressed} addresses suppressed")
    return 0
