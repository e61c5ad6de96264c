"""Handing over: what a command wants of a store that the daemon has is done by the daemon."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from digestbot.bootstrap import App
from digestbot.cli.terminal import say
from digestbot.model.errors import DigestbotError, StoreLocked

if TYPE_CHECKING:
    from digestbot.delivery.control_channel import Command, CommandResult

_PATIENCE = 3.0  # seconds after which it is said that one waits

Result = TypeVar("Result")


def operator() -> str:
    """Who gives this command, as the audit log says it."""
    try:
        return f"operator {getpass.getuser()}"
    except (KeyError, OSError):  # a user without a name, as in containers
        return "operator"


def here_or_there(
    home: str | None,
    here: Callable[[App], Result],
    order: Callable[[App], Command],
    there: Callable[[App, CommandResult], Result],
) -> Result:
    """Do it `here` with the store open for writing; where a daemon has it, give it the `order` and tell its answer.

    `order` and `there` look at the store as it stands before and after; an order taken back may be done `here` in the
    end, or be given again as it was. Raises StoreLocked where the store is
    another process's that takes no orders, DigestbotError for what the daemon could not do.
    """
    from digestbot.delivery.control_channel import ControlChannel

    while True:
        try:
            with App.open(home) as app:
                _ = app.store
                return here(app)
        except StoreLocked:
            with App.open(home, read_only=True) as app:
                orders = ControlChannel(app.settings.home)
                if not orders.is_attended():
                    raise
                answer = orders.ask(order(app), _PATIENCE, _impatient)
        if answer is not None:
            if answer.problem:
                raise DigestbotError(answer.problem)
            with App.open(home, read_only=True) as app:
                return there(app, answer)


def _impatient() -> None:
    say("handed to the daemon, which has the store; waiting for it (Ctrl-C leaves it to the daemon)")
