"""The pipeline that opens digests: papers read and matched once for all, then chosen, composed, planned, opened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from digestbot.digests.base import Composed, Due, DueQueue, Moment, Opened, tried
from digestbot.digests.composing import Candidates, Choice, choose, choosing, compose, plan
from digestbot.digests.model_gists import ModelGists
from digestbot.matching.ranking import rise
from digestbot.matching.rule_index import RuleIndex
from digestbot.matching.stretch import Findings, Stretch
from digestbot.matching.taste import NO_TASTE
from digestbot.model.digests import Counts, DigestRecord, DigestVerdict, Window, digest_key
from digestbot.model.garbage import uncollected
from digestbot.model.papers import LoggedPaper
from digestbot.model.subscriptions import SortOrder
from digestbot.rules.combine import Combined
from digestbot.store.base import Opening, Store
from digestbot.subscribers.taste import liked_by

if TYPE_CHECKING:
    from digestbot.digests.gist_asker import GistAsker

MOST_SHARED = 20_000
"""So many papers at most are read and matched for all who are due; one that is further behind reads for itself."""

_DATED_AHEAD = timedelta(days=180)  # by which a journal's date may come after the day on which a paper was logged


@dataclass(frozen=True, slots=True)
class _Looked:
    """What the digest of one's first turn chooses from, and what was found among that."""

    due: Due
    window: Window
    papers: Sequence[LoggedPaper]
    carried: Sequence[LoggedPaper]
    findings: Findings


