"""The mail server's budget within one process: so many mails a second, and so many at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from digestbot.channels.base import Stopped
from digestbot.model.deliveries import Delivery


class MailBudget:
    """Gives each mail its turn: ``rate`` a second and ``connections`` at a time at the most, None for any number.

    ``wait`` waits some seconds, or less and says True when it is time to stop.
    """

    def __init__(self, rate: float | None, connections: int | None, wait: Callable[[float], bool]) -> None:
        self._interval = 1 / rate if rate else 0.0
        self._room = threading.BoundedSemaphore(connections) if connections else nullcontext()
        self._wait = wait
        self._lock = threading.Lock()
        self._next = 0.0

    @contextmanager
    def turn(self, delivery: Delivery) -> Iterator[None]:
        """Within, it is this delivery's turn. Raises Stopped when it did not come."""
        if delivery.destination.channel != "email":
            yield
            return
        with self._room:
            if self._interval:
                with self._lock:
                    now = time.monotonic()
                    at = max(self._next, now)
                    self._next = at + self._interval
                if self._wait(at - now):
                    raise Stopped
            yield
