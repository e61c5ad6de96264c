"""Within somebody else's limits: text cut until it fits as written, and entries dealt out to posts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from digestbot.rendering.escape import Text
from digestbot.rendering.text import Passage, cut, units
from digestbot.rendering.view import DigestView, EntryView

Placed = tuple[str, EntryView]


def fit(text: Text, most: int, write: Callable[[Passage], str]) -> str:
    """The text as `write` writes it, cut so that this takes at most `most` UTF-16 units."""
    whole = Passage(text) if isinstance(text, str) else text
    written, room = write(whole), len(whole.text)
    while room and units(written) > most:
        room = min(room - 1, room * most // units(written))
        written = write(cut(whole, room))
    return written


def placed(digest: DigestView) -> list[Placed]:
    """Every entry with the heading it stands under."""
    return [(section.heading, entry) for section in digest.sections for entry in section.entries]


def deal(entries: Iterable[Placed], fits: Callable[[list[Placed]], bool]) -> list[list[Placed]]:
    """Entries in groups, in order and each once, as many to a group as `fits` lets; one group at least.

    One that fits nowhere stands alone: it is for the face to keep a single entry within its limits.
    """
    groups: list[list[Placed]] = [[]]
    for entry in entries:
        if groups[-1] and not fits([*groups[-1], entry]):
            groups.append([])
        groups[-1].append(entry)
    return groups


def headed(group: list[Placed], before: list[Placed]) -> list[tuple[str, EntryView]]:
    """Entries with the heading to write above each: none where the one before stands under the same.

    The first of a post always has one, marked as continued when the post `before` ended under it.
    """
    above, last = [], before[-1][0] if before else None
    for place, (heading, entry) in enumerate(group):
        if place == 0 and heading == last:
            above.append((f"{heading} (continued)", entry))
        else:
            above.append((heading if heading != last else "", entry))
        last = heading
    return above
