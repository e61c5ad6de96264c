"""Handing over: what a command wants of a store that the daemon has is done by the daemon."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from digestbot.bootstrap import App
from digestbot.cli.terminal import say
from digestbot.model.errors import DigestbotError, StoreLocked

if TYPE_CHECKING:
    from digestbot.delivery.control_channel import Command, CommandResult, ControlChannel

_PATIENCE = 3.0  # seconds after which it is said that one waits


def operator() -> str:
    """Who gives this command, as the audit log says it."""
    try:
        return f"operator {getpass.getuser()}"
    except (KeyError, OSError, ImportError):  # a user without a name, as in containers; Windows without USERNAME
        return "operator"


@contextmanager
def store_or_daemon(home: str | None) -> Iterator[tuple[App, ControlChannel | None]]:
    """The parts with the store open for writing; where a daemon has it, the parts as they can be looked at, and the way
    to the daemon. Raises StoreLocked where the store is another process's that takes no orders.
    """
    from digestbot.delivery.control_channel import ControlChannel

    with ExitStack() as opened:
        app, daemon = opened.enter_context(App.open(home)), None
        try:
            _ = app.store
        except StoreLocked:
            app = opened.enter_context(App.open(home, read_only=True))
            daemon = ControlChannel(app.settings.home)
            if not daemon.is_attended():
                raise
        yield app, daemon


def ask(daemon: ControlChannel, order: Command) -> CommandResult | None:
    """What the daemon did; None where it ended before: the order was taken back then, and is done here or given again.

    Raises DigestbotError for what it could not do.
    """
    answer = daemon.ask(order, _PATIENCE, _impatient)
    if answer is not None and answer.problem:
        raise DigestbotError(answer.problem)
    return answer


def _impatient() -> None:
    say("handed to the daemon, which has the store; waiting for it (Ctrl-C leaves it to the daemon)")
