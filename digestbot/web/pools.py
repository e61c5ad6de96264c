"""The threads that work for visitors: a pool for each kind of work, so that none waits behind another's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import asynccontextmanager
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


@dataclass(frozen=True, slots=True)
class Pools:
    """Those of the pages: of leaving, which waits for nothing else; of searches; and of all the rest."""

    leaving: Pool = field(default_factory=lambda: Pool(8, 1_000))
    costly: Pool = field(default_factory=lambda: Pool(1, 3))
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
