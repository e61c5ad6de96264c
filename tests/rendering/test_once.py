"""What is written once, quickly, or outside of the sandbox is what would be written the long way."""

from __future__ import annotations

import re
import sys
import textwrap
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from itertools import product
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader

from digestbot.channels.renderers import write
from digestbot.model.deliveries import Message
from digestbot.model.digests import Digest, Section
from digestbot.model.papers import Paper
from digestbot.model.subscriptions import Destination
from digestbot.rendering import Templates, links, text, text_columns
from digestbot.rendering.base import Envelope, TemplateError
from digestbot.rendering.recent_cache import Latest
from digestbot.rendering.view import view
from tests.rendering.hostile import digests, many
from tests.rendering.making import (
    CASES,
    CHAT,
    ENVELOPE,
    MAIL,
    PAPERS,
    SHIPPED,
    crowd,
    digest,
    eleven,
    entry,
    templates,
)

EVERY_CHARACTER = [chr(number) for number in range(sys.maxunicode + 1)]


def overridden(**files: str) -> Templates:
    """The shipped templates, some of them replaced: `default_foot` is default/foot.html."""
    own = {f"{name.replace('_', '/')}.html": written for name, written in files.items()}
    shipped = FileSystemLoader(SHIPPED)
    return Templates(ChoiceLoader([DictLoader(own), shipped]), shipped=shipped)


@pytest.mark.parametrize("theme", ["default", "compact", "magazine"])
@pytest.mark.parametrize("kind", ["html", "text", "markdown", "archive"])
def test_shipped_templates_write_the_same_within_the_sandbox_and_without(theme: str, kind: str) -> None:
    boxed, to = Templates(FileSystemLoader(SHIPPED)), replace(CHAT, theme=theme)
    for of in (CASES["none"](), CASES["one"](), eleven(), crowd(51)):
        free = write(kind, of, to, ENVELOPE, templates=templates())
        assert free == write(kind, of, to, ENVELOPE, templates=boxed)


@pytest.mark.parametrize("name", ["default_entry", "default_foot", "default_styles", "default_page"])
def test_a_shipped_template_that_somebody_replaced_runs_in_the_sandbox(name: str) -> None:
    """However the page leads there: by extending, importing, including or as a fragment."""
    with pytest.raises(TemplateError, match="unsafe"):
        write("html", eleven(), CHAT, ENVELOPE, templates=overridden(**{name: "{{ self.__class__.__mro__ }}"}))


def test_what_leads_to_a_replaced_template_is_bounded_too() -> None:
    """The page is the house's own, its foot is not: that cannot work without end."""
    endless = "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}"
    with pytest.raises(TemplateError, match="far more than any digest needs"):
        write("html", eleven(), CHAT, ENVELOPE, templates=overridden(default_foot=endless))


def test_a_replaced_template_is_the_one_that_is_written() -> None:
    (page,) = write("html", eleven(), CHAT, ENVELOPE, templates=overridden(default_foot="<p>Mine</p>")).parts
    assert b"<p>Mine</p>" in page.body
    assert b"To change or stop it" not in page.body


def test_a_reader_gets_the_same_bytes_whoever_was_written_to_before() -> None:
    shared, one = templates(), eleven()
    readers = [
        (
            Destination("email", {"address": f"r{n}@example.org"}, theme),
            Envelope(f"{n}", note=note, unsubscribe_url=url),
        )
        for n, (theme, note, url) in enumerate(
            (theme, note, url)
            for theme in (None, "compact")
            for note in (None, "test")
            for url in (None, "https://x.org/u/1", "https://x.org/u/2")
        )
    ]
    for to, envelope in readers + readers[::-1]:
        alone = write("email", eleven(), to, envelope, templates=templates())
        assert write("email", one, to, envelope, templates=shared) == alone


