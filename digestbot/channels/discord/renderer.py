"""The renderer for Discord: posts of embeds, one per paper, as many posts as its limits ask for."""

from __future__ import annotations

import json
import re

from digestbot.channels.discord.escape import discord, discord_plain
from digestbot.model.deliveries import Message
from digestbot.model.digests import Digest
from digestbot.model.papers import JsonObject
from digestbot.model.subscriptions import Destination
from digestbot.rendering.base import Envelope
from digestbot.rendering.entry_view import EntryView
from digestbot.rendering.fitting import Post, fit, in_line, in_posts
from digestbot.rendering.text import units
from digestbot.rendering.view import DigestView, view

# https://docs.discord.com/developers/resources/message#embed-object-embed-limits
MOST_EMBEDS = 10
LONGEST_TITLE = 256
LONGEST_AUTHOR = 256
LONGEST_DESCRIPTION = 4096
LONGEST_EMBEDS = 6000  # over all embeds of a post; here the post's content counts too

LONGEST_THREAD = 100  # https://docs.discord.com/developers/resources/channel#channel-object

_COLOUR = 0x8F4208
_BULLET = "• "
_TITLE = 200
_CLOSES = re.compile(r"[()]")  # would end the address of a link too early
_NAME, _META, _GIST, _REASON, _FOOT = 300, 300, 300, 200, 1200


class DiscordRenderer:
    """A digest as posts for a Discord webhook; more than one are "part k of n". Nobody is ever mentioned."""

    name = "discord"

    def write(self, digest: Digest, to: Destination, envelope: Envelope) -> Message:
        """One part per post, named ``1/2``, ``2/2``; its body is the JSON to post."""
        shown = view(digest, envelope)

        # https://docs.discord.com/developers/resources/webhook#execute-webhook: a forum wants it, of each post
        name = to.options.get("thread_name", "").replace("{day}", shown.day)[:LONGEST_THREAD]
        thread = {"thread_name": name} if name else {}

        def fits(post: Post) -> bool:
            body = _body(shown, post)
            return len(body["embeds"]) <= MOST_EMBEDS and length(body) <= LONGEST_EMBEDS

        return in_posts(shown, fits, lambda post: json.dumps(_body(shown, post) | thread, ensure_ascii=False).encode())


def length(post: JsonObject) -> int:
    """What Discord counts of a post against its limit over all embeds, and the content, in UTF-16 units."""
    texts = [post["content"]]
    for embed in post["embeds"]:
        texts += [embed.get("title", ""), embed.get("description", "")]
        texts += [embed.get("author", {}).get("name", ""), embed.get("footer", {}).get("text", "")]
    return sum(map(units, texts))


def _body(digest: DigestView, post: Post) -> JsonObject:
    head = " · ".join(filter(None, (digest.day, digest.count, post.part)))
    note = f"{fit(digest.note, _NAME, discord)}\n" if digest.note else ""
    embeds: list[JsonObject] = []
    if digest.nothing:
        embeds.append({"color": _COLOUR, "description": discord(digest.nothing)})
    seen: set[str] = set()
    for heading, entry in post.headed:
        if in_line(entry):
            _put_line(embeds, heading, _line(entry))
        else:
            embeds.append(_embed(heading, entry, seen))
    if post.last:
        _put_foot(embeds, digest)
    return {
        "content": f"{note}**{fit(digest.name, _NAME, discord)}**\n{head}",
        "embeds": embeds,
        "allowed_mentions": {"parse": []},
    }


def _put_line(embeds: list[JsonObject], heading: str, line: str) -> None:
    """Add a line to the embed of lines before it, or begin one."""
    last = embeds[-1] if embeds and not heading else {}
    lines = f"{last.get('description', '')}\n{line}"
    if last.get("description", "").startswith(_BULLET) and units(lines) <= LONGEST_DESCRIPTION:
        last["description"] = lines
    else:
        embeds.append({"color": _COLOUR, **_headed(heading), "description": line})


def _put_foot(embeds: list[JsonObject], digest: DigestView) -> None:
    """The foot, inside the last embed."""
    pages = f" {digest.pages}" if digest.pages else ""
    linked = [f"[{discord(each.words)}]({each.link})" for each in digest.links if not _CLOSES.search(each.link)]
    said = [fit(text, _FOOT // 2, discord) for text in (digest.closing, digest.change) if text]
    foot = "\n".join(filter(None, (" · ".join(linked), *said))) + pages
    above = embeds[-1].get("description", "") if embeds else ""
    whole = f"{above}\n\n{foot}" if above else foot
    if embeds and units(whole) <= LONGEST_DESCRIPTION:
        embeds[-1]["description"] = whole
    else:
        embeds.append({"description": foot})


def _embed(heading: str, entry: EntryView, seen: set[str]) -> JsonObject:
    """One paper. Discord shows only one of several embeds with the same URL: the later ones go without."""
    lines = [fit(" · ".join(entry.meta), _META, discord)]
    if entry.gist:
        lines.append(fit(entry.gist, _GIST, discord))
    embed: JsonObject = {
        "color": _COLOUR,
        "title": fit(entry.title.text, LONGEST_TITLE, lambda title: f"{entry.number}. {discord(title)}"),
        **_headed(heading),
    }
    if entry.reason:
        embed["footer"] = {"text": fit(entry.reason, _REASON, lambda reason: discord_plain(reason.text))}
    if entry.link and entry.link not in seen:
        embed["url"] = entry.link
        seen.add(entry.link)
    elif entry.link:
        lines.append(f"<{entry.link}>")
    description = "\n".join(filter(None, lines))
    return embed | {"description": description} if description else embed


def _headed(heading: str) -> JsonObject:
    if not heading:
        return {}
    return {"author": {"name": fit(heading, LONGEST_AUTHOR, lambda name: discord_plain(name.text))}}


def _line(entry: EntryView) -> str:
    """One paper in a line, its title the link."""
    title = fit(entry.title.text, _TITLE, discord)
    titled = f"[{title}]({entry.link})" if entry.link and not _CLOSES.search(entry.link) else title
    date = f" · {discord(entry.published)}" if entry.published else ""
    return f"{_BULLET}{entry.number}. {titled}{date}"
