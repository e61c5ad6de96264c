"""The feed, in the eyes of a feed reader and of an XML parser that knows nothing of us."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from digestbot.channels.renderers import write
from digestbot.model.digests import Digest, Section
from digestbot.model.papers import Paper
from digestbot.rendering.feed import feed
from digestbot.rendering.view import view
from tests.rendering.hostile import digests, many
from tests.rendering.making import CASES, CHAT, ENVELOPE, crowd, digest, eleven, entry, templates

ATOM = "{http://www.w3.org/2005/Atom}"
feedparser = pytest.importorskip("feedparser", reason="feedparser is not installed")


def told_apart(of: Digest) -> Digest:
    """With a key for each paper, as the ledger gives them."""
    number = count()
    sections = tuple(
        replace(
            section,
            entries=tuple(replace(e, paper=replace(e.paper, key=f"paper-{next(number)}")) for e in section.entries),
        )
        for section in of.sections
    )
    return replace(of, sections=sections)


def body(of: Digest) -> bytes:
    (part,) = write("feed", of, CHAT, ENVELOPE, templates=templates()).parts
    assert (part.name, part.content_type) == ("digest.atom", "application/atom+xml; charset=utf-8")
    return part.body


def text(element: Any, name: str) -> list[str]:
    return [each.text for each in element.findall(f"{ATOM}{name}")]


@many
@given(digests().map(told_apart))
def test_a_feed_has_all_that_rfc_4287_asks_for(of: Digest) -> None:
    root = etree.fromstring(body(of))
    shown = view(of, ENVELOPE).entries
    ids = [*text(root, "id")]
    assert (root.tag, len(text(root, "title")), text(root, "updated")) == (f"{ATOM}feed", 1, ["2025-03-05T07:00:00Z"])
    assert root.find(f"{ATOM}author/{ATOM}name").text
    entries = root.findall(f"{ATOM}entry")
    assert [text(each, "title") for each in entries] == [[entry.title.text] for entry in shown]
    for element, each in zip(entries, shown, strict=True):
        ids += text(element, "id")
        assert text(element, "updated") == ["2025-03-05T07:00:00Z"]
        links = [(link.get("rel"), link.get("href")) for link in element.findall(f"{ATOM}link")]
        assert links == ([("alternate", str(each.link))] if each.link else [])
        (content,) = element.findall(f"{ATOM}content")
        assert content.get("type") == "html"
        assert content.text.startswith("<p")
        assert all(name.text.strip() for name in element.findall(f"{ATOM}author/{ATOM}name"))
    assert len(set(ids)) == len(ids) == 1 + len(shown)
    assert all(each.startswith("urn:uuid:") for each in ids)


def test_a_paper_that_tells_nothing_but_its_title_says_that() -> None:
    alone = digest(Section("a", "A", (entry(1, Paper(title="Only this"), ("a",)),)))
    (content,) = etree.fromstring(body(alone)).iter(f"{ATOM}content")
    assert content.text == '<p dir="auto">Only this</p>'


@pytest.mark.parametrize("case", CASES)
def test_a_feed_reader_reads_it(case: str) -> None:
    of = CASES[case]()
    parsed = feedparser.parse(body(of))
    assert not parsed.bozo
    assert parsed.version == "atom10"
    assert parsed.feed.title == "Multilingual models"
    assert len(parsed.entries) == len(of.entries)
    assert all("<script" not in entry.content[0].value for entry in parsed.entries)


def test_a_paper_has_the_same_id_in_every_feed_of_its_subscription() -> None:
    again = replace(eleven(), record=replace(eleven().record, key="multilingual/later"))
    first, second = (etree.fromstring(body(of)) for of in (eleven(), again))
    assert [text(each, "id") for each in first.iter(f"{ATOM}entry")] == [
        text(each, "id") for each in second.iter(f"{ATOM}entry")
    ]


def test_many_digests_make_one_feed_in_which_each_paper_stands_once() -> None:
    newer, older = crowd(8), crowd(5)
    at = older.record.slot.at - timedelta(days=1)
    older = replace(older, record=replace(older.record, slot=replace(older.record.slot, at=at)))
    root = etree.fromstring(feed([newer, older], ENVELOPE, address="https://digest.example.org/feed?a=1&b=2"))
    assert len(root.findall(f"{ATOM}entry")) == 8
    assert text(root, "updated") == ["2025-03-05T07:00:00Z"]
    own = root.find(f"{ATOM}link[@rel='self']")
    assert own is not None
    assert own.get("href") == "https://digest.example.org/feed?a=1&b=2"
    with pytest.raises(ValueError, match="one digest at least"):
        feed([], ENVELOPE)
