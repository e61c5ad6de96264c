"""One escaper per renderer: text from papers arrives as text, whatever the far side would make of it."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Callable
from typing import TypeAlias

from digestbot.rendering.links import SafeLink
from digestbot.rendering.text import Passage

Text: TypeAlias = Passage | str

_GAP = "\u200b"  # a zero-width space: nobody sees it, and what it parts is no markup any more

_MARKDOWN = re.compile(r"[\\`*_\[\]~|$]")
_MARKDOWN_START = re.compile(r"^(?:([-+=#:])|(\d{1,9})([.)]))")
_ENTITY = re.compile(r"&(?=\w+;)")
_IMAGE = re.compile(r"!(?=\\\[|\Z)")
# A colon may begin an emoji's name; one at the end, too: what follows may stand in the next, highlighted run.
_SLACK = re.compile(r"[*_~`]|:(?=\S|\Z)")
_DISCORD = re.compile(r"[\\`*_\[\]()~|<]|:(?=\w|\Z)")
_DISCORD_START = re.compile(r"^(?:([-+#>])|(\d{1,9})([.)]))")
# Entities of our own end in a semicolon, and none of them begins with a # or a colon.
_MATTERMOST_NAMES = re.compile(r"[@#:](?=\w|\Z)|[@#:](?=\\)")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def _written(text: Text, plain: Callable[[str], str], highlight: Callable[[str], str]) -> str:
    if isinstance(text, str):
        return plain(text)
    return "".join(highlight(plain(run)) if hit else plain(run) for run, hit in text.runs)


def html(text: Text, mark: str = "<mark>") -> str:
    """For HTML, in an element or a quoted attribute; `mark` is the opening tag of a highlight."""
    return _written(text, entities.escape, lambda run: f"{mark}{run}</mark>")


def markdown(text: Text) -> str:
    """For CommonMark and what GitHub adds to it, anywhere in a line or at its start.

    A link stays as it is, but for what would be read as an entity.
    """
    if isinstance(text, SafeLink):
        return _ENTITY.sub("&amp;", text)
    return _MARKDOWN_START.sub(_backslashed, _written(text, _markdown, _strong))


def _markdown(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _IMAGE.sub(r"\\!", _MARKDOWN.sub(r"\\\g<0>", text))


def _backslashed(start: re.Match[str]) -> str:
    return f"\\{start[1]}" if start[1] else f"{start[2]}\\{start[3]}"


def _strong(run: str) -> str:
    """Between letters stars are always what opens and closes; beside punctuation they may be mere stars."""
    return f"**{run}**" if run[:1].isalnum() and run[-1:].isalnum() else run


def slack(text: Text) -> str:
    """For Slack's mrkdwn, and for its fallback text.

    Slack has entities for three characters only (https://docs.slack.dev/messaging/formatting-message-text);
    the others are parted from their neighbours.
    """
    escaped = _written(text, _slack, lambda run: f"{_GAP}*{run}*{_GAP}" if _strong(run) != run else run)
    return _GAP + escaped if escaped.startswith("&gt;") else escaped


def _slack(text: str) -> str:
    text = _SLACK.sub(rf"{_GAP}\g<0>{_GAP}", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def discord(text: Text) -> str:
    """For Discord's Markdown, in embeds and in content; an @ is parted from the name that follows it."""
    return _DISCORD_START.sub(_backslashed, _written(text, _discord, _strong))


def _discord(text: str) -> str:
    return _DISCORD.sub(r"\\\g<0>", text).replace("@", f"@{_GAP}")


def mattermost(text: Text) -> str:
    """For Mattermost's Markdown; an @, a # or a colon is parted from the name that follows it."""
    if isinstance(text, SafeLink):
        return _ENTITY.sub("&amp;", text)
    return _MARKDOWN_START.sub(_backslashed, _written(text, _mattermost, _strong))


def _mattermost(text: str) -> str:
    return _MATTERMOST_NAMES.sub(rf"\g<0>{_GAP}", _markdown(text))


def slack_plain(text: str) -> str:
    """For Slack's plain_text objects, which know no markup but the three entities."""
    return entities.escape(text, quote=False)


def discord_plain(text: str) -> str:
    """For Discord's footers and author lines, which know no Markdown."""
    return text.replace("@", f"@{_GAP}")


def storable(text: str) -> str:
    """For JSON: what a database may refuse (NUL, lone surrogates) gives way, one for one, to U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)
