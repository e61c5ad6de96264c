"""The desk: does the orders people give while the daemon has the store, and answers them."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from digestbot.administering import carry_out
from digestbot.app import App
from digestbot.core.deliveries import OPEN_STATES
from digestbot.core.errors import DigestbotError, StoreError, UsageError
from digestbot.delivery.by_hand import DECISIONS, chosen, decided, noted, sent_by_hand
from digestbot.delivery.orders import Answer, Order, Orders
from digestbot.dispatch import Together, hand_slot, open_digest
from digestbot.handed_in import HandedIn, take_in

log = logging.getLogger(__name__)


class Desk:
    """The orders of a working directory; `tell` says what was done, line by line, `alive` that long work goes on."""

    def __init__(
        self, app: App, tell: Callable[[str], None] = lambda _: None, alive: Callable[[], object] = lambda: None
    ) -> None:
        self._app = app
        self._tell = tell
        self._alive = alive
        self._orders = Orders(app.settings.home)

    def attended(self) -> AbstractContextManager[None]:
        """Within, orders are given to this process."""
        return self._orders.attended()

    def busy(self) -> bool:
        """Whether an order waits."""
        return bool(self._orders.waiting("send", "ingest", "subscribers", *DECISIONS))

    def decide(self) -> None:
        """Write down what people decided about deliveries; also in the middle of a run. Raises StoreError."""
        for name, order in self._orders.waiting(*DECISIONS):
            self._answer(name, self._decided(order))
        for name, order in self._orders.waiting("subscribers"):
            self._answer(name, self._administered(order))

    def _administered(self, order: Order) -> Answer:
        verb, given = order.names
        try:
            lines = carry_out(self._app, verb, json.loads(given))
        except StoreError:
            raise
        except DigestbotError as error:
            return Answer(problem=str(error))
        self._tell(f"subscribers {verb}, by hand: {lines[-1] if lines else 'nothing'}")
        return Answer(tuple(lines))

    def _decided(self, order: Order) -> Answer:
        store = self._app.store
        try:
            found = chosen(store, order.names)
        except UsageError as error:
            return Answer(problem=str(error))
        now = self._app.clock()
        store.note(noted(order.do, found, now, order.who))
        store.record(decided(order.do, found, now))
        for each in found:
            if order.do == "retry":
                self._app.courier.reopen(each)
            self._tell(f"{each.digest} -> {each.destination.name}: {order.do}, by hand")
        return Answer(tuple(each.id for each in found))

    def take_in(self) -> None:
        """Read in the dumps that people hand in. Told to stop, it leaves the rest to whoever handed them in."""
        for name, order in self._orders.waiting("ingest"):
            answer = self._taken_in(order)
            if answer is None:
                return
            if self._answer(name, answer) and not answer.problem:
                self._orders.discard(HandedIn.ordered(order).places)

    def _taken_in(self, order: Order) -> Answer | None:
        done = []
        try:
            handed = HandedIn.ordered(order)
            for each in take_in(self._app, handed, lambda _: self._alive()):
                done.append(json.dumps(each.to_json()))
                merged = each.merged
                counts = f"{merged.new} new, {merged.updated} updated, {merged.duplicate} duplicate"
                self._tell(f"{each.name}: {each.error or counts}, by hand")
                if self._app.stopping.is_set() and len(done) < len(handed.names):
                    return None
        except DigestbotError as error:
            return Answer(problem=str(error))
        except Exception as error:  # tried again it would fail again, and hold up every digest
            log.exception("dumps could not be read in")
            return Answer(problem=f"the dumps could not be read in, by a fault of digestbot ({type(error).__name__})")
        return Answer(tuple(done))

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
        waiting = store.deliveries(subscriptions=set(order.names), states=OPEN_STATES)
        app.courier.release({each.digest for each in waiting})
        self._tell(f"sending by hand: {', '.join(order.names)}")
        store.note(sent_by_hand(records, now, order.who))
        return Answer(tuple(record.key for record in records if record is not None))

    def answer(self, opened: Sequence[tuple[str, Answer]]) -> None:
        """Say that the digests which were opened have had their turn."""
        for name, answer in opened:
            self._answer(name, answer)

    def _answer(self, name: str, answer: Answer) -> bool:
        try:
            return self._orders.answer(name, answer)
        except OSError as error:
            raise StoreError(f"an order could not be answered: {error.strerror}") from error
