"""The threads that work for visitors: a pool for each kind of work, so that none waits behind another's."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Done = TypeVar("Done")

RETRY_AFTER = 5
"""Seconds after which whoever was refused may ask again."""


class Busy(Exception):
    """All threads of a pool are at work, and as many wait as may: nothing was done."""


class Pool:
    """So many threads, and so many may wait for one; whoever comes then is refused at once. For one event loop."""

    def __init__(self, threads: int, waiting: int) -> None:
        self._threads = threads
        self._most = threads + waiting
        self._in_hand = 0
        self._limiter: CapacityLimiter | None = None

    async def run(self, work: Callable[[], Done]) -> Done:
        """What the work brings. Raises Busy, and what the work raises."""
        if self._in_hand >= self._most:
            raise Busy
        self._limiter = self._limiter or CapacityLimiter(self._threads)
        self._in_hand += 1
        try:
            return await to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self._in_hand -= 1


class UploadPlaces:
    """So many may be here at once, and so many of one network; whoever comes then is refused. For one event loop."""

    def __init__(self, most: int, of_a_network: int) -> None:
        self._most, self._of_a_network = most, of_a_network
        self._taken = Counter[str]()

    @contextmanager
    def taken(self, network: str) -> Iterator[None]:
        """Within, one is taken. Raises Busy."""
        if self._taken.total() >= self._most or self._taken[network] >= self._of_a_network:
            raise Busy
        self._taken[network] += 1
        try:
            yield
        finally:
            self._taken -= Counter({network: 1})


@dataclass(frozen=True, slots=True)
class Pools:
    """Those of the pages: of leaving, which waits for nothing else; of searches; of libraries that are read; and of all
    the rest. ``uploads`` are the places of those who send a file.
    """

    leaving: Pool = field(default_factory=lambda: Pool(8, 1_000))
    costly: Pool = field(default_factory=lambda: Pool(1, 3))
    libraries: Pool = field(default_factory=lambda: Pool(1, 2))
    uploads: UploadPlaces = field(default_factory=lambda: UploadPlaces(8, 2))
    usual: Pool = field(default_factory=lambda: Pool(32, 64))


@asynccontextmanager
async def noticed(request: Request, gone: threading.Event) -> AsyncIterator[None]:
    """Within, `gone` is set when whoever asked is not there any more."""

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        gone.set()

    watching = asyncio.ensure_future(watch())
    try:
        yield
    finally:
        watching.cancel()
