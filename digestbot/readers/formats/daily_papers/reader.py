"""Reads the text of a Hugging Face Daily Papers page, as people copy or save it, in each of its layouts.

``bulleted``: title, abstract, "• 10 authors", "·", date and upvotes. ``spaced``: title and abstract with
blank lines between. ``misdecoded``: UTF-8 once read with another code page, organizations among the
facts. ``compact``: no blank lines at all. They may be mixed, so all are read by one grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.formats.daily_papers.entries import PageEntry, Stray, cut_off, gaps, gather, listed_on
from digestbot.readers.formats.daily_papers.page import PageLine, take_apart
from digestbot.readers.formats.daily_papers.roles import assign
from digestbot.readers.text.mojibake import repair

_MISDECODED = re.compile(r"ยท|๐Ÿ‘|โ‡ฑ|โ€ข|Â·|ðŸ‘|â‡±|â€¢")

# an eye, the picture's stand-in: its last byte has no place in either code page and is often lost
_MISREAD_EYE = re.compile(r"^([ \t\xa0]*(?:by[ \t\xa0]?)?)(?:๐Ÿ‘|ðŸ‘)\x81?(?=[ \t\xa0]|$)", re.MULTILINE)

# lines that only other kinds of listing have, or markup; the text of the page has none of them
_ANOTHER_KIND = re.compile(
    r"^(?:TY  - |PMID- |@\w+\s*\{|%[A-Z] |(?:Title|Authors?|Abstract|Summary|PDF|Subject|From|Date|Received"
    r"|Categories|Message-ID|arXiv): ?\S|arXiv:\d|#{1,6} |\|.*\||```|\\\\$|-{20})",
    re.MULTILINE,
)
_PAGE_HEAD = re.compile(
    r"Get trending papers in your email inbox|AK and the research community|Daily Papers - Hugging Face"
)
_SAMPLE_LINES = 80
_SAMPLE_CHARACTERS = 60_000


class DailyPapers:
    """The reader of Daily Papers pages saved as text."""

    name = "daily-papers"
    title = "text of a Hugging Face Daily Papers page"

    def recognises(self, head: str) -> float:
        """By the page's head and the facts under its papers, else by titles and abstracts taking turns."""
        sample = head[:_SAMPLE_CHARACTERS]
        if sample.lstrip()[:1] in "<{":
            return 0.0
        mended, _ = _mended(sample)
        has_head = _PAGE_HEAD.search(mended) is not None
        if not has_head and len(_ANOTHER_KIND.findall(sample)) > 1:
            return 0.0
        page = take_apart(mended, limit=_SAMPLE_LINES)
        pieces = gather(page, assign(page))
        entries = [piece for piece in pieces if isinstance(piece, PageEntry) and piece.paragraphs]
        if has_head:
            return 0.95 if entries else 0.7
        if sum("by" in entry.facts.marks for entry in entries) * 2 >= len(entries) > 0:
            return 0.9
        return _takes_turns(page, entries)

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Papers and skipped pieces in the page's order, then its layout, date and what was mended."""
        text = content.text(mended=False)  # its misreadings name its layout
        mended, repairs = _mended(text)
        page = take_apart(mended)
        pieces = gather(page, assign(page))
        cut = cut_off(pieces)
        for piece in pieces:
            if isinstance(piece, Stray):
                yield _skipped_stray(piece)
            elif piece.title.number in cut:
                yield _skipped(piece.title, "incomplete", cut[piece.title.number])
            elif not piece.paragraphs:
                yield _skipped(piece.title, "unreadable", "a title without an abstract")
            else:
                yield _paper(piece)
        places = "place" if repairs == 1 else "places"
        notes = [f"text misread with another code page mended in {repairs} {places}"] if repairs else []
        yield Layout(_layout(text, pieces), listed_on(pieces), notes)


def _mended(text: str) -> tuple[str, int]:
    with_eyes, eyes = _MISREAD_EYE.subn("\\1\N{EYE}", text)
    mended, repairs = repair(with_eyes)
    return mended, eyes + repairs


def _takes_turns(page: Sequence[PageLine], entries: Sequence[PageEntry]) -> float:
    """How much of the text is nothing but titles, each with an abstract; up to 0.6."""
    prose = sum(line.is_prose and not line.menu_word for line in page)
    sound = [e for e in entries if e.title.lean <= -2 and len(e.title.text) >= 12 and e.paragraphs[0].lean > 2]
    length = sum(len(entry.paragraphs[0].text) for entry in sound)
    has_facts = any(entry.facts.marks for entry in entries)
    if len(sound) < (1 if has_facts else 2) or length < 150 * len(sound) or length < 300:
        return 0.05
    share = sum(1 + len(entry.paragraphs) for entry in sound) / max(prose, 1)
    return 0.6 * min(share, 1.0) if share >= 0.7 else 0.05


def _paper(entry: PageEntry) -> Paper:
    facts = entry.facts
    return Paper(
        title=entry.title.text,
        abstract=entry.abstract,
        author_count=facts.author_count,
        organization=facts.organization or facts.avatar or None,
        upvotes=facts.upvotes,
        published=facts.published,
        source=DailyPapers.name,
    )


def _layout(text: str, pieces: Sequence[PageEntry | Stray]) -> str | None:
    entries = [piece for piece in pieces if isinstance(piece, PageEntry)]
    blank_between = list(gaps(pieces))
    if _MISDECODED.search(text):
        return "misdecoded"
    if any(entry.facts.marks for entry in entries):
        return "bulleted"
    if not blank_between:
        return None
    return "spaced" if sum(blank_between) * 2 > len(blank_between) else "compact"


def _skipped_stray(stray: Stray) -> Skipped:
    if stray.is_furniture:
        return _skipped(stray.line, "furniture", "the page around the papers")
    if stray.at_start:
        return _skipped(stray.line, "incomplete", "the dump begins within an entry")
    return _skipped(stray.line, "unreadable", "text without a title")


def _skipped(line: PageLine, kind: str, reason: str) -> Skipped:
    excerpt = line.text if len(line.text) <= 80 else line.text[:79] + "…"
    return Skipped(line.number, kind, reason, excerpt)  # type: ignore[arg-type]  # one of its three kinds
