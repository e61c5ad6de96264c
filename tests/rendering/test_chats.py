"""Posts for Slack and Discord, and JSON: every paper once, no limit passed, nobody mentioned."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given

from digestbot.channels.discord.escape import discord
from digestbot.channels.discord.renderer import length
from digestbot.channels.renderers import renderer, write
from digestbot.channels.slack.escape import slack, slack_plain
from digestbot.model.digests import Digest, Section
from digestbot.model.papers import Paper
from digestbot.model.subscriptions import Destination
from digestbot.rendering.text import units
from digestbot.rendering.view import view
from tests.rendering.hostile import digests, many
from tests.rendering.making import CASES, CHAT, DUE, ENVELOPE, digest, eleven, entry, templates

HOUSE = templates()


def posts(name: str, of: Digest) -> list[dict[str, Any]]:
    message = write(name, of, CHAT, ENVELOPE, templates=HOUSE)
    count = len(message.parts)
    assert [part.name for part in message.parts] == [f"{n}/{count}" for n in range(1, count + 1)]
    return [orjson.loads(part.body) for part in message.parts]


def crowd(papers: int, **more: Any) -> Digest:
    """Many papers that differ."""
    found = [
        entry(
            n,
            Paper(title=f"Paper number {n}", abstract="A sentence. " * 60, url=f"https://ok.example/{n}", **more),
            ("a",),
        )
        for n in range(papers)
    ]
    half = papers // 2
    return digest(Section("a", "First", tuple(found[:half])), Section("b", "Second", tuple(found[half:])))


def slack_texts(post: dict[str, Any]) -> list[str]:
    texts = [post["text"]]
    for block in post["blocks"]:
        texts += [block["text"]["text"]] if "text" in block else []
        texts += [element["text"] for element in block.get("elements", ())]
    return texts


def assert_slack_takes(post: dict[str, Any]) -> None:
    blocks = post["blocks"]
    assert 1 <= len(blocks) <= 50
    assert units(json.dumps(blocks, ensure_ascii=False)) <= 12_000
    assert (post["unfurl_links"], post["unfurl_media"]) == (False, False)
    for block in blocks:
        if block["type"] == "section":
            assert 1 <= units(block["text"]["text"]) <= 3000
            assert block["text"]["verbatim"] is True
        elif block["type"] == "header":
            assert block["text"]["type"] == "plain_text"
            assert 1 <= units(block["text"]["text"]) <= 150
        elif block["type"] == "context":
            assert all(1 <= units(each["text"]) <= 3000 for each in block["elements"])
        else:
            assert block == {"type": "divider"}


@many
@given(digests())
def test_slack_posts_hold_every_paper_once_and_pass_no_limit(of: Digest) -> None:
    found = posts("slack", of)
    numbers = []
    for post in found:
        assert_slack_takes(post)
        for above, block in pairwise(post["blocks"]):
            if block["type"] == "section" and above["type"] != "divider":
                numbers += re.findall(r"(?m)^(?:\*|• )(\d+)\. ", block["text"]["text"])
    assert numbers == [str(entry.number) for entry in view(of, ENVELOPE).entries]
    links = [link for post in found for text in slack_texts(post) for link in re.findall(r"<(https://[^|>]*)\|", text)]
    assert links == [slack_plain(e.link) for e in view(of, ENVELOPE).entries if e.link]


@many
@given(digests())
def test_f51_in_slack_nothing_from_a_paper_is_live(of: Digest) -> None:
    for post in posts("slack", of):
        header, *texts = slack_texts(post)[1:]
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", header)
        for text in (post["text"], *texts):
            own = re.sub(r"<https?://[^<>|]+[|>]", "", text)
            assert "<" not in own
            assert "&" not in re.sub(r"&(amp|lt|gt);", "", text)
            assert not re.search(r"(?<!\u200b)[~`]|[~`](?!\u200b)", own)
            assert not re.search(r":[^\s:\u200b]+:", own)


@many
@given(digests())
def test_discord_posts_hold_every_paper_once_and_pass_no_limit(of: Digest) -> None:
    found = posts("discord", of)
    numbers = []
    for post in found:
        assert post["allowed_mentions"] == {"parse": []}
        assert 1 <= units(post["content"]) <= 2000
        assert len(post["embeds"]) <= 10
        assert length(post) <= 6000
        urls = [embed["url"] for embed in post["embeds"] if "url" in embed]
        assert len(urls) == len(set(urls)), "Discord shows only one of the embeds with the same URL"
        for embed in post["embeds"]:
            assert units(embed.get("title", "")) <= 256
            assert units(embed.get("description", "")) <= 4096
            assert 1 <= units(embed.get("author", {"name": "x"})["name"]) <= 256
            assert 1 <= units(embed.get("footer", {"text": "x"})["text"]) <= 2048
            numbers += re.findall(r"\A(\d+)\. ", embed.get("title", ""))
            numbers += re.findall(r"(?m)^• (\d+)\. ", embed.get("description", ""))
    assert numbers == [str(entry.number) for entry in view(of, ENVELOPE).entries]
    linked = sum(
        ("url" in embed)
        + ("\n<https://" in f"\n{embed.get('description', '')}")
        + len(re.findall(r"(?m)^• .*(?:\]\(https://[^ ]+\)| <https://\S+>)", embed.get("description", "")))
        for post in found
        for embed in post["embeds"]
    )
    assert linked == sum(entry.link is not None for entry in view(of, ENVELOPE).entries)


@many
@given(digests())
def test_f51_in_discord_nothing_from_a_paper_is_live(of: Digest) -> None:
    for post in posts("discord", of):
        for embed in post["embeds"]:
            for text in (embed.get("title", ""), embed.get("description", "")):
                own = re.sub(r"(?m)^<https://[^<>\s]+>$|\*\*|^• \d+\. \[|\]\(https://\S+\)| <https://\S+>", "", text)
                plain = re.sub(r"\\.", "", own)
                assert not re.search(r"[<*_~`|\[\]]", plain)
        assert not re.search(r"@(everyone|here|&)", json.dumps(post))


@pytest.mark.parametrize("papers", [0, 1, 10, 11, 49, 50, 51, 500])
def test_long_digests_are_parts_k_of_n_with_one_head_and_foot(papers: int) -> None:
    slack, discord = posts("slack", crowd(papers)), posts("discord", crowd(papers))
    for post in slack:
        assert_slack_takes(post)
    for found in (slack, discord):
        texts = [json.dumps(post, ensure_ascii=False) for post in found]
        assert ["249 new papers read" in text for text in texts] == [False] * (len(found) - 1) + [True]
        assert all((f"part {n} of {len(found)}" in text) == (len(found) > 1) for n, text in enumerate(texts, 1))
        for n in range(papers):
            assert sum(f"https://ok.example/{n}{end}" in text for text in texts for end in ('"', "|", ")")) == 1


@pytest.mark.parametrize("name", ["slack", "discord", "teams", "mattermost", "apprise"])
def test_ten_papers_are_one_post_and_the_others_a_line_each(name: str) -> None:
    assert len(write(name, crowd(10), CHAT, ENVELOPE, templates=HOUSE).parts) == 1
    assert len(write(name, crowd(200), CHAT, ENVELOPE, templates=HOUSE).parts) <= 8
    whole = "".join(part.body.decode() for part in write(name, crowd(12), CHAT, ENVELOPE, templates=HOUSE).parts)
    assert len(re.findall(r"(?:A sentence\. ?)+", whole)) == 10


def test_a_part_says_that_its_section_goes_on() -> None:
    _, second, *_ = posts("slack", crowd(400))
    assert "*Second (continued)*" in json.dumps(second)


def test_a_title_too_long_for_a_post_is_cut_and_keeps_its_link() -> None:
    of = digest(
        Section(
            "a",
            "A",
            (
                entry(
                    1, Paper(title="& \U0001f600" * 1000, abstract="<&>" * 20_000, url="https://ok.example/x"), ("a",)
                ),
            ),
        )
    )
    (post,) = posts("slack", of)
    assert_slack_takes(post)
    assert "…>*" in "".join(slack_texts(post))
    assert "<https://ok.example/x|" in "".join(slack_texts(post))
    (post,) = posts("discord", of)
    assert post["embeds"][0]["url"] == "https://ok.example/x"
    assert post["embeds"][0]["title"].endswith("…")


@pytest.mark.parametrize(
    ("text", "for_slack", "for_discord"),
    [
        ("<!channel> & more", "&lt;!channel&gt; &amp; more", "\\<!channel> & more"),
        ("a_b *c*", "a\u200b_\u200bb \u200b*\u200bc\u200b*\u200b", "a\\_b \\*c\\*"),
        ("> quote", "\u200b&gt; quote", "\\> quote"),
        ("Net: a :fire: one", "Net: a \u200b:\u200bfire: one", "Net: a \\:fire: one"),
        ("@everyone", "@everyone", "@\u200beveryone"),
        ("# 1", "# 1", "\\# 1"),
        ("1. x", "1. x", "1\\. x"),
    ],
)
def test_each_chat_gets_its_own_escapes(text: str, for_slack: str, for_discord: str) -> None:
    assert slack(text) == for_slack
    assert discord(text) == for_discord


@many
@given(digests())
def test_json_holds_everything_and_a_strict_reader_takes_it(of: Digest) -> None:
    (part,) = write("json", of, CHAT, ENVELOPE, templates=HOUSE).parts
    payload = orjson.loads(part.body)
    assert (payload["type"], payload["timestamp"]) == ("digest", "2025-03-05T07:00:00Z")
    found = [each for section in payload["data"]["sections"] for each in section["entries"]]
    assert len(found) == len(of.entries)
    for each, written in zip(found, of.entries, strict=True):
        assert len(each["paper"]["title"]) == len(written.paper.paper.title), "highlights point into it"
        assert each["highlights"] == [
            {"field": h.field, "start": h.start, "end": h.end} for h in written.record.highlights
        ]
    assert "\x00" not in json.dumps(payload, ensure_ascii=False)
    assert b"\\u0000" not in part.body.replace(b"\\\\", b"")


def test_json_is_a_papers_own_json_with_its_reasons() -> None:
    (part,) = write("json", CASES["one"](), CHAT, ENVELOPE, templates=HOUSE).parts
    (section,) = json.loads(part.body)["data"]["sections"]
    (only,) = CASES["one"]().entries
    assert section["entries"][0]["paper"] == only.paper.paper.to_json()
    assert section["entries"][0]["words"] == ["low-resource"]


def test_parts_are_written_without_templates() -> None:
    """The chat renderers need none, so that a faulty template never holds up a post."""
    for name in ("slack", "discord", "json"):
        assert renderer(name, templates()).name == name


def test_the_slots_moment_is_told_in_utc_wherever_it_was_taken() -> None:
    of = eleven()
    moved = replace(of.record.slot, at=DUE.astimezone())
    (part,) = write("json", replace(of, record=replace(of.record, slot=moved)), CHAT, ENVELOPE, templates=HOUSE).parts
    assert json.loads(part.body)["timestamp"] == "2025-03-05T07:00:00Z"


def test_a_discord_forum_gets_the_thread_it_was_told_in_each_post() -> None:
    to = Destination("discord", {"destination": "lab", "thread_name": "Papers of {day}"})
    message = write("discord", crowd(40), to, ENVELOPE, templates=HOUSE)
    named = {orjson.loads(part.body)["thread_name"] for part in message.parts}
    assert len(message.parts) > 1
    assert named == {f"Papers of {view(crowd(1), ENVELOPE).day}"}
    assert "thread_name" not in posts("discord", crowd(1))[0]
    assert 0 < len(named.pop()) <= 100
