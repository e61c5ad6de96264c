"""Papers that come because they are like what a reader likes: found in a digest's window, besides what rules find.

What they are measured by (how rare a word is, which score so many a week exceed) is told by the papers of the log
before the window, so that a digest is the same whenever it is made. The papers that pass stand in a section of their
own; none of them waits for a later digest.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar
from weakref import WeakKeyDictionary, proxy

import numpy as np

from digestbot.matching.evaluate import Evaluator, FoldedPaper
from digestbot.matching.like.cut import cut, so_many
from digestbot.matching.like.frequencies import Frequencies
from digestbot.matching.like.likeness import Interest, Liked, Likeness, vectors
from digestbot.matching.like.past import MOST, Past, first_seen
from digestbot.matching.like.terms import counts
from digestbot.matching.like.vectors import Vectors
from digestbot.model.digests import DigestRecord, DigestVerdict, EntryRecord, Likened
from digestbot.model.feedback import Liking
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.model.subscriptions import LikeSpec, Subscription
from digestbot.store.base import Store
from digestbot.store.works import Works
from digestbot.subscribers.files import CompiledSubscription

LIKE = "like"
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


@dataclass(frozen=True, slots=True)
class LikeProfile:
    """What one subscription likes, and what that is measured by."""

    interest: Interest
    known: Works
    likened: Likened
    frequencies: Frequencies

    def likeness(self, paper: Paper) -> Likeness:
        """How like one paper is to it."""
        text = counts(paper)
        (score,) = self.interest.scores(vectors(self.frequencies, [text], asks=self.interest.asks))
        return self.interest.likeness(paper, text, score, self.likened.cut)


class _Measure:
    """Past papers as tastes are measured by them; ``papers`` are those that a cut is told by."""

    def __init__(self, past: Past, papers: Sequence[Paper]) -> None:
        self.past, self.frequencies, self._papers = past, Frequencies.of(past.texts), papers

    @cached_property
    def _by_words(self) -> Vectors:
        return vectors(self.frequencies, self.past.measured, asks=False)

    @cached_property
    def _by_question(self) -> Vectors:
        return vectors(self.frequencies, self.past.measured, asks=True)

    def cut(self, interest: Interest, per_week: int, known: Works) -> float:
        """Where so many a week passed, not counting what is liked itself."""
        scores = interest.measured(self._by_question if interest.asks else self._by_words)
        weeks = self.past.span.weeks
        enough = min(so_many(weeks, per_week) + len(known) + 1, len(scores))
        best = np.argpartition(-scores, enough - 1)[:enough] if enough else np.arange(0)
        order = best[np.argsort(-scores[best])]
        others = (float(scores[at]) for at in order if self._papers[at] not in known)
        return cut(others, weeks, per_week)


class Likes:
    """Finds them for the digests of one store. What is dear to make is kept from one digest to the next."""

    def __init__(self, store: Store) -> None:
        self._store: Store = proxy(store)  # it is kept by the store's name, which must not keep the store
        self._counts = _Kept[tuple[str, str | None], Counter[str]](_COUNTED)
        self._measures = _Kept[int, _Measure](_PASTS)
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
        passing = self._passing(compiled, taste, record, papers, found)
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

    def _passing(
        self,
        compiled: CompiledSubscription,
        taste: LikeProfile,
        record: DigestRecord,
        papers: Sequence[LoggedPaper],
        found: Set[str],
    ) -> list[tuple[float, LoggedPaper]]:
        """What passes, the best first; neither what is liked itself, nor what was sent, nor what is not wanted."""
        if not taste.interest or not papers:
            return []
        # A work that came twice in the window is there once, as it is last.
        newest = {each.key: each for each in papers}
        window = record.window
        key = window.after, window.upto, len(papers), taste.likened.upto, taste.interest.asks
        known = self._vectors.get(key) or self._vectors.keep(
            key, vectors(taste.frequencies, [self._counted(each.paper) for each in papers], asks=taste.interest.asks)
        )
        scored = zip(papers, taste.interest.scores(known), strict=True)
        passing = {
            each.key: (score, each)
            for each, score in scored
            if taste.interest.passes(score, taste.likened.cut) and newest[each.key] is each and each.key not in found
        }
        if not passing:
            return []
        sent = self._store.delivered_of([record.subscription], passing.keys())[record.subscription]
        wanted = Evaluator(compiled.allowed, record.slot.day) if compiled.allowed else None
        return [
            (score, each)
            for score, each in sorted(passing.values(), key=lambda one: (-one[0], one[1].key))
            if each.key not in sent
            and each.paper not in taste.known
            and (wanted is None or wanted.matches(FoldedPaper(each.paper)))
        ]

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
        measure = self._measure(upto, papers)
        interest = Interest(Liked(works.papers, spec.about or ""), measure.frequencies, self._counted)
        weeks, dated = measure.past.span
        likened = Likened(
            cut=measure.cut(interest, spec.per_week, works) if interest else 0.0,
            per_week=spec.per_week,
            past=len(measure.past.texts),
            upto=upto,
            weeks=weeks,
            dated=dated,
            liked=len(works),
            bare=sum(not each.abstract for each in works.papers),
            unknown=sum(each is None for each in named),
        )
        return LikeProfile(interest, works, likened, measure.frequencies)

    def _measure(self, upto: int, papers: Sequence[LoggedPaper]) -> _Measure:
        if upto == 0:
            return self._measured(papers)
        return self._measures.get(upto) or self._measures.keep(
            upto, self._measured(self._store.window(max(0, upto - MOST), upto))
        )

    def _measured(self, papers: Iterable[LoggedPaper]) -> _Measure:
        seen = first_seen(papers)
        past = Past.of((self._counted(each.paper), day) for each, day in seen)
        dated = [each.paper for each, day in seen if day is not None]
        return _Measure(past, dated or [each.paper for each, _ in seen])

    def _entry(self, taste: LikeProfile, logged: LoggedPaper, score: float) -> EntryRecord:
        how = taste.interest.likeness(logged.paper, self._counted(logged.paper), score, taste.likened.cut)
        near = how.near.title if how.near else ""
        return EntryRecord(logged.sequence, (LIKE,), how.words, likeness=how.score, near=near)

    def _counted(self, paper: Paper) -> Counter[str]:
        key = paper.title, paper.abstract
        known = self._counts.get(key)
        return self._counts.keep(key, counts(paper)) if known is None else known


_LIKES: WeakKeyDictionary[Store, Likes] = WeakKeyDictionary()


def likes_of(store: Store) -> Likes:
    """Those of a store: what they keep lives as long as it does, whoever opens its digests."""
    return _LIKES.get(store) or _LIKES.setdefault(store, Likes(store))
