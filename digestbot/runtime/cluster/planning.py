"""Planning a shard: everybody in it who is due gets a digest, some hundreds in one transaction with their jobs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from digestbot.digests import due_turns, open_turns
from digestbot.digests.base import BEFORE, LOT, Composed, Due, Moment
from digestbot.digests.due import turns_since
from digestbot.digests.model_gists import waits_for_model
from digestbot.digests.pipeline import Pipeline
from digestbot.digests.store_queue import Turns
from digestbot.model.catching_up import Turn
from digestbot.model.deliveries import Delivery
from digestbot.model.digests import DigestRecord, digest_key
from digestbot.model.errors import StoreError
from digestbot.model.subscribers import Membership, SubscriberRecord
from digestbot.rules.topics import Topics
from digestbot.runtime.cluster.agenda import Page, Shard, due, unseen, with_opinions
from digestbot.store.base import Cursor
from digestbot.store.postgres.connection import Connection
from digestbot.store.postgres.store import PostgresStore
from digestbot.subscribers.compiled import CompiledSubscription
from digestbot.subscribers.records import RecordCompiler

if TYPE_CHECKING:
    from digestbot.digests.gist_asker import GistAsker

TOGETHER = 500
"""So many digests are opened in one transaction: what a killed worker leaves to be done again."""

log = logging.getLogger(__name__)

Defer = Callable[[Connection, Sequence[Delivery]], None]
"""Defers the jobs of deliveries, in the transaction in which they are planned."""


class Members:
    """The subscribers of the store, looked up some hundreds at a time."""

    def __init__(self, store: PostgresStore, topics: Topics) -> None:
        self._store = store
        self._compiler = RecordCompiler(topics, store)

    def read(
        self, names: Sequence[str], page: Page
    ) -> tuple[dict[str, SubscriberRecord], dict[str, CompiledSubscription]]:
        """Those with these ids who are active, and of them those whose records are right."""
        active = {each.id: each for each in self._store.subscribers(names) if each.state is Membership.ACTIVE}
        page.gone(set(names) - active.keys())
        wants, problems = self._compiler.read(active.values())
        for problem in problems:
            log.warning("%s", problem)
        right = {compiled.subscription.id: compiled for compiled in wants}
        for name in active.keys() - right.keys():
            page.never(active[name])
        return active, right


class ShardQueue:
    """Who is due in a shard of the agenda. What is opened is written with their rows of it and the deliveries' jobs."""

    at_once = TOGETHER

    def __init__(
        self, store: PostgresStore, members: Members, shard: Shard, moment: Moment, defer: Defer,
        pausing: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._store = store
        self._members = members
        self._shard = shard
        self._moment = moment
        self._defer = defer
        self._pausing = pausing
        self._records: dict[str, SubscriberRecord] = {}

    def due(self) -> Iterator[Sequence[Due]]:
        """Those with something due, in the agenda's order: a shard at once, but for who became due meanwhile."""
        names = iter(due(self._store, self._moment, self._shard))
        while not self._pausing() and (some := list(islice(names, LOT))):
            page = Page(self._moment)
            looked = self._looked_at(some, page)
            for each in looked:
                if not each.turns:
                    page.next(self._records[each.id], each.compiled.subscription, carries=bool(each.cursor.carry))
            with self._store.writing() as connection:
                page.write(connection)
            yield sorted(
                (each for each in looked if each.turns),
                key=lambda each: waits_for_model(each.compiled.subscription),
            )

    def _looked_at(self, names: Sequence[str], page: Page) -> list[Due]:
        """Those with these ids who have digests made, what is due with each; in the order of the ids."""
        self._records, right = self._members.read(names, page)
        cursors, earlier = self._cursors(right), self._store.earlier(right, newest=BEFORE)
        return [
            Due(compiled, cursors[name], before, self._turns(compiled, cursors[name], before))
            for name in names
            if (compiled := right.get(name)) is not None
            for before in (earlier.get(name, ()),)
        ]

    def _cursors(self, names: Collection[str]) -> Mapping[str, Cursor]:
        found = self._store.cursors(names)
        new = [name for name in names if name not in found]
        if new:
            self._store.register(new, now=self._moment.now)
            found |= self._store.cursors(new)
        return found

    def _turns(self, compiled: CompiledSubscription, cursor: Cursor, earlier: Sequence[DigestRecord]) -> Sequence[Turn]:
        subscription, now = compiled.subscription, self._moment.now
        if subscription.rests(now):
            return ()
        found = turns_since(subscription, cursor, earlier[-1] if earlier else None, self._moment.head, now)
        opened = {each.key for each in earlier}
        return [each for each in found if digest_key(subscription.id, each.slot) not in opened]

    def open(self, composed: Sequence[Composed]) -> Sequence[bool]:
        """Write all of them down in one transaction."""
        openings = [each.opening for each in composed if each.opening is not None]

        def together(connection: Connection, keys: Sequence[str]) -> None:
            taken = set(keys)
            self._page(composed, taken).write(connection)
            self._defer(connection, [one for each in openings if each.record.key in taken for one in each.deliveries])

        opened = iter(self._store.open_digests(openings, together=together))
        return [each.opening is not None and next(opened) for each in composed]

    def _page(self, composed: Sequence[Composed], taken: Collection[str]) -> Page:
        """When each is to be looked at again."""
        page = Page(self._moment)
        for each in composed:
            subscription, record = each.due.compiled.subscription, self._records[each.due.id]
            if each.opening is None:
                log.error("the digest of %s could not be made", each.due.id, exc_info=each.error)
                page.later(record, subscription)
            elif each.opening.record.key in taken and len(each.due.turns) == 1:
                page.next(record, subscription, carries=bool(each.opening.record.carry))
            else:  # somebody else opened one meanwhile; or more is due, and a killed worker leaves it to another
                page.again(record, subscription)
        return page


class Planner:
    """Plans shards, one after the other; one for as long as the process lives, for it keeps the rules compiled.

    ``defer`` takes part in the transactions; ``pausing`` is asked between them whether to end early.
    """

    def __init__(
        self,
        store: PostgresStore,
        topics: Topics,
        defer: Defer,
        pausing: Callable[[], bool] = lambda: False,
        asker: GistAsker | None = None,
    ) -> None:
        self._store = store
        self._defer = defer
        self._pausing = pausing
        self._members = Members(store, topics)
        self._pipeline = Pipeline(store, partial(with_opinions, store), asker)

    def enroll(self, number: int, moment: Moment) -> int:
        """Enter into the agenda who came or changed in a stretch of buckets; their number. Raises StoreError."""
        names, entered = iter(unseen(self._store, number)), 0
        while not self._pausing() and (some := list(islice(names, TOGETHER))):
            page = Page(moment)
            active, wants = self._members.read(some, page)
            known = self._store.cursors(wants)
            self._store.register(wants, now=moment.now)
            for name, compiled in wants.items():
                # Who changed may have become due by that, and a first run without a cadence is: looked at once.
                soon = name in known or compiled.subscription.cadence.instant
                (page.again if soon else page.next)(active[name], compiled.subscription)
            with self._store.writing() as connection:
                page.write(connection)
            entered += len(some)
        return entered

    def plan(self, shard: Shard, moment: Moment) -> int:
        """Open the digests that are due in a shard; their number. Raises StoreError.

        What is opened stays opened; whoever is asked again goes on where this ended.
        """
        queue, opened = ShardQueue(self._store, self._members, shard, moment, self._defer, self._pausing), 0
        for some in self._pipeline.run(queue, moment):
            opened += sum(each.record is not None for each in some)
            if self._pausing():
                break
        return opened


def plan_files(
    wants: Iterable[CompiledSubscription], store: PostgresStore, moment: Moment, asker: GistAsker | None = None
) -> int:
    """Open what is due of the subscriptions that stand in files: there are few, and each worker has them."""
    opened = 0
    due = sorted(_turns(wants, store, moment), key=lambda each: waits_for_model(each[0].subscription))
    for each in open_turns(store, due, moment, asker):
        opened += each.record is not None
        if each.error is not None:
            log.error("the digest of %s could not be made", each.compiled.subscription.id, exc_info=each.error)
    return opened


def _turns(wants: Iterable[CompiledSubscription], store: PostgresStore, moment: Moment) -> Iterator[Turns]:
    for compiled in wants:
        try:
            turns = due_turns(compiled, store, moment.now)
        except StoreError:
            raise
        except Exception:  # a fault in one subscription keeps no other from its digest
            log.exception("what is due of %s could not be told", compiled.subscription.id)
        else:
            if turns:
                yield compiled, turns
