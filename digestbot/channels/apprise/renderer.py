"""The renderer for what Apprise reaches (Telegram, Matrix and a hundred others): plain text in short messages."""

from __future__ import annotations

import html

from digestbot.model.deliveries import Message
from digestbot.model.digests import Digest
from digestbot.model.subscriptions import Destination
from digestbot.rendering.base import Envelope
from digestbot.rendering.entry_view import EntryView
from digestbot.rendering.fitting import Post, fit, in_line, in_posts
from digestbot.rendering.text import Passage, units
from digestbot.rendering.view import DigestView, view

# Telegram's, the shortest of the services people read papers in: https://core.telegram.org/bots/api#sendmessage
LONGEST_MESSAGE = 4096
# Apprise hands some services HTML: an entity of five counts until it is read.
_ROOM = LONGEST_MESSAGE - 96
_TITLE, _META, _GIST, _REASON, _LINE = 400, 350, 400, 200, 250


class AppriseRenderer:
    """A digest as plain messages; more than one are "part k of n". No service is shown any markup."""

    name = "apprise"

    def write(self, digest: Digest, to: Destination, envelope: Envelope) -> Message:
        """One part per message, named ``1/2``, ``2/2``; its body is UTF-8 text."""
        shown = view(digest, envelope)

        def fits(post: Post) -> bool:
            return length(_text(shown, post)) <= _ROOM

        return in_posts(shown, fits, lambda post: _text(shown, post).encode(), "text/plain; charset=utf-8")


def length(text: str) -> int:
    """How long a service may find a message: in UTF-16 units, with its signs escaped as for HTML."""
    return units(html.escape(text))


def _text(digest: DigestView, post: Post) -> str:
    head = " · ".join(filter(None, (digest.day, digest.count, post.part)))
    note = f"[{digest.note}] " if digest.note else ""
    paragraphs = [f"{_fit(f'{note}{digest.name}', _LINE)}\n{head}", digest.nothing]
    for heading, entry in post.headed:
        paragraphs += [f"== {_fit(heading, _LINE)}" if heading else "", _entry(entry)]
    if post.last:
        said = (digest.closing, digest.change)
        paragraphs += [f"{each.words}: {each.link}" for each in digest.links]
        paragraphs.append("\n".join([*(_fit(each, _LINE) for each in said if each), str(digest.pages or "")]).rstrip())
    return "\n\n".join(filter(None, paragraphs))


def _entry(entry: EntryView) -> str:
    lines = [f"{entry.number}. {_fit(entry.title, _TITLE)}", str(entry.link or "")]
    if not in_line(entry):
        gist = _fit(entry.gist, _GIST) if entry.gist else ""
        lines += [_fit(" · ".join(entry.meta), _META), gist, _fit(entry.reason, _REASON)]
    return "\n".join(filter(None, lines))


def _fit(text: Passage | str, most: int) -> str:
    cut = fit(text, most, lambda passage: html.escape(passage.text))
    return html.unescape(cut)
