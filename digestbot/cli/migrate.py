"""`migrate`: takes everything from one store to another, and proves that it is there."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from digestbot.cli.terminal import out, say

if TYPE_CHECKING:  # the command imports what it needs when it runs
    from digestbot.store.moving import MovableStore

_SETTING = "DIGESTBOT_STORE"


@click.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.pass_obj
def migrate(home: str | None, source: str, target: str) -> int:
    """Take papers, ledger and subscribers from one store to another; nothing is sent again.

    FROM and TO are written as in DIGESTBOT_STORE: tinydb:data, postgresql://user@host/database. The word
    DIGESTBOT_STORE stands for what is set. A password need not be written here: PostgreSQL's client also takes it
    from PGPASSWORD or from the file ~/.pgpass.

    Stop what runs on FROM first. Interrupted, it goes on when it is run again; when it is done, nothing writes to
    FROM any more.
    """
    from digestbot.platform.settings import home_folder, load_settings
    from digestbot.store import open_movable
    from digestbot.store.moving import Way, begin, move

    folder = home_folder(home, os.environ)
    setting = load_settings(folder).store.reveal() if _SETTING in (source, target) else ""
    urls = [setting if each == _SETTING else each for each in (source, target)]
    with open_movable(urls[0], home=folder) as old, open_movable(urls[1], home=folder) as new:
        way = begin(old, new)
        if way is Way.DONE:
            say(f"{old.place} was moved to {new.place} before: nothing is left to do")
        elif way is Way.TAKEN_BACK:
            say(f"{new.place} was only half moved to {old.place}: it is in use again, as it was")
        else:
            with _bar(old) as tell:
                moved = move(old, new, tell)
            for each in moved:
                out(f"{each.table}: {each.rows} rows, {each.written} written now, sha256 {each.checksum[:16]}")
            say(f"both sides are the same; now write {_SETTING}={new.place}, with its password, in .env")
    return 0


@contextmanager
def _bar(old: MovableStore) -> Iterator[Callable[[int], None]]:
    """A bar of rows on a terminal, and silence elsewhere."""
    from digestbot.store.moving import TABLES

    if not sys.stderr.isatty():
        yield lambda rows: None
        return
    total = sum(old.count(table) for table in TABLES)
    with click.progressbar(length=total, label="moving", file=sys.stderr) as bar:
        yield bar.update
