"""What a model wrote of the papers in digests, put into them when they are opened; what is not there is asked for.

It never keeps a digest from leaving: what has not come in time, or failed, leaves the sentence of the abstract.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from digestbot.digests.gist_words import gist_id
from digestbot.model.digests import DigestRecord
from digestbot.model.subscriptions import GistSource, Subscription
from digestbot.store.base import Store

if TYPE_CHECKING:  # who has no model pays nothing for its client
    from digestbot.digests.gist_asker import GistAsker


def waits_for_model(subscription: Subscription) -> bool:
    """Whether opening its digest may take as long as a model does: such come last, so that nobody else waits."""
    return subscription.gist is GistSource.MODEL


class ModelGists:
    """Puts what a model wrote into the digests of those who want that: what is kept, and what `asker` is told."""

    def __init__(self, store: Store, asker: GistAsker | None = None) -> None:
        self._store = store
        self._asker = asker

    def begin(self) -> None:
        """Another run begins."""
        if self._asker is not None:
            self._asker.begin()

    def told(self, made: Iterable[tuple[Subscription, DigestRecord]]) -> dict[str, DigestRecord]:
        """By their keys, the digests whose papers a model tells of. Raises StoreError."""
        by_language: dict[str, list[DigestRecord]] = {}
        for subscription, record in made:
            if waits_for_model(subscription):
                by_language.setdefault(subscription.language, []).append(record)
        return {
            record.key: record for language, records in by_language.items() for record in self._in(language, records)
        }

    def _in(self, language: str, records: Sequence[DigestRecord]) -> list[DigestRecord]:
        # What waited from earlier days is shown in a line without a gist.
        places = dict.fromkeys(each.sequence for one in records for each in one.entries if not each.carried)
        logged = self._store.logged(places)
        papers = {place: logged[place].paper for place in places if place in logged and logged[place].paper.abstract}
        names = {place: gist_id(language, paper) for place, paper in papers.items()}
        texts = self._store.gists(set(names.values()))
        if self._asker is not None:
            texts |= self._asker.ask(language, {n: papers[at] for at, n in names.items() if n not in texts})
        by_place = {place: texts.get(name, "") for place, name in names.items()}
        return [
            replace(one, entries=tuple(replace(each, gist=by_place.get(each.sequence, "")) for each in one.entries))
            for one in records
        ]
