"""How often somebody may have something done: so many times within a while, for each network."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

from digestbot.model.rate_limit import RateLimit

_REMEMBERED = 20_000


class Times:
    """When each of some keys did something, in memory: of more than ``most`` keys the oldest are forgotten first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._done: OrderedDict[str, deque[datetime]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._done)

    def reached(self, key: str, limit: RateLimit, now: datetime) -> bool:
        """Whether this key may do no more now."""
        return limit.reached(self._done.get(key, ()), now)

    def add(self, key: str, limit: RateLimit, now: datetime) -> None:
        """It does something: of each key as many times are kept as its limit needs."""
        self._done.setdefault(key, deque(maxlen=limit.most)).append(now)
        self._done.move_to_end(key)
        if len(self._done) > self._most:
            self._done.popitem(last=False)

    def forget(self, key: str) -> None:
        """Nothing counts that it did."""
        self._done.pop(key, None)


class VisitorPace:
    """Remembers, in memory, who asked when. For any thread."""

    def __init__(self, most: int, within: timedelta) -> None:
        self._limit = RateLimit(most, within)
        self._times = Times(_REMEMBERED)
        self._lock = threading.Lock()

    def too_often(self, who: str, now: datetime) -> bool:
        """Whether they have to wait; if not, it counts."""
        with self._lock:
            if self._times.reached(who, self._limit, now):
                return True
            self._times.add(who, self._limit, now)
            return False

    def forgive(self, who: str) -> None:
        """Nothing counts that they did."""
        with self._lock:
            self._times.forget(who)
