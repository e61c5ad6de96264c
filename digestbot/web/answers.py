"""What the stored papers answer: a rule, plain words, or one of them that others are to be like; in bounded time."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from digestbot.matching.evaluate import Evaluator
from digestbot.matching.ranking import PaperMatch, scored
from digestbot.matching.search.inverted_index import TimeUp
from digestbot.matching.search.ranked import RankedSearch
from digestbot.matching.search.recent_index import RecentIndex
from digestbot.model.digests import Digest, DigestEntry, DigestRecord, DigestVerdict, EntryRecord, Section, Slot, Window
from digestbot.model.papers import LoggedPaper
from digestbot.rendering.base import Envelope
from digestbot.rendering.entry_view import EntryView
from digestbot.rendering.view import view
from digestbot.rules.ast import Node
from digestbot.rules.combine import Combined

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
