"""Bounded concurrency: a few threads per kind of channel, one delivery of a destination at a time, in order."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from types import TracebackType
from typing import Self, TypeAlias

from digestbot.delivery.attempt import AttemptResult
from digestbot.model.deliveries import Delivery
from digestbot.model.subscriptions import Destination

Key: TypeAlias = Hashable


def identity(destination: Destination) -> Key:
    """What makes two destinations the same place: channel and options, whatever the theme."""
    return destination.channel, *sorted(destination.options.items())


class Workers:
    """Tries deliveries in threads. Its methods are for one thread; only `attempt` runs in the others.

    At first one delivery of a kind is tried at a time, and `per_kind` once `proven` has been called for that
    kind: a wrong password is refused once, not once for every thread.
    """

    def __init__(self, attempt: Callable[[Delivery], AttemptResult], per_kind: int) -> None:
        self._attempt = attempt
        self._per_kind = per_kind
        self._lanes: dict[Key, deque[Delivery]] = {}
        self._startable: dict[str, deque[Key]] = {}
        self._running: dict[str, int] = {}
        self._proven: set[str] = set()
        self._jobs: dict[str, queue.SimpleQueue[Delivery | None]] = {}
        self._threads: dict[str, int] = {}
        self._results: queue.SimpleQueue[AttemptResult | BaseException] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the threads end; those in the middle of an attempt end after it."""
        for name, jobs in self._jobs.items():
            for _ in range(self._threads[name]):
                jobs.put(None)

    @property
    def outstanding(self) -> int:
        """Deliveries put in and neither collected nor recalled."""
        return sum(map(len, self._lanes.values()))

    @property
    def running(self) -> int:
        """Deliveries that a thread has in hand."""
        return sum(self._running.values())

    def in_hand(self) -> list[Delivery]:
        """The deliveries that threads are trying."""
        idle = {key for keys in self._startable.values() for key in keys}
        return [lane[0] for key, lane in self._lanes.items() if key not in idle]

    def holds(self, delivery: Delivery) -> bool:
        """Whether this delivery is outstanding."""
        return any(each.id == delivery.id for each in self._lanes.get(identity(delivery.destination), ()))

    def abandon(self) -> None:
        """Forget what the threads are trying: nobody waits for it any longer."""
        self._lanes.clear()
        self._startable.clear()
        self._running.clear()

    def waiting(self, destination: Destination) -> int:
        """Outstanding deliveries of one destination."""
        return len(self._lanes.get(identity(destination), ()))

    def put(self, delivery: Delivery) -> None:
        """Try it as soon as its turn comes."""
        key = identity(delivery.destination)
        lane = self._lanes.setdefault(key, deque())
        lane.append(delivery)
        if len(lane) == 1:
            kind = delivery.destination.channel
            self._startable.setdefault(kind, deque()).append(key)
            self._start(kind)

    def proven(self, kind: str) -> None:
        """This kind of channel works: as many at a time as there are threads."""
        self._proven.add(kind)

    def collect(self, timeout: float, gathering: float, most: int) -> Iterator[AttemptResult]:
        """What has been tried: waits up to `timeout` seconds for the first, and `gathering` for up to `most`.

        Each is to be settled before the next is asked for.
        """
        until = time.monotonic() + timeout
        for number in range(most):
            try:
                found = self._results.get(timeout=max(until - time.monotonic(), 0)) if self.running else None
            except queue.Empty:
                return
            if isinstance(found, BaseException):
                self.abandon()
                raise found
            if found is None:
                return
            yield found
            if number == 0:
                until = time.monotonic() + gathering

    def settle(self, tried: AttemptResult) -> None:
        """Its outcome is decided: the next of its destination may start."""
        destination = tried.delivery.destination
        key, kind = identity(destination), destination.channel
        self._running[kind] -= 1
        lane = self._lanes[key]
        lane.popleft()
        if lane:
            self._startable[kind].append(key)
        else:
            del self._lanes[key]
        self._start(kind)

    def recall(self, wanted: Callable[[Destination], bool]) -> list[Delivery]:
        """Take out what no thread has in hand yet, of the destinations `wanted`."""
        return [each for key in list(self._lanes) for each in self._recalled(key, wanted)]

    def _recalled(self, key: Key, wanted: Callable[[Destination], bool]) -> Iterator[Delivery]:
        lane = self._lanes[key]
        destination = lane[0].destination
        if not wanted(destination):
            return
        startable = self._startable[destination.channel]
        if key in startable:
            startable.remove(key)
            del self._lanes[key]
            yield from lane
            return
        first = lane.popleft()
        yield from list(lane)
        lane.clear()
        lane.append(first)

    def _start(self, kind: str) -> None:
        startable = self._startable[kind]
        most = self._per_kind if kind in self._proven else 1
        while startable and self._running.get(kind, 0) < most:
            delivery = self._lanes[startable.popleft()][0]
            self._running[kind] = self._running.get(kind, 0) + 1
            jobs = self._jobs.setdefault(kind, queue.SimpleQueue())
            if self._threads.get(kind, 0) < self._running[kind]:
                self._threads[kind] = self._threads.get(kind, 0) + 1
                # A daemon's: one that hangs in a far side's silence must not keep the process from ending.
                threading.Thread(target=self._work, args=(jobs,), name=f"send {kind}", daemon=True).start()
            jobs.put(delivery)

    def _work(self, jobs: queue.SimpleQueue[Delivery | None]) -> None:
        while (delivery := jobs.get()) is not None:
            try:
                self._results.put(self._attempt(delivery))
            except BaseException as error:  # noqa: BLE001  # it is raised where the work was given
                self._results.put(error)
