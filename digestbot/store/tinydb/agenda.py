"""The agenda: which deliveries may be claimed next, without looking at those that may not."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple


class AgendaEntry(NamedTuple):
    """Deliveries that may be claimed now: those taken, and those whose lease is over, taken or not."""

    taken: list[int]
    abandoned: list[int]


class Agenda:
    """Places in the order they were planned, each from its own time on.

    It may know a place more than once and at times that have passed: `due_at` (None: not to be claimed)
    and `leased`, asked when a place comes up, tell how it stands.
    """

    def __init__(self, due_at: Callable[[int], datetime | None], leased: Callable[[int], bool]) -> None:
        self._due_at = due_at
        self._leased = leased
        self._ready: list[int] = []
        self._waiting: list[tuple[datetime, int]] = []

    def put(self, place: int, due: datetime) -> None:
        """Let a place come up from `due` on."""
        heapq.heappush(self._waiting, (due, place))

    def take(self, now: datetime, limit: int) -> AgendaEntry:
        """Up to `limit` places that are due, first planned first. They are gone until they are `put` again."""
        abandoned = []
        while self._waiting and self._waiting[0][0] <= now:
            place = heapq.heappop(self._waiting)[1]
            if self._is_due(place, now):
                heapq.heappush(self._ready, place)
                if self._leased(place):
                    abandoned.append(place)
        taken: list[int] = []
        while self._ready and len(taken) < limit:
            place = heapq.heappop(self._ready)
            if self._is_due(place, now) and not (taken and taken[-1] == place):
                taken.append(place)
        return AgendaEntry(taken, sorted(set(abandoned)))

    def _is_due(self, place: int, now: datetime) -> bool:
        """Whether it may be claimed; one that has to wait after all (a clock set back) is put back."""
        due = self._due_at(place)
        if due is not None and due > now:
            self.put(place, due)
        return due is not None and due <= now
