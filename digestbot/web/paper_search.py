"""Looking through the stored papers: one rule at a time, in bounded time, over the newest of them kept ready."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from digestbot.matching.advice import Advice, certain
from digestbot.matching.evaluate import Evaluator
from digestbot.matching.ranking import PaperMatch, scored
from digestbot.matching.search.inverted_index import TimeUp
from digestbot.matching.search.ranked import RankedSearch
from digestbot.matching.search.recent_index import MOST, RecentIndex
from digestbot.model.digests import Digest, DigestEntry, DigestRecord, DigestVerdict, EntryRecord, Section, Slot, Window
from digestbot.model.errors import Problem, StoreError
from digestbot.model.papers import LoggedPaper
from digestbot.rendering.base import Envelope
from digestbot.rendering.entry_view import EntryView
from digestbot.rendering.view import view
from digestbot.rules.combine import Combined
from digestbot.rules.lint import lint
from digestbot.rules.synonyms import Synonyms
from digestbot.store.base import Store

log = logging.getLogger(__name__)

PATIENCE = 1.5  # seconds that one rule may take
MOST_QUESTIONS = 24
"""What else is asked of the papers about one rule: its terms, and other ways to write them."""
_HASTE = 0.1  # seconds after which it is a costly one
_REST = 4.0  # times as long as it has worked since, it then leaves the processor to mails and other pages


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a rule found: papers, the newest first, of the ``asked`` newest; all that are kept, if it is ``whole``.

    Those that words found are ``ranked``: the best first.
    """

    found: Sequence[LoggedPaper]
    asked: int
    whole: bool
    ranked: bool = False


class PaperSearch:
    """The newest stored papers, made ready when the site starts and whenever the log has grown."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store
        self._newest = RecentIndex()
        self._refreshing = threading.Lock()

    def warm(self) -> None:
        """Have them ready before somebody asks; whoever asks first hears of what hinders it."""
        try:
            self.newest()
        except StoreError as error:
            log.warning("the papers for the playground and the search are not ready: %s", error)

    def newest(self) -> RecentIndex:
        """As the log is now. Raises StoreError."""
        store = self._store()
        if store.head() > self._newest.upto:
            with self._refreshing:
                head = store.head()
                if head > self._newest.upto:
                    later = deque(store.window(self._newest.upto, head), maxlen=MOST)
                    self._newest = self._newest.with_later(list(later), head)
        return self._newest

    def look(self, rule: Combined, today: date, gone: Callable[[], bool] = lambda: False) -> SearchResult:
        """What the rule finds; as far as one gets in `PATIENCE`, or until `gone`. Raises StoreError."""
        newest = self.newest()
        found: list[LoggedPaper] = []
        asked = 0
        try:
            for count, some in newest.answering(rule.rule.root, today, _Patience(gone).is_over):
                asked += count
                found += some
        except TimeUp:
            return SearchResult(_by_day(found), asked, whole=False)
        return SearchResult(_by_day(found), asked, whole=True)

    def advice(
        self,
        rule: Combined,
        synonyms: Synonyms,
        look: SearchResult,
        today: date,
        gone: Callable[[], bool] = lambda: False,
    ) -> Sequence[Problem]:
        """What there is to tell about a rule, of which `look` is what it found: the same as `match` and `check` tell.

        What the papers say is left out of a rule of many terms, or where they take too long. Raises StoreError.
        """
        advice = Advice([("", rule.rule)], synonyms)
        questions = dict(islice(advice.questions(), MOST_QUESTIONS + 1))
        itself = [*lint(rule.rule), *certain(rule.rule)]
        if not look.whole or len(questions) > MOST_QUESTIONS:
            return itself
        newest = self.newest()
        is_over = _Patience(gone).is_over
        try:
            hits = {
                name: sum(len(some) for _, some in newest.answering(node, today, is_over))
                for name, node in questions.items()
            }
        except TimeUp:
            return itself
        return [*itself, *advice.told(hits, look.asked)]

    def at(self, place: int) -> LoggedPaper | None:
        """The paper at a place of the log. Raises StoreError."""
        return self._store().logged([place]).get(place)

    def rank(self, search: RankedSearch, but: str = "") -> SearchResult:
        """What fits a question best, but for one work. Raises StoreError."""
        found = self.newest().rank(search)
        return SearchResult(
            [each.logged for each in found if each.logged.key != but], search.read, whole=True, ranked=True
        )


class _Patience:
    """That with one rule, from now on. What takes long gives way again and again: all threads share one processor."""

    def __init__(self, gone: Callable[[], bool]) -> None:
        self._gone = gone
        self._began = self._at_work_since = time.monotonic()

    def is_over(self) -> bool:
        """Whether it is given up; it may rest before it says so."""
        now = time.monotonic()
        if now - self._began > _HASTE:
            time.sleep(min((now - self._at_work_since) * _REST, _HASTE))
            self._at_work_since = now = time.monotonic()
        return self._gone() or now - self._began > PATIENCE


def day_of(logged: LoggedPaper) -> date:
    """The paper's own date, else when it came in."""
    return logged.paper.published or logged.logged_at.date()


def _by_day(found: Sequence[LoggedPaper]) -> Sequence[LoggedPaper]:
    return sorted(found, key=day_of, reverse=True)


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


def weeks(found: Sequence[LoggedPaper], today: date, count: int) -> list[Bar]:
    """How many of the papers are of each of the last weeks, this one last."""
    monday = today - timedelta(days=today.weekday())
    by_week = Counter((monday - day_of(each)).days for each in found if day_of(each) <= monday + timedelta(days=6))
    shares = Counter[int]()
    for days, many in by_week.items():
        shares[max(0, -(-days // 7))] += many
    mondays = [(back, monday - timedelta(weeks=back)) for back in reversed(range(count))]
    return bars([(f"{day.day} {day:%b}", shares[back]) for back, day in mondays])


def entries(rule: Combined, papers: Sequence[LoggedPaper], today: date) -> tuple[EntryView, ...]:
    """The papers as a digest shows them: with the words found highlighted, and why."""
    evaluator = Evaluator(rule.rule, today)
    answers = [PaperMatch(each, ("",), evaluator.evidence(each.paper)) for each in papers]
    shown = tuple(
        DigestEntry(each.logged, EntryRecord(each.logged.sequence, ("",), each.words, each.highlights))
        for each in scored(answers)
    )
    at = datetime.min
    record = DigestRecord(
        "", "", "", Slot("", today, at), at, Window(0, 0), DigestVerdict.SEND, sections=(("", "the rule"),)
    )
    return view(Digest(record, (Section("", "the rule", shown),)), Envelope(""), marks=None).entries
