"""How many papers of the last weeks each topic finds: counted beside the pages, which never wait for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import nlargest
from types import TracebackType
from typing import Self

from digestbot.bootstrap import App
from digestbot.matching.topic_counts import TopicCounts
from digestbot.model.errors import DigestbotError
from digestbot.model.papers import LoggedPaper
from digestbot.rules.topics import Topics
from digestbot.web.answers import day_of

log = logging.getLogger(__name__)

WEEKS = 8
"""So long ago at most a paper that is counted may be of."""
MOST = 4_000
"""So many of the newest papers are counted at most."""
_READ = 20_000  # places of the log that are looked through for them
_BATCH = 250  # papers; between two the counting can be ended
FRESH = timedelta(minutes=10)
"""So long a count stands, however many papers come in."""
AHEAD = 1_000
"""Papers; fewer are counted when somebody first looks."""
_GLANCE = 30.0  # seconds between two looks at whether papers have come in


@dataclass(frozen=True, slots=True)
class TopicNumbers:
    """What the topics found among the papers of the last ``days``, up to a place of the log; counted at a moment."""

    topics: Topics
    counts: TopicCounts
    days: int
    upto: int
    at: datetime

    @property
    def since(self) -> str:
        """The days in words: "3 weeks"."""
        many, unit = (self.days // 7, "week") if self.days >= 7 else (self.days, "day")
        return f"{many} {unit}s" if many > 1 else unit


class TopicCounter:
    """Counts in a thread of its own while it is entered: when all has `settled`, and after papers have come in."""

    def __init__(self, app: Callable[[], App], settled: threading.Event) -> None:
        """`app` gives the parts as they are now."""
        self._app, self._settled = app, settled
        self._known: TopicNumbers | None = None
        self._stop, self._asked = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="topics")

    def known(self) -> TopicNumbers | None:
        """What was counted last; None where nothing was of the topics as they are now. Raises UsageError."""
        known = self._known
        return known if known is not None and known.topics is self._app().topics else None

    def looked_at(self) -> TopicNumbers | None:
        """The same, and counted anew soon if it is not fresh. Raises UsageError."""
        self._asked.set()
        return self.known()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._asked.set()
        self._thread.join()

    def _work(self) -> None:
        told = ""
        self._settled.wait()
        while not self._stop.is_set():
            if asked := self._asked.is_set():
                self._asked.clear()
            try:
                self._look(asked=asked)
            except DigestbotError as error:
                if str(error) != told:
                    log.warning("topics are not counted: %s", error)
                told = str(error)
            except Exception:  # else none would ever be counted again
                log.exception("topics are not counted")
            self._asked.wait(_GLANCE)

    def _look(self, *, asked: bool) -> None:
        """Count, where there is something new to count. Raises StoreError, UsageError."""
        app, known = self._app(), self.known()
        head, now = app.store.head(), app.clock()
        fresh = known is not None and (known.upto == head or timedelta(0) <= now - known.at < FRESH)
        if not fresh and (asked or head >= AHEAD):
            self._known = self._counted(app, head, now) or self._known

    def _counted(self, app: App, head: int, now: datetime) -> TopicNumbers | None:
        """All of it; None where it is to end."""
        after, topics = max(0, head - _READ), app.topics
        papers, days = recent(list(app.store.window(after, head)), now.date(), whole=after == 0)
        counts = TopicCounts(topics, topics)
        for start in range(0, len(papers), _BATCH):
            if self._stop.is_set():
                return None
            counts.add([each.paper for each in papers[start : start + _BATCH]], now.date())
        return TopicNumbers(topics, counts, days, head, now)


def recent(logged: list[LoggedPaper], today: date, *, whole: bool, most: int = MOST) -> tuple[list[LoggedPaper], int]:
    """The papers of so many last days, whole weeks where it can be: all that there are of these days, the newest last.

    `logged` are the last of the log; where they are not the `whole` of it, days before the first came in are left out.
    """
    first = today - timedelta(days=7 * WEEKS - 1)
    if logged and not whole:
        first = max(first, logged[0].logged_at.date() + timedelta(days=1))
    late = (each for each in logged if day_of(each) >= first)
    found = nlargest(most + 1, late, key=lambda each: (day_of(each), each.sequence))
    if len(found) > most:
        first = day_of(found[-1]) + timedelta(days=1)
    days = max(1, (today - first).days + 1)
    days = days // 7 * 7 if days >= 7 else days
    first = today - timedelta(days=days - 1)
    return [each for each in reversed(found) if day_of(each) >= first][-most:], days
