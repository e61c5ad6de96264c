"""Room in an e-mail: what of a long digest is written in full, what in short, and what only counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import escape

from digestbot.rendering import wording
from digestbot.rendering.entry_view import EntryView
from digestbot.rendering.view import DigestView

# Gmail shows no more than about 102 KB (https://github.com/hteumeuleu/email-bugs/issues/41), and no foot then.
LARGEST = 100_000  # bytes, exclusive


def within(write: Callable[[DigestView], str], digest: DigestView) -> tuple[str, DigestView]:
    """What `write` makes of a digest, below LARGEST bytes wherever leaving papers out brings it there.

    Papers are written in full as long as the others fit in short (title, link, and one line). Where not even
    that fits, half the room is for those in full, and the rest are counted. With it comes the digest as it was
    cut: the very one given where it was not.
    """
    page = write(digest)
    if _size(page) < LARGEST:
        return page, digest
    total = len(digest.entries)

    def shown(full: int, short: int) -> str:
        return write(_cut(digest, full, short))

    if _size(shown(0, total)) < LARGEST:
        cut = _cut(digest, _most(total, lambda full: _size(shown(full, total - full)) < LARGEST), total)
        return write(cut), cut
    full = _most(total, lambda count: _size(shown(count, 0)) < LARGEST // 2)
    short = _most(total - full, lambda count: _size(shown(full, count)) < LARGEST)
    cut = _cut(digest, full, short)
    return telling(write, cut), cut


def telling(write: Callable[[DigestView], str], cut: DigestView) -> str:
    """What `write` makes of a digest that was cut, saying so even where a theme does not know of that."""
    page = write(cut)
    if not cut.more:
        return page
    said = " ".join(page.split())
    if cut.more in said or escape(cut.more) in said:
        return page
    return write(replace(cut, closing=f"{cut.more} {cut.closing}"))


def _size(page: str) -> int:
    return len(page.encode())


def _most(upto: int, fits: Callable[[int], bool]) -> int:
    """The greatest number that fits, where all up to it do; 0 when none does."""
    low, high = 0, upto
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _cut(digest: DigestView, full: int, short: int) -> DigestView:
    """The digest with its first entries in full, so many after them in short, and the others counted."""
    sections, place = [], 0
    for section in digest.sections:
        entries = []
        for entry in section.entries:
            if place < full + short:
                entries.append(entry if place < full else _short(entry))
            place += 1
        if entries:
            sections.append(replace(section, entries=tuple(entries)))
    left = max(place - full - short, 0)
    more = wording.no_room(left, digest.pages) if left else ""
    return replace(digest, sections=tuple(sections), more=more, cut=True)


def _short(entry: EntryView) -> EntryView:
    """Title and link."""
    return replace(
        entry, authors="", organization="", journal="", upvotes="", published="", gist=None, whole=None, chips=()
    )
