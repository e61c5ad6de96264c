"""The desk: does the orders people give while the daemon has the store, and answers them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from digestbot.app import App
from digestbot.core.deliveries import OPEN_STATES
from digestbot.core.errors import StoreError, UsageError
from digestbot.delivery.by_hand import DECISIONS, chosen, decided
from digestbot.delivery.orders import Answer, Order, Orders
from digestbot.dispatch import Together, hand_slot, open_digest


class Desk:
    """The orders of a working directory; `tell` says what was done, line by line."""

    def __init__(self, app: App, tell: Callable[[str], None] = lambda _: None) -> None:
        self._app = app
        self._tell = tell
        self._orders = Orders(app.settings.home)

    def attended(self) -> AbstractContextManager[None]:
        """Within, orders are given to this process."""
        return self._orders.attended()

    def busy(self) -> bool:
        """Whether an order waits."""
        return bool(self._orders.waiting("send", *DECISIONS))

    def decide(self) -> None:
        """Write down what people decided about deliveries; also in the middle of a run. Raises StoreError."""
        for name, order in self._orders.waiting(*DECISIONS):
            self._answer(name, self._decided(order))

    def _decided(self, order: Order) -> Answer:
        store = self._app.store
        try:
            found = chosen(store.deliveries(), order.names)
        except UsageError as error:
            return Answer(problem=str(error))
        store.record(decided(order.do, found, self._app.clock()))
        for each in found:
            if order.do == "retry":
                self._app.courier.reopen(each)
            self._tell(f"{each.digest} -> {each.destination.name}: {order.do}, by hand")
        return Answer(tuple(each.id for each in found))

    def open(self) -> list[tuple[str, Answer]]:
        """Open the digests that people want to be sent now; each order with what is to be answered after sending."""
        return [(name, self._opened(order)) for name, order in self._orders.waiting("send")]

    def _opened(self, order: Order) -> Answer:
        app, store = self._app, self._app.store
        try:
            wants = app.wants(order.names)
        except UsageError as error:
            return Answer(problem=str(error))
        now = app.clock()
        store.register(order.names, now=now)
        slots = [(want, hand_slot(want.subscription, store.head(), now)) for want in wants]
        together = Together(store, wants)
        records = [open_digest(want, store, slot, now, together) for want, slot in slots]
        waiting = {each.digest for each in store.deliveries(states=OPEN_STATES)}
        app.courier.release({each for each in waiting if each.split("/")[0] in order.names})
        self._tell(f"sending by hand: {', '.join(order.names)}")
        return Answer(tuple(record.key for record in records if record is not None))

    def answer(self, opened: Sequence[tuple[str, Answer]]) -> None:
        """Say that the digests which were opened have had their turn."""
        for name, answer in opened:
            self._answer(name, answer)

    def _answer(self, name: str, answer: Answer) -> None:
        try:
            self._orders.answer(name, answer)
        except OSError as error:
            raise StoreError(f"an order could not be answered: {error.strerror}") from error
