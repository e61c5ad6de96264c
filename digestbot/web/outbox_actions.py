"""What an operator decides about deliveries: the daemon does it where there is one, else it is done here."""

from __future__ import annotations

from digestbot.bootstrap import App
from digestbot.delivery.control_channel import Command, ControlChannel
from digestbot.delivery.operator_actions import chosen, decided, noted
from digestbot.model.errors import DigestbotError

WHO = "operator on the web"
_PATIENCE = 8.0  # seconds that a page waits for the daemon


def decide(app: App, decision: str, ids: tuple[str, ...]) -> None:
    """Retry, hold or drop deliveries. Raises DigestbotError with why not, StoreError."""
    orders = ControlChannel(app.settings.home)
    answer = orders.ask(Command(decision, ids, WHO), _PATIENCE, _impatient) if orders.is_attended() else None
    if answer is None:
        found, now = chosen(app.store, ids), app.clock()
        app.store.note(noted(decision, found, now, WHO))
        app.store.record(decided(decision, found, now))
    elif answer.problem:
        raise DigestbotError(answer.problem)


def _impatient() -> None:
    raise DigestbotError("The daemon has the order and will do it; it is busy now. Load this page again in a while.")
