"""A queue for the pipeline over any store: turns that are known already, each digest written by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from digestbot.digests.base import BEFORE, LOT, Composed, Due, Moment, tried
from digestbot.model.catching_up import Turn
from digestbot.store.base import Cursor, Store
from digestbot.subscribers.compiled import CompiledSubscription

Turns = tuple[CompiledSubscription, Sequence[Turn]]
"""A subscription and what is due with it."""


class StoreQueue:
    """These turns, over any store: each digest is written by itself, so that what is told of it is true at once."""

    at_once = 1

    def __init__(self, store: Store, turns: Sequence[Turns], moment: Moment) -> None:
        self._store = store
        self._turns = turns
        self._moment = moment

    def due(self) -> Iterator[Sequence[Due]]:
        """Each with what the ledger holds of it."""
        for start in range(0, len(self._turns), LOT):
            some = self._turns[start : start + LOT]
            ids = [compiled.subscription.id for compiled, _ in some]
            cursors, earlier = self._store.cursors(ids), self._store.earlier(ids, newest=BEFORE)
            fresh = Cursor(self._moment.head, self._moment.now, None, ())
            yield [
                Due(compiled, cursors.get(name, fresh), earlier.get(name, ()), turns)
                for name, (compiled, turns) in zip(ids, some, strict=True)
            ]

    def open(self, composed: Sequence[Composed]) -> Sequence[bool | Exception]:
        """Write them down."""
        made = [each.opening for each in composed]
        write = self._store.open_digest
        return [each is not None and tried(partial(write, each.record, each.deliveries)) for each in made]
