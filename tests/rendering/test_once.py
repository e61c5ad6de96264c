"""What is written once, quickly, or outside of the sandbox is what would be written the long way."""

from __future__ import annotations

import re
import sys
import textwrap
import unicodedata
from dataclasses import replace
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader

from digestbot.core.subscriptions import Destination
from digestbot.rendering import Templates, columns, links, text, write
from digestbot.rendering.base import Envelope, TemplateError
from digestbot.rendering.latest import Latest
from digestbot.rendering.view import view
from tests.rendering.hostile import many
from tests.rendering.making import CASES, CHAT, ENVELOPE, MAIL, SHIPPED, crowd, eleven, templates

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
        def make() -> int:
            made.append(what)
            return len(made)

        return latest.of(what, key, make)

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
    narrow = [char for char in EVERY_CHARACTER if columns._NARROW.fullmatch(char)]
    assert not [char for char in narrow if char.isprintable() and columns.width(char) != 1 and not char.isspace()]
    assert not [char for char in EVERY_CHARACTER if text.is_mark(char) and char.isalnum()]
    assert not [char for char in narrow if unicodedata.combining(char)]


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
    assert columns.wrap(words, first, columns=most).rstrip() == expected.rstrip()


def test_an_indent_wider_than_the_columns_still_ends() -> None:
    assert columns.wrap("abc", "     ", columns=3) == "     a\n     b\n     c"


@many
@given(
    st.text(st.sampled_from("ab \n\t\u0301\u0300\u200b\u200d\x00é—多👍\u2028."), max_size=60)
    | st.text("abc d", max_size=60),
    st.lists(st.tuples(st.integers(-2, 65), st.integers(-2, 65)), max_size=4),
)
def test_a_text_is_cleaned_the_same_letter_by_letter(raw: str, spans: list[tuple[int, int]]) -> None:
    assert text.passage(raw, spans) == text._moved(raw, text._whole(spans, raw), flooded=True)
