"""Text from strangers: cleaned with its highlights in place, cut at sentences, graphemes and columns."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.rendering.excerpt import ABOUT, excerpt, sentence_ends
from digestbot.rendering.links import web_link
from digestbot.rendering.text import clean, cut, passage, shorten
from digestbot.rendering.text_columns import width, wrap
from tests.rendering.making import LATE

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


def test_d37_what_no_reader_should_meet_is_gone() -> None:
    assert clean("a\x00b\ud800c\u202ed\u2066e\ufefff\x1b[31m") == "abcdef[31m"


def test_every_kind_of_line_end_and_space_is_one_space() -> None:
    assert clean(" a\r\n\u2028b\u0085\u00a0\t c\u3000") == "a b c"


def test_d37_a_flood_of_combining_marks_is_dammed_and_an_accent_is_kept() -> None:
    assert clean("e\u0301t") == "e\u0301t"
    assert len(clean("e" + "\u0301" * 5000)) < 12


def test_a_text_does_not_begin_with_a_mark_that_would_join_what_stands_before_it() -> None:
    assert clean("\u0338\u200d> x") == "> x"


def test_d37_an_emoji_of_several_characters_stays_whole() -> None:
    assert clean(FAMILY) == FAMILY
    assert cut(passage(FAMILY * 3), 8).text == FAMILY + "…"


@given(
    st.text(st.characters(exclude_categories=()), max_size=60),
    st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70))),
)
def test_highlights_stay_on_their_words_whatever_is_cleaned_away(raw: str, spans: list[tuple[int, int]]) -> None:
    found = passage(raw, spans)
    assert found.text == clean(found.text)
    assert "".join(text for text, _ in found.runs) == found.text
    last = -1
    for start, end in found.hits:
        assert last < start < end <= len(found.text)
        assert not found.text[start:end].startswith(" ")
        last = end


def test_a_highlight_is_carried_past_what_is_removed_before_it() -> None:
    found = passage("\u202e  A\n\n\x00 low-\x00resource \ud800 one", [(8, 22)])
    assert [text for text, hit in found.runs if hit] == ["low-resource"]


@given(st.text(max_size=80), st.integers(1, 40))
def test_a_cut_text_is_never_longer_than_asked(raw: str, most: int) -> None:
    assert len(shorten(raw, most)) <= most


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("We follow Noether et al. (2021) here. Then.", "We follow Noether et al. (2021) here."),
        ("See Fig. 3, i.e. Graphs vs. Trees, e.g. Oaks. Then.", "See Fig. 3, i.e. Graphs vs. Trees, e.g. Oaks."),
        ("It gains 3.5 points. Then.", "It gains 3.5 points."),
        ("By J. Smith of the U.S. Army. Then.", "By J. Smith of the U.S. Army."),
        ('He said "no." Then.', 'He said "no."'),
        ("Does it work? Yes.", "Does it work?"),
        ("It is v. good, etc. and so on. Then.", "It is v. good, etc. and so on."),
        ("We list cats, dogs, etc. Then we stop.", "We list cats, dogs, etc."),
        ("我们提出模型。它很好。", "我们提出模型。"),
        ("No. 5 is alive. Then.", "No. 5 is alive."),
        ("The answer is no. We stop.", "The answer is no."),
    ],
)
def test_sentences_end_at_full_stops_and_not_at_abbreviations(text: str, first: str) -> None:
    assert text[: next(iter(sentence_ends(text)))] == first


def test_an_abstract_is_cut_behind_a_sentence() -> None:
    shown = excerpt(passage("This is one sentence of a certain length. " * 40)).text
    assert shown.endswith("length. …")
    assert ABOUT // 2 < len(shown) <= ABOUT * 9 // 8 + 2


def test_a_sentence_too_long_by_itself_is_cut_at_a_word() -> None:
    shown = excerpt(passage("word " * 12000)).text
    assert shown.endswith("word…")
    assert len(shown) <= ABOUT


def test_a_word_that_the_cut_would_hide_is_shown_with_its_sentence() -> None:
    at = LATE.index("multilingual")
    shown = excerpt(passage(LATE, [(at, at + 12)]))
    assert shown.text == (
        "Sparse attention is a well-studied way to read long documents. … "
        "What surprised us is that a multilingual corpus changes which heads are pruned. …"
    )
    assert [text for text, hit in shown.runs if hit] == ["multilingual"]


@given(
    st.lists(st.sampled_from(["word", "x" * 90, "end.", "et al.", "e.g.", "。", "Fig.", FAMILY, "A"]), max_size=300),
    st.integers(0, 3000),
    st.integers(1, 900),
)
def test_an_excerpt_is_short_and_shows_a_highlighted_word(words: list[str], start: int, size: int) -> None:
    whole = passage(" ".join(words), [(start, start + size)])
    shown = excerpt(whole)
    assert len(shown.text) <= 2 * ABOUT
    assert bool(shown.hits) == bool(whole.hits)


@pytest.mark.parametrize("flood", [".", ".)", "...))) ", "[", "e.g. ", "。", "\u0301", "a\u200d", "\U0001f1e6", "! "])
def test_f52_floods_are_read_in_no_time(flood: str) -> None:
    raw = flood * (60_000 // len(flood))
    started = time.process_time()
    excerpt(passage(raw, [(50_000, 50_005)]))
    assert time.process_time() - started < 2


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), st.sampled_from(["", "  1. ", "== "]))
def test_wrapped_lines_fit_their_columns_and_lose_nothing(raw: str, first: str) -> None:
    lines = wrap(raw, first).split("\n")
    assert all(width(line) <= 78 for line in lines)
    assert "".join("".join(lines).split()) == "".join((first + raw).split())


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "data:text/html,x", "java\nscript:alert(1)", "//example.org", "https://", "mailto:a@b",
        "http://arxiv.org@evil.example", "http://a\\@b/", "http://[::1", "http://a:99999/", "http://a b/", None, "",
        "https://a/" + "x" * 2000, "http://\ud800/", "http://..",
    ],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_no_link(url: str | None) -> None:
    assert web_link(url) is None


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://arxiv.org/abs/2503.00001", "https://arxiv.org/abs/2503.00001"),
        ("HTTPS://Example.ORG:8080/a?b=c&d=e#f", "https://example.org:8080/a?b=c&d=e#f"),
        (
            "https://doi.org/10.1000/x(2025)<1>'\"|`*[]",
            "https://doi.org/10.1000/x%282025%29%3C1%3E%27%22%7C%60%2A%5B%5D",
        ),
        ("https://bücher.example/ü x", "https://xn--bcher-kva.example/%C3%BC%20x"),
        ("http://[2001:db8::1]/", "http://[2001:db8::1]/"),
    ],
)
def test_a_link_is_written_so_that_no_face_can_misread_it(url: str, link: str) -> None:
    assert web_link(url) == link


@pytest.mark.parametrize("first", ["We.", "Not so.", "A short one."])
def test_a_first_sentence_of_a_few_words_does_not_stand_alone(first: str) -> None:
    long = "This sentence goes on and on " + "with words that say what was done " * 20 + "to its end."
    shown = excerpt(passage(f"{first} {long}")).text
    assert shown.startswith(first)
    assert ABOUT // 2 < len(shown) <= ABOUT + 1


def test_a_first_sentence_of_an_eighth_stands_alone() -> None:
    first = "x" * (ABOUT // 8 - 1) + "."
    assert excerpt(passage(f"{first} Y{'y' * 900}.")).text == f"{first} …"


def test_an_abstract_an_eighth_too_long_is_shown_whole_and_one_letter_more_is_not() -> None:
    whole = "word " * ((ABOUT + ABOUT // 8) // 5 - 1) + "words"
    assert excerpt(passage(whole)).text == whole
    assert excerpt(passage(whole + "s")).text.endswith("…")
