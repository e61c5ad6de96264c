"""A page, feed or file on the web, fetched again only when it changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from typing import BinaryIO

from digestbot.ingest.sources.base import Dump, Memory, Unavailable
from digestbot.ingest.sources.guarded import guarded
from digestbot.ingest.sources.unpacking import unpacked
from digestbot.ingest.sources.web import Limits, Web
from digestbot.model.errors import DumpError, Problem

_ASKS = {"etag": "If-None-Match", "modified": "If-Modified-Since"}


class UrlSource:
    """What is at `url`, which is never shown: paths and queries of private feeds are passwords.

    Memory: ``etag`` and ``modified``, as the server gave them for what was merged last.
    """

    def __init__(self, name: str, url: str, web: Web, limits: Limits) -> None:
        self.name = name
        self._url, self._web, self._limits = url, web, limits

    def fetch(self, memory: Memory, now: datetime) -> Iterator[Dump]:
        """The page, nothing when it did not change. Raises Unavailable or Refused."""
        asked = {header: memory.values[key] for key, header in _ASKS.items() if memory.values.get(key)}
        fetched = self._web.get(self._url, self.name, headers=asked, limits=self._limits)
        with closing(fetched.body):
            if fetched.status == 304:
                return
            memory.refused, memory.whole = "", True
            yield from unpacked(Dump(self.name, handed(fetched.body, self.name)))
        if memory.refused:  # it may be half a page: it is to be had again, changed or not
            memory.values = {}
            raise unmerged(memory.refused, self.name)
        kept = {"etag": "ETag", "modified": "Last-Modified"}
        memory.values = {key: fetched.headers[each] for key, each in kept.items() if each in fetched.headers}


def unmerged(why: str, name: str) -> Unavailable:
    """The error for what came and could not be merged, so that it must be fetched again."""
    return Unavailable(Problem(f"what came could not be taken: {why}", name, way_out="it is fetched again later"))


def handed(body: BinaryIO, name: str) -> Callable[[], BinaryIO]:
    """How a body already here is opened: from its beginning, once."""

    def open_body() -> BinaryIO:
        if body.closed:
            raise DumpError(Problem("is gone already", name, way_out="fetch it again"))
        body.seek(0)
        return guarded(body, name)

    return open_body
