"""The page's entries put together from its lines, and whether the end of the dump cut the last one off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from digestbot.readers.formats.daily_papers import lines
from digestbot.readers.formats.daily_papers.lines import Facts
from digestbot.readers.formats.daily_papers.page import PageLine
from digestbot.readers.formats.daily_papers.roles import Role

# in every layout seen a middle dot follows the authors or the organization
_ALWAYS_FOLLOWS = frozenset({"by", "separator"})


@dataclass(slots=True)
class PageEntry:
    """A title with what follows it, up to the next title or the page's furniture."""

    title: PageLine
    paragraphs: list[PageLine] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)
    facts_begun: bool = False

    @property
    def abstract(self) -> str | None:
        """Its lines as they stand, one blank line where there were several; None without any."""
        if not self.paragraphs:
            return None
        first, *others = self.paragraphs
        return first.text + "".join(("\n\n" if p.after_blank else "\n") + p.text for p in others)


@dataclass(frozen=True, slots=True)
class Stray:
    """A line that belongs to no entry: ``is_furniture``, or else something whose entry is missing."""

    line: PageLine
    is_furniture: bool
    at_start: bool = False


def gather(page: Sequence[PageLine], roles: Sequence[Role]) -> list[PageEntry | Stray]:
    """Entries and strays in the page's order."""
    pieces: list[PageEntry | Stray] = []
    current: PageEntry | None = None
    told_before: Facts | None = None  # on pages that say who submitted a paper, its upvotes stand above the title
    for line, role in zip(page, roles, strict=True):
        if role is Role.TITLE:
            current = PageEntry(line, facts=told_before or Facts())
            told_before = None
            pieces.append(current)
        elif role is Role.FURNITURE:
            current = None
            pieces.append(Stray(line, is_furniture=True))
        elif current is None:
            begins = all(isinstance(piece, Stray) for piece in pieces)
            after_page = bool(pieces) and isinstance(pieces[-1], Stray) and pieces[-1].is_furniture
            is_upvotes = after_page and pieces[-1].line.text.startswith("Submitted by")  # type: ignore[union-attr]  # it is a Stray
            told_before = line.facts if is_upvotes else told_before
            pieces.append(Stray(line, role is Role.FACTS and after_page, at_start=begins))
        elif role is Role.ABSTRACT:
            current.paragraphs.append(line)
        else:
            current.facts = current.facts.joined(line.facts or Facts())
            current.facts_begun = current.facts_begun or line.begun
    return pieces


def cut_off(pieces: Sequence[PageEntry | Stray]) -> dict[int, str]:
    """Why an entry at the end of the dump is cut off, by its line; empty where the dump ends well."""
    last = pieces[-1] if pieces else None
    if not isinstance(last, PageEntry):
        return {}
    entries = [piece for piece in pieces if isinstance(piece, PageEntry)]
    if last.paragraphs:
        reason = _lack(last, entries[:-1])
        return {last.title.number: reason} if reason else {}
    found = {last.title.number: "the dump ends before its abstract"}
    if len(entries) > 1 and pieces[-2] is entries[-2] and last.facts == Facts():
        # a few letters after an entry's facts read like a title, but may be the next of its facts
        missing = _missing_marks(entries[-2], entries[:-2])
        if missing and not last.title.after_blank:
            return {entries[-2].title.number: missing}
    return found


def _lack(entry: PageEntry, siblings: Sequence[PageEntry]) -> str | None:
    if entry.facts_begun:
        return "the dump ends within what it says of the paper"
    if not entry.facts.marks and entry.facts.upvotes is None and not entry.paragraphs[-1].finished:
        return "the dump ends within its abstract"
    return _missing_marks(entry, siblings)


def _missing_marks(entry: PageEntry, siblings: Sequence[PageEntry]) -> str | None:
    """What every entry that got as far as this one has, and this one lacks."""
    whole = [sibling.facts.marks for sibling in siblings if sibling.paragraphs]
    for reached in (None, *entry.facts.marks):
        alike = [marks for marks in whole if reached is None or reached in marks]
        if not alike and reached == "by":
            alike = [_ALWAYS_FOLLOWS]
        if alike and frozenset.intersection(*alike) - entry.facts.marks:
            return "the dump ends before the facts that the other papers have"
    return None


def listed_on(pieces: Iterable[PageEntry | Stray]) -> str | None:
    """The page's own date, as it is written."""
    dates = (lines.listing_date(piece.line.text) for piece in pieces if isinstance(piece, Stray) and piece.is_furniture)
    return next(filter(None, dates), None)


def gaps(pieces: Iterable[PageEntry | Stray]) -> Iterator[bool]:
    """For each entry with an abstract: whether a blank line stands between it and the title."""
    return (piece.paragraphs[0].after_blank for piece in pieces if isinstance(piece, PageEntry) and piece.paragraphs)
