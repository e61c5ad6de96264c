"""A Zotero library, of a user or a group, by its interface for programs (https://www.zotero.org/support/dev/web_api/v3).

It is asked whether it changed, and read anew when it did: what was deleted is gone then, and no list of keys is kept.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import orjson

from digestbot.ingest.sources.base import Dump, Memory, Refused, Unavailable
from digestbot.ingest.sources.guarded import guarded
from digestbot.ingest.sources.url import unmerged
from digestbot.ingest.sources.web import Fetched, Limits, Web
from digestbot.model.errors import Problem
from digestbot.model.secret import Secret

ZOTERO = "https://api.zotero.org"
MOST_ITEMS = 5_000
"""The items that are read, those added last."""
_ON_A_PAGE = 100  # the most there is
_TRIES = 3
_NO_PAPERS = ("attachment", "note", "annotation")
_LIMITS = Limits(size=32 * 1024 * 1024)


class ZoteroSource:
    """The items of `library` (``users/475425``, ``groups/12``), read with `key` where it is a private one.

    Memory: ``version``, as the server gave it for what was merged last.
    """

    def __init__(self, name: str, library: str, web: Web, key: Secret | None = None, url: str = ZOTERO) -> None:
        self.name = name
        self._items = f"{url.rstrip('/')}/{library}/items/top"
        self._web, self._key = web, key

    def fetch(self, memory: Memory, now: datetime) -> Iterator[Dump]:
        """All of it as one dump, nothing when it did not change. Raises Unavailable or Refused."""
        found = self._whole(memory.values.get("version"))
        if found is None:
            return
        version, items = found
        memory.refused, memory.whole = "", True
        if items:
            data = orjson.dumps(items)
            yield Dump(self.name, lambda: guarded(io.BytesIO(data), self.name))
        if memory.refused:
            raise unmerged(memory.refused, self.name)
        memory.values = {"version": version}

    def _whole(self, known: str | None) -> tuple[str, list[Any]] | None:
        """Its version and items; None when it is still the `known` one. Begun anew where it changes meanwhile."""
        for _ in range(_TRIES):
            version, items, more = "", list[Any](), True
            while more and len(items) < MOST_ITEMS:
                page = self._page(len(items), known if not items else None)
                with page.body:
                    if page.status == 304:
                        return None
                    came = self._read(page)
                now_at = page.headers.get("Last-Modified-Version", "")
                if items and now_at != version:
                    break
                version, more = now_at, bool(came) and 'rel="next"' in page.headers.get("Link", "")
                items += came
            else:
                papers = [each for each in items[:MOST_ITEMS] if each["data"].get("itemType") not in _NO_PAPERS]
                return version, papers
        raise Unavailable(Problem("changes while it is read", self.name, way_out="it is tried again later"))

    def _page(self, start: int, known: str | None) -> Fetched:
        asked = {"format": "json", "sort": "dateAdded", "direction": "desc", "limit": _ON_A_PAGE, "start": start}
        headers = {"Zotero-API-Version": "3", **({"If-Modified-Since-Version": known} if known else {})}
        secret = {"Zotero-API-Key": self._key.reveal()} if self._key else None
        url = f"{self._items}?{urlencode(asked)}"
        try:
            return self._web.get(url, self.name, headers=headers, secret=secret, limits=_LIMITS, robots=False)
        except Refused as error:
            if "answers 40" not in str(error):
                raise
            hint = (
                f"check the number of the library, and DIGESTBOT_SOURCE_{self.name.upper().replace('-', '_')} in .env"
            )
            raise Refused(*(Problem(each.message, each.place, way_out=hint) for each in error.problems)) from None

    def _read(self, page: Fetched) -> list[Any]:
        try:
            items = orjson.loads(page.body.read())
            if not all(isinstance(each["data"], dict) for each in items):
                raise TypeError
        except (ValueError, TypeError, KeyError):
            raise Unavailable(Problem("answers what is no list of items", self.name, way_out="check its url")) from None
        return list(items)
