"""arXiv's API: papers of some categories, or of a query, page by page from the last date known.

https://info.arxiv.org/help/api/user-manual.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import BinaryIO
from urllib.parse import urlencode

from digestbot.ingest.sources.base import Dump, Memory, Refused, SourceError, Unavailable
from digestbot.ingest.sources.url import handed, unmerged
from digestbot.ingest.sources.web import Limits, Web
from digestbot.model.errors import Problem

API = "https://export.arxiv.org/api/query"
GAP = 3.0  # seconds between requests: https://info.arxiv.org/help/api/tou.html
PAGE = 200
# A paper on hold is announced days after the date it was submitted at, which is the date that can be asked for.
OVERLAP = timedelta(days=3)
PATIENCE = 120.0  # seconds one fetch takes before it leaves the rest to the next
_LIMITS = Limits(size=64 * 1024 * 1024, total=120.0)
_TOTAL = re.compile(rb"<(?:\w+:)?totalResults[^>]*>\s*(\d+)")
_ENTRY = re.compile(rb"<entry[\s>].*?</entry>", re.DOTALL)
_PUBLISHED = re.compile(rb"<published>\s*(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z")
_ERROR = re.compile(rb"<id>[^<]*/api/errors")
_EMPTY_TRIES = 3


@dataclass(frozen=True, slots=True)
class _Page:
    entries: int
    total: int
    newest: datetime | None


class ArxivApiSource:
    """Papers that answer `query` (``cat:cs.CL OR cat:cs.LG``), oldest first; at first those of `first_run`.

    Memory: ``last``, the newest submission date merged. It grows with every page, so that a fetch cut short
    goes on where it was.
    """

    def __init__(
        self, name: str, query: str, web: Web, *, first_run: timedelta = timedelta(days=7), url: str = API
    ) -> None:
        self.name = name
        self._query, self._web, self._first_run, self._url = query, web, first_run, url

    def fetch(self, memory: Memory, now: datetime) -> Iterator[Dump]:
        """The pages. Raises Unavailable or Refused."""
        began = self._web.clock()
        going_on, memory.unfinished = memory.unfinished, False
        last = datetime.fromisoformat(memory.values["last"]) if "last" in memory.values else None
        since = now - self._first_run if last is None else last if going_on else last - OVERLAP
        start, number = 0, 1
        while True:
            body, page = self._page(since, now, start)
            with closing(body):
                if page.entries:
                    memory.refused = ""
                    name = self.name if number == 1 else f"{self.name} page {number}"
                    yield Dump(name, handed(body, name))
                    if memory.refused:
                        raise unmerged(memory.refused, self.name)
            if page.newest and (last is None or page.newest > last):
                last = page.newest
                memory.values["last"] = last.isoformat()
            start += page.entries
            number += 1
            if start >= page.total:
                return
            if self._web.clock() - began > PATIENCE and last is not None and last > since:
                memory.unfinished = True
                return

    def _page(self, since: datetime, now: datetime, start: int) -> tuple[BinaryIO, _Page]:
        """A page; the API at times answers an empty one where there are papers: it is asked again then."""
        dates = f"[{since.astimezone(UTC):%Y%m%d%H%M} TO {(now + timedelta(days=1)).astimezone(UTC):%Y%m%d%H%M}]"
        asked = {
            "search_query": f"({self._query}) AND submittedDate:{dates}",
            "sortBy": "submittedDate",
            "sortOrder": "ascending",
            "start": start,
            "max_results": PAGE,
        }
        for _ in range(_EMPTY_TRIES):
            url = f"{self._url}?{urlencode(asked)}"
            body = self._web.get(url, self.name, limits=_LIMITS, gap=GAP, robots=False).body
            try:
                page = self._understood(body.read())
            except SourceError:
                body.close()
                raise
            if page.entries or start >= page.total:
                return body, page
            body.close()
        raise Unavailable(Problem("arXiv answers with empty pages", self.name, way_out="it is tried again later"))

    def _understood(self, content: bytes) -> _Page:
        total = _TOTAL.search(content)
        if _ERROR.search(content):
            raise Refused(Problem("arXiv refuses the query", self.name, way_out="check it in sources.toml"))
        if total is None:
            what = "the answer is none of arXiv's API"
            raise Unavailable(Problem(what, self.name, way_out="it is tried again later"))
        entries = _ENTRY.findall(content)
        dates = [found[1].decode() for each in entries if (found := _PUBLISHED.search(each))]
        newest = max((datetime.fromisoformat(each).replace(tzinfo=UTC) for each in dates), default=None)
        return _Page(len(entries), int(total[1]), newest)
