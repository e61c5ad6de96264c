"""The sentences around the papers: dates, numbers, authors, the closing line, and how to change or stop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from digestbot.model.digests import Counts, EntryRecord, Likened
from digestbot.model.papers import Paper
from digestbot.model.partial_date import PartialDate
from digestbot.rendering.readable import readable_text
from digestbot.rendering.text import shorten

BY_MODEL = "AI: "
"""Stands before what a model wrote, in every message."""
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LONGEST_NAME = 80
_NAMES_SHOWN = 3
_LONGEST_TITLE, _TITLE_READ = 120, 2_000
_ENOUGH_PAST = 100  # papers


def day(when: date) -> str:
    """5 March 2025, in whatever locale; March 2025 or 2025 where no more is known."""
    if isinstance(when, PartialDate):
        return f"{_MONTHS[when.month - 1]} {when.year}" if when.has_month else f"{when.year}"
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def long_day(when: date) -> str:
    """Wednesday, 5 March 2025."""
    return f"{_WEEKDAYS[when.weekday()]}, {day(when)}"


def short_day(when: date, year: int) -> str:
    """5 Mar, with its year where that is not `year`; March 2025 or 2025 where no more is known."""
    if isinstance(when, PartialDate):
        return day(when)
    return f"{when.day} {_MONTHS[when.month - 1][:3]}" + (f" {when.year}" if when.year != year else "")


def number_of(count: int, noun: str) -> str:
    """1 paper, 1,234 papers, no papers."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}" if count else f"no {noun}s"


def upvotes(count: int) -> str:
    """▲ 1,234."""
    return f"▲ {count:,}"


def mean(value: float) -> str:
    """4, 4.5, 1,234: one decimal where it says something."""
    return f"{value:,.1f}".removesuffix(".0") if value < 100 else f"{value:,.0f}"


def listed(names: Sequence[str], most: int, more: str = "others") -> str:
    """A, B and C; of more than `most`, that many less one and the number of the rest."""
    if len(names) > most:
        names = (*names[: most - 1], f"{len(names) - most + 1:,} {more}")
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def authors(paper: Paper) -> str:
    """Their names, or their number where that is all there is, or nothing; "et al." where nobody knows how many."""
    names = [name for name in (shorten(readable_text(each), _LONGEST_NAME) for each in paper.authors) if name]
    unnamed = max((paper.author_count or 0) - len(names), 0)
    if not names:
        return number_of(unnamed, "author") if unnamed else ""
    if paper.more_authors:
        return f"{', '.join(names[: _NAMES_SHOWN - 1])} et al."
    if unnamed == 0:
        return listed(names, _NAMES_SHOWN)
    shown = names[: _NAMES_SHOWN - 1]
    rest = len(names) - len(shown) + unnamed
    return f"{', '.join(shown)} and {rest:,} {'other' if rest == 1 else 'others'}"


def nothing(counts: Counts) -> str:
    """Why a digest is empty, to somebody who waited for it."""
    if counts.read == 0:
        return "No new papers came in for this digest."
    if counts.found and counts.found == counts.already_sent:
        return "Everything that matched has been sent to you before."
    papers = "The one new paper" if counts.read == 1 else f"None of the {counts.read:,} new papers"
    return f"{papers} {'did not match' if counts.read == 1 else 'matched'} this time."


def count(counts: Counts) -> str:
    """What a digest with papers holds, in two or three words: its news, or what had waited."""
    if counts.new_shown:
        return number_of(counts.new_shown, "new paper")
    return f"{number_of(counts.shown, 'paper')} that waited"


def lead(counts: Counts) -> str:
    """What there is, in a sentence: the news, how much was read for it, and what waits below."""
    news, shown, waiting = counts.new, counts.new_shown, counts.waiting_shown
    told = number_of(news, "new paper") if shown == news else f"The best {shown:,} of {news:,} new papers"
    told = f"{told} among {counts.read:,} read" if counts.read else told
    if waiting:
        below = f"{waiting:,} of {counts.carried_in:,}" if waiting < counts.carried_in else f"{waiting:,}"
        told += f"; {below} from earlier days below"
    return told[:1].upper() + told[1:] + "."


