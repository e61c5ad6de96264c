"""Papers that come because they are like what a reader likes: found in a digest's window, besides what rules find.

What they are measured by (how rare a word is, which score so many a week exceed) is told by the papers of the log
before the window, so that a digest is the same whenever it is made. The papers that pass stand in a section of their
own; none of them waits for a later digest.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from datetime import date
from typing import NamedTuple, TypeVar
from weakref import WeakKeyDictionary, proxy

from digestbot.digests.like_profile import LIKE, LikeProfile, Measure
from digestbot.matching.like.past import MOST
from digestbot.matching.like.terms import counts
from digestbot.matching.like.vectors import Vectors
from digestbot.model.digests import DigestRecord, DigestVerdict, EntryRecord
from digestbot.model.feedback import Liking
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.model.subscriptions import LikeSpec, Subscription
from digestbot.store.base import Store
from digestbot.store.works import Works
from digestbot.subscribers.compiled import CompiledSubscription

HEADING = "Like what you like"
_STEP = 1_000
"""So many papers come in before the past is measured anew, once there are twice as many."""
_PART = 4
"""However much the rules find, likeness has room for one in so many of the entries of a full digest."""
_COUNTED, _PASTS, _TASTES = 2 * MOST, 4, 2_000  # kept

Key = TypeVar("Key")
Value = TypeVar("Value")


class _Kept(OrderedDict[Key, Value]):
    """What was made last; of more than `most` the oldest goes."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def keep(self, key: Key, value: Value) -> Value:
        self[key] = value
        while len(self) > self._most:
            self.popitem(last=False)
        return value


class Tried(NamedTuple):
    """What would have come by likeness, the best first, each with what its entry says; and by which profile."""

    taste: LikeProfile
    found: list[tuple[LoggedPaper, EntryRecord]]


class Likes:
    """Finds them for the digests of one store. What is dear to make is kept from one digest to the next."""

    def __init__(self, store: Store) -> None:
        self._store: Store = proxy(store)  # it is kept by the store's name, which must not keep the store
        self._counts = _Kept[tuple[str, str | None], Counter[str]](_COUNTED)
        self._measures = _Kept[int, Measure](_PASTS)
        self._vectors = _Kept[tuple[object, ...], Vectors](_PASTS)
        self._tastes = _Kept[str, tuple[object, LikeProfile]](_TASTES)

    def added(
        self, compiled: CompiledSubscription, record: DigestRecord, papers: Sequence[LoggedPaper], found: Set[str]
    ) -> DigestRecord:
        """The digest with what its reader may like among the papers of its window; not the works that are `found`.

        Raises DigestbotError where a library cannot be read.
        """
        subscription = compiled.subscription
        taste = self.taste(compiled, record.window.after, papers)
        passing = self._unsent(record.subscription, self._passing(compiled, taste, papers, record.slot.day, found))
        room = max(subscription.max_entries - len(record.entries), subscription.max_entries // _PART, 1)
        entries = tuple(self._entry(taste, each, score) for score, each in passing[:room])
        shown = len(record.entries) + len(entries)
        return replace(
            record,
            entries=record.entries + entries,
            sections=(*record.sections, (LIKE, HEADING)),
            counts=replace(record.counts, found=record.counts.found + len(entries), shown=shown),
            verdict=DigestVerdict.SEND if entries else record.verdict,
            likened=replace(taste.likened, left=len(passing) - len(entries)),
        )

    def tried(
        self, compiled: CompiledSubscription, papers: Sequence[LoggedPaper], day: date, found: Set[str] = frozenset()
    ) -> Tried:
        """What would have come of these papers, besides the works that are `found`, as if nothing had been sent yet.

        Raises DigestbotError where a library cannot be read.
        """
        taste = self.taste(compiled, self._store.head(), papers)
        passing = self._passing(compiled, taste, papers, day, found)
        return Tried(taste, [(each, self._entry(taste, each, score)) for score, each in passing])

    def _unsent(self, name: str, passing: Sequence[tuple[float, LoggedPaper]]) -> list[tuple[float, LoggedPaper]]:
        """Those that stood in none of a subscription's digests."""
        if not passing:
            return []
        sent = self._store.delivered_of([name], {each.key for _, each in passing})[name]
        return [(score, each) for score, each in passing if each.key not in sent]

    def _passing(
        self,
        compiled: CompiledSubscription,
        taste: LikeProfile,
        papers: Sequence[LoggedPaper],
        day: date,
        found: Set[str],
    ) -> list[tuple[float, LoggedPaper]]:
        """What passes, the best first; neither what is liked itself, nor what is not wanted."""
        if not taste.interest or not papers:
            return []
        key = papers[0].sequence, papers[-1].sequence, len(papers), taste.likened.upto, taste.interest.asks
        known = self._vectors.get(key) or self._vectors.keep(
            key, taste.vectors([self._counted(each.paper) for each in papers])
        )
        return taste.passing(papers, known, compiled.allowed, day, found)

    def taste(self, compiled: CompiledSubscription, after: int, papers: Sequence[LoggedPaper]) -> LikeProfile:
        """What a subscription likes, measured by the log up to `after`; by the papers of the window, where it is empty.

        Raises DigestbotError where its library cannot be read.
        """
        subscription, spec = compiled.subscription, compiled.subscription.like
        assert spec is not None  # whoever asks has looked
        upto = after if after < 2 * _STEP else after - after % _STEP
        pressed = self._pressed(subscription) if subscription.feedback else ()
        stamp = compiled.library.stamp() if compiled.library else None
        key = spec, stamp, pressed, upto, None if upto else tuple(each.sequence for each in papers)
        known = self._tastes.get(subscription.id)
        if known is not None and known[0] == key:
            return known[1]
        return self._tastes.keep(subscription.id, (key, self._made(compiled, spec, pressed, upto, papers)))[1]

    def _pressed(self, subscription: Subscription) -> tuple[int, ...]:
        """The places of the papers of which readers want more."""
        return tuple(each.place for each in self._store.opinions(subscription.id) if each.liking is Liking.MORE)

    def _made(
        self,
        compiled: CompiledSubscription,
        spec: LikeSpec,
        pressed: Sequence[int],
        upto: int,
        papers: Sequence[LoggedPaper],
    ) -> LikeProfile:
        named = [self._store.find(each) for each in spec.papers]
        works = Works(each.paper for each in named if each)
        for each in self._store.logged(pressed).values():
            works.add(each.paper)
        for one in compiled.library.works().papers if compiled.library else ():
            works.add(one)
        unknown = sum(each is None for each in named)
        measure = self._measure(upto, papers)
        return measure.profile(works, spec.about or "", spec.per_week, upto=upto, unknown=unknown)

    def _measure(self, upto: int, papers: Iterable[LoggedPaper]) -> Measure:
        if upto == 0:
            return Measure(papers, self._counted)
        return self._measures.get(upto) or self._measures.keep(
            upto, Measure(self._store.window(max(0, upto - MOST), upto), self._counted)
        )

    def _entry(self, taste: LikeProfile, logged: LoggedPaper, score: float) -> EntryRecord:
        return taste.entry(logged, self._counted(logged.paper), score)

    def _counted(self, paper: Paper) -> Counter[str]:
        key = paper.title, paper.abstract
        known = self._counts.get(key)
        return self._counts.keep(key, counts(paper)) if known is None else known


_LIKES: WeakKeyDictionary[Store, Likes] = WeakKeyDictionary()


def likes_of(store: Store) -> Likes:
    """Those of a store: what they keep lives as long as it does, whoever opens its digests."""
    return _LIKES.setdefault(store, Likes(store))
