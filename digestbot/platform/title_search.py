"""Where titles without an address are searched for: how the setting DIGESTBOT_TITLE_SEARCH says it."""

from __future__ import annotations

from urllib.parse import urlsplit

TITLE_SEARCH = (
    ("daily-papers", "https://huggingface.co/papers?q={title}"),
    ("", "https://scholar.google.com/scholar?q={title}"),
)
"""The usual ones, by the source of a paper, "" being any other."""


def title_searches(written: str) -> tuple[tuple[str, str], ...] | None:
    """The templates by source: ``https://...{title}`` for all, ``source=https://...`` for one, apart by spaces.

    Beside those for single sources stand the usual ones; ``off`` is none at all. None where one is no such template.
    """
    if written == "off":
        return ()
    pairs = (("", "", each) if each.startswith("http") else each.partition("=") for each in written.split())
    own = {source: template for source, _, template in pairs}
    if not all(map(_is_template, own.values())):
        return None
    return tuple((own if "" in own else dict(TITLE_SEARCH) | own).items())


def _is_template(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return "{title}" in text and parts.scheme in ("http", "https") and bool(parts.netloc)
