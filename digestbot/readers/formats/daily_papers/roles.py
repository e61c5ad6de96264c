"""The part each line plays on the page, found for all lines together as the cheapest sound reading.

A page's lines say little alone: a title may look like a sentence, a menu's word like a title. What is
firm is the order: title, abstract, facts, title, abstract ... So every line is given what each part would
cost it, every step from part to part its cost, and the whole sequence with the least cost is taken
(the Viterbi algorithm). Costs are in the unit of `prose.leaning`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from digestbot.readers.formats.daily_papers import lines
from digestbot.readers.formats.daily_papers.page import PageLine


class Role(IntEnum):
    """What a line is: a title, (a paragraph or line of) an abstract, a paper's facts, or furniture."""

    TITLE = 0
    ABSTRACT = 1
    FACTS = 2
    FURNITURE = 3


_ROLES = tuple(Role)
_NEVER = float("inf")
_ORPHAN = 5.0  # a title without abstract, an abstract without title
_PARAGRAPH = 3.0  # an abstract goes on in another paragraph
_UNFINISHED = 2.5  # a title after an abstract that stops in the middle of a sentence
_SAME_BLOCK = 5.0  # a title right under an abstract, where blank lines separate
_SMALL_START = 2.0  # an abstract that starts with a small letter
_RUNS_ON = 0.3  # an abstract's line that the line before plainly leads to
_WRAPPED = 200  # characters; longer lines were not wrapped
_CUT_END = 2.0  # the dump ends within an entry
_STRAY_FACTS = 3.0
_PAPERS_OWN = 3.0  # a date or number right under a paper is hardly the page's
_MENU_WORD_AS_TITLE = 2.0
_NUMBER_AS_TITLE = 6.0
_FRAGMENT_AS_TITLE = 1.5  # all small letters: rather the rest of something

_Costs = tuple[float, float, float, float]


def assign(page: Sequence[PageLine]) -> list[Role]:
    """The role of each line, for the whole page together."""
    if not page:
        return []
    # per role: the cost of the best reading that ends in it, and whether its entry has blank lines inside
    start = (0.0, _ORPHAN, _STRAY_FACTS, 0.0)
    own = _own_costs(page[0], is_last=len(page) == 1)
    best = [(start[role] + own[role], False) for role in _ROLES]
    back: list[list[Role]] = []
    for index in range(1, len(page)):
        own = _own_costs(page[index], is_last=index == len(page) - 1)
        reached = [_reach(role, own[role], best, page[index], page[index - 1]) for role in _ROLES]
        best = [(cost, spaced) for cost, spaced, _ in reached]
        back.append([previous for _, _, previous in reached])
    at_end = [cost for cost, _ in best]
    at_end[Role.TITLE] += _CUT_END
    current = min(_ROLES, key=lambda role: at_end[role])
    roles = [current]
    for pointers in reversed(back):
        current = pointers[current]
        roles.append(current)
    return roles[::-1]


def _own_costs(line: PageLine, is_last: bool) -> _Costs:
    """What each role costs the line by itself, in the order of `Role`."""
    if line.furniture:
        return (_NEVER, _NEVER, _NEVER, 0.0)
    if line.facts is not None:
        if line.facts.marks:
            return (_NEVER, _NEVER, 0.0, 0.0 if lines.listing_date(line.text) else _NEVER)
        return (_NUMBER_AS_TITLE, _NEVER, 0.0, _STRAY_FACTS)
    as_title, as_abstract = max(0.0, line.lean), max(0.0, -line.lean)
    if line.text == line.text.lower() and line.text[:1].isalpha() and not any(c.isdigit() for c in line.text):
        as_title += _FRAGMENT_AS_TITLE
    if is_last and not line.finished:
        as_abstract = min(as_abstract, _CUT_END)
    if line.menu_word:
        return (as_title + _MENU_WORD_AS_TITLE, as_abstract + _ORPHAN, _NEVER, 0.0)
    return (as_title, as_abstract, 0.0 if line.begun else _NEVER, _NEVER)


def _reach(
    role: Role, own: float, best: Sequence[tuple[float, bool]], line: PageLine, before: PageLine
) -> tuple[float, bool, Role]:
    """The cheapest way to `role` from the line before: its cost, whether the entry is spaced, from where."""
    if own == _NEVER:
        return _NEVER, False, Role.FURNITURE
    cost, previous = _NEVER, Role.FURNITURE
    for candidate in _ROLES:
        so_far, spaced = best[candidate]
        if so_far < cost:
            so_far += _step(candidate, role, own, spaced, line, before)
            if so_far < cost:
                cost, previous = so_far, candidate
    if role is Role.ABSTRACT and previous is Role.TITLE:
        return cost, line.after_blank, previous
    return cost, best[previous][1], previous


def _step(previous: Role, role: Role, own: float, spaced: bool, line: PageLine, before: PageLine) -> float:
    """What it costs that the line has `role` after one of role `previous`; `own` is its cost by itself."""
    if previous is Role.ABSTRACT:
        if role is Role.ABSTRACT:
            return _going_on(own, spaced, line, before)
        if role is Role.TITLE:
            joined = spaced and not line.after_blank
            return own + (0.0 if before.finished else _UNFINISHED) + (_SAME_BLOCK if joined else 0.0)
    elif role is Role.ABSTRACT:
        small = _SMALL_START if line.text[:1].islower() else 0.0
        return own + small + (0.0 if previous is Role.TITLE else _ORPHAN)
    elif previous is Role.TITLE:
        return own + _ORPHAN
    if role is Role.FURNITURE and previous is not Role.FURNITURE and line.facts:
        return own + _PAPERS_OWN
    if role is Role.FACTS and previous is Role.FURNITURE:
        return own + _STRAY_FACTS
    return own


def _going_on(own: float, spaced: bool, line: PageLine, before: PageLine) -> float:
    """What it costs that the abstract of the line before goes on in this one."""
    if line.after_blank:
        return own + (_PARAGRAPH if before.finished else _PARAGRAPH + _UNFINISHED)
    if not before.finished and line.text[:1].islower():
        return min(own, _RUNS_ON)
    if spaced and len(before.text) < _WRAPPED:
        return min(own, _RUNS_ON)
    wrapped = not before.finished and len(line.text) < _WRAPPED
    return own + (_PARAGRAPH / 2 if wrapped else _PARAGRAPH)
