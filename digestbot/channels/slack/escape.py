"""Text for Slack: its mrkdwn, and its plain_text objects."""

from __future__ import annotations

import html
import re

from digestbot.rendering.escape import GAP, Text, strong, written

# A colon may begin an emoji's name; one at the end, too: what follows may stand in the next, highlighted run.
_SLACK = re.compile(r"[*_~`]|:(?=\S|\Z)")


def slack(text: Text) -> str:
    """For Slack's mrkdwn, and for its fallback text.

    Slack has entities for three characters only (https://docs.slack.dev/messaging/formatting-message-text);
    the others are parted from their neighbours.
    """
    escaped = written(text, _slack, lambda run: f"{GAP}*{run}*{GAP}" if strong(run) != run else run)
    return GAP + escaped if escaped.startswith("&gt;") else escaped


def _slack(text: str) -> str:
    text = _SLACK.sub(rf"{GAP}\g<0>{GAP}", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def slack_plain(text: str) -> str:
    """For Slack's plain_text objects, which know no markup but the three entities."""
    return html.escape(text, quote=False)
