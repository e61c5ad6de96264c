"""What the stored papers answer: a rule, plain words, what is liked; and which papers a file holds. In bounded time."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from digestbot.digests.like_profile import LIKE, Measure
from digestbot.ingest.library import read_upload
from digestbot.matching.evaluate import Evaluator
from digestbot.matching.like.past import MOST
from digestbot.matching.like.terms import counts
from digestbot.matching.ranking import PaperMatch, scored
from digestbot.matching.search.inverted_index import TimeUp
from digestbot.matching.search.ranked import RankedSearch
from digestbot.matching.search.recent_index import RecentIndex
from digestbot.model.digests import (
    Digest,
    DigestEntry,
    DigestRecord,
    DigestVerdict,
    EntryRecord,
    Likened,
    Section,
    Slot,
    Window,
)
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.rendering.base import Envelope
from digestbot.rendering.entry_view import EntryView
from digestbot.rendering.view import view
from digestbot.rules.ast import Node, Rule
from digestbot.rules.combine import Combined
from digestbot.store.works import Works

_WAITED = 3


@dataclass(frozen=True, slots=True)
class SearchQuestion:
    """A rule, of whose finds a page of so many is shown; as far as one gets in ``patience`` seconds.

    With ``words`` what fits them best comes first, with ``like`` what is like that paper; the rule then marks words.
    """

    rule: Combined
    today: date
    patience: float
    words: tuple[str, ...] = ()
    like: LoggedPaper | None = None
    page: int = 1
    on_a_page: int = 20


@dataclass(frozen=True, slots=True)
class CountQuestion:
    """How many papers answer each of these, by name."""

    rules: Mapping[str, Node]
    today: date
    patience: float


@dataclass(frozen=True, slots=True)
class LikesQuestion:
    """Some papers that somebody likes, and words that say it: what came ``since`` a day that is like them.

    Without the works that ``rule`` finds, and only what is ``allowed``; ``unknown`` papers are liked that nobody
    knows. The first ``shown`` are shown.
    """

    liked: Sequence[Paper]
    about: str
    per_week: int
    unknown: int
    rule: Node
    allowed: Rule | None
    since: date
    today: date
    patience: float
    shown: int = 10


@dataclass(frozen=True, slots=True)
class LibraryQuestion:
    """Which papers there are in a file that somebody uploads; as far as one gets in ``patience`` seconds."""

    data: bytes
    name: str
    patience: float


@dataclass(frozen=True, slots=True)
class LikesResult:
    """So many papers are like what is liked: the best ``entries``, each with its place in the log; measured how."""

    count: int
    likened: Likened
    places: Sequence[int] = ()
    entries: Sequence[EntryView] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a rule found: so many, of the ``asked`` newest papers; all that are kept, if it is ``whole``.

    Of page ``number`` of ``pages`` the ``entries``, each with its place in the log; of all the days they are of.
    Those that words found are ``ranked``: the best first, else the newest.
    """

    count: int
    asked: int
    whole: bool
    ranked: bool = False
    number: int = 1
    pages: int = 1
    places: Sequence[int] = ()
    entries: Sequence[EntryView] = ()
    days: Mapping[date, int] | None = None


class PaperAnswers:
    """Answers questions from the papers that it was handed so far."""

    def __init__(self) -> None:
        self._newest = RecentIndex()
        self._measure: Measure | None = None

    def take(self, papers: Sequence[LoggedPaper], upto: int) -> None:
        """Papers that were logged since, up to a place of the log."""
        self._newest, self._measure = self._newest.with_later(papers, upto), None

    def answer(
        self, question: SearchQuestion | CountQuestion | LikesQuestion | LibraryQuestion, gone: Callable[[], bool]
    ) -> object:
        """What they answer."""
        if isinstance(question, LibraryQuestion):
            return read_upload(question.data, question.name, _over(question.patience, gone))
        if isinstance(question, SearchQuestion):
            return look(self._newest, question, gone)
        if isinstance(question, CountQuestion):
            return count(self._newest, question, gone)
        newest = self._newest.newest(MOST)
        self._measure = self._measure or Measure(newest)
        return likes(newest, self._found(question, gone), self._measure, question)

    def _found(self, question: LikesQuestion, gone: Callable[[], bool]) -> set[str]:
        """The works that the rule finds, as far as one gets."""
        found = set[str]()
        try:
            for _, some in self._newest.answering(question.rule, question.today, _over(question.patience, gone)):
                found.update(each.key for each in some)
        except TimeUp:
            pass
        return found


