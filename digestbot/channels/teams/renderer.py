"""The renderer for Microsoft Teams: Adaptive Cards for a Workflows webhook, as many as their size asks for."""

from __future__ import annotations

import json
from collections.abc import Iterable

from digestbot.model.deliveries import Message
from digestbot.model.digests import Digest
from digestbot.model.papers import JsonObject
from digestbot.model.subscriptions import Destination
from digestbot.rendering.base import Envelope
from digestbot.rendering.entry_view import EntryView
from digestbot.rendering.fitting import Post, in_line, in_posts
from digestbot.rendering.text import Passage, cut
from digestbot.rendering.view import DigestView, view

# A message may have 28 KB with what Teams puts around it; what is known to pass are 21.
# https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
LONGEST_POST = 21_000  # bytes
# https://learn.microsoft.com/adaptive-cards/schema-explorer/adaptive-card: what every Teams client shows.
CARD_VERSION = "1.4"

_NAME, _META, _REASON, _LINE = 120, 350, 200, 500


class TeamsRenderer:
    """A digest as Adaptive Cards; more than one are "part k of n".

    All text stands in RichTextBlocks, which know no markup: what a paper says is shown and never obeyed.
    """

    name = "teams"

    def write(self, digest: Digest, to: Destination, envelope: Envelope) -> Message:
        """One part per post, named ``1/2``, ``2/2``; its body is the JSON to post."""
        shown = view(digest, envelope)
        return in_posts(shown, lambda post: len(_body(shown, post)) <= LONGEST_POST, lambda post: _body(shown, post))


def _body(digest: DigestView, post: Post) -> bytes:
    blocks = [
        _block([_run(_short(digest.name, _NAME), size="Large", weight="Bolder")]),
        _block([_run(" · ".join(filter(None, (digest.day, digest.count, post.part, digest.note))), isSubtle=True)]),
    ]
    if digest.nothing:
        blocks.append(_block([_run(digest.nothing)]))
    for heading, entry in post.headed:
        if heading:
            name = _run(_short(heading, _NAME), weight="Bolder", color="Accent")
            blocks.append(_block([name], separator=True, spacing="Large"))
        blocks += _entry(entry)
    if post.last:
        blocks += _foot(digest)
    return _card(f"{_short(digest.name, _NAME)}: {digest.count}", blocks)


def plain_card(lines: Iterable[str]) -> bytes:
    """A post of a few lines, the first as its heading: for what is no digest. Raises ValueError without a line."""
    heading, *others = (_short(line, _LINE) for line in lines)
    return _card(
        heading, [_block([_run(heading, weight="Bolder")]), *(_block([_run(line)]) for line in others if line)]
    )


def _card(fallback: str, blocks: list[JsonObject]) -> bytes:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": CARD_VERSION,
        "fallbackText": fallback,
        "msteams": {"width": "full"},
        "body": blocks,
    }
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return json.dumps({"type": "message", "attachments": [content]}, ensure_ascii=False).encode()


def _entry(entry: EntryView) -> list[JsonObject]:
    link = {"selectAction": _opens(entry.link)} if entry.link else {}
    weight = {} if in_line(entry) else {"weight": "Bolder"}
    title = [_run(f"{entry.number}. ", **weight), _run(entry.title.text, **weight, **link)]
    if in_line(entry):
        date = [_run(f" · {entry.published}", size="Small", isSubtle=True)] if entry.published else []
        return [_block([*title, *date], spacing="Small")]
    blocks = [_block(title, spacing="Medium")]
    facts = " · ".join(entry.meta)
    if facts:
        blocks.append(_block([_run(_short(facts, _META), size="Small", isSubtle=True)], spacing="None"))
    if entry.gist:
        blocks.append(_block(_runs(entry.gist), spacing="Small"))
    if entry.reason:
        blocks.append(_block([_run(_short(entry.reason, _REASON), size="Small", isSubtle=True)], spacing="Small"))
    return blocks


def _foot(digest: DigestView) -> list[JsonObject]:
    lines = (digest.closing, digest.change)
    runs = [[_run(_short(line, _LINE), size="Small", isSubtle=True)] for line in lines if line]
    if digest.pages:
        runs[-1].append(_run(f" {_short(digest.pages, _NAME)}", size="Small", selectAction=_opens(digest.pages)))
    links = [
        _run(f"{' · ' if place else ''}{each.words}", size="Small", selectAction=_opens(each.link))
        for place, each in enumerate(digest.links)
    ]
    first, *others = [links, *runs] if links else runs
    return [_block(first, separator=True, spacing="Large"), *(_block(each, spacing="Small") for each in others)]


def _opens(link: str) -> JsonObject:
    return {"type": "Action.OpenUrl", "url": str(link)}


def _short(text: str, most: int) -> str:
    return cut(Passage(text), most).text


def _runs(text: Passage) -> list[JsonObject]:
    return [_run(run, **({"highlight": True} if hit else {})) for run, hit in text.runs]


def _run(text: str, **style: object) -> JsonObject:
    return {"type": "TextRun", "text": text, **style}


def _block(runs: list[JsonObject], **style: object) -> JsonObject:
    return {"type": "RichTextBlock", "inlines": runs, **style}
