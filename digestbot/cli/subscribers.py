"""`subscribers`: who stands in the store, and what an operator does about them."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digestbot.bootstrap import App
from digestbot.cli import completing
from digestbot.cli.terminal import complain, out, out_json, out_row, say
from digestbot.cli.via_daemon import ask, operator, store_or_daemon
from digestbot.model.errors import Problem, UsageError

if TYPE_CHECKING:
    from digestbot.model.subscribers import SubscriberRecord, Suppression

_REASON = click.option("--reason", default="", help="Why, for the audit log.")
_NAMES = click.argument("names", nargs=-1, required=True, metavar="ADDRESS|ID...")
_CONSENT = click.option("--consent", default="", help="What they agreed to, for the audit log.")


@click.group()
def subscribers() -> None:
    """Who is subscribed: list, add, import, export, pause, remove, suppress, release, forget, audit.

    These are the subscribers in the store, who joined by the web, by `add` or by an import; subscriptions in files
    are their owners'. While the daemon runs, it is the one that does it, within a second or two.
    """


def _do(home: str | None, verb: str, **given: Any) -> int:
    from digestbot.delivery.control_channel import Command
    from digestbot.subscribers.administration import in_words, new_token

    given |= {"who": operator(), "token": new_token()}
    lines: Sequence[str] | None = None
    while lines is None:
        with store_or_daemon(home) as (app, daemon):
            if daemon is None:
                lines = app.administration.carry_out(verb, given)
            elif answer := ask(daemon, Command("subscribers", (verb, in_words(given)), given["who"])):
                lines = answer.done
    for line in lines:
        out(line)
    return 0


@subscribers.command("list")
@click.option("--state", type=click.Choice(["pending", "active", "left"]), help="Only those in this state.")
@click.option("--address", help="Only those whose digests go there.")
@click.option("--topic", shell_complete=completing.topics, help="Only those who have this topic.")
@click.option("--suppressed", "only_suppressed", is_flag=True, help="Only those to whom nothing is sent.")
@click.option("--json", "as_json", is_flag=True, help="One subscriber a line, as JSON.")
@click.pass_obj
def list_(
    home: str | None, state: str | None, address: str | None, topic: str | None, only_suppressed: bool, as_json: bool
) -> int:
    """Who is there; with --suppressed also addresses of nobody."""
    from digestbot.subscribers.exporting import listed

    number = 0
    with App.open(home, read_only=True) as app:
        seen: set[str] = set()
        for record, suppression in listed(app.store, app.store.subscribers(address=address)):
            fits = state in (None, record.state) and (topic is None or topic in record.wants.get("topics", ()))
            if fits and (suppression or not only_suppressed):
                number += 1
                _show(record, suppression, as_json=as_json)
            seen.update(record.addresses if only_suppressed else ())
        rest = app.store.suppressions() if only_suppressed and not (state or address or topic) else {}
        for name, suppression in rest.items():
            if name not in seen:
                number += 1
                _show_suppression(suppression, as_json=as_json)
    if not as_json:
        say(f"{number} subscribers" if not only_suppressed else f"{number} suppressed")
    return 0


def _show(record: SubscriberRecord, suppression: Suppression | None, *, as_json: bool) -> None:
    if as_json:
        said = {"id": record.id, "state": record.state, "addresses": list(record.addresses)}
        times = {"added_at": record.added_at.isoformat(), "changed_at": record.changed_at.isoformat()}
        out_json(said | times | {"wants": dict(record.wants), "suppressed": _said(suppression)})
        return
    wants = record.wants
    rules = ", ".join([*wants.get("topics", ()), *wants.get("keywords", ())][:6]) or wants.get("query", "")
    paused = (
        "  paused" if wants.get("paused") else f"  until {wants['paused_until']}" if "paused_until" in wants else ""
    )
    why = f"  suppressed: {suppression.reason}" if suppression else ""
    where = ", ".join(record.addresses) or "no address"
    text = f"{where}  {wants.get('cadence', 'daily 08:00')}  {rules}{paused}{why}"
    out_row(text, f"{record.id}  {record.state}  ")


def _show_suppression(suppression: Suppression, *, as_json: bool) -> None:
    if as_json:
        out_json({"id": None, "addresses": [suppression.address], "suppressed": _said(suppression)})
    else:
        out(f"-  -  {suppression.address}  suppressed since {suppression.since:%d %b %Y}: {suppression.reason}")


def _said(suppression: Suppression | None) -> dict[str, Any] | None:
    if suppression is None:
        return None
    since = suppression.since.isoformat()
    return {"reason": suppression.reason, "since": since, "evidence": suppression.evidence}


@subscribers.command()
@click.argument("address")
@click.option(
    "--topic", "topics", multiple=True, shell_complete=completing.topics, help="A topic; several times for several."
)
@click.option("--keyword", "keywords", multiple=True, help="A keyword; several times for several.")
@click.option("--query", help="A rule in the full language.")
@click.option("--name", help="What the digest is called.")
@click.option("--cadence", help='"daily 08:00", "weekly mon 09:00", ...')
@click.option("--timezone", help="Europe/Berlin, ...")
@_CONSENT
@click.pass_obj
def add(home: str | None, /, address: str, consent: str, **wants: Any) -> int:
    """Add one who has agreed to it; what somebody who is there wants is changed.

    Checked as a subscription's file is. A suppressed address is not added: release it first.
    """
    said = {key: list(value) if isinstance(value, tuple) else value for key, value in wants.items() if value}
    return _do(home, "add", address=address, wants=said, consent=consent)


@subscribers.command("import")
@click.argument("path", metavar="FILE|-")
@click.option("--form", type=click.Choice(["csv", "toml"]), help="Unless the file's name tells it.")
@click.option("--encoding", default="", help="Of a CSV file that is not UTF-8: windows-1252, ...")
@click.option("--defaults", metavar="FILE", help="What rows want that say nothing: as a subscription's file has it.")
@click.option("--dry-run", is_flag=True, help="Say what would come of it; nothing changes.")
@_CONSENT
@click.pass_obj
def import_(
    home: str | None, path: str, form: str | None, encoding: str, defaults: str | None, dry_run: bool, consent: str
) -> int:
    """Import subscribers from CSV or TOML: all rows, or none where one of them is wrong.

    The first line of CSV names the columns; address is the one it cannot do without, lists are separated by
    semicolons. A file of addresses and nothing else will do, and so will a list as Mailchimp, listmonk, Substack, Ghost
    or Buttondown export it: who left, complained, bounced or was blocked there is suppressed here. Rows for addresses
    that left, complained, bounced or were forgotten here are told and left out.
    """
    if encoding:
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise UsageError(f"no encoding is called {encoding!r} (write utf-8, windows-1252, ...)") from None
    with _file(home, path) as (found, shown):
        chosen = form or ("toml" if shown.lower().endswith(".toml") else "csv")
        given = {"path": found, "shown": shown, "form": chosen, "encoding": encoding, "dry_run": dry_run}
        wanted = os.path.abspath(defaults) if defaults else ""
        return _do(home, "import", **given, defaults=wanted, consent=consent)


@contextmanager
def _file(home: str | None, path: str) -> Iterator[tuple[str, str]]:
    """The file to import, and what it is called: standard input becomes one, which a daemon can read too."""
    if path != "-":
        if not Path(path).is_file():
            raise UsageError(Problem("there is no such file", path))
        yield os.path.abspath(path), Path(path).name
        return
    import shutil
    import tempfile

    with App.open(home, read_only=True) as app:
        folder = app.settings.home / "data"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix="import-") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
        file.flush()
        yield file.name, "standard input"


@subscribers.command()
@click.option("--form", type=click.Choice(["csv", "toml"]), default="csv", show_default=True)
@click.option("--person", metavar="ADDRESS", help="All that is kept of one person instead, as JSON.")
@click.pass_obj
def export(home: str | None, form: str, person: str | None) -> int:
    """Write subscribers to standard output, to be imported again; no cell is a formula to a spreadsheet.

    Who is suppressed is there too, and stays so wherever it is imported.
    """
    from digestbot.subscribers.exporting import as_csv, as_toml, everybody, of_person

    with App.open(home, read_only=True) as app:
        if person is not None:
            out_json(of_person(app.store, person))
            return 0
        several = 0

        def counted() -> Iterator[tuple[SubscriberRecord, Suppression | None]]:
            nonlocal several
            for each in everybody(app.store):
                several += len(each[0].wants.get("to", ())) > 1
                yield each

        for piece in (as_csv if form == "csv" else as_toml)(counted()):
            click.echo(piece, nl=False)
    if several and form == "csv":
        complain(f"{several} subscribers have further destinations, which CSV has no place for: use --form toml")
        return 1
    return 0


@subscribers.command()
@_NAMES
@click.option("--until", metavar="DAY", help="The first day on which digests are made again: 2026-09-01.")
@click.option("--end", is_flag=True, help="End the pause.")
@click.pass_obj
def pause(home: str | None, names: tuple[str, ...], until: str | None, end: bool) -> int:
    """No digests until a day, or until further notice."""
    try:
        day = date.fromisoformat(until).isoformat() if until else ""
    except ValueError:
        raise UsageError(f"{until!r} is no day (write 2026-09-01)") from None
    return _do(home, "pause", names=names, until=None if end else day)


@subscribers.command()
@_NAMES
@_REASON
@click.pass_obj
def remove(home: str | None, names: tuple[str, ...], reason: str) -> int:
    """Take subscribers out; nothing keeps them from being added or imported again (see suppress, forget)."""
    return _do(home, "remove", names=names, reason=reason)


@subscribers.command()
@click.argument("names", nargs=-1, required=True, metavar="ADDRESS...")
@click.option("--reason", default="suppressed by the operator", show_default=True)
@click.option("--evidence", default="", help="What shows it: a ticket, a letter.")
@click.pass_obj
def suppress(home: str | None, names: tuple[str, ...], reason: str, evidence: str) -> int:
    """Send nothing more to addresses, whoever adds or imports them, until they are released."""
    _only_addresses(names)
    return _do(home, "suppress", names=names, reason=reason, evidence=evidence)


@subscribers.command()
@click.argument("names", nargs=-1, required=True, metavar="ADDRESS...")
@click.option("--reason", required=True, help="Why, for the audit log.")
@click.pass_obj
def release(home: str | None, names: tuple[str, ...], reason: str) -> int:
    """Let mail go to addresses again; who had left is subscribed again."""
    _only_addresses(names)
    return _do(home, "release", names=names, reason=reason)


@subscribers.command()
@click.argument("address")
@click.pass_obj
def forget(home: str | None, address: str) -> int:
    """Erase one person: what is kept of an address, but for a keyed hash that keeps it from coming back."""
    _only_addresses((address,))
    return _do(home, "forget", names=(address,))


def _only_addresses(names: tuple[str, ...]) -> None:
    wrong = [Problem(f"{each!r} is no address", way_out="write ada@example.org") for each in names if "@" not in each]
    if wrong:
        raise UsageError(*wrong)


@subscribers.command()
@click.argument("about", default="", metavar="[ADDRESS|SUBSCRIPTION]")
@click.option("--newest", type=click.IntRange(1), default=200, show_default=True, help="So many of the last.")
@click.option("--json", "as_json", is_flag=True, help="One entry a line, as JSON.")
@click.pass_obj
def audit(home: str | None, about: str, newest: int, as_json: bool) -> int:
    """Who did what and when: all, or about one address or subscription."""
    with App.open(home, read_only=True) as app:
        entries = app.store.audit(about or None, newest=newest)
    for each in entries:
        if as_json:
            said = {"at": each.at.isoformat(), "who": each.who, "act": each.act, "about": each.about}
            out_json(said | {"detail": each.detail, "reference": each.reference})
        else:
            rest = "  ".join(filter(None, (each.about, each.detail, each.reference)))
            out(f"{each.at:%Y-%m-%d %H:%M:%S}  {each.who}  {each.act}  {rest}")
    return 0
