"""Text from papers arrives as text, whatever the far side would make of it: what several renderers share.

What one vendor alone makes of a text stands in its folder of `channels`.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Callable
from typing import TypeAlias

from digestbot.rendering.links import SafeLink
from digestbot.rendering.text import Passage

Text: TypeAlias = Passage | str

GAP = "\u200b"
"""A zero-width space: nobody sees it, and what it parts is no markup any more."""

_MARKDOWN = re.compile(r"[\\`*_\[\]~|$]")
MARKDOWN_START = re.compile(r"^(?:([-+=#:])|(\d{1,9})([.)]))")
ENTITY = re.compile(r"&(?=\w+;)")
_IMAGE = re.compile(r"!(?=\\\[|\Z)")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def written(text: Text, plain: Callable[[str], str], highlight: Callable[[str], str]) -> str:
    """The text as `plain` writes each of its runs, those that are highlighted by `highlight` besides."""
    if isinstance(text, str):
        return plain(text)
    return "".join(highlight(plain(run)) if hit else plain(run) for run, hit in text.runs)


def html(text: Text, mark: str = "<mark>") -> str:
    """For HTML, in an element or a quoted attribute; `mark` is the opening tag of a highlight."""
    if isinstance(text, str):
        return html_text(str(text))  # one that calls itself markup is none here
    return written(text, html_text, lambda run: f"{mark}{run}</mark>") if text.hits else html_text(text.text)


def html_text(text: str) -> str:
    """The same of a text in which nothing is highlighted."""
    if "&" in text or "<" in text or ">" in text or '"' in text or "'" in text:  # most hold none of these
        return entities.escape(text)
    return text


def markdown(text: Text) -> str:
    """For CommonMark and what GitHub adds to it, anywhere in a line or at its start.

    A link stays as it is, but for what would be read as an entity.
    """
    if isinstance(text, SafeLink):
        return ENTITY.sub("&amp;", text)
    return MARKDOWN_START.sub(backslashed, written(text, plain_markdown, strong))


def plain_markdown(text: str) -> str:
    """For CommonMark, within a line: nothing in it is markup."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _IMAGE.sub(r"\\!", _MARKDOWN.sub(r"\\\g<0>", text))


def backslashed(start: re.Match[str]) -> str:
    """What opens a line as a list or a heading would, with a backslash before what makes it one."""
    return f"\\{start[1]}" if start[1] else f"{start[2]}\\{start[3]}"


def strong(run: str) -> str:
    """A run between stars, where they open and close: beside punctuation they may be mere stars."""
    return f"**{run}**" if run[:1].isalnum() and run[-1:].isalnum() else run


def storable(text: str) -> str:
    """For JSON: what a database may refuse (NUL, lone surrogates) gives way, one for one, to U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)
