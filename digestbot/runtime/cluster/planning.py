"""Planning a shard: everybody in it who is due gets a digest, some hundreds in one transaction with their jobs."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from digestbot.digests import plan, take_turn
from digestbot.digests.composing import Candidates, compose
from digestbot.digests.due import covered, turns_since
from digestbot.digests.opening import BEFORE
from digestbot.digests.together import MOST_SHARED
from digestbot.matching.taste import NO_TASTE
from digestbot.model.catching_up import Turn
from digestbot.model.deliveries import Delivery
from digestbot.model.digests import DigestRecord, DigestVerdict, Window
from digestbot.model.errors import StoreError
from digestbot.model.papers import LoggedPaper
from digestbot.model.subscribers import Membership, SubscriberRecord
from digestbot.model.subscriptions import RuleSpec
from digestbot.rules.combine import Combined
from digestbot.rules.topics import Topics
from digestbot.runtime.cluster.agenda import MOST, Moment, Page, Shard, due, unseen, with_opinions
from digestbot.runtime.cluster.index import Findings, RuleIndex, Stretch
from digestbot.store.base import Cursor, Opening
from digestbot.store.postgres.connection import Connection
from digestbot.store.postgres.store import PostgresStore
from digestbot.subscribers.files import CompiledSubscription
from digestbot.subscribers.records import RecordCompiler
from digestbot.subscribers.taste import liked_by

TOGETHER = 500
"""So many digests are opened in one transaction: what a killed worker leaves to be done again."""
_MATCHED = MOST  # subscribers whose rules are matched at once: a shard, but for who became due meanwhile

log = logging.getLogger(__name__)

Defer = Callable[[Connection, Sequence[Delivery]], None]
"""Defers the jobs of deliveries, in the transaction in which they are planned."""


@dataclass(frozen=True, slots=True)
class _Due:
    """One who is looked at: the record, the subscription, how far it has come, its last digests, what is due."""

    record: SubscriberRecord
    compiled: CompiledSubscription
    cursor: Cursor
    earlier: Sequence[DigestRecord]
    turns: Sequence[Turn]

    def is_plain(self, moment: Moment) -> bool:
        """Whether its window is of the newest papers, up to the moment's head: all but first runs and catching up."""
        if len(self.turns) != 1 or self.turns[0].until is not None or self.turns[0].passed_over:
            return False
        first = self.cursor.position is None and self.compiled.subscription.first_run_days is not None
        return (
            not first and moment.head - MOST_SHARED <= covered(self.compiled.subscription, self.cursor) <= moment.head
        )