STRAIGHT = templates()
READERS = ("https://x.org/{}/Wy.1_-", "https://x.org/{}/IiJ." + "a1-_" * 40, "https://x.org/{}/?a=1&b=2", None)
LATIN = Paper(title="Räume", abstract="Über Öfen, für größere Türme. " * 20, url="https://ok.example/r")
HAN = Paper(title="多言語モデル" * 20, abstract="我々は新しいベンチマークを提案する。" * 20, url="https://ok.example/h")
HUNGRY = Paper(title="Controls \x11\x12" + "\x11" * 300, abstract="\x12" * 300 + " =\n. \n.\n", author_count=1)


def readers(of: Digest, theme: str | None = None) -> Iterator[tuple[Destination, Envelope]]:
    """Some of the same links, some of others as long or longer, with and without each kind of them."""
    places = [each.paper.sequence for each in of.entries]
    opinions = tuple((place, f"https://x.org/more/{place}", f"https://x.org/less/{place}") for place in places)
    for n, (leave, prefer, asked) in enumerate(product(READERS, READERS, ((), opinions))):
        for who in ("ada", "bob"):
            to = Destination("email", {"address": f"{who}{n}@example.org"}, theme)
            yield (
                to,
                replace(
                    ENVELOPE,
                    delivery_id=f"{who}{n}",
                    unsubscribe_url=leave and leave.format(f"leave/{who}"),
                    preferences_url=prefer and prefer.format(f"preferences/{who}"),
                    opinions=asked,
                ),
            )


def straight(of: Digest, to: Destination, envelope: Envelope) -> Message:
    """As it is written with the reader's own links from the start."""
    with mock.patch.object(Templates, "ours", return_value=False):
        return write("email", of, to, envelope, templates=STRAIGHT)


def papers(count: int, *which: Paper) -> Digest:
    found = (entry(n, replace(paper, url=f"https://ok.example/{n}"), ("a",)) for n, paper in enumerate(which * count))
    return digest(Section("a", "A", tuple(found)))


@pytest.mark.parametrize("theme", [None, "compact", "magazine"])
@pytest.mark.parametrize(
    ("of", "encoding"),
    [
        (CASES["none"](), b"quoted-printable"),
        (eleven(), b"quoted-printable"),
        (papers(3, LATIN), b"quoted-printable"),
        (papers(9, HAN), b"base64"),
        (papers(1, HUNGRY), b"quoted-printable"),
        (papers(1, PAPERS[7]), b"quoted-printable"),
    ],
)
def test_own_links_put_in_later_make_the_bytes_of_a_mail_written_with_them(
    of: Digest, encoding: bytes, theme: str | None
) -> None:
    shared = templates()
    for to, envelope in readers(of, theme):
        body = write("email", of, to, envelope, templates=shared).parts[0].body
        assert body == straight(of, to, envelope).parts[0].body
        assert encoding in body
        assert not re.search(rb"=1[12]|[\x11\x12]", body)


@pytest.mark.parametrize("of", [crowd(200), papers(150, HAN)])
def test_own_links_of_any_length_are_put_into_a_mail_that_was_cut_for_them(of: Digest) -> None:
    """The longer the links, the fewer papers fit; and the whole as text, with links of its own, is attached."""
    shared = templates()
    for length in (40, 41, 45, 48, 52, 56, 59, 900):
        for who in "ab":
            links = [f"https://x.org/{what}/".ljust(length, who) for what in "up"]
            envelope = replace(ENVELOPE, unsubscribe_url=links[0], preferences_url=links[1])
            message = write("email", of, MAIL, envelope, templates=shared)
            assert b"digest.txt" in message.parts[0].body
            assert message == straight(of, MAIL, envelope)


@many
@given(digests(most=2), st.integers(20, 200), st.sampled_from("aZ_.-~"))
def test_own_links_fit_into_any_digest(of: Digest, length: int, end: str) -> None:
    shared = templates()
    for who in ("a", "b", end):
        envelope = replace(ENVELOPE, unsubscribe_url="https://x.org/u/".ljust(length, who))
        assert write("email", of, MAIL, envelope, templates=shared) == straight(of, MAIL, envelope)


