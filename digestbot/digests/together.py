"""What the digests of several subscriptions share: papers read once and matched once."""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date

from digestbot.digests.due import covered
from digestbot.matching.answering import Answering
from digestbot.matching.ranking import RankedMatch
from digestbot.model.digests import Window
from digestbot.model.papers import LoggedPaper
from digestbot.store.base import Store
from digestbot.subscribers.files import CompiledSubscription

log = logging.getLogger(__name__)

# So many papers at most are read and matched once for several digests; what is older each reads for itself.
MOST_SHARED = 20_000


class Together:
    """What the digests of some subscriptions share: the papers of their windows, read once and matched once.

    The digests are the same to the byte as each by itself: a window that ends elsewhere (the log has grown, or
    it is caught up slot by slot) is read anew, and what was not matched for all is matched for the one.
    """

    def __init__(self, store: Store, wants: Sequence[CompiledSubscription]) -> None:
        self._store = store
        self._upto = store.head()
        cursors = [(compiled.subscription, store.cursor(compiled.subscription.id)) for compiled in wants]
        # A first run looks through the whole log for the few papers of its days: nothing to match for others.
        starts = sorted(covered(s, at) for s, at in cursors if at and (at.position is not None or not s.first_run_days))
        self._after = max(starts[1], self._upto - MOST_SHARED) if len(starts) > 1 else self._upto
        self._papers = list(store.window(self._after, self._upto))
        shared = {each.sequence: each for each in self._papers}
        if len(wants) > 1:
            shared |= store.logged({place for _, at in cursors if at for place in at.carry})
        self._rules = {compiled.subscription.id: compiled.rule for compiled in wants}
        self._answering = Answering(self._rules, list(shared.values()))

    def window(self, window: Window) -> Iterable[LoggedPaper]:
        """The papers of a window, as the store gives them."""
        if window.upto != self._upto or window.after < self._after:
            return self._store.window(window.after, window.upto)
        first = bisect_right(self._papers, window.after, key=lambda each: each.sequence)
        return self._papers[first:]

    def find(self, compiled: CompiledSubscription, papers: Sequence[LoggedPaper], today: date) -> list[RankedMatch]:
        """The papers that answer a subscription's rules, in their order."""
        name = compiled.subscription.id
        try:
            return self._answering.find(name, papers, today=today)
        except Exception:  # a fault that one rule brings must keep no other digest back: each by itself now
            if not self._answering.shares:
                raise
            log.exception("the rules of %d subscriptions could not be matched together", len(self._rules))
            self._answering = Answering(self._rules)
            return self._answering.find(name, papers, today=today)
