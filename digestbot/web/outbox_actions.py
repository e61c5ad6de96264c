"""What an operator decides about deliveries: the daemon does it where there is one, else it is done here."""

from __future__ import annotations

import time

from digestbot.bootstrap import App
from digestbot.delivery.control_channel import Command, ControlChannel
from digestbot.delivery.operator_actions import chosen, decided, noted
from digestbot.model.errors import DigestbotError, Problem, StoreError

WHO = "operator on the web"
_PATIENCE = 8.0  # seconds that a page waits for the daemon
_GLANCE = 0.05


def decide(app: App, decision: str, ids: tuple[str, ...]) -> None:
    """Retry, hold or drop deliveries. Raises DigestbotError with why not, StoreError."""
    orders = ControlChannel(app.settings.home)
    if not orders.is_attended():
        found, now = chosen(app.store, ids), app.clock()
        app.store.note(noted(decision, found, now, WHO))
        app.store.record(decided(decision, found, now))
        return
    try:
        name = orders.give(Command(decision, ids, WHO))
    except OSError as error:
        raise StoreError(Problem(f"cannot be left for the daemon: {error.strerror}", "data/orders")) from error
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        answer = orders.answered(name)
        if answer is not None:
            if answer.problem:
                raise DigestbotError(answer.problem)
            return
        time.sleep(_GLANCE)
    raise DigestbotError("The daemon has the order and will do it; it is busy now. Load this page again in a while.")
