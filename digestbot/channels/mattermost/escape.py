"""Text for Mattermost's Markdown."""

from __future__ import annotations

import re

from digestbot.rendering.escape import ENTITY, GAP, MARKDOWN_START, Text, backslashed, plain_markdown, strong, written
from digestbot.rendering.links import SafeLink

# Entities of our own end in a semicolon, and none of them begins with a # or a colon.
_NAMES = re.compile(r"[@#:](?=\w|\Z)|[@#:](?=\\)")


def mattermost(text: Text) -> str:
    """For Mattermost's Markdown; an @, a # or a colon is parted from the name that follows it."""
    if isinstance(text, SafeLink):
        return ENTITY.sub("&amp;", text)
    return MARKDOWN_START.sub(backslashed, written(text, _mattermost, strong))


def _mattermost(text: str) -> str:
    return _NAMES.sub(rf"\g<0>{GAP}", plain_markdown(text))
