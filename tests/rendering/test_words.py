"""Every face read as a reader does: no word of the machine's own, no rule for a heading, no title without a link."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from email import message_from_bytes, policy
from itertools import combinations
from typing import Any

import pytest
from lxml import html  # type: ignore[import-untyped]  # lxml ships no types

from digestbot.channels.renderers import RENDERERS, write
from digestbot.digests.composing import Candidates, choose, compose
from digestbot.matching.stretch import find
from digestbot.model.cadence import parse_cadence
from digestbot.model.digests import Counts, Digest, Section, Window, assemble
from digestbot.model.papers import LoggedPaper, Paper
from digestbot.model.subscriptions import RuleSpec, Subscription
from digestbot.rendering.entry_view import EntryView
from digestbot.rendering.view import view
from digestbot.rules.combine import combine
from digestbot.rules.topics import Topics, TopicSpec
from digestbot.subscribers.compiled import CompiledRules, CompiledSubscription, headings
from tests.rendering.making import CHAT, DUE, ENVELOPE, MAIL, digest, eleven, entry, templates

HOUSE = templates()
MACHINE = re.compile(
    r"paper log|\.toml|-to-\d|\bQUERY\b|\bquery\b|topic:|places? \d|ledger|sequence|carr(?:y|ied)\b|window|digestbot|"
    r'"~\d|~\d|\bAND\b|\bOR\b|upvotes?[<>]=?|=[A-Z]|/i\b|lab-7'
)
FOR_PROGRAMS = ("json", "bibtex", "ris", "feed")
PLAIN = ("text", "markdown", "html", "archive", "email", "slack", "discord", "teams", "mattermost", "apprise", "ntfy")
TOPICS = Topics({"walls": TopicSpec(title="Walls and what grows there", keywords=("lichen wall", "mossy wall"))})
SPEC = RuleSpec(
    keywords=("=MOSS", '"lichen wall"~4', "/peat-?bog/i", '"SCALING LAW"'),
    topics=("walls",),
    query='title:"field guide" OR (abstract:fen AND authors<=2) OR upvotes>=50',
)


def made() -> Digest:
    """A digest over rules of every kind, in which some papers are new and others had waited."""
    combined = combine(keywords=SPEC.keywords, topics=SPEC.topics, query=SPEC.query, taxonomy=TOPICS)
    wanted = Subscription("lab-7", "Mosses and lichens", "UTC", parse_cadence("daily 08:00"), SPEC, (), max_entries=12)
    compiled = CompiledSubscription(wanted, CompiledRules(combined, tuple(headings(combined, TOPICS))))
    texts = "MOSS on a wall", "A lichen at the wall", "In a peat bog", "A scaling law of walls", "A fen, a mossy wall"
    papers = []
    for n in range(1, 21):
        paper = Paper(title=f"Number {n}: {texts[n % 5]}", abstract=f"On {texts[(n + 1) % 5]}.")
        papers.append(LoggedPaper(n, f"title:{n}", DUE, paper))
    candidates = Candidates(Window(12, 20), papers[12:], papers[:12], frozenset())
    found = find(combined, papers, today=DUE.date())
    record = compose(compiled, candidates, found, choose(wanted, candidates, found), digest().record.slot, DUE)
    return assemble(record, {each.sequence: each for each in papers})


def made_of(papers: int) -> Digest:
    """A digest that shows all it found."""
    counts = Counts(read=papers, found=papers, shown=papers)
    return digest(Section("query", "Papers", eleven().sections[0].entries[:papers]), counts=counts)


def strings(value: Any) -> list[str]:
    """Every text in a JSON value but for addresses and what only says how another is read."""
    if isinstance(value, dict):
        return [text for key, each in value.items() if key not in ("url", "$schema") for text in strings(each)]
    if isinstance(value, list):
        return [text for each in value for text in strings(each)]
    return [value] if isinstance(value, str) else []


def read(name: str, of: Digest) -> str:
    """What a reader sees of a face, without its addresses."""
    said = []
    to = MAIL if name == "email" else CHAT
    for part in write(name, of, to, replace(ENVELOPE, public_url=None), templates=HOUSE).parts:
        body = part.body.decode()
        if name == "email":
            message = message_from_bytes(part.body, policy=policy.default)
            pages = [each.get_content() for each in message.walk() if not each.is_multipart()]
            said += [str(message["Subject"]), pages[0], html.fromstring(pages[1]).find("body").text_content()]
        elif name in ("html", "archive"):
            said.append(html.fromstring(body.encode()).find("body").text_content())
        else:
            said += strings(json.loads(body)) if part.content_type == "application/json" else [body]
    return re.sub(r"https?://[^\s)>|]+", "", "\n".join(said))


def test_every_face_is_read_here_or_meant_for_programs() -> None:
    assert {*PLAIN, *FOR_PROGRAMS} >= set(RENDERERS) - {"file"}


@pytest.mark.parametrize("name", PLAIN)
def test_no_face_says_a_word_of_the_machines(name: str) -> None:
    said = read(name, made())
    assert "Still waiting" in said.replace("\\", "")
    assert MACHINE.findall(said) == []


def test_headings_are_words_and_the_line_that_says_why_is_short_and_says_nothing_twice() -> None:
    shown = view(made(), ENVELOPE)
    assert {each.heading for each in shown.sections} <= {
        "MOSS", "Lichen wall", "Peat bog", "SCALING LAW", "Walls and what grows there", "Your search", "Still waiting",
    }  # fmt: skip
    reasons = [each.chips for each in shown.entries if not each.carried]
    assert sorted(len(" ".join(each).split()) for each in reasons)[len(reasons) // 2] <= 8
    for chips in reasons:
        assert not any(one.casefold() in other.casefold() for one, other in combinations(chips, 2))


@pytest.mark.parametrize("theme", ["default", "compact", "magazine"])
def test_every_title_is_a_link(theme: str) -> None:
    of = made()
    (page,) = write("html", of, replace(CHAT, theme=theme), ENVELOPE, templates=HOUSE).parts
    root = html.fromstring(page.body)
    linked = {" ".join(a.text_content().split()) for a in root.iter("a")}
    assert {each.title.text for each in view(of, ENVELOPE).entries} <= linked


LINKED = replace(
    ENVELOPE,
    waiting_url="https://digest.example.org/waiting/abc",
    citation_urls=(
        ("BibTeX", "https://digest.example.org/citations/abc/digest.bib"),
        ("RIS", "https://digest.example.org/citations/abc/digest.ris"),
    ),
)


@pytest.mark.parametrize("theme", ["default", "compact", "magazine"])
@pytest.mark.parametrize("name", PLAIN)
def test_every_face_leads_to_what_waits_and_to_its_papers_for_a_library(name: str, theme: str) -> None:
    to = replace(MAIL if name == "email" else CHAT, theme=theme)
    bodies = [part.body.decode() for part in write(name, eleven(), to, LINKED, templates=HOUSE).parts]
    if name == "email":
        (message,) = (message_from_bytes(each.encode(), policy=policy.default) for each in bodies)
        bodies = [each.get_content() for each in message.walk() if not each.is_multipart()]
    for said in bodies if name == "email" else [" ".join(bodies)]:
        assert "7 papers wait for later digests: see them, or have them sent now" in " ".join(said.split())
        for url in (LINKED.waiting_url, *(url for _, url in LINKED.citation_urls)):
            assert url is not None
            assert url in said


def test_where_nothing_waits_and_nothing_is_shown_no_link_says_so() -> None:
    assert view(digest(counts=Counts(read=9)), LINKED).links == ()
    assert [each.words for each in view(made_of(1), LINKED).links] == ["BibTeX", "RIS"]


def test_numbers_add_up_for_whoever_reads_the_foot() -> None:
    closing = view(made(), ENVELOPE).closing
    among, yours, waited, seen, still = map(int, re.findall(r"\d+", closing))
    assert (among, yours, waited) == (8, 8, seen + still)


FEN = Paper(title="A fen")


def told_of(paper: Paper, *words: str, rules: tuple[str, ...] = ("a",), heading: str = "Walls") -> EntryView:
    """One paper under a heading, beside a section "b" of fens."""
    other = Section("b", "Fens", (entry(2, Paper(title="A fen"), ("b",)),))
    return view(digest(Section("a", heading, (entry(1, paper, rules, *words),)), other), ENVELOPE).entries[0]


def test_the_longest_phrases_are_marked_before_what_repeats_them_and_in_the_order_of_the_text() -> None:
    abstract = "A wall is a wall. On the lichen wall the old moss of walls outgrows what a wall of old moss bears."
    gist = told_of(Paper(title="Growth", abstract=abstract), "wall", "lichen wall", "old moss").whole
    assert gist is not None
    shown = told_of(Paper(title="Growth", abstract=abstract), "wall", "lichen wall", "old moss").abstract
    assert shown is not None
    assert [run for run, hit in shown.runs if hit] == ["lichen wall", "old moss"]
    once = told_of(Paper(title="Growth", abstract="Wall on WALL, and a wall."), "wall").gist
    assert once is not None
    assert [run for run, hit in once.runs if hit] == ["Wall", "WALL"]


def test_a_chip_never_repeats_the_heading_it_stands_under() -> None:
    assert told_of(Paper(title="Growth")).chips == ()
    assert told_of(Paper(title="Growth"), rules=("a", "b")).chips == ("Fens",)
    assert told_of(Paper(title="Growth"), rules=("a", "b"), heading="Fens and walls").chips == ()


def test_two_papers_of_one_title_have_places_of_their_own() -> None:
    same = [entry(n, Paper(title="A fen", url=f"https://ok.example/{n}"), ("a",)) for n in range(8)]
    of = digest(Section("a", "Fens", tuple(same)))
    anchors = [each.anchor for each in view(of, ENVELOPE).entries]
    assert anchors == ["pfd594df5", *(f"pfd594df5{n:08}" for n in range(2, 9))]
    for theme in ("default", "compact", "magazine"):
        (page,) = write("html", of, replace(CHAT, theme=theme), ENVELOPE, templates=HOUSE).parts
        root = html.fromstring(page.body)
        for anchor in anchors:
            (place,) = root.xpath("//*[@id=$id]", id=anchor)
            assert "A fen" in place.text_content()


def test_a_feed_and_a_cover_tell_the_gist_as_every_other_face_does() -> None:
    of = made_of(1)
    shown = view(of, ENVELOPE).entries[0].gist
    assert shown is not None
    assert shown.text.startswith("We follow Noether")
    for name in ("feed", "html"):
        (page,) = write(name, of, replace(CHAT, theme="magazine"), ENVELOPE, templates=HOUSE).parts
        assert b"with a loss that rewards rare scripts" in page.body
        assert b"are served badly" not in page.body


@pytest.mark.parametrize(
    ("heading", "listed"),
    [
        ("Language models", "Language models"),
        ("Vision: what is seen", "Vision: what is seen"),
        ("Language models: how they are made and adapted", "Language models"),
        ("Multilingual models and low-resource languages", "Multilingual models and…"),
        ("Reinforcement learning from people: what they prefer", "Reinforcement learning from…"),
    ],
)
def test_a_list_of_contents_has_short_names_cut_at_words(heading: str, listed: str) -> None:
    of = digest(Section("a", heading, eleven().sections[0].entries), Section("b", "Fens", (entry(2, FEN, ("b",)),)))
    (page,) = write("html", of, CHAT, ENVELOPE, templates=HOUSE).parts
    root = html.fromstring(page.body)
    assert [a.text for a in root.xpath("//*[@aria-label='Contents']//a[starts-with(@href, '#s')]")] == [listed, "Fens"]
    assert root.xpath("//h2[@id='s1']")[0].text == heading


def test_a_chip_too_long_is_cut_before_its_colon() -> None:
    rules, papers = ("a", "b"), (entry(1, FEN, ("a", "b")),)
    for heading, chip in (
        ("Agents: planning, tools, several of them at once", "Agents"),
        ("Agents: planning, tools", "Agents: planning, tools"),
    ):
        of = digest(Section("a", "Walls", papers), Section("b", heading, (entry(2, FEN, rules[1:]),)))
        assert view(of, ENVELOPE).entries[0].chips == (chip,)
