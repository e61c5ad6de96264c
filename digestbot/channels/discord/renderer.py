"""The renderer for Discord: posts of embeds, one per paper, as many posts as its limits ask for."""

from __future__ import annotations

import json

from digestbot.channels.discord.escape import discord, discord_plain
from digestbot.model.deliveries import Message
from digestbot.model.digests import Digest
from digestbot.model.papers import JsonObject
from digestbot.model.subscriptions import Destination
from digestbot.rendering.base import Envelope
from digestbot.rendering.fitting import Post, fit, in_posts
from digestbot.rendering.text import units
from digestbot.rendering.view import DigestView, EntryView, view

# https://docs.discord.com/developers/resources/message#embed-object-embed-limits
MOST_EMBEDS = 10
LONGEST_TITLE = 256
LONGEST_AUTHOR = 256
LONGEST_EMBEDS = 6000  # over all embeds of a post; here the post's content counts too

_COLOUR = 0x8F4208
_NAME, _META, _ABSTRACT, _REASON, _FOOT, _TREND = 300, 450, 1500, 600, 1200, 600


class DiscordRenderer:
    """A digest as posts for a Discord webhook; more than one are "part k of n". Nobody is ever mentioned."""

    name = "discord"

    def write(self, digest: Digest, to: Destination, envelope: Envelope) -> Message:
        """One part per post, named ``1/2``, ``2/2``; its body is the JSON to post."""
        shown = view(digest, envelope)

        def fits(post: Post) -> bool:
            body = _body(shown, post)
            return len(body["embeds"]) <= MOST_EMBEDS and length(body) <= LONGEST_EMBEDS

        return in_posts(shown, fits, lambda post: json.dumps(_body(shown, post), ensure_ascii=False).encode())


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
        embeds.append(_embed(heading, entry, seen))
    if post.last:
        foot = [fit(digest.trend_words, _TREND, discord)] if digest.trend_words else []
        foot += [fit(text, _FOOT // 3, discord) for text in (digest.closing, digest.covers, digest.change) if text]
        pages = f" {digest.pages}" if digest.pages else ""
        embeds.append({"description": "\n".join(foot) + pages})
    return {
        "content": f"{note}**{fit(digest.name, _NAME, discord)}**\n{head}",
        "embeds": embeds,
        "allowed_mentions": {"parse": []},
    }


def _embed(heading: str, entry: EntryView, seen: set[str]) -> JsonObject:
    """One paper. Discord shows only one of several embeds with the same URL: the later ones go without."""
    facts = fit(" · ".join(entry.meta), _META, discord)
    carried = "*from an earlier day*" if entry.carried else ""
    lines = [" · ".join(filter(None, (facts, carried)))]
    if entry.abstract:
        lines.append(fit(entry.abstract, _ABSTRACT, discord))
    embed: JsonObject = {
        "color": _COLOUR,
        "title": fit(entry.title.text, LONGEST_TITLE, lambda title: f"{entry.number}. {discord(title)}"),
        "footer": {"text": fit(entry.reason, _REASON, lambda reason: discord_plain(reason.text))},
    }
    if heading:
        embed["author"] = {"name": fit(heading, LONGEST_AUTHOR, lambda name: discord_plain(name.text))}
    if entry.link and entry.link not in seen:
        embed["url"] = entry.link
        seen.add(entry.link)
    elif entry.link:
        lines.append(f"<{entry.link}>")
    description = "\n".join(filter(None, lines))
    return embed | {"description": description} if description else embed
