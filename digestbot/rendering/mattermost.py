"""The face for Mattermost: posts in its Markdown, as many as its limit asks for. Nobody is ever mentioned."""

from __future__ import annotations

import json

from digestbot.core.deliveries import Message, Part
from digestbot.core.digests import Digest
from digestbot.core.subscriptions import Destination
from digestbot.rendering.base import Envelope
from digestbot.rendering.escape import mattermost
from digestbot.rendering.fitting import Placed, deal, fit, headed, placed
from digestbot.rendering.subject import subject
from digestbot.rendering.text import units
from digestbot.rendering.view import DigestView, EntryView, view

LONGEST_POST = 16_383  # https://docs.mattermost.com/product-overview/product-limits.html

_NAME, _META, _REASON, _LINE = 500, 1200, 1500, 1000


class MattermostFace:
    """A digest as posts for an incoming webhook; more than one are "part k of n"."""

    name = "mattermost"

    def write(self, digest: Digest, to: Destination, envelope: Envelope) -> Message:
        """One part per post, named ``1/2``, ``2/2``; its body is the JSON to post."""
        shown = view(digest, envelope)

        def fits(group: list[Placed]) -> bool:
            return units(_text(shown, group, group, "part 999 of 999", last=True)) <= LONGEST_POST

        groups = deal(placed(shown), fits)
        parts = []
        for place, group in enumerate(groups, 1):
            part = f"part {place} of {len(groups)}" if len(groups) > 1 else ""
            before = groups[place - 2] if place > 1 else []
            text = _text(shown, group, before, part, last=place == len(groups))
            # https://developers.mattermost.com/integrate/webhooks/incoming/
            post = {"text": text, "props": {"disable_mentions": True}}
            body = json.dumps(post, ensure_ascii=False).encode()
            parts.append(Part(f"{place}/{len(groups)}", "application/json", body))
        return Message(tuple(parts), subject(shown))


def _text(digest: DigestView, group: list[Placed], before: list[Placed], part: str, *, last: bool) -> str:
    paragraphs = [
        f"**{mattermost(digest.note)}**" if digest.note else "",
        f"## {fit(digest.name, _NAME, mattermost)}",
        mattermost(" · ".join(filter(None, (digest.day, digest.count, part)))),
        mattermost(digest.nothing),
    ]
    for heading, entry in headed(group, before):
        paragraphs += [f"### {fit(heading, _NAME, mattermost)}" if heading else "", _entry(entry)]
    if last:
        pages = f" <{mattermost(digest.pages)}>" if digest.pages else ""
        said = (digest.trend_words, digest.closing, digest.covers, digest.change)
        paragraphs += ["---", "\n".join(fit(each, _LINE, mattermost) for each in said if each) + pages]
    return "\n\n".join(filter(None, paragraphs))


def _entry(entry: EntryView) -> str:
    title = mattermost(entry.title)
    linked = f"[{title}]({mattermost(entry.link)})" if entry.link else title
    facts = fit(" · ".join(entry.meta), _META, mattermost)
    carried = "*from an earlier day*" if entry.carried else ""
    lines = [f"**{entry.number}.** {linked}", " · ".join(filter(None, (facts, carried)))]
    lines += [mattermost(entry.abstract)] if entry.abstract else []
    lines += [f"*{fit(entry.reason, _REASON, mattermost)}*"]
    return "\n".join(filter(None, lines))
