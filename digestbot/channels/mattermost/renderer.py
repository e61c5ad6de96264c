"""The renderer for Mattermost: posts in its Markdown, as many as its limit asks for. Nobody is ever mentioned."""

from __future__ import annotations

import json

from digestbot.channels.mattermost.escape import mattermost
from digestbot.model.deliveries import Message
from digestbot.model.digests import Digest
from digestbot.model.subscriptions import Destination
from digestbot.rendering.base import Envelope
from digestbot.rendering.entry_view import EntryView
from digestbot.rendering.fitting import Post, fit, in_line, in_posts
from digestbot.rendering.text import units
from digestbot.rendering.view import DigestView, view

LONGEST_POST = 16_383  # https://docs.mattermost.com/product-overview/product-limits.html

_NAME, _META, _REASON, _LINE = 500, 1200, 300, 1000


class MattermostRenderer:
    """A digest as posts for an incoming webhook; more than one are "part k of n"."""

    name = "mattermost"

    def write(self, digest: Digest, to: Destination, envelope: Envelope) -> Message:
        """One part per post, named ``1/2``, ``2/2``; its body is the JSON to post."""
        shown = view(digest, envelope)

        def written(post: Post) -> bytes:
            # https://developers.mattermost.com/integrate/webhooks/incoming/
            body = {"text": _text(shown, post), "props": {"disable_mentions": True}}
            return json.dumps(body, ensure_ascii=False).encode()

        return in_posts(shown, lambda post: units(_text(shown, post)) <= LONGEST_POST, written)


def _text(digest: DigestView, post: Post) -> str:
    paragraphs = [
        f"**{mattermost(digest.note)}**" if digest.note else "",
        f"## {fit(digest.name, _NAME, mattermost)}",
        mattermost(" · ".join(filter(None, (digest.day, digest.count, post.part)))),
        mattermost(digest.nothing),
    ]
    for heading, entry in post.headed:
        paragraphs += [f"### {fit(heading, _NAME, mattermost)}" if heading else "", _entry(entry)]
    if post.last:
        pages = f" <{mattermost(digest.pages)}>" if digest.pages else ""
        said = (digest.closing, digest.change)
        links = " · ".join(f"[{mattermost(each.words)}]({mattermost(each.link)})" for each in digest.links)
        paragraphs += ["---", links, "\n".join(fit(each, _LINE, mattermost) for each in said if each) + pages]
    return "\n\n".join(filter(None, paragraphs))


def _entry(entry: EntryView) -> str:
    title = mattermost(entry.title)
    linked = f"[{title}]({mattermost(entry.link)})" if entry.link else title
    if in_line(entry):
        return f"{entry.number}. {linked}" + (f" · {mattermost(entry.published)}" if entry.published else "")
    lines = [f"**{entry.number}.** {linked}", fit(" · ".join(entry.meta), _META, mattermost)]
    lines += [mattermost(entry.gist)] if entry.gist else []
    lines += [f"*{fit(entry.reason, _REASON, mattermost)}*"] if entry.reason else []
    return "\n".join(filter(None, lines))
