"""The push for ntfy: one message, never longer than its server takes, and no paper gone without a word."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from digestbot.channels.ntfy.renderer import LONGEST_BODY, LONGEST_MESSAGE
from digestbot.channels.renderers import write
from digestbot.model.digests import Digest
from digestbot.model.subscriptions import Destination
from digestbot.rendering.view import view
from tests.rendering.hostile import digests, many
from tests.rendering.making import CASES, ENVELOPE, crowd, eleven, templates
from tests.rendering.test_services import bloated

HOUSE = templates()
PHONE = Destination("ntfy", {"destination": "phone"})


def push(of: Digest, to: Destination = PHONE, **envelope: Any) -> dict[str, Any]:
    (part,) = write("ntfy", of, to, replace(ENVELOPE, **envelope), templates=HOUSE).parts
    assert len(part.body) <= LONGEST_BODY
    body: dict[str, Any] = json.loads(part.body)
    assert 1 <= len(body["message"].encode()) <= LONGEST_MESSAGE == 4096
    assert 1 <= len(body["title"]) <= 120
    return body


def left_out(message: str) -> int:
    """How many papers it says did not fit."""
    found = re.findall(r"(?m)^([\d,]+) more papers? did not fit in here\.$", message)
    assert len(found) <= 1
    return int(found[0].replace(",", "")) if found else 0


@many
@given(digests())
def test_papers_stand_in_order_and_those_left_out_are_counted(of: Digest) -> None:
    message = push(of)["message"]
    shown = view(of, ENVELOPE).entries
    kept = shown[: len(shown) - left_out(message)]
    remaining = iter(message.splitlines())
    for entry in kept:
        head = f"{entry.number}. {entry.title.text[:40]}"
        assert any(line.startswith(head) for line in remaining), f"{head} is missing or out of order"
        assert entry.link is None or str(entry.link) in remaining


@pytest.mark.parametrize("papers", [0, 1, 10, 11, 49, 51, 500])
def test_it_is_cut_before_a_paper_that_does_not_fit_whole(papers: int) -> None:
    message = push(crowd(papers))["message"]
    found = re.findall(r"https://ok\.example/(\d+)\?a=1$", message, re.MULTILINE)
    assert found == [str(n) for n in range(len(found))]
    assert len(found) + left_out(message) == papers
    assert papers < 11 or len(found) > 10


def test_no_more_is_left_out_than_must_be() -> None:
    """With the next paper as long as the longest that stands there, it would be over."""
    message = push(crowd(500))["message"]
    longest = max(map(len, re.findall(r"(?ms)^\d+\. .*?^https://\S+$", message)))
    assert len(message.encode()) + longest > LONGEST_MESSAGE


def test_abstracts_give_way_before_papers_do() -> None:
    assert "We follow Noether" in push(CASES["one"]())["message"]
    message = push(crowd(20))["message"]
    assert "We follow Noether" not in message
    assert left_out(message) == 0


def test_a_paper_of_which_all_is_as_long_as_it_gets_keeps_its_link() -> None:
    message = push(bloated())["message"]
    link = view(bloated(), ENVELOPE).entries[0].link
    assert message.count(f"\n{link}") == 5 - left_out(message) >= 1


def test_a_tap_opens_the_first_paper_and_where_there_is_none_the_pages() -> None:
    assert push(CASES["one"]())["click"] == "https://arxiv.org/abs/2503.00001"
    assert push(CASES["none"]())["click"] == "https://digest.example.org"
    assert "click" not in push(CASES["none"](), public_url=None)


def test_priority_and_tags_are_those_of_the_subscription() -> None:
    options = {"destination": "phone", "priority": "2", "tags": "books,newspaper"}
    body = push(eleven(), Destination("ntfy", options))
    assert (body["priority"], body["tags"]) == (2, ["books", "newspaper"])
    assert {"priority", "tags", "topic", "markdown"}.isdisjoint(push(eleven()))


def test_a_test_is_marked_in_the_title() -> None:
    assert push(eleven(), note="test")["title"] == "[test] Multilingual models"
