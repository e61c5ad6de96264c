"""Rate limits, decided: so many within a while. What was done when is kept by whoever limits it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most ``most`` within any stretch as long as ``within``."""

    most: int
    within: timedelta

    def reached(self, done: Sequence[datetime], now: datetime) -> bool:
        """Whether no more may be done now; ``done`` are the times of at least the latest ``most``, as they came.

        Times after `now`, when the clock was set back, lock nobody out.
        """
        return len(done) >= self.most and timedelta(0) <= now - done[-self.most] < self.within
