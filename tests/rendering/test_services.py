"""Cards for Teams, posts for Mattermost, messages for Apprise's services: every paper once, no limit passed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given

from digestbot.channels.apprise.renderer import length
from digestbot.channels.discord.renderer import length as discord_length
from digestbot.channels.renderers import write
from digestbot.channels.slack.renderer import halved
from digestbot.model.deliveries import Part
from digestbot.model.digests import Digest, Section
from digestbot.model.papers import Paper
from digestbot.rendering import escape
from digestbot.rendering.text import units
from digestbot.rendering.view import view
from tests.rendering.hostile import digests, many
from tests.rendering.making import CASES, CHAT, CROWDS, ENVELOPE, TREND, crowd, digest, eleven, entry, templates

HOUSE = templates()
SIZES = (0, 1, 10, 11, 49, 50, 51, 500)
LINK = "https://ok.example/" + "a&" * 230


def parts(name: str, of: Digest) -> tuple[Part, ...]:
    message = write(name, of, CHAT, ENVELOPE, templates=HOUSE)
    count = len(message.parts)
    assert [part.name for part in message.parts] == [f"{n}/{count}" for n in range(1, count + 1)]
    return message.parts


def bloated() -> Digest:
    """One paper of which everything is as long as it gets, in every renderer's dearest characters."""
    texts = ("&<" * 9000, "👍" * 9000, "*_" * 9000, '"\\' * 9000, "多 " * 9000)
    papers = [
        entry(
            n,
            Paper(title=text, abstract=text, authors=(text,) * 5, organization=text, url=LINK),
            ("a", "b", "c", *map(str, range(20))),
            *(f"{m}{text}" for m in range(20)),
            carried=True,
        )
        for n, text in enumerate(texts)
    ]
    trend = tuple(replace(TREND[0], label=str(n), heading=texts[n % 5]) for n in range(12))
    return digest(Section("a", texts[0], tuple(papers)), name=texts[1], trend=trend)


