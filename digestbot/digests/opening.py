"""Opening digests over the contract of the stores: for the daemon, by hand, and what a preview shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

from digestbot.digests.base import Moment, Opened
from digestbot.digests.due import hand_slot
from digestbot.digests.pipeline import Pipeline
from digestbot.digests.store_queue import StoreQueue, Turns
from digestbot.model.catching_up import Turn
from digestbot.model.digests import DigestRecord, Slot
from digestbot.store.base import Store
from digestbot.subscribers.compiled import CompiledSubscription
from digestbot.subscribers.schema import MOST_ENTRIES

if TYPE_CHECKING:
    from digestbot.digests.gist_asker import GistAsker


def open_turns(
    store: Store, turns: Sequence[Turns], moment: Moment, asker: GistAsker | None = None
) -> Iterator[Opened]:
    """Open what is due, and plan the deliveries; what came of each turn, as it comes. Raises StoreError."""
    return chain.from_iterable(Pipeline(store, asker=asker).run(StoreQueue(store, turns, moment), moment))


def open_by_hand(
    wants: Sequence[CompiledSubscription],
    store: Store,
    now: datetime,
    *,
    waiting: bool = False,
    asker: GistAsker | None = None,
) -> Iterator[DigestRecord | None]:
    """Open what is new for each; None where it was opened before. Raises what keeps one from being made.

    With `waiting` all that waits is shown too, as far as a digest may hold it.
    """
    moment = Moment(now, store.head())
    asked = [_with_all_that_waits(each) for each in wants] if waiting else wants
    turns = [(each, [Turn(hand_slot(each.subscription, moment.head, now, waiting=waiting))]) for each in asked]
    return map(Opened.result, open_turns(store, turns, moment, asker))


def _with_all_that_waits(compiled: CompiledSubscription) -> CompiledSubscription:
    subscription = replace(compiled.subscription, max_entries=MOST_ENTRIES, waiting_share=1.0)
    return replace(compiled, subscription=subscription)


def open_digest(compiled: CompiledSubscription, store: Store, slot: Slot, now: datetime) -> DigestRecord | None:
    """Open the digest of `slot` and plan its deliveries; None when it was opened before."""
    (opened,) = open_turns(store, [(compiled, [Turn(slot)])], Moment(now, store.head()))
    return opened.result()


def pending(
    compiled: CompiledSubscription, store: Store, slot: Slot, now: datetime, until: datetime | None = None
) -> DigestRecord:
    """The digest that would be opened for `slot`, of papers logged up to `until`; nothing changes."""
    moment = Moment(now, store.head())
    (due,) = next(StoreQueue(store, [(compiled, [Turn(slot, until)])], moment).due())
    (composed,) = Pipeline(store).compose([due], moment)
    if composed.error is not None:
        raise composed.error
    assert composed.opening is not None  # it is there when there is no error
    return composed.opening.record