class Planner:
    """Plans shards, one after the other; one for as long as the process lives, for it keeps the rules compiled.

    ``defer`` takes part in the transactions; ``pausing`` is asked between them whether to end early.
    """

    def __init__(
        self, store: PostgresStore, topics: Topics, defer: Defer, pausing: Callable[[], bool] = lambda: False
    ) -> None:
        self._store = store
        self._defer = defer
        self._pausing = pausing
        self._reader = RecordCompiler(topics)
        self._index = RuleIndex()
        self._stretch: Stretch | None = None
        self._head = -1

    def enroll(self, number: int, moment: Moment) -> int:
        """Enter into the agenda who came or changed in a stretch of buckets; their number. Raises StoreError."""
        names, entered = iter(unseen(self._store, number)), 0
        while not self._pausing() and (some := list(islice(names, TOGETHER))):
            page = Page(moment)
            active, wants = self._read(some, page)
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
        names, opened = iter(due(self._store, moment, shard)), 0
        while not self._pausing() and (some := list(islice(names, _MATCHED))):
            page = Page(moment)
            found = self._looked_at(some, page, moment)
            if not found:
                with self._store.writing() as connection:
                    page.write(connection)
            plain = [each for each in found if each.is_plain(moment)]
            stretch = self._matched(plain, moment)
            for start in range(0, len(found), TOGETHER):
                if self._pausing():
                    return opened
                opened += self._opened(found[start : start + TOGETHER], stretch, page, moment)
                page = Page(moment)
        return opened

    def _looked_at(self, names: Sequence[str], page: Page, moment: Moment) -> list[_Due]:
        """Those with these ids who have digests made, what is due with each; in the order of the ids."""
        active, right = self._read(names, page)
        cursors = self._cursors(right, moment)
        earlier = self._store.earlier(right, newest=BEFORE)
        return [
            _Due(active[name], compiled, cursors[name], earlier.get(name, ()), turns)
            for name in names
            if (compiled := right.get(name)) is not None
            for turns in (self._turns(compiled, cursors[name], earlier.get(name, ()), moment),)
        ]

    def _read(
        self, names: Sequence[str], page: Page
    ) -> tuple[dict[str, SubscriberRecord], dict[str, CompiledSubscription]]:
        """Those with these ids who are active, and of them those whose records are right."""
        active = {each.id: each for each in self._store.subscribers(names) if each.state is Membership.ACTIVE}
        page.gone(set(names) - active.keys())
        wants, problems = self._reader.read(active.values())
        for problem in problems:
            log.warning("%s", problem)
        right = {compiled.subscription.id: compiled for compiled in wants}
        for name in active.keys() - right.keys():
            page.never(active[name])
        return active, right

    def _cursors(self, names: Collection[str], moment: Moment) -> Mapping[str, Cursor]:
        found = self._store.cursors(names)
        new = [name for name in names if name not in found]
        if new:
            self._store.register(new, now=moment.now)
            found |= self._store.cursors(new)
        return found

    def _turns(
        self, compiled: CompiledSubscription, cursor: Cursor, earlier: Sequence[DigestRecord], moment: Moment
    ) -> Sequence[Turn]:
        if compiled.subscription.rests(moment.now):
            return ()
        last = earlier[-1] if earlier else None
        found = turns_since(compiled.subscription, cursor, last, moment.head, moment.now)
        opened = {each.key for each in earlier}
        return [each for each in found if f"{compiled.subscription.id}/{each.slot.label}" not in opened]

    def _matched(self, plain: Sequence[_Due], moment: Moment) -> Stretch | None:
        """The papers of their windows, matched for all their rules."""
        if not plain:
            return None
        after = min(covered(each.compiled.subscription, each.cursor) for each in plain)
        stretch = self._stretch
        if stretch is None or self._head != moment.head or after < stretch.after:
            stretch = Stretch(list(self._store.window(after, moment.head)), after, self._index)
            self._stretch, self._head = stretch, moment.head
        by_day: defaultdict[date, dict[RuleSpec, Combined]] = defaultdict(dict)
        for each in plain:
            by_day[each.turns[0].slot.day][each.compiled.subscription.spec] = each.compiled.rule
        for day, wanted in by_day.items():
            stretch.match(wanted, day)
        return stretch

    def _opened(self, some: Sequence[_Due], stretch: Stretch | None, page: Page, moment: Moment) -> int:
        """Open what is due with some subscribers in one transaction; the number of digests."""
        plain = [each for each in some if stretch is not None and each.is_plain(moment)]
        records = dict(self._records(plain, stretch, moment)) if stretch is not None else {}
        opened = 0
        for each in some:
            name = each.compiled.subscription.id
            if name in records or not each.turns:
                carry = records[name].carry if name in records else each.cursor.carry
                page.next(each.record, each.compiled.subscription, carries=bool(carry))
            elif stretch is not None and each.is_plain(moment):
                page.later(each.record, each.compiled.subscription)
            else:
                opened += self._one_by_one(each, page, moment)
        openings = [
            Opening(records[name], plan(each.compiled, records[name], moment.now))
            for each in plain
            if (name := each.compiled.subscription.id) in records
        ]

        def together(connection: Connection, keys: Sequence[str]) -> None:
            taken = set(keys)
            for each in plain:
                record = records.get(each.compiled.subscription.id)
                if record is not None and record.key not in taken:
                    page.again(each.record, each.compiled.subscription)
            page.write(connection)
            self._defer(connection, [one for each in openings if each.record.key in taken for one in each.deliveries])

        return opened + sum(self._store.open_digests(openings, together=together))

    def _one_by_one(self, each: _Due, page: Page, moment: Moment) -> int:
        """First runs and what is caught up: made as the daemon makes them. A later look finds what is left."""
        try:
            taken = [take_turn(each.compiled, self._store, turn, moment.now) for turn in each.turns]
        except StoreError:
            raise
        except Exception:  # a fault in one digest keeps no other from being made
            log.exception("the digest of %s could not be made", each.compiled.subscription.id)
            page.later(each.record, each.compiled.subscription)
            return 0
        if taken and taken[-1] is not None and all(taken):
            page.next(each.record, each.compiled.subscription, carries=bool(taken[-1].carry))
        else:
            page.again(each.record, each.compiled.subscription)
        return sum(record is not None for record in taken)

    def _records(self, plain: Sequence[_Due], stretch: Stretch, moment: Moment) -> Iterator[tuple[str, DigestRecord]]:
        """The digest of each, by its subscription; one that cannot be made is left out."""
        carried = self._store.logged({place for each in plain for place in each.cursor.carry})
        found: dict[str, tuple[list[LoggedPaper], Findings]] = {}
        for each in plain:
            try:
                found[each.compiled.subscription.id] = self._found(each, carried, stretch)
            except Exception:  # a fault in one digest keeps no other from being made
                log.exception("the digest of %s could not be made", each.compiled.subscription.id)
        works = frozenset[str]().union(*{findings.works for _, findings in found.values()})
        delivered, opinionated = self._store.delivered_of(found, works), with_opinions(self._store, found)
        for each in plain:
            subscription = each.compiled.subscription
            if subscription.id in found:
                over, findings = found[subscription.id]
                after = covered(subscription, each.cursor)
                earlier = [one for one in each.earlier if one.verdict is not DigestVerdict.MISSED]
                window, papers = Window(after, moment.head), stretch.news(after)[0]
                liked = liked_by(subscription, self._store) if subscription.id in opinionated else NO_TASTE
                candidates = Candidates(window, papers, over, delivered[subscription.id], earlier, liked)
                choice = findings.choice(subscription, candidates)
                slot = each.turns[0].slot
                yield subscription.id, compose(each.compiled, candidates, findings.found, choice, slot, moment.now)

    def _found(
        self, each: _Due, carried: Mapping[int, LoggedPaper], stretch: Stretch
    ) -> tuple[list[LoggedPaper], Findings]:
        """What was carried over and is in no newer version among the news, and what the rules find in both."""
        subscription, after = each.compiled.subscription, covered(each.compiled.subscription, each.cursor)
        _, keys = stretch.news(after)
        over = [carried[place] for place in sorted(each.cursor.carry) if place in carried]
        over = [one for one in over if one.key not in keys]
        return over, stretch.find(subscription.spec, each.compiled.rule, after, over, each.turns[0].slot.day)


def plan_files(
    wants: Iterable[CompiledSubscription],
    store: PostgresStore,
    moment: Moment,
    turns: Callable[[CompiledSubscription], Sequence[Turn]],
) -> int:
    """Open what is due of the subscriptions that stand in files: there are few, and each worker has them."""
    opened = 0
    for compiled in wants:
        try:
            opened += sum(take_turn(compiled, store, turn, moment.now) is not None for turn in turns(compiled))
        except StoreError:
            raise
        except Exception:  # a fault in one digest keeps no other from being made
            log.exception("the digest of %s could not be made", compiled.subscription.id)
    return opened