def test_readers_of_one_digest_with_links_of_their_own_are_written_for_once() -> None:
    """But for the first mail of all, which shows whether the templates are ours."""
    shared, of = templates(), eleven()
    with mock.patch.object(shared, "write_mail", wraps=shared.write_mail) as written:
        for n in range(100, 200):
            envelope = replace(ENVELOPE, unsubscribe_url=f"https://x.org/{n}", preferences_url=f"https://x.org/p/{n}")
            write("email", of, MAIL, envelope, templates=shared)
    assert written.call_count == 2


@pytest.mark.parametrize(
    "foot",
    [
        "{{ digest.unsubscribe|upper }}",
        "{{ digest.unsubscribe[-3:] }}",
        "{{ digest.unsubscribe.split('/')[4] }}",
        "{{ 'even' if digest.unsubscribe.endswith('2') else 'odd' }}",
    ],
)
def test_a_template_of_somebody_else_sees_the_links_themselves(foot: str) -> None:
    """Whatever it makes of them, it is made of each reader's own; also where it is led to only now and then."""
    often, seldom = foot, "{% if digest.count == '1 paper' %}" + foot + "{% endif %}"
    for theirs in (often, seldom):
        shared = overridden(default_foot=theirs)
        for of in (eleven(), CASES["one"]()):
            for n in (101, 102, 103):
                envelope = replace(ENVELOPE, unsubscribe_url=f"https://x.org/u/{n}")
                alone = write("email", of, MAIL, envelope, templates=overridden(default_foot=theirs))
                assert write("email", of, MAIL, envelope, templates=shared) == alone


def test_a_digest_that_leads_to_somebody_elses_template_for_the_first_time_is_written_with_the_links() -> None:
    """Until then all was ours: the chart is included only where there is one."""
    chart = "<p>{{ digest.unsubscribe.split('/')[4] }}</p>"
    page = "{% if digest.trend %}{% include 'default/chart.html' %}{% endif %}"
    shipped = DictLoader({"default/digest.html": page, "default/digest.txt": "x", "default/chart.html": "ours"})
    given = ChoiceLoader([DictLoader({"default/chart.html": chart}), shipped])
    shared = Templates(given, shipped=shipped)
    for of, told in ((CASES["none"](), False), (CASES["none"](), False), (eleven(), True), (eleven(), True)):
        for n in (101, 102):
            envelope = replace(ENVELOPE, unsubscribe_url=f"https://x.org/u/{n}")
            body = write("email", of, MAIL, envelope, templates=shared).parts[0].body
            assert (f"<p>{n}</p>".encode() in body) == told


def test_opinions_stand_below_the_papers_they_are_about_and_in_no_mail_without_them() -> None:
    digest = eleven()
    places = [each.paper.sequence for each in digest.entries if not each.record.carried]  # those have a line only
    links = tuple((place, f"https://x.org/more/{n}", f"https://x.org/less/{n}") for n, place in enumerate(places))
    for theme in (None, "compact", "magazine"):
        to, shared = Destination("email", {"address": "a@x.org"}, theme), templates()
        plain, asked = (
            message_from_bytes(write("email", digest, to, envelope, templates=shared).parts[0].body, policy=default)
            for envelope in (ENVELOPE, replace(ENVELOPE, opinions=links))
        )
        page = asked.get_body(("html",)).get_content()  # type: ignore[union-attr]  # it has one
        assert "Less like this" not in plain.get_body(("html",)).get_content()  # type: ignore[union-attr]
        assert re.findall(r"x.org/(?:more|less)/\d+", page) == [
            f"x.org/{which}/{n}" for n in range(len(places)) for which in ("more", "less")
        ]
        titles = [found.start() for found in re.finditer("<h3", page)]
        last = len(places) - 1
        assert titles[-2] < page.index(f"more/{last - 1}") < titles[-1] < page.index(f"more/{last}")


def test_another_digest_is_never_taken_for_the_one_before() -> None:
    """Their memory goes by the very object: one that is gone must not lend its id to the next."""
    shared = templates()
    for number in range(30):
        of = replace(CASES["one"](), record=replace(CASES["one"]().record, name=f"Digest {number}"))
        assert f"Digest {number}:" in write("email", of, MAIL, ENVELOPE, templates=shared).subject
        del of


