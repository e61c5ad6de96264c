"""The renderer for ntfy: one push of plain text, as many papers as fit, and how many more there are."""

from __future__ import annotations

import json

from digestbot.model.deliveries import Message, Part
from digestbot.model.digests import Digest
from digestbot.model.papers import JsonObject
from digestbot.model.subscriptions import Destination
from digestbot.rendering.base import Envelope
from digestbot.rendering.entry_view import EntryView
from digestbot.rendering.fitting import Post, fit
from digestbot.rendering.links import LONGEST as LONGEST_LINK
from digestbot.rendering.subject import subject
from digestbot.rendering.view import DigestView, view
from digestbot.rendering.wording import number_of

# What is longer becomes a file to download. https://docs.ntfy.sh/publish/#limitations
LONGEST_MESSAGE = 4096  # bytes
# The server reads no more JSON than twice the longest message, in which quotes and backslashes count double.
# https://github.com/binwiederhier/ntfy/blob/main/server/server.go
LONGEST_BODY = 2 * LONGEST_MESSAGE - 256  # bytes; the rest is for the topic and the key

_NAME, _TITLE, _META, _GIST, _LINE = 120, 200, 120, 240, 200  # UTF-16 units


class NtfyRenderer:
    """A digest as one push: nobody wants five. No markup is read in it, so what a paper says is shown as it is.

    With gists where all papers fit so, without them else; then it ends before the first paper that does not fit,
    and says how many more there are.
    """

    name = "ntfy"

    def write(self, digest: Digest, to: Destination, envelope: Envelope) -> Message:
        """One part: the JSON to publish, but for the topic, which is a secret."""
        shown = view(digest, envelope)
        count = len(shown.entries)
        text = _text(shown, count, gists=True)
        if not _fits(text):
            text = _text(shown, count, gists=False)
        while count and not _fits(text):
            count -= 1
            text = _text(shown, count, gists=False)
        note = f"[{shown.note}] " if shown.note else ""
        body: JsonObject = {"title": fit(f"{note}{shown.name}", _NAME, str), "message": text}
        click = next((entry.link for entry in shown.entries if entry.link), shown.pages)
        if click:
            body["click"] = str(click)
        if "priority" in to.options:
            body["priority"] = int(to.options["priority"])
        if "tags" in to.options:
            body["tags"] = to.options["tags"].split(",")
        part = Part("1/1", "application/json", json.dumps(body, ensure_ascii=False).encode())
        return Message((part,), subject(shown))


def _fits(text: str) -> bool:
    longest = LONGEST_BODY - LONGEST_LINK - 4 * _NAME  # beside the message stand a click and a title
    return len(text.encode()) <= LONGEST_MESSAGE and len(json.dumps(text, ensure_ascii=False).encode()) <= longest


def _text(digest: DigestView, count: int, *, gists: bool) -> str:
    """The message with the first `count` papers, and how many more there are."""
    entries = [(section.heading, entry) for section in digest.sections for entry in section.entries]
    paragraphs = [f"{digest.day} · {digest.count}", digest.nothing]
    for heading, entry in Post(entries[:count], [], "", last=True).headed:
        paragraphs += [f"== {fit(heading, _NAME, str)}" if heading else "", _entry(entry, gist=gists)]
    if len(entries) > count:
        paragraphs.append(f"{number_of(len(entries) - count, 'more paper')} did not fit in here.")
    paragraphs += [f"{each.words}: {each.link}" for each in digest.links]
    paragraphs.append("\n".join(filter(None, (fit(digest.closing, _LINE, str), str(digest.pages or "")))))
    return "\n\n".join(filter(None, paragraphs))


def _entry(entry: EntryView, *, gist: bool) -> str:
    facts = "" if entry.carried else " · ".join(entry.meta)
    told = fit(entry.gist, _GIST, str) if entry.gist and gist and not entry.carried else ""
    lines = (f"{entry.number}. {fit(entry.title, _TITLE, str)}", fit(facts, _META, str), told, str(entry.link or ""))
    return "\n".join(filter(None, lines))
