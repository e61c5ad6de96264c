"""The setting DIGESTBOT_TITLE_SEARCH: where titles without an address are searched for."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from digestbot.model.errors import Problem

TITLE_SEARCH = (
    ("daily-papers", "https://huggingface.co/papers?q={title}"),
    ("", "https://scholar.google.com/scholar?q={title}"),
)
"""The usual ones, by the source of a paper, "" being any other."""


def title_searches(written: str) -> tuple[tuple[str, str], ...]:
    """The templates by source: ``https://...{title}`` for all, ``source=https://...`` for one, apart by spaces.

    Beside those for single sources stand the usual ones; ``off`` is none at all.
    """
    if written == "off":
        return ()
    pairs = (("", "", each) if each.startswith("http") else each.partition("=") for each in written.split())
    own = {source: template for source, _, template in pairs}
    return tuple((own if "" in own else dict(TITLE_SEARCH) | own).items())


def search_problems(written: str) -> Iterator[Problem]:
    """What is wrong with the setting."""
    for source, template in title_searches(written):
        parts = urlsplit(template)
        if "{title}" not in template or parts.scheme not in ("http", "https") or not parts.netloc:
            hint = "write https://scholar.google.com/scholar?q={title}, source=https://... for one source, or off"
            yield Problem(f"DIGESTBOT_TITLE_SEARCH has no search for {source or 'titles'}", way_out=hint)
