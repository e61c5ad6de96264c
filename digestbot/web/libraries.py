"""Libraries that visitors upload: read by a process of their own, and kept for an hour until they subscribe by them."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digestbot.ingest.library import LibraryReading
from digestbot.model.papers import Paper
from digestbot.store.libraries import from_library, to_library
from digestbot.web.answers import LibraryQuestion
from digestbot.web.search_process import SearchProcess, SearchStopped

KEPT_FOR = timedelta(hours=1)
MOST_KEPT = 30
"""Of as many libraries, some three megabytes each, the oldest goes first."""
PATIENCE = 8.0
"""Seconds that one may take; what was read by then counts."""
_GRACE = 30.0  # seconds after which a process that goes on beyond three times that is ended: others may go first


@dataclass(frozen=True, slots=True)
class UploadedLibrary:
    """A library as a browser uploaded it: what its file was called, how many papers it has, and what is told of it."""

    name: str
    count: int
    notes: Sequence[str]
    browser: str
    until: datetime
    packed: str

    @property
    def papers(self) -> list[Paper]:
        """Its papers."""
        return to_library(self.packed)


class Shelf:
    """Uploaded libraries, in memory: a restart forgets them, and the visitor is asked for the file again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, UploadedLibrary] = OrderedDict()

    def put(self, name: str, reading: LibraryReading, browser: str, now: datetime) -> str:
        """Keep one for the browser that brought it; the word it is found by."""
        packed = from_library("", reading.papers)["papers"]
        library = UploadedLibrary(name, len(reading.papers), reading.notes, browser, now + KEPT_FOR, packed)
        token = secrets.token_urlsafe(12)
        with self._lock:
            self._kept[token] = library
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return token

    def get(self, token: str, browser: str, now: datetime) -> UploadedLibrary | None:
        """The one that this browser brought; None where it is not there any more."""
        with self._lock:
            for old in [word for word, each in self._kept.items() if each.until <= now]:
                del self._kept[old]
            found = self._kept.get(token)
        return found if found is not None and found.browser == browser else None


def read(data: bytes, name: str, gone: Callable[[], bool]) -> LibraryReading:
    """What is in a file, by a process that gives way to all others and has bounded memory and time."""
    try:
        process = SearchProcess()
    except (OSError, SearchStopped):
        return LibraryReading(problems=["it cannot be read now: try again in a while"])
    try:
        reading: LibraryReading = process.ask(LibraryQuestion(data, name, PATIENCE), 3 * PATIENCE + _GRACE, gone)
    except (SearchStopped, RuntimeError):
        return LibraryReading(problems=["it takes too much time or memory to read: upload a part of it"])
    finally:
        process.end()
    return reading