def cards(of: Digest) -> Iterator[dict[str, Any]]:
    for part in parts("teams", of):
        assert len(part.body) <= 21_000
        message = orjson.loads(part.body)
        (attachment,) = message["attachments"]
        assert (message["type"], attachment["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
        yield attachment["content"]


def assert_card(card: dict[str, Any]) -> None:
    """What https://adaptivecards.io/schemas/adaptive-card.json asks of the elements that we use."""
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    for block in card["body"]:
        assert block.keys() <= {"type", "inlines", "spacing", "separator"}
        assert block["type"] == "RichTextBlock"
        assert block.get("spacing", "Small") in {"None", "Small", "Medium", "Large"}
        assert block["inlines"]
        for run in block["inlines"]:
            assert run.keys() <= {
                "type", "text", "size", "weight", "color", "isSubtle", "highlight", "selectAction"
            }  # fmt: skip
            assert run["type"] == "TextRun"
            assert run["text"]
            assert run.get("size", "Small") in {"Small", "Large"}
            action = run.get("selectAction", {"type": "Action.OpenUrl", "url": "https://x"})
            assert action["type"] == "Action.OpenUrl"
            assert re.match(r"https?://", action["url"])


def card_titles(of: Digest) -> list[str]:
    return [
        f"{block['inlines'][0]['text']}{block['inlines'][1]['text']}"
        for card in cards(of)
        for block in card["body"]
        if len(block["inlines"]) > 1 and re.fullmatch(r"\d+\. ", block["inlines"][0]["text"])
    ]


@many
@given(digests())
def test_cards_hold_every_paper_once_and_pass_no_limit(of: Digest) -> None:
    for card in cards(of):
        assert_card(card)
    shown = view(of, ENVELOPE).entries
    titles = [each for each in card_titles(of) if each.partition(". ")[2] in {e.title.text for e in shown}]
    assert titles == [f"{entry.number}. {entry.title.text}" for entry in shown]


@many
@given(digests())
def test_mattermost_posts_hold_every_paper_once_and_pass_no_limit(of: Digest) -> None:
    numbers, links = [], []
    for part in parts("mattermost", of):
        post = orjson.loads(part.body)
        assert post["props"] == {"disable_mentions": True}
        assert 1 <= units(post["text"]) <= 16_383
        numbers += re.findall(r"(?m)^(?:\*\*)?(\d+)\.(?:\*\*)? \[", post["text"])
        links += re.findall(r"\]\((https://[^)]*)\)(?: · .*)?$", post["text"], re.MULTILINE)
        assert not re.search(r"[@#:]\w", re.sub(r"https?://\S+", "", post["text"]))
        assert "<" not in re.sub(r"<https://digest\.example\.org>", "", post["text"])
    shown = view(of, ENVELOPE).entries
    assert numbers == [str(entry.number) for entry in shown]
    assert links == [escape.markdown(entry.link) for entry in shown if entry.link]


@many
@given(digests())
def test_messages_hold_every_paper_once_and_pass_telegrams_limit(of: Digest) -> None:
    lines = []
    for part in parts("apprise", of):
        text = part.body.decode()
        assert 1 <= units(text) <= length(text) <= 4096
        lines += text.splitlines()
    shown = view(of, ENVELOPE).entries
    starts = iter(lines)
    for each in shown:
        head = f"{each.number}. {each.title.text[:40]}"
        assert any(line.startswith(head) for line in starts), f"{head} is missing or out of order"
    # In order, each on a line of its own; a hostile author may be called like a link, so others may stand between.
    remaining = iter(lines)
    assert all(str(each.link) in remaining for each in shown if each.link)


@pytest.mark.parametrize("name", ["slack", "discord", "teams", "mattermost", "apprise"])
def test_d36_a_paper_too_long_by_itself_stays_within_its_limit_and_keeps_its_link(name: str) -> None:
    of = bloated()
    bodies = [part.body.decode() for part in parts(name, of)]
    link = view(of, ENVELOPE).entries[0].link
    assert link is not None
    whole = "\n".join((*bodies, ""))
    written = {str(link), link.replace("&", "&amp;")}
    assert sum(whole.count(f"{each}{end}") for each in written for end in ('"', "|", ")", "\n", ">")) == 5
    if name == "slack":
        assert all(units(json.dumps(orjson.loads(body)["blocks"], ensure_ascii=False)) <= 12_000 for body in bodies)
    if name == "discord":
        assert all(discord_length(orjson.loads(body)) <= 6000 for body in bodies)
    if name == "mattermost":
        assert all(units(orjson.loads(body)["text"]) <= 16_383 for body in bodies)
    if name == "apprise":
        assert all(length(body) <= 4096 for body in bodies)
    for card in cards(of):
        assert_card(card)


@pytest.mark.parametrize("name", ["slack", "discord", "teams", "mattermost", "apprise"])
@pytest.mark.parametrize("papers", SIZES)
def test_d35_the_parts_together_are_the_digest(name: str, papers: int) -> None:
    whole = "".join(part.body.decode() for part in parts(name, crowd(papers)))
    found = re.findall(r"https://ok\.example/(\d+)\?a=1", whole)
    assert found == [str(n) for n in range(papers)]


def test_there_is_no_chart_in_chats() -> None:
    for name in ("slack", "discord", "teams", "mattermost", "apprise"):
        assert "usually" not in parts(name, eleven())[-1].body.decode()


# Slack, in the eyes of its own library, and once more in smaller posts


def slack_posts(of: Digest) -> list[dict[str, Any]]:
    return [orjson.loads(part.body) for part in parts("slack", of)]


@pytest.mark.parametrize("of", [*CASES.values(), *CROWDS.values(), bloated])
def test_slacks_own_models_take_every_block(of: Any) -> None:
    blocks = pytest.importorskip("slack_sdk.models.blocks", reason="slack-sdk is not installed")
    for post in slack_posts(of()):
        assert len(post["blocks"]) <= 50
        for block in post["blocks"]:
            parsed = blocks.Block.parse(block)
            assert parsed is not None
            parsed.validate_json()


@pytest.mark.parametrize("of", [*CASES.values(), *CROWDS.values(), bloated])
def test_d39_a_post_too_long_for_slack_is_cut_in_two_that_hold_it_all(of: Any) -> None:
    for part in parts("slack", of()):
        whole = orjson.loads(part.body)
        halves = halved(part)
        entries = sum(block["type"] == "section" for block in whole["blocks"])
        if entries > 4:
            assert [each.name for each in halves] == [f"{part.name}a", f"{part.name}b"]
            assert max(len(each.body) for each in halves) < 0.75 * len(part.body)
        first, *rest = (orjson.loads(each.body)["blocks"] for each in halves)
        for other in rest:
            assert other[:2] == whole["blocks"][:2]
            kept = whole["blocks"][len(first) :]
            assert other[-len(kept) :] == kept
        assert first == whole["blocks"][: len(first)]
        assert json.loads(halves[0].body)["text"] == whole["text"]


def test_d39_a_half_opens_with_the_heading_its_papers_stand_under() -> None:
    (part,) = parts("slack", eleven())
    first, second = (orjson.loads(each.body)["blocks"] for each in halved(part))
    assert first[2]["type"] == second[2]["type"] == "divider"
    assert second[3]["text"]["text"] == "*Multilingual and low-resource language models*"


def test_d39_a_post_of_one_paper_is_cut_at_its_foot_at_most() -> None:
    (part,) = parts("slack", CASES["one"]())
    assert len(halved(part)) <= 2