def closing(counts: Counts) -> str:
    """What was read and what became of each paper that is the reader's: the numbers add up."""
    said = [f"{number_of(counts.read, 'new paper')} read, {counts.new + counts.already_sent:,} of them yours"]
    told = [f"{counts.new_shown:,} shown"] if counts.new or counts.already_sent else []
    told += [f"{counts.already_sent:,} sent to you before"] if counts.already_sent else []
    kept = counts.new - counts.new_shown - counts.let_go
    told += [f"{kept:,} kept for later"] if kept else []
    told += [f"{counts.let_go:,} let go"] if counts.let_go else []
    said[0] += f": {', '.join(told)}" if len(told) > 1 else ""
    if counts.carried_in:
        left = counts.carried_in - counts.waiting_shown - counts.expired
        told = [f"{counts.waiting_shown:,} shown", f"{left:,} still waiting" if left else ""]
        told += [f"{counts.expired:,} let go after waiting too long" if counts.expired else ""]
        said.append(f"{counts.carried_in:,} had waited: {', '.join(filter(None, told))}")
    return ". ".join(each[:1].upper() + each[1:] for each in said) + "."


def like(record: EntryRecord) -> str:
    """Why an entry is there that no rule found: the liked paper that is nearest, and the words they share."""
    near = shorten(readable_text(record.near[:_TITLE_READ]), _LONGEST_TITLE)
    words = ", ".join(dict.fromkeys(shorten(readable_text(each), _LONGEST_NAME) for each in record.words))
    return ": ".join(filter(None, (f"Like “{near}”" if near else "Like what you like", words)))


def by_model(entries: Sequence[EntryRecord]) -> str:
    """Which lines no author wrote; nothing where all are the authors' own."""
    if not any(each.gist for each in entries):
        return ""
    return f"What begins with “{BY_MODEL.strip()}” was written by a language model, not by the authors."


def likened(told: Likened | None) -> str:
    """What comes by likeness, and what keeps that from being better; nothing for whoever likes nothing."""
    if told is None:
        return ""
    left = f"{told.left:,} more passed and had no room" if told.left else ""
    said = (f"By likeness about {number_of(told.per_week, 'paper')} a week, good ones or not", left, *lacks(told))
    return f"{'; '.join(filter(None, said))}."


def lacks(told: Likened) -> list[str]:
    """What is missing for likeness to be told well."""
    young = told.past < _ENOUGH_PAST or (told.dated and told.weeks < 1)
    days = f" of {number_of(max(1, round(told.weeks * 7)), 'day')}" if told.dated and told.weeks < 1 else ""
    found = {
        "nothing is known of what you like, so that nothing can be like it": not told.liked and told.unknown,
        f"{number_of(told.unknown, 'paper')} you like {_is(told.unknown)} not known here": told.unknown,
        f"{number_of(told.bare, 'paper')} you like {_is(told.bare)} known without an abstract": told.bare,
        f"there {_is(told.past)} only {number_of(told.past, 'earlier paper')}{days} to measure by": young,
    }
    return [text for text, holds in found.items() if holds]


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def change_or_stop(name: str, pages: str | None, *, own: bool = False) -> str:
    """Why it came and how it is changed or ended; with pages, their address follows.

    With `own` it is the address of the reader's own preferences.
    """
    if own:
        return "You receive this because you subscribed with this address. To change, pause or stop it:"
    told = f"You receive this as “{name}”. To change or stop it"
    return f"{told}:" if pages else f"{told}, ask whoever sends it to you."


def rest(count: int) -> str:
    """The words of a link to what waits, and to having it at once."""
    if count == 1:
        return "1 paper waits for a later digest: see it, or have it sent now"
    return f"{count:,} papers wait for later digests: see them, or have them sent now"


def no_room(count: int, pages: str | None) -> str:
    """How many papers are not on the page, and where they are; with pages, their address follows."""
    told = f"And {number_of(count, 'more paper')}: the whole as text (to a mail it is attached) has them all"
    return f"{told}, and so have its pages:" if pages else f"{told}."
