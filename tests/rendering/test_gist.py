"""The gist: a whole sentence of the abstract, verbatim, the one that tells the contribution."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.rendering.gist import FEATURES, gist, sentences
from digestbot.rendering.gist_weights import WEIGHTS

ABSTRACT = (
    "Speech recognition has improved greatly in recent years. However, rare languages still lack transcribed speech. "
    "In this paper, we propose a novel training method that borrows transcribed speech from related languages. "
    "It takes two days on one machine. Our code is available at https://example.org/code."
)


def test_it_takes_the_sentence_that_tells_the_contribution() -> None:
    found = gist(ABSTRACT, "Borrowing speech from related languages")
    assert found is not None
    assert found.text.startswith("In this paper, we propose")
    assert found.text.endswith("related languages.")


def test_the_title_decides_where_the_phrases_do_not() -> None:
    abstract = (
        "The first part measures the heat of molten glass in furnaces of three makes. "
        "The second part measures the sound of old bells in towers of three lands."
    )
    for title, part in (("The heat of molten glass", "first"), ("The sound of old bells", "second")):
        found = gist(abstract, title)
        assert found is not None
        assert part in found.text


@pytest.mark.parametrize("abstract", [None, "", "   ", " ... \n "])
def test_an_abstract_without_a_word_has_none(abstract: str | None) -> None:
    assert gist(abstract, "A title") is None


def test_a_single_sentence_is_its_own() -> None:
    assert gist(" We show that it works ") == ("We show that it works", 1, 22)


def test_an_abbreviation_by_itself_is_not_taken_beside_a_sentence() -> None:
    found = gist("Background. We measured the growth of forty trees over ten years. Results.")
    assert found is not None
    assert found.text.startswith("We measured")


def test_of_a_flood_only_whole_sentences_are_read() -> None:
    flood = ABSTRACT + " " + "and so it goes on " * 10_000
    found = gist(flood)
    assert found is not None
    assert found.text in ABSTRACT


@given(st.text(alphabet="ab .!?。\n(\"'é語$", max_size=200), st.text(max_size=30))
def test_it_is_always_verbatim_with_its_place(abstract: str, title: str) -> None:
    found = gist(abstract, title)
    if found is None:
        assert not sentences(abstract)
    else:
        assert abstract[found.start : found.end] == found.text == found.text.strip()


def test_each_feature_has_a_weight() -> None:
    assert len(WEIGHTS) == len(FEATURES)
