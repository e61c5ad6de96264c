"""`preview` and `send`: what goes out, looked at and sent by hand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import click

from digestbot.bootstrap import App
from digestbot.channels.renderers import RENDERERS
from digestbot.cli import completing
from digestbot.cli.terminal import Paged, complain, complain_of, faint, out, out_bytes, say, warn
from digestbot.platform.system import terminating

if TYPE_CHECKING:  # the command imports what it needs when it runs
    from digestbot.model.deliveries import Delivery, Outcome
    from digestbot.model.digests import Counts, DigestRecord
    from digestbot.subscribers.compiled import CompiledSubscription

PREVIEWS = tuple(name for name in RENDERERS if name != "file")


@click.command(cls=Paged)
@click.argument("subscription", shell_complete=completing.subscriptions)
@click.option("--format", "form", type=click.Choice(PREVIEWS), default="text", show_default=True)
@click.option("--open", "show", is_flag=True, help="Show the HTML in the browser.")
@click.pass_obj
def preview(home: str | None, subscription: str, form: str, show: bool) -> int:
    """Byte for byte what would go out; nothing changes.

    When nothing would go out now, the last digest is shown as it was made, and that is said.
    """
    from digestbot.digests import hand_slot, pending, quiet

    with App.open(home, read_only=True) as app:
        (compiled,) = app.wants([subscription])
        now = app.clock()
        record = pending(compiled, app.store, hand_slot(compiled.subscription, app.store.head(), now), now)
        made = [each for each in app.store.digests(subscription) if each.entries]
        if made and (app.store.digest(record.key) is not None or not record.entries):
            why = quiet(record) if not record.entries else f"{len(made[-1].carry)} papers wait for the next digest"
            say(f"{subscription}: nothing would go out now: {why}")
            record = made[-1]
            say(f"{subscription}: this is its digest of {record.slot.day:%d %b %Y}, as it was made")
        message = app.writer.preview(record, compiled.subscription, "html" if show else form)
        if show:
            _browse(subscription, message.parts[0].body)
            return 0
        for index, part in enumerate(message.parts):
            out_bytes(b"\n" * (index > 0) + part.body)
        if len(message.parts) > 1:
            say(f"{subscription}: {len(message.parts)} posts, one below the other")
    return 0


def _browse(subscription: str, page: bytes) -> None:
    import tempfile
    import webbrowser
    from pathlib import Path

    with tempfile.NamedTemporaryFile(prefix=f"{subscription}-", suffix=".html", delete=False) as file:
        file.write(page)
    out(file.name)
    if not webbrowser.open(Path(file.name).as_uri()):
        say("no browser was found; open that file")


@click.command()
@click.argument("subscriptions", nargs=-1, metavar="[SUBSCRIPTION...]", shell_complete=completing.subscriptions)
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
@click.option("--to", "address", metavar="ADDRESS", help="Mail it there, marked as a test, off the ledger.")
@click.option("--waiting", "all_waiting", is_flag=True, help="With all that waits from earlier digests.")
@click.pass_obj
def send(
    home: str | None, subscriptions: tuple[str, ...], dry_run: bool, address: str | None, all_waiting: bool
) -> int:
    """Send now, by hand, what is new for the subscriptions (all of them when none is named).

    What was sent before is not sent again. Deliveries that failed before and are waiting are tried at once.
    A subscription whose file is wrong is told, and stops none of the others.
    """
    from digestbot.cli.via_daemon import ask, operator, store_or_daemon
    from digestbot.delivery.control_channel import SEND, SEND_WAITING, Command

    if dry_run or address is not None:
        with App.open(home, read_only=True) as app:
            wants = app.wants(subscriptions)
            if address is not None:
                return max(_test(app, compiled, address) for compiled in wants)
            for compiled in wants:
                _foretell(app, compiled)
            return _left_out(app, subscriptions)
    waiting = set[str]()
    while True:
        with store_or_daemon(home) as (app, daemon):
            if daemon is None:
                return _send(app, subscriptions, all_waiting)
            ids = [compiled.subscription.id for compiled in app.wants(subscriptions)]
            waiting.update(each.id for each in _open_ones(app, ids))
            answer = ask(daemon, Command(SEND_WAITING if all_waiting else SEND, tuple(ids), operator()))
        if answer is not None:
            with App.open(home, read_only=True) as app:
                return _tell_sent(app, subscriptions, waiting, answer.done)


def _tell_sent(app: App, subscriptions: tuple[str, ...], waiting: set[str], digests: Sequence[str]) -> int:
    """Say what the daemon opened, and how it and what was `waiting` before stand now."""
    opened = {each.subscription: each for each in map(app.store.digest, digests) if each is not None}
    for compiled in app.wants(subscriptions):
        _tell_opened(app, compiled, opened.get(compiled.subscription.id))
    _warn_of_sources(app)
    planned = [each for digest in digests for each in app.store.deliveries(digest=digest)]
    meant = {each.id: each for each in (*app.store.deliveries(ids=waiting), *planned)}.values()
    return max([_left_out(app, subscriptions), *map(_tell_state, meant)])


def _open_ones(app: App, ids: Collection[str]) -> list[Delivery]:
    """What is still to leave for these subscriptions."""
    from digestbot.model.deliveries import OPEN_STATES

    return app.store.deliveries(subscriptions=set(ids), states=OPEN_STATES)


def _send(app: App, subscriptions: tuple[str, ...], all_waiting: bool) -> int:
    """Open what is new and send what is open, in this process."""
    from digestbot.cli.via_daemon import operator
    from digestbot.delivery.control_channel import ControlChannel
    from digestbot.delivery.operator_actions import DECISIONS, sent_by_hand
    from digestbot.digests import open_by_hand
    from digestbot.runtime.reloader import Reloader

    wants, now = app.wants(subscriptions), app.clock()
    if ControlChannel(app.settings.home).waiting(*DECISIONS):
        from digestbot.runtime.commands import CommandHandler

        CommandHandler(Reloader(app)).decide()  # the daemon ended before it came to them
    app.store.register([compiled.subscription.id for compiled in wants], now=now)
    records = []
    opened = open_by_hand(wants, app.store, now, waiting=all_waiting, asker=app.gist_asker)
    for compiled, record in zip(wants, opened, strict=True):
        records.append(record)
        _tell_opened(app, compiled, record)
    _warn_of_sources(app)
    try:
        code = _deliver(
            app, {each.digest for each in _open_ones(app, [compiled.subscription.id for compiled in wants])}
        )
    finally:
        app.store.note(sent_by_hand(records, now, operator()))
    return max(code, _left_out(app, subscriptions))


def _left_out(app: App, subscriptions: tuple[str, ...]) -> int:
    """Where all were meant, say what is wrong with those that were left out; 2 when there is any."""
    return 0 if subscriptions else complain_of(app.folder.problems)


def _tell_state(delivery: Delivery) -> int:
    """Say how a delivery stands that the daemon had its turn with; 1 when it did not arrive."""
    from digestbot.model.deliveries import DeliveryState

    if delivery.state is not DeliveryState.SENT:
        return _tell_left(delivery)
    say(f"{delivery.subscription} -> {delivery.destination.name}: sent ({delivery.reason})")
    return 0


def _deliver(app: App, digests: set[str]) -> int:
    """Send what is open of these digests; 1 when something of it did not arrive."""
    from digestbot.delivery.notices import trouble_of
    from digestbot.model.deliveries import OPEN_STATES

    app.dispatcher.release(digests)
    with terminating(app.stopping.set):
        code, told, troubles = 0, set(), []
        for delivery, outcome in app.dispatcher.run(digests):
            code = max(code, _tell(delivery, outcome))
            told.add(delivery.id)
            troubles.append(trouble_of(delivery, outcome))
        for trouble in troubles:
            if trouble is not None and trouble.owner:
                app.report(trouble)
        # What this run did not touch is no success either: it waits, or a sender that is gone has it in hand.
        for each in app.store.deliveries(states=OPEN_STATES):
            if each.digest in digests and each.id not in told:
                code = max(code, _tell_left(each))
        return code


def _tell_left(delivery: Delivery) -> int:
    """Say of a delivery that was not touched why, and when it will be; always 1."""
    from digestbot.model.causes import Cause, sentence
    from digestbot.model.deliveries import DeliveryState

    until = delivery.lease_until or delivery.not_before
    why = sentence(Cause.LEASE_OVER) if delivery.state is DeliveryState.SENDING else delivery.reason
    again = f" (again from {until:%H:%M} UTC on)" if until else ""
    where = f"{delivery.subscription} -> {delivery.destination.name}"
    complain(f"{where}: {delivery.state}: {why or 'not tried yet'}{again}")
    return 1


def _tell_opened(app: App, compiled: CompiledSubscription, record: DigestRecord | None) -> None:
    """Say what the digest holds that was opened for a subscription, or why there is none."""
    from zoneinfo import ZoneInfo

    from digestbot.digests import leaves, quiet
    from digestbot.model.digests import DigestVerdict

    name = compiled.subscription.id
    if record is None:
        (before,) = app.store.digests(name, newest=1)
        at = before.opened_at.astimezone(ZoneInfo(compiled.subscription.timezone))
        what = f"{before.counts.shown} papers" if before.entries else str(before.verdict)
        carried = f"; {len(before.carry)} wait: digestbot send --waiting {name}" if before.carry else ""
        out(f"{name}: nothing new since its digest of {at:%d %b %H:%M} ({what}{carried})")
    elif leaves(compiled, record):
        out(f"{name}: {closing(record.counts)}")
    elif (
        record.verdict is DigestVerdict.NOTHING_NEW and app.store.head() and len(app.store.digests(name, newest=2)) == 1
    ):
        out(f"{name}: nothing sent: it begins with what comes in from now on (before that: digestbot backtest {name})")
    else:
        out(f"{name}: nothing sent: {quiet(record)}")


def _warn_of_sources(app: App) -> None:
    """Say which sources are no good: a digest that is quiet beside them may be so for want of papers."""
    from digestbot.ingest.poller import ailing

    for each in ailing(app.settings, app.clock()):
        warn(each)


def closing(counts: Counts) -> str:
    """What became of the papers of a window, in one line."""
    line = f"{counts.read} new papers read, {counts.found} matched, {counts.shown} in the digest"
    if counts.already_sent:
        line += f", {counts.already_sent} already sent"
    if counts.left_out:
        line += f", {counts.left_out} wait (digestbot send --waiting brings them)"
    if counts.let_go or counts.expired:
        line += f", {counts.let_go + counts.expired} let go"
    return line


def _foretell(app: App, compiled: CompiledSubscription) -> None:
    from digestbot.digests import hand_slot, leaves, pending, quiet

    now = app.clock()
    record = pending(compiled, app.store, hand_slot(compiled.subscription, app.store.head(), now), now)
    name = compiled.subscription.id
    if app.store.digest(record.key) is not None:
        out(f"{name}: would send nothing: its digest up to paper {record.window.upto} was made already")
    elif not leaves(compiled, record):
        out(f"{name}: would send nothing: {quiet(record)}")
    else:
        to = ", ".join(each.name for each in compiled.subscription.to)
        out(f"{name}: would send to {to}: {closing(record.counts)}")
        for entry in app.writer.digest(record).entries:
            out(f"    {entry.paper.paper.title}{faint('  ' + ', '.join(entry.record.rules))}")


def _test(app: App, compiled: CompiledSubscription, address: str) -> int:
    """Mail the pending digest to an address, marked as a test; the ledger does not know of it."""
    from digestbot.delivery.message_writer import send_test
    from digestbot.digests import hand_slot, pending, quiet
    from digestbot.model.subscriptions import Destination

    now = app.clock()
    slot = hand_slot(compiled.subscription, app.store.head(), now)
    record = pending(compiled, app.store, slot, now)
    if not record.entries:
        out(f"{compiled.subscription.id}: nothing to test with: {quiet(record)}")
        return 0
    answer = send_test(app.writer, app.channel("email"), record, Destination("email", {"address": address}))
    out(f"{compiled.subscription.id}: a test went to {address}: {answer}")
    return 0


def _tell(delivery: Delivery, outcome: Outcome) -> int:
    """Say what became of a delivery; 1 when it did not arrive."""
    from digestbot.model.deliveries import DeliveryState

    where = f"{delivery.subscription} -> {delivery.destination.name}"
    if outcome.state is DeliveryState.SENT:
        say(f"{where}: sent ({outcome.reason})")
        return 0
    again = ""
    if outcome.not_before is not None:
        again = f" (again from {outcome.not_before:%H:%M} UTC on by `run`, at once by another `send`)"
    complain(f"{where}: {outcome.state}: {outcome.reason}{again}")
    return 1
