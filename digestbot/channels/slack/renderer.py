"""The renderer for Slack: Block Kit posts, as many as its limits ask for, cut between entries."""

from __future__ import annotations

import json

from digestbot.channels.slack.escape import slack, slack_plain
from digestbot.model.deliveries import Message, Part
from digestbot.model.digests import Digest
from digestbot.model.papers import JsonObject
from digestbot.model.subscriptions import Destination
from digestbot.rendering.base import Envelope
from digestbot.rendering.entry_view import EntryView
from digestbot.rendering.fitting import Post, fit, in_line, in_posts
from digestbot.rendering.text import units
from digestbot.rendering.view import DigestView, view

MOST_BLOCKS = 50  # https://docs.slack.dev/reference/block-kit/blocks
LONGEST_SECTION = 3000  # https://docs.slack.dev/reference/block-kit/blocks/section-block
LONGEST_HEADER = 150  # https://docs.slack.dev/reference/block-kit/blocks/header-block
# Slack answers msg_blocks_too_long from about 13,200 characters on, and says so on no page
# (https://github.com/slackapi/bolt-js/issues/2509); here the blocks' whole JSON counts.
LONGEST_BLOCKS = 12_000

_BULLET = "• "
_TITLE, _META, _REASON, _FOOT, _FALLBACK = 700, 450, 200, 1200, 600


class SlackRenderer:
    """A digest as posts for a Slack webhook; more than one are "part k of n"."""

    name = "slack"

    def write(self, digest: Digest, to: Destination, envelope: Envelope) -> Message:
        """One part per post, named ``1/2``, ``2/2``; its body is the JSON to post."""
        shown = view(digest, envelope)

        def fits(post: Post) -> bool:
            blocks = _blocks(shown, post)
            size = units(json.dumps(blocks, ensure_ascii=False))
            return len(blocks) <= MOST_BLOCKS and size <= LONGEST_BLOCKS

        def written(post: Post) -> bytes:
            body = {
                "text": _fallback(shown, post),
                "blocks": _blocks(shown, post),
                "unfurl_links": False,
                "unfurl_media": False,
            }
            return json.dumps(body, ensure_ascii=False).encode()

        return in_posts(shown, fits, written)


def halved(part: Part) -> tuple[Part, ...]:
    """A post as two, cut between entries where they weigh about the same; itself when it cannot be cut.

    For a post that Slack answered with msg_blocks_too_long although it is within `LONGEST_BLOCKS`: its true
    limit is written nowhere. No block is lost; the head, and the heading they stand under, open both.
    """
    post = json.loads(part.body)
    head, blocks = post["blocks"][:2], post["blocks"][2:]
    sizes = [units(json.dumps(block, ensure_ascii=False)) for block in blocks]
    starts = [place for place in range(len(blocks)) if place and _begins(blocks, place)]
    if not starts:
        return (part,)
    cut = min(starts, key=lambda place: abs(sum(sizes[:place]) - sum(sizes[place:])))
    headings = [blocks[n : n + 2] for n in range(cut) if _is_heading(blocks, n)]
    above = headings[-1] if headings and not _is_heading(blocks, cut) and blocks[cut]["type"] == "section" else []
    halves = (blocks[:cut], [*above, *blocks[cut:]])
    return tuple(
        Part(
            f"{part.name}{letter}",
            part.content_type,
            json.dumps({**post, "blocks": head + half}, ensure_ascii=False).encode(),
        )
        for letter, half in zip("ab", halves, strict=True)
    )


def _begins(blocks: list[JsonObject], place: int) -> bool:
    """Whether a heading, an entry without one, or the foot begins there."""
    here, above = (str(block["type"]) for block in (blocks[place], blocks[place - 1]))
    return here == "divider" or (here == "section" and above != "divider")


def _is_heading(blocks: list[JsonObject], place: int) -> bool:
    return [block["type"] for block in blocks[place : place + 2]] == ["divider", "section"]


def _fallback(digest: DigestView, post: Post) -> str:
    """What notifications show: the name, the number of papers and the first titles of this post."""
    head = f"{digest.name}: {digest.count}" + (f", {post.part}" if post.part else "")
    head = f"[{digest.note}] {head}" if digest.note else head
    titles = "; ".join(entry.title.text for _, entry in post.entries)
    return fit(f"{head} - {titles}" if titles else f"{head}. {digest.nothing}".strip(), _FALLBACK, slack)


def _blocks(digest: DigestView, post: Post) -> list[JsonObject]:
    name = f"{digest.name} ({post.part})" if post.part else digest.name
    blocks: list[JsonObject] = [
        {
            "type": "header",
            "text": {"type": "plain_text", "text": _header(digest.name, name), "emoji": False},
        },
        _context(slack(" · ".join(filter(None, (digest.day, digest.count, digest.note))))),
    ]
    if digest.nothing:
        blocks.append(_section(slack(digest.nothing)))
    for heading, entry in post.headed:
        if heading:
            blocks += [{"type": "divider"}, _section(f"*{fit(heading, _META, slack)}*")]
        if in_line(entry):
            _put_line(blocks, _line(entry), under_heading=bool(heading))
        else:
            blocks.append(_section(_entry(entry)))
    if post.last:
        pages = f" <{slack_plain(digest.pages)}>" if digest.pages else ""
        foot = "\n".join(fit(text, _FOOT // 2, slack) for text in (digest.closing, digest.change) if text)
        links = " · ".join(f"<{slack_plain(each.link)}|{slack(each.words)}>" for each in digest.links)
        blocks += [{"type": "divider"}, *([_context(links)] if links else []), _context(foot + pages)]
    return blocks


def _put_line(blocks: list[JsonObject], line: str, *, under_heading: bool) -> None:
    """Add a line to the block of lines before it, or begin one."""
    last = blocks[-1].get("text", {}).get("text", "") if not under_heading else ""
    if last.startswith(_BULLET) and units(f"{last}\n{line}") <= LONGEST_SECTION:
        blocks[-1] = _section(f"{last}\n{line}")
    else:
        blocks.append(_section(line))


def _header(name: str, whole: str) -> str:
    """The name cut to what is left of a header beside the part's number."""
    tail = whole[len(name) :]
    return fit(name, LONGEST_HEADER - len(tail), lambda cut: slack_plain(cut.text)) + tail


def _entry(entry: EntryView) -> str:
    """Title with link, facts, what it says, and why it is there."""
    lines = [f"*{entry.number}. {_titled(entry)}*", fit(" · ".join(entry.meta), _META, slack)]
    reason = f"_{fit(entry.reason, _REASON, slack)}_" if entry.reason else ""
    if entry.gist:
        room = LONGEST_SECTION - units("\n".join((*lines, reason))) - 1
        lines.append(fit(entry.gist, room, slack))
    return "\n".join(filter(None, (*lines, reason)))


def _line(entry: EntryView) -> str:
    date = f" · {slack(entry.published)}" if entry.published else ""
    return f"{_BULLET}{entry.number}. {_titled(entry)}{date}"


def _titled(entry: EntryView) -> str:
    title = fit(entry.title.text, _TITLE, slack)
    return f"<{slack_plain(entry.link)}|{title}>" if entry.link else title


def _section(text: str) -> JsonObject:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _context(text: str) -> JsonObject:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}