class Pipeline:
    """Opens the digests that are due at one moment after the other. It keeps the rules compiled as long as it lives.

    The digests are the same to the byte whoever is due beside them, and whatever comes in by the queue in one lot.
    ``opinionated`` tells who of some subscriptions ever said which papers they like: only theirs are read. ``asker``
    asks a model for the gists of what is opened.
    """

    def __init__(
        self,
        store: Store,
        opinionated: Callable[[Collection[str]], Collection[str]] = lambda ids: ids,
        asker: GistAsker | None = None,
    ) -> None:
        self._store = store
        self._opinionated = opinionated
        self._gists = ModelGists(store, asker)
        self._index = RuleIndex()
        self._shared: tuple[int, Stretch] | None = None
        self._choices: WeakKeyDictionary[Findings, dict[object, Choice]] = WeakKeyDictionary()

    def run(self, queue: DueQueue, moment: Moment) -> Iterator[Sequence[Opened]]:
        """Open what is due, some at a time; what came of those. Raises StoreError.

        What is opened stays opened, also for whoever asks for no more: the rest is still due.
        """
        self._gists.begin()
        for lot in queue.due():
            with uncollected():
                shared = self._matched(lot, moment)
            for start in range(0, len(lot), queue.at_once):
                some = lot[start : start + queue.at_once]
                while some:
                    with uncollected():
                        composed = self._composed(some, shared, moment)
                    opened = [each.opened(taken) for each, taken in zip(composed, queue.open(composed), strict=True)]
                    yield opened
                    some = [
                        each.due.past(one.record)
                        for each, one in zip(composed, opened, strict=True)
                        if one.error is None and len(each.due.turns) > 1
                    ]

    def compose(self, lot: Sequence[Due], moment: Moment) -> Sequence[Composed]:
        """What would be opened of the first turn of each. Nothing changes. Raises StoreError."""
        with uncollected():
            return self._composed(lot, self._matched(lot, moment), moment)

    def _matched(self, lot: Sequence[Due], moment: Moment) -> Stretch:
        """The newest papers, that the windows of most of the lot are made of, matched for their rules."""
        near = [each for each in lot if _is_near(each, moment.head - MOST_SHARED)]
        starts = sorted(each.covered for each in near)
        # One that lags behind all others reads for itself, so that the others need not.
        after = min(starts[1] if len(starts) > 1 else starts[0], moment.head) if starts else moment.head
        if self._shared is None or self._shared[0] != moment.head or after < self._shared[1].after:
            papers = [each for each in self._store.window(after, moment.head) if not each.paper.baseline]
            self._shared = moment.head, Stretch(papers, after, self._index)
        stretch = self._shared[1]
        by_day: defaultdict[date, list[Combined]] = defaultdict(list)
        for each in near:
            if _is_near(each, stretch.after) and each.turns[-1].until is None:
                by_day[each.turns[-1].slot.day].append(each.compiled.rule)
        for day, rules in by_day.items():
            stretch.match(rules, day)
        return stretch

    def _composed(self, some: Sequence[Due], shared: Stretch, moment: Moment) -> Sequence[Composed]:
        carried = self._store.logged({place for each in some for place in each.cursor.carry})
        looked = [tried(partial(self._looked, each, carried, shared, moment)) for each in some]
        right = {each.due.id: each for each in looked if isinstance(each, _Looked)}
        works = frozenset[str]().union(*{each.findings.works for each in right.values()})
        delivered, opinionated = self._store.delivered_of(right, works), set(self._opinionated(right))

        def opening(one: _Looked) -> Opening:
            record = self._record(one, delivered[one.due.id], one.due.id in opinionated, moment)
            return Opening(record, plan(one.due.compiled, record, moment.now))

        made = [tried(partial(opening, each)) if isinstance(each, _Looked) else each for each in looked]
        subscriptions = [each.compiled.subscription for each in some]
        told = self._gists.told(
            (subscription, each.record)
            for subscription, each in zip(subscriptions, made, strict=True)
            if isinstance(each, Opening)
        )
        return [
            Composed(due, None, each)
            if isinstance(each, Exception)
            else Composed(due, replace(each, record=told.get(each.record.key, each.record)))
            for due, each in zip(some, made, strict=True)
        ]

    def _looked(self, due: Due, carried: Mapping[int, LoggedPaper], shared: Stretch, moment: Moment) -> _Looked:
        turn, after = due.turns[0], due.covered
        window = self._window(after, turn.until, moment)
        if turn.passed_over:
            return _Looked(due, window, list(self._store.window(window.after, window.upto)), (), Findings(()))
        own = turn.until is not None or not _is_near(due, shared.after)
        stretch = Stretch(self._papers(due, window)) if own else shared
        papers, keys = stretch.news(after)
        over = [carried[place] for place in sorted(due.cursor.carry) if place in carried]
        over = [each for each in over if each.key not in keys]  # else it is among the news, in a newer version
        return _Looked(due, window, papers, over, stretch.find(due.compiled.rule, after, over, turn.slot.day))

    def _window(self, after: int, until: datetime | None, moment: Moment) -> Window:
        """From `after` to the head, or to the last place that was logged by `until`."""
        if until is None:
            return Window(after, max(after, moment.head))
        logged = self._store.logged(range(after + 1, moment.head + 1)).values()
        return Window(after, max((each.sequence for each in logged if each.logged_at <= until), default=after))

    def _papers(self, due: Due, window: Window) -> list[LoggedPaper]:
        """The papers of a window of its own: those of its first days, and none that were there before it was news."""
        days, cursor = due.compiled.subscription.first_run_days, due.cursor
        papers: Iterable[LoggedPaper] = self._store.window(window.after, window.upto)
        if due.first_run and days is not None:
            since = (cursor.first_seen - timedelta(days=days)).date()
            newest_first = self._store.window(window.after, window.upto, newest_first=True)
            recent = takewhile(lambda each: each.logged_at.date() >= since - _DATED_AHEAD, newest_first)
            found = [
                each
                for each in recent
                if each.sequence > cursor.first_head or (each.paper.published or each.logged_at.date()) >= since
            ]
            papers = reversed(found)
        return [each for each in papers if not each.paper.baseline or each.sequence <= cursor.first_head]

    def _record(self, looked: _Looked, delivered: Set[str], opinionated: bool, moment: Moment) -> DigestRecord:
        due, findings = looked.due, looked.findings
        if due.turns[0].passed_over:
            return _passed_over(looked, moment.now)
        liked = liked_by(due.compiled.subscription, self._store) if opinionated else NO_TASTE
        earlier = [each for each in due.earlier if each.verdict is not DigestVerdict.MISSED]
        subscription, slot = due.compiled.subscription, due.turns[0].slot
        candidates = Candidates(
            looked.window, looked.papers, looked.carried, delivered, earlier, liked,
            since=slot.at - timedelta(days=subscription.waiting_days),
            rising=self._rising(looked) if subscription.order is SortOrder.TRENDING else {},
        )  # fmt: skip
        choice = self._choice(due, candidates, findings)
        record = compose(due.compiled, candidates, findings.found, choice, slot, moment.now)
        if subscription.like is None:
            return record
        from digestbot.digests.likes import likes_of  # and numpy with it

        return likes_of(self._store).added(due.compiled, record, looked.papers, findings.works)

    def _rising(self, looked: _Looked) -> dict[str, float]:
        """How fast each paper found rises, against its upvotes as the log had them at the window's beginning."""
        before, day = upvotes_before(self._store, looked.window.after), looked.due.turns[0].slot.day
        found = (each.logged for each in looked.findings.found)
        return {each.key: rise(each.paper, before.get(each.key, 0), day) for each in found}

    def _choice(self, due: Due, candidates: Candidates, findings: Findings) -> Choice:
        """What is shown of what was found: the same for all who asked for the same and had none of it before."""
        subscription = due.compiled.subscription
        own = candidates.liked is not NO_TASTE or candidates.rising
        if own or not candidates.delivered.isdisjoint(findings.works):
            return choose(subscription, candidates, findings.found)
        known = self._choices.setdefault(findings, {})
        asked = choosing(subscription), candidates.since
        if asked not in known:
            known[asked] = choose(subscription, candidates, findings.found)
        return known[asked]


def upvotes_before(store: Store, place: int) -> dict[str, int]:
    """The upvotes of the works that were logged last up to a place, as the log had them there."""
    return {each.key: each.paper.upvotes or 0 for each in store.window(max(place - MOST_SHARED, 0), place)}


def _passed_over(looked: _Looked, now: datetime) -> DigestRecord:
    """The record of what is not sent because its time was missed. What was carried goes on to the next digest."""
    subscription, slot = looked.due.compiled.subscription, looked.due.turns[0].slot
    return DigestRecord(
        key=digest_key(subscription.id, slot),
        subscription=subscription.id,
        name=subscription.name,
        slot=slot,
        opened_at=now,
        window=looked.window,
        verdict=DigestVerdict.MISSED,
        counts=Counts(read=len(looked.papers)),
        carry=looked.due.cursor.carry,
    )


def _is_near(due: Due, after: int) -> bool:
    """Whether its window begins at a place or later, with nothing in it that its first day had to leave out."""
    return due.covered >= max(after, due.cursor.first_head)
