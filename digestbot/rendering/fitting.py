"""Within somebody else's limits: text cut until it fits as written, and entries dealt out to posts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from digestbot.model.deliveries import Message, Part
from digestbot.rendering.entry_view import EntryView
from digestbot.rendering.escape import Text
from digestbot.rendering.subject import subject
from digestbot.rendering.text import Passage, cut, units
from digestbot.rendering.view import DigestView

Placed = tuple[str, EntryView]

IN_FULL = 10
"""So many papers stand in a chat with what they say; the others, and what had waited, by their titles."""


def in_line(entry: EntryView) -> bool:
    """Whether a chat shows no more of it than its title."""
    return entry.carried or entry.number > IN_FULL


def fit(text: Text, most: int, write: Callable[[Passage], str]) -> str:
    """The text as `write` writes it, cut so that this takes at most `most` UTF-16 units."""
    whole = Passage(text) if isinstance(text, str) else text
    written, room = write(whole), len(whole.text)
    while room and units(written) > most:
        room = min(room - 1, room * most // units(written))
        written = write(cut(whole, room))
    return written


@dataclass(frozen=True, slots=True)
class Post:
    """What one post holds: its entries, those of the post `before` it, "part 2 of 3" where it is not alone.

    The `last` one has the foot.
    """

    entries: list[Placed]
    before: list[Placed]
    part: str
    last: bool

    @property
    def headed(self) -> list[tuple[str, EntryView]]:
        """Entries with the heading to write above each: none where the one before stands under the same.

        The first of a post always has one, marked as continued when the post before ended under it.
        """
        above, last = [], self.before[-1][0] if self.before else None
        for place, (heading, entry) in enumerate(self.entries):
            if place == 0 and heading == last:
                above.append((f"{heading} (continued)", entry))
            else:
                above.append((heading if heading != last else "", entry))
            last = heading
        return above


def in_posts(
    digest: DigestView,
    fits: Callable[[Post], bool],
    write: Callable[[Post], bytes],
    content_type: str = "application/json",
) -> Message:
    """A digest in as many posts as `fits` asks for: entries in order, each once, as many to a post as fit.

    One that fits nowhere stands alone: it is for the renderer to keep a single entry within its limits. The foot
    gets a post of its own where it does not fit below the last entry.
    """

    groups: list[list[Placed]] = [[], []]  # the first is what stands before all

    def room(entries: list[Placed], *, last: bool = False) -> bool:
        return fits(Post(entries, groups[-2], "part 999 of 999", last))

    for section in digest.sections:
        for entry in section.entries:
            if groups[-1] and not room([*groups[-1], (section.heading, entry)]):
                groups.append([])
            groups[-1].append((section.heading, entry))
    if groups[-1] and not room(groups[-1], last=True):
        groups.append([])
    count, parts = len(groups) - 1, []
    for place, (before, group) in enumerate(pairwise(groups), 1):
        post = Post(group, before, f"part {place} of {count}" if count > 1 else "", place == count)
        parts.append(Part(f"{place}/{count}", content_type, write(post)))
    return Message(tuple(parts), subject(digest))