def test_only_the_last_are_remembered_and_only_as_the_very_same() -> None:
    latest, made = Latest[int](kept=2), list[object]()

    def made_of(what: list[int], key: str = "") -> int:
        if (found := latest.get(what, key)) is None:
            made.append(what)
            latest.put(what, key, found := len(made))
        return found

    first, equal, third = [1], [1], [3]
    assert [made_of(first), made_of(first), made_of(equal), made_of(first)] == [1, 1, 2, 1]
    assert [made_of(third), made_of(first)] == [3, 4]
    assert made_of(first, "another key") == 5


def test_an_entry_cut_short_is_not_written_as_it_was_in_full() -> None:
    entry = view(eleven(), ENVELOPE).entries[0]
    writer = object()
    assert entry.fragment("x", writer, lambda each: each.authors) == entry.authors != ""
    assert entry.numbered(7).fragment("x", writer, lambda each: "anew") == entry.authors
    assert replace(entry, authors="").fragment("x", writer, lambda each: each.authors) == ""
    assert entry.fragment("x", object(), lambda each: f"number {each.number}") == "number 0"


def test_characters_taken_for_narrow_are_and_no_letter_is_a_mark() -> None:
    narrow = [char for char in EVERY_CHARACTER if text_columns._NARROW.fullmatch(char)]
    assert not [char for char in narrow if char.isprintable() and text_columns.width(char) != 1 and not char.isspace()]
    assert not [char for char in EVERY_CHARACTER if text.is_mark(char) and char.isalnum()]
    assert not [char for char in narrow if unicodedata.combining(char)]


def test_what_is_printable_holds_nothing_that_is_cleaned_away() -> None:
    kept = [char for char in EVERY_CHARACTER if char.isprintable()]
    assert not text._UNWANTED.search("".join(kept))
    assert [char for char in kept if char.isspace()] == [" "]


def test_a_constant_that_a_shipped_template_imports_is_the_one_of_its_own_theme() -> None:
    """It stands there from when the page was compiled; with other styles in their place, those are written."""
    (page,) = write("html", eleven(), CHAT, ENVELOPE, templates=templates()).parts
    assert b'class="accent" style="margin:0;font-size:14px;line-height:1.4;font-weight:700;color:#8f4208"' in page.body
    styles = (SHIPPED / "default/styles.html").read_text("utf-8").replace("color:#8f4208", "color:#123456")
    (page,) = write("html", eleven(), CHAT, ENVELOPE, templates=overridden(default_styles=styles)).parts
    assert b'class="accent" style="margin:0;font-size:14px;line-height:1.4;font-weight:700;color:#123456"' in page.body


@many
@given(st.from_regex(links._PLAIN, fullmatch=True))
def test_a_plain_address_is_kept_as_it_would_be_written(url: str) -> None:
    with mock.patch.object(links, "_PLAIN", re.compile("(?!)")):
        slowly = links.web_link(url)
    assert links.web_link(url) == slowly == url


@many
@given(st.text("ab c-\n—éя", max_size=300), st.integers(0, 9), st.integers(20, 78))
def test_lines_are_broken_as_by_textwrap(words: str, indent: int, most: int) -> None:
    words = " ".join(word[:10] for word in words.split())
    first = " " * indent
    expected = textwrap.fill(
        words, most, initial_indent=first, subsequent_indent=first, break_on_hyphens=False, break_long_words=False
    )
    assert text_columns.wrap(words, first, columns=most).rstrip() == expected.rstrip()


def test_an_indent_wider_than_the_columns_still_ends() -> None:
    assert text_columns.wrap("abc", "     ", columns=3) == "     a\n     b\n     c"


@many
@given(
    st.text(st.sampled_from("ab \n\t\u0301\u0300\u200b\u200d\x00é—多👍\u2028."), max_size=60)
    | st.text("abc d", max_size=60),
    st.lists(st.tuples(st.integers(-2, 65), st.integers(-2, 65)), max_size=4),
)
def test_a_text_is_cleaned_the_same_letter_by_letter(raw: str, spans: list[tuple[int, int]]) -> None:
    assert text.passage(raw, spans) == text._moved(raw, text._whole(spans, raw), flooded=True)
