"""How often somebody may have something done: so many times within a while, for each network."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

_REMEMBERED = 20_000


class VisitorPace:
    """Remembers, in memory, who asked when; the oldest are forgotten first. For any thread."""

    def __init__(self, most: int, within: timedelta) -> None:
        self._most = most
        self._within = within
        self._taken: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def too_often(self, who: str, now: datetime) -> bool:
        """Whether they have to wait; if not, it counts."""
        with self._lock:
            taken = self._taken.setdefault(who, deque())
            self._taken.move_to_end(who)
            if len(self._taken) > _REMEMBERED:
                self._taken.popitem(last=False)
            while taken and not timedelta(0) <= now - taken[0] < self._within:
                taken.popleft()
            if len(taken) >= self._most:
                return True
            taken.append(now)
            return False

    def forgive(self, who: str) -> None:
        """Nothing counts that they did."""
        with self._lock:
            self._taken.pop(who, None)