def likes(newest: Sequence[LoggedPaper], found: set[str], measure: Measure, question: LikesQuestion) -> LikesResult:
    """Which of the newest papers are like what is liked, measured by all of them; not what is `found` otherwise."""
    works = Works(question.liked)
    upto = newest[-1].sequence if newest else 0
    taste = measure.profile(works, question.about, question.per_week, upto=upto, unknown=question.unknown)
    if not taste.interest:
        return LikesResult(0, taste.likened)
    papers = [each for each in newest if day_of(each) >= question.since and not each.paper.baseline]
    known = taste.vectors([counts(each.paper) for each in papers])
    passing = taste.passing(papers, known, question.allowed, question.today, found)
    best = passing[: question.shown]
    shown = [DigestEntry(each, taste.entry(each, counts(each.paper), score)) for score, each in best]
    places = [each.sequence for _, each in best]
    return LikesResult(len(passing), taste.likened, places, _viewed(shown, LIKE, question.today))


def look(newest: RecentIndex, question: SearchQuestion, gone: Callable[[], bool]) -> SearchResult:
    """What the papers answer; as far as one gets before `gone`."""
    if question.words or question.like:
        like = question.like
        search = RankedSearch(question.words) if like is None else RankedSearch.like(like.paper)
        but = "" if like is None else like.key
        found, asked, whole = [each.logged for each in newest.rank(search) if each.logged.key != but], search.read, True
        return _shown(question, found, asked, whole=whole)
    found, asked, whole = [], 0, True
    try:
        for count, some in newest.answering(question.rule.rule.root, question.today, _over(question.patience, gone)):
            asked += count
            found += some
    except TimeUp:
        whole = False
    return _shown(question, sorted(found, key=day_of, reverse=True), asked, whole=whole)


def count(newest: RecentIndex, question: CountQuestion, gone: Callable[[], bool]) -> Mapping[str, int] | None:
    """How many answer each; None where it takes too long to say."""
    stop = _over(question.patience, gone)
    try:
        return {
            name: sum(len(some) for _, some in newest.answering(node, question.today, stop))
            for name, node in question.rules.items()
        }
    except TimeUp:
        return None


def _over(patience: float, gone: Callable[[], bool]) -> Callable[[], bool]:
    """Whether it is to be given up: it has worked for so long, or it took longer by far since others went first."""
    work, wall = time.process_time() + patience, time.monotonic() + _WAITED * patience
    return lambda: time.process_time() > work or time.monotonic() > wall or gone()


def _shown(question: SearchQuestion, found: Sequence[LoggedPaper], asked: int, *, whole: bool) -> SearchResult:
    pages = max(1, -(-len(found) // question.on_a_page))
    number = min(max(1, question.page), pages)
    on_it = found[(number - 1) * question.on_a_page : number * question.on_a_page]
    return SearchResult(
        len(found), asked, whole, bool(question.words or question.like), number, pages,
        [each.sequence for each in on_it], _entries(question.rule, on_it, question.today), Counter(map(day_of, found)),
    )  # fmt: skip


def day_of(logged: LoggedPaper) -> date:
    """The paper's own date, else when it came in."""
    return logged.paper.published or logged.logged_at.date()


def _entries(rule: Combined, papers: Sequence[LoggedPaper], today: date) -> tuple[EntryView, ...]:
    """The papers as a digest shows them: with the words found highlighted, and why."""
    evaluator = Evaluator(rule.rule, today)
    answers = [PaperMatch(each, ("",), partial(evaluator.evidence, each.paper)) for each in papers]
    shown = [
        DigestEntry(each.logged, EntryRecord(each.logged.sequence, ("",), each.words, each.highlights))
        for each in scored(answers)
    ]
    return _viewed(shown, "", today)


def _viewed(entries: Sequence[DigestEntry], label: str, today: date) -> tuple[EntryView, ...]:
    at = datetime.min
    record = DigestRecord(
        "", "", "", Slot("", today, at), at, Window(0, 0), DigestVerdict.SEND, sections=((label, "the rule"),)
    )
    return view(Digest(record, (Section(label, "the rule", tuple(entries)),)), Envelope(""), marks=None).entries
