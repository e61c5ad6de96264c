"""Looking through the stored papers: asked of a process of its own, one question at a time, in bounded time."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from typing import Any

from digestbot.matching.advice import Advice, certain
from digestbot.matching.search.recent_index import MOST
from digestbot.model.errors import Problem, StoreError
from digestbot.model.papers import LoggedPaper
from digestbot.rules.combine import Combined
from digestbot.rules.lint import lint
from digestbot.rules.synonyms import Synonyms
from digestbot.store.base import Store
from digestbot.web.answers import CountQuestion, LikesQuestion, LikesResult, SearchQuestion, SearchResult
from digestbot.web.pools import Busy
from digestbot.web.search_process import Question, SearchProcess, SearchStopped

log = logging.getLogger(__name__)

PATIENCE = 1.5  # seconds that one rule may take
GRACE = 10.0  # seconds after which a process that goes on beyond that is ended
MOST_QUESTIONS = 24
"""What else is asked of the papers about one rule: its terms, and other ways to write them."""
_AT_ONCE = 2_500  # papers handed over together
WORTH_WARMING = 1_000
"""Papers; fewer are ready while one waits for the first answer."""

Gone = Callable[[], bool]


class PaperSearch:
    """The newest stored papers, handed to a process when the site starts and whenever the log has grown.

    A search that takes the processor takes it from no mail and no other page. Whoever takes the process beyond its
    time ends it; the next question starts another.
    """

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store
        self._turn = threading.Lock()
        self._process: SearchProcess | None = None
        self._upto = 0

    def warm(self) -> None:
        """Have many papers ready before somebody asks; whoever asks first hears of what hinders it."""
        try:
            if self._store().head() >= WORTH_WARMING:
                with self._turn:
                    self._ready()
        except (StoreError, Busy) as error:
            log.warning("the papers for the playground and the search are not ready: %s", error)

    def look(
        self, rule: Combined, today: date, gone: Gone = lambda: False, *, page: int = 1, on_a_page: int = 20
    ) -> SearchResult:
        """What the rule finds; as far as one gets in `PATIENCE`, or until `gone`. Raises StoreError, Busy."""
        found: SearchResult = self._asked(SearchQuestion(rule, today, PATIENCE, page=page, on_a_page=on_a_page), gone)
        return found

    def rank(
        self, words: tuple[str, ...] | LoggedPaper, rule: Combined, today: date, gone: Gone = lambda: False, *,
        page: int = 1, on_a_page: int = 20,
    ) -> SearchResult:  # fmt: skip
        """What fits words best, or is like a paper; `rule` marks words in it. Raises StoreError, Busy."""
        asked = SearchQuestion(rule, today, PATIENCE, page=page, on_a_page=on_a_page)
        known = {"like": words} if isinstance(words, LoggedPaper) else {"words": words}
        found: SearchResult = self._asked(replace(asked, **known), gone)
        return found

    def likes(self, question: LikesQuestion, gone: Gone = lambda: False) -> LikesResult:
        """Which of the newest papers are like what somebody likes. Raises StoreError, Busy."""
        found: LikesResult = self._asked(question, gone, 3 * GRACE)
        return found

    def advice(
        self, rule: Combined, synonyms: Synonyms, look: SearchResult, today: date, gone: Gone = lambda: False
    ) -> Sequence[Problem]:
        """What there is to tell about a rule, of which `look` is what it found: the same as `match` and `check` tell.

        What the papers say is left out of a rule of many terms, or where they take too long. Raises StoreError, Busy.
        """
        advice = Advice([("", rule.rule)], synonyms)
        questions = dict(islice(advice.questions(), MOST_QUESTIONS + 1))
        itself = [*lint(rule.rule), *certain(rule.rule)]
        if not look.whole or len(questions) > MOST_QUESTIONS:
            return itself
        hits = self._asked(CountQuestion(questions, today, PATIENCE), gone) if questions else {}
        return itself if hits is None else [*itself, *advice.told(hits, look.asked)]

    def named(self, asked: str) -> LoggedPaper | None:
        """The paper at a place of the log, or with an id, an address or a title. Raises StoreError."""
        if asked.isascii() and asked.isdigit() and len(asked) < 9:
            return self._store().logged([int(asked)]).get(int(asked))
        return self._store().find(asked) if asked.strip() else None

    def close(self) -> None:
        """End the process."""
        with self._turn:
            self._end()

    def _asked(self, question: Question, gone: Gone, grace: float | None = None) -> Any:
        with self._turn:
            try:
                return self._ready().ask(question, question.patience + (GRACE if grace is None else grace), gone)
            except SearchStopped as error:
                log.warning("the process that searches was ended: %s", error)
                self._end()
                raise Busy from error

    def _ready(self) -> SearchProcess:
        """The process, with the papers as the log is now. Raises StoreError, and Busy where none can be started."""
        store = self._store()
        head = store.head()
        try:
            if self._process is None:
                self._process, self._upto = SearchProcess(), 0
            # A work may have been logged more than once: of twice as many places, enough are works.
            papers = iter(store.window(max(self._upto, head - 2 * MOST), head)) if head > self._upto else iter(())
            while some := list(islice(papers, _AT_ONCE)):
                self._process.hand_over(some, some[-1].sequence)
            self._upto = head
        except (OSError, SearchStopped) as error:
            log.warning("the process that searches could not be started: %s", error)
            self._end()
            raise Busy from error
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.end()
            self._process = None


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: what stands below it, its number, and its height in percent of the highest."""

    name: str
    count: int
    height: int


def bars(counts: Sequence[tuple[str, int]]) -> list[Bar]:
    """A chart of these numbers; what is there at all is seen."""
    highest = max((count for _, count in counts), default=0) or 1
    return [Bar(name, count, max(round(100 * count / highest), 2 if count else 0)) for name, count in counts]


def weeks(days: Mapping[date, int], today: date, count: int) -> list[Bar]:
    """How many papers, by their days, are of each of the last weeks, this one last."""
    monday = today - timedelta(days=today.weekday())
    shares = Counter[int]()
    for day, many in days.items():
        if day <= monday + timedelta(days=6):
            shares[max(0, -(-(monday - day).days // 7))] += many
    mondays = [(back, monday - timedelta(weeks=back)) for back in reversed(range(count))]
    return bars([(f"{day.day} {day:%b}", shares[back]) for back, day in mondays])
