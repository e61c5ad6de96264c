"""HTML, Markdown and text of any digest: all of it there, nothing in it but our own markup."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader

from digestbot.channels.renderers import write
from digestbot.model.digests import Digest, Section
from digestbot.model.papers import Paper
from digestbot.rendering import Templates
from digestbot.rendering.text_columns import width
from digestbot.rendering.view import view
from tests.rendering.hostile import digests, many
from tests.rendering.making import CASES, CHAT, ENVELOPE, SHIPPED, eleven, templates
from tests.rendering.making import digest as made
from tests.rendering.making import entry as listed

OWN = {
    "html": "lang dir", "head": "", "meta": "charset name content", "title": "", "style": "",
    "body": "class style",
    "div": "style class", "ol": "class start style", "li": "style",
    "details": "class style", "summary": "class style",
    "table": "role class width cellpadding cellspacing border style", "tr": "",
    "td": "class style align role aria-label", "p": "class style dir", "h1": "class style dir",
    "h2": "class style dir id",
    "h3": "class style dir id", "a": "class href style dir id", "mark": "style", "span": "class style dir id",
}  # fmt: skip
FROM_MARKDOWN = OWN | {
    "ol": "start",
    "li": "",
    "a": "href rel",
    "p": "",
    "h1": "",
    "h2": "",
    "h3": "",
    "strong": "",
    "em": "",
    "hr": "",
}
VOID = {"meta", "hr"}

HOUSE = templates()
PLAIN = Templates(
    ChoiceLoader(
        [
            DictLoader({"plain/digest.md": (SHIPPED / "default/digest.md").read_text(encoding="utf-8")}),
            FileSystemLoader(SHIPPED),
        ]
    )
)


class Page(HTMLParser):
    """Reads a page, refusing tags, attributes and links that are not ours and ends without a beginning."""

    def __init__(self, own: dict[str, str]) -> None:
        super().__init__()
        self.own, self.open, self.text, self.links, self.marked = own, list[str](), "", list[str](), list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.own, f"<{tag}>"
        for name, value in attrs:
            assert name in self.own[tag].split(), f"<{tag} {name}>"
            assert value is None or "url(" not in value
            if name == "href":
                assert value is not None
                assert re.match(r"https?://|#(s\d+|p[0-9a-f]+)$", value)
                self.links += [value] if value[0] != "#" else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data
        if "mark" in self.open:
            self.marked.append(data)


def read(body: bytes, own: dict[str, str]) -> Page:
    page = Page(own)
    page.feed(body.decode())
    page.close()
    assert page.open == []
    return page


def page_of(name: str, digest: Digest, theme: str | None = None) -> bytes:
    to = replace(CHAT, theme=theme)
    (part,) = write(name, digest, to, ENVELOPE, templates=PLAIN if theme else HOUSE).parts
    return part.body


def squeezed(text: str) -> str:
    return "".join(text.split())


@many
@given(digests())
def test_f51_html_holds_every_paper_and_no_markup_but_ours(digest: Digest) -> None:
    shown = view(digest, ENVELOPE)
    page = read(page_of("html", digest), OWN)
    for entry in shown.entries:
        assert squeezed(entry.title.text) in squeezed(page.text)
        if not entry.carried:
            assert squeezed(entry.gist.text if entry.gist else "") in squeezed(page.text)
            assert squeezed("".join(entry.chips)) in squeezed(page.text)
    links = [entry.link for entry in shown.entries if entry.link]
    assert page.links == [*links, "https://digest.example.org"]
    assert shown.closing in page.text


@many
@given(digests(most=2))
def test_f51_markdown_arrives_as_text_when_a_markdown_reader_reads_it(digest: Digest) -> None:
    page = read(page_of("html", digest, "plain"), FROM_MARKDOWN)
    shown = view(digest, ENVELOPE)
    for entry in shown.entries:
        assert squeezed(entry.title.text) in squeezed(page.text)
        if not entry.carried:
            assert squeezed(entry.gist.text if entry.gist else "") in squeezed(page.text)
            assert squeezed(entry.reason) in squeezed(page.text)
    links = [entry.link for entry in shown.entries if entry.link]
    assert page.links == [*links, "https://digest.example.org"]


@many
@given(digests())
def test_f57_text_holds_every_title_and_link_in_78_columns(digest: Digest) -> None:
    text = page_of("text", digest).decode()
    for line in text.splitlines():
        # A link is never broken: it would lead nowhere.
        assert width(line) <= 78 or re.fullmatch(r" *https?://[!-~]+", line)
    for entry in view(digest, ENVELOPE).entries:
        assert squeezed(f"{entry.number}. {entry.title}") in squeezed(text)
        assert entry.link is None or f"     {entry.link}\n" in text


@many
@given(digests(most=2))
def test_f59_the_same_digest_gives_the_same_bytes(digest: Digest) -> None:
    for name in ("html", "markdown", "text", "slack", "discord", "json"):
        first = write(name, digest, CHAT, ENVELOPE, templates=HOUSE)
        assert first == write(name, digest, CHAT, ENVELOPE, templates=HOUSE)


def test_at_most_two_places_are_marked_in_what_a_paper_says_and_none_in_its_title() -> None:
    page = read(page_of("html", CASES["one"]()), OWN)
    assert page.marked == [], "the title holds the word, and the gist does not"
    many = Paper(title="low-resource", abstract="low-resource " * 9)
    page = read(page_of("html", made(Section("a", "A", (listed(1, many, ("a",), "low-resource"),)))), OWN)
    assert page.marked == ["low-resource"] * 2


def test_chips_name_the_rules_a_paper_answers_and_none_that_another_says_as_well() -> None:
    rules, headings = ("a", "b", "c", "d"), ("Low-resource", "Low-resource languages", "Machine translation", "Speech")
    found = listed(1, Paper(title="T"), rules)
    of = made(
        *(Section(rule, name, (found,) if rule == "a" else ()) for rule, name in zip(rules, headings, strict=True))
    )
    assert view(of, ENVELOPE).entries[0].chips == ("Machine translation", "Speech"), "its heading says the first"


@pytest.mark.parametrize("name", ["html", "text", "markdown"])
def test_what_waited_stands_last_under_its_own_heading_in_a_line_each(name: str) -> None:
    text = " ".join(page_of(name, eleven()).decode().split())
    _, _, waiting = text.partition("Still waiting")
    assert "Carried over: bilingual dictionaries" in waiting
    assert "We build bilingual dictionaries" not in waiting


@pytest.mark.parametrize("name", ["html", "text", "markdown"])
def test_f60_an_empty_digest_is_a_short_message_with_the_closing_line(name: str) -> None:
    text = page_of(name, CASES["none"]()).decode()
    assert "Everything that matched has been sent to you before." in text
    assert "249 new papers read, 4 of them yours: 0 shown, 4 sent to you before." in " ".join(text.split())


def test_a_note_instead_of_an_empty_digest_is_short() -> None:
    none = CASES["none"]()
    brief = replace(none, record=replace(none.record, brief=True))
    text = write("text", brief, CHAT, ENVELOPE, templates=HOUSE).parts[0].body.decode()
    assert len(text.split()) <= 40
    assert "249 new papers read" not in text


def test_a_title_without_an_address_leads_to_a_search_for_it() -> None:
    daily, other = Paper(title="A & B", source="daily-papers"), Paper(title="C")
    of = made(Section("a", "A", (listed(1, daily, ("a",)), listed(2, other, ("a",)))))
    assert [each.link for each in view(of, ENVELOPE).entries] == [
        "https://huggingface.co/papers?q=A%20%26%20B",
        "https://scholar.google.com/scholar?q=C",
    ]
    own = replace(ENVELOPE, title_search=(("", "https://search.example/{title}?a=1"),))
    assert [each.link for each in view(of, own).entries] == [
        "https://search.example/A%20%26%20B?a=1",
        "https://search.example/C?a=1",
    ]
    assert [each.link for each in view(of, replace(ENVELOPE, title_search=())).entries] == [None, None]


def test_a_note_marks_a_test_in_every_face() -> None:
    noted = replace(ENVELOPE, note="test run")
    for name in ("html", "text", "markdown", "slack", "discord", "json"):
        message = write(name, eleven(), CHAT, noted, templates=HOUSE)
        assert "test run" in message.parts[0].body.decode()
        assert message.subject.startswith("[test run] ")


def test_html_of_twenty_papers_stays_far_below_what_gmail_clips() -> None:
    digest = eleven()
    twice = replace(digest, sections=digest.sections * 2)
    assert len(page_of("html", twice)) < 50_000


def test_text_has_contrast_enough_in_light_and_dark() -> None:
    """WCAG AA: 4.5 to 1, for each colour the page uses on the ground it stands on."""
    page = page_of("html", replace(eleven())).decode()
    light, dark = re.split(r"<body", page)[1], re.search(r"dark\) \{(.*)</style>", page, re.DOTALL)
    assert dark is not None
    inks = set(re.findall(r"[; \"]color:(#\w{6})", light))
    assert len(inks) >= 4
    for ink in inks:
        assert contrast(ink, "#faf9f6") >= 4.5, ink
    assert contrast("#1d1b18", "#fde9a3") >= 4.5
    for line in dark[1].splitlines():
        ink, ground = re.search(r"[{ ]color: (#\w{6})", line), re.search(r"background-color: (#\w{6})", line)
        if ink:
            assert contrast(ink[1], ground[1] if ground else "#1c1f24") >= 4.5, line


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
