"""Which sentences of an abstract are shown, to the letter: of about eighty, an eighth is ten, and half is forty."""

from __future__ import annotations

import pytest

from digestbot.rendering.excerpt import excerpt, sentence_ends
from digestbot.rendering.text import passage


def sentence(size: int, letter: str) -> str:
    """A sentence of so many characters, of words of four letters."""
    words = f"{letter * 4} " * size
    body = words[: size - 2] + letter
    return f"{body.capitalize()}."


def shown(*sentences: str, hits: tuple[str, ...] = (), between: str = " ") -> str:
    text = between.join(sentences)
    spans = [(text.index(each), text.index(each) + len(each)) for each in hits]
    found = excerpt(passage(text, spans), about=80)
    assert [each for each, hit in found.runs if hit] == [each for each in hits if each in found.text]
    return found.text


def test_the_sentences_that_fit_are_shown_an_eighth_over_at_most() -> None:
    a, c = sentence(60, "a"), sentence(50, "c")
    assert shown(a, sentence(29, "b"), c) == f"{a} {sentence(29, 'b')} …"  # ninety
    assert shown(a, sentence(30, "b"), c) == f"{a} …"
    assert shown(sentence(73, "a"), sentence(13, "b"), c) == f"{sentence(73, 'a')} {sentence(13, 'b')} …"
    assert shown(a, sentence(29, "b")) == f"{a} {sentence(29, 'b')}", "the whole of it needs no sign"


@pytest.mark.parametrize(("size", "alone"), [(9, False), (10, True), (11, True)])
def test_a_first_sentence_of_less_than_an_eighth_does_not_stand_alone(size: int, alone: bool) -> None:
    a, b = sentence(size, "a"), sentence(200, "b")
    assert shown(a, b) == (f"{a} …" if alone else f"{a} Bbbb{' bbbb' * 13}…")


def test_a_hit_among_what_is_shown_changes_nothing() -> None:
    a, b, c = sentence(20, "a"), sentence(20, "b"), f"It hit {sentence(20, 'c')}"
    assert shown(a, b, c, sentence(90, "d"), hits=("hit",)) == f"{a} {b} {c} …"


def test_the_sentence_with_the_first_hit_is_shown_with_the_first() -> None:
    a, b, c, d = sentence(40, "a"), sentence(60, "b"), "Here it hit us.", "There it struck us."
    assert shown(a, b, c, d, hits=("hit", "struck")) == f"{a} … {c} …"
    assert shown(a, b, c, d, hits=("struck",)) == f"{a} … {d}", "it is the last: nothing is left out behind it"


def test_a_tiny_first_sentence_stands_before_the_one_with_the_hit() -> None:
    assert shown("We.", sentence(95, "b"), "Here it hit us.", "So.", hits=("hit",)) == "We. … Here it hit us. …"


def test_a_long_first_sentence_is_cut_at_half() -> None:
    a, b, c = sentence(60, "a"), sentence(60, "b"), "Here it hit us."
    assert shown(a, b, c, hits=("hit",)) == "Aaaa aaaa aaaa aaaa aaaa aaaa aaaa aaaa… Here it hit us."
    fits = sentence(45, "a")
    assert shown(fits, b, c, hits=("hit",)) == f"{fits} … {c}"


def test_what_follows_the_first_sentence_follows_without_a_sign() -> None:
    a, b = sentence(30, "a"), f"It hit {sentence(70, 'b')}"
    assert shown(a, b, hits=("hit",)) == f"{a} It hit Bbbb bbbb bbbb bbbb bbbb bbbb …"


@pytest.mark.parametrize(("size", "whole"), [(39, True), (40, True), (41, False)])
def test_a_sentence_with_a_hit_is_shown_whole_up_to_half(size: int, whole: bool) -> None:
    """Its space before it counts with it."""
    a, b, c = sentence(40, "a"), sentence(60, "b"), f"It hit {sentence(size - 8, 'c')}"
    found = shown(a, b, c, "So.", hits=("hit",))
    assert (found == f"{a} … {c} …") is whole
    assert found.startswith(f"{a} … It hit Cccc cccc")


def test_a_sentence_of_just_half_is_shown_from_its_beginning_though_the_hit_is_at_its_end() -> None:
    a, b, c = sentence(40, "a"), sentence(60, "b"), f"Cccc{' cccc' * 6} hit."
    assert len(f" {c}") == 40
    assert shown(a, b, c, "So.", hits=("hit",)) == f"{a} … {c} …"


def test_of_a_long_sentence_the_words_around_the_hit_are_shown() -> None:
    a, b = sentence(40, "a"), sentence(60, "b")
    long = f"{sentence(60, 'c')[:-1]} hit {sentence(60, 'd').lower()}"
    assert shown(a, b, long, hits=("hit",)) == f"{a} … cccc cccc hit dddd dddd dddd dddd dddd …"
    short = f"Ccc{' ccc' * 15} hit{' ddd' * 15}."
    assert shown(a, b, short, hits=("hit",)) == f"{a} … ccc ccc ccc hit ddd ddd ddd ddd ddd ddd …"


def test_a_hit_at_the_very_beginning_of_a_sentence_is_in_that_one() -> None:
    first, second = f"{'前' * 20}。", f"{'中' * 70}。"
    assert shown(first, second, "語です。", "後。", hits=("語",), between="") == f"{first} … 語です。 …"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two.", 2),
        ("One. two.", 1),
        ("See Fig. 3. Then.", 2),
        ("See no. 3. Then.", 2),
        ("I said no. Then.", 2),
        ("See nos. 3. Then.", 2),
        ("See nos. Then.", 2),
        ("See pp. 3. Then.", 2),
        ("See pp. Then.", 2),
        ("See ver. 3. Then.", 2),
        ("See ver. Then.", 2),
        ("See art. 3. Then.", 2),
        ("See v. 3. Then.", 2),
        ("By A. Smith. Then.", 2),
        ("In the U.S. Senate. Then.", 2),
        ("As e.g. Here. Then.", 2),
        ("By PROF. Smith. Then.", 2),
        ("What? Then! And (so.) End", 4),
        ("Wait... What. Then.", 3),
        ("多い。少ない。", 2),
        ("", 0),
        ("Is it A? Then.", 2),
        ('It is "A." Then.', 2),
        ("See (A. Smith). Then.", 2),
        ("See (Fig. 3). Then.", 2),
        ('One. "two and so. Three.', 2),
        ('One. ("two and so. Three.', 3),  # three characters are looked at
        (f"{'A.' * 21}A. Then.", 2),  # an abbreviation has forty at most
        ("It stands on p. 3. Then.", 2),
        ("See p. Then.", 1),
        ("多い！」少ない。", 2),
        ("We saw it. 3 came.", 2),
        (". It begins with a stop.", 2),
    ],
)
def test_where_sentences_end(text: str, count: int) -> None:
    assert len(list(sentence_ends(text))) == count


def test_a_hit_longer_than_half_is_shown_up_to_twice_that() -> None:
    a, b = sentence(40, "a"), sentence(60, "b")
    hit = f"Cccc{' cccc' * 29}"
    text = f"{a} {b} {hit}. So."
    found = excerpt(passage(text, [(text.index(hit), text.index(hit) + len(hit))]), about=80)
    assert found.text == f"{a} … {hit[:79]} …"
    assert [each for each, marked in found.runs if marked] == [hit[:79]]
