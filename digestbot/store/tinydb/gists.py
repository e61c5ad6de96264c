"""What a model wrote of papers, in TinyDB beside the paper log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import islice
from typing import cast

from tinydb.table import Document

from digestbot.store.codec import storable_text
from digestbot.store.tinydb.storage import Database, JournaledTable


class GistTable:
    """The table ``gists`` of one database, with its index; those that were only taken have no text."""

    def __init__(self, database: Database) -> None:
        self._gists = cast(JournaledTable, database.table("gists"))
        self._known = {entry["id"]: entry for entry in self._gists}
        self._taken = Counter(entry["day"] for entry in self._known.values())
        self._last = max((entry.doc_id for entry in self._known.values()), default=0)

    def take(self, ids: Iterable[str], day: date, most: int) -> list[str]:
        """Note the day for those that may be asked for, in one record."""
        today = day.isoformat()
        free = (name for name in dict.fromkeys(map(storable_text, ids)) if self._is_free(name, today))
        names = list(islice(free, max(most - self._taken[today], 0)))
        if names:
            self._write([self._document(name, today, "") for name in names])
        return names

    def _is_free(self, name: str, today: str) -> bool:
        known = self._known.get(name)
        return known is None or (not known["text"] and known["day"] < today)

    def put(self, texts: Mapping[str, str]) -> None:
        """Keep texts, in one record."""
        taken = [(self._known.get(storable_text(name)), text) for name, text in texts.items()]
        self._write([Document({**entry, "text": storable_text(text)}, entry.doc_id) for entry, text in taken if entry])

    def of(self, ids: Iterable[str]) -> dict[str, str]:
        """The texts there are."""
        known = ((name, self._known.get(storable_text(name))) for name in ids)
        return {name: entry["text"] for name, entry in known if entry and entry["text"]}

    def _document(self, name: str, today: str, text: str) -> Document:
        known = self._known.get(name)
        if known is None:
            self._last += 1
        return Document({"id": name, "day": today, "text": text}, known.doc_id if known else self._last)

    def _write(self, documents: list[Document]) -> None:
        self._gists.put({each.doc_id: dict(each) for each in documents})
        for each in documents:
            known = self._known.get(each["id"])
            self._taken.subtract([known["day"]] if known else ())
            self._known[each["id"]] = each
            self._taken[each["day"]] += 1
