"""The commands people give while the daemon has the store, done and answered."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from digestbot.bootstrap import App
from digestbot.delivery.control_channel import SEND_WAITING, SENDS, Command, CommandResult, ControlChannel
from digestbot.delivery.operator_actions import DECISIONS, chosen, decided, noted, sent_by_hand
from digestbot.digests import open_by_hand
from digestbot.ingest.upload import Upload, ingest_upload
from digestbot.model.deliveries import OPEN_STATES
from digestbot.model.errors import DigestbotError, StoreError, UsageError
from digestbot.runtime.reloader import Reloader

log = logging.getLogger(__name__)


class CommandHandler:
    """The orders of a working directory; `tell` says what was done, line by line, `alive` that long work goes on."""

    def __init__(
        self,
        current: Reloader,
        tell: Callable[[str], None] = lambda _: None,
        alive: Callable[[], object] = lambda: None,
    ) -> None:
        self._current = current
        self._tell = tell
        self._alive = alive
        self._channel = ControlChannel(self._app.settings.home)

    @property
    def _app(self) -> App:
        return self._current.app

    def attended(self) -> AbstractContextManager[None]:
        """Within, orders are given to this process."""
        return self._channel.attended()

    def busy(self) -> bool:
        """Whether an order waits."""
        return bool(self._channel.waiting(*SENDS, "ingest", "subscribers", *DECISIONS))

    def decide(self) -> None:
        """Write down what people decided about deliveries; also in the middle of a run. Raises StoreError."""
        for name in self._channel.damaged():
            self._answer(name, CommandResult(problem="the order could not be read, and was not done: give it again"))
        for name, order in self._channel.waiting(*DECISIONS):
            self._answer(name, self._decided(order))
        for name, order in self._channel.waiting("subscribers"):
            self._answer(name, self._administered(order))

    def _administered(self, order: Command) -> CommandResult:
        verb, given = order.names
        try:
            lines = self._app.administration.carry_out(verb, json.loads(given))
        except StoreError:
            raise
        except DigestbotError as error:
            return CommandResult(problem=str(error))
        self._tell(f"subscribers {verb}, by hand: {lines[-1] if lines else 'nothing'}")
        return CommandResult(tuple(lines))

    def _decided(self, order: Command) -> CommandResult:
        store = self._app.store
        try:
            found = chosen(store, order.names)
        except UsageError as error:
            return CommandResult(problem=str(error))
        now = self._app.clock()
        store.note(noted(order.do, found, now, order.who))
        store.record(decided(order.do, found, now))
        for each in found:
            if order.do == "retry":
                self._app.dispatcher.reopen(each)
            self._tell(f"{each.digest} -> {each.destination.name}: {order.do}, by hand")
        return CommandResult(tuple(each.id for each in found))

    def read_uploads(self) -> None:
        """Read in the dumps that people hand in. Told to stop, it leaves the rest to whoever handed them in."""
        for name, order in self._channel.waiting("ingest"):
            answer = self._taken_in(order)
            if answer is None:
                return
            if self._answer(name, answer) and not answer.problem:
                self._channel.discard(Upload.ordered(order).places)

    def _taken_in(self, order: Command) -> CommandResult | None:
        done = []
        try:
            handed = Upload.ordered(order)
            for each in ingest_upload(
                handed,
                self._app.store,
                subscriptions=self._app.folder.ids,
                now=self._app.clock(),
                watch=lambda _: self._alive(),
            ):
                done.append(json.dumps(each.to_json()))
                merged = each.merged
                counts = f"{merged.new} new, {merged.updated} updated, {merged.duplicate} duplicate"
                self._tell(f"{each.name}: {each.error or counts}, by hand")
                if self._app.stopping.is_set() and len(done) < len(handed.names):
                    return None
        except DigestbotError as error:
            return CommandResult(problem=str(error))
        except Exception as error:  # tried again it would fail again, and hold up every digest
            log.exception("dumps could not be read in")
            return CommandResult(
                problem=f"the dumps could not be read in, by a fault of digestbot ({type(error).__name__})"
            )
        return CommandResult(tuple(done))

    def open(self) -> list[tuple[str, CommandResult]]:
        """Open the digests that people want to be sent now; each order with what is to be answered after sending."""
        return [(name, self._opened(order)) for name, order in self._channel.waiting(*SENDS)]

    def _opened(self, order: Command) -> CommandResult:
        app, store = self._app, self._app.store
        try:
            wants = app.wants(order.names)
        except UsageError as error:
            return CommandResult(problem=str(error))
        now = app.clock()
        store.register(order.names, now=now)
        waiting = order.do == SEND_WAITING
        records = list(open_by_hand(wants, store, now, waiting=waiting, asker=app.gist_asker))
        left = store.deliveries(subscriptions=set(order.names), states=OPEN_STATES)
        app.dispatcher.release({each.digest for each in left})
        self._tell(f"sending by hand: {', '.join(order.names)}")
        store.note(sent_by_hand(records, now, order.who))
        return CommandResult(tuple(record.key for record in records if record is not None))

    def answer(self, opened: Sequence[tuple[str, CommandResult]]) -> None:
        """Say that the digests which were opened have had their turn."""
        for name, answer in opened:
            self._answer(name, answer)

    def _answer(self, name: str, answer: CommandResult) -> bool:
        try:
            return self._channel.answer(name, answer)
        except OSError as error:
            raise StoreError(f"an order could not be answered: {error.strerror}") from error
