"""Text for Discord: its Markdown, and where it knows none."""

from __future__ import annotations

import re

from digestbot.rendering.escape import GAP, Text, backslashed, strong, written

_DISCORD = re.compile(r"[\\`*_\[\]()~|<]|:(?=\w|\Z)")
_DISCORD_START = re.compile(r"^(?:([-+#>])|(\d{1,9})([.)]))")


def discord(text: Text) -> str:
    """For Discord's Markdown, in embeds and in content; an @ is parted from the name that follows it."""
    return _DISCORD_START.sub(backslashed, written(text, _discord, strong))


def _discord(text: str) -> str:
    return _DISCORD.sub(r"\\\g<0>", text).replace("@", f"@{GAP}")


def discord_plain(text: str) -> str:
    """For Discord's footers and author lines, which know no Markdown."""
    return text.replace("@", f"@{GAP}")
