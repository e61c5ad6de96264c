"""Plurals: regular ones only, both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.rules.plurals import plurals, singulars
from digestbot.rules.word_forms import forms


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("model", "models"),
        ("box", "boxes"),
        ("quiz", "quizes"),
        ("batch", "batches"),
        ("mesh", "meshes"),
        ("class", "classes"),
        ("bus", "buses"),
        ("query", "queries"),
        ("survey", "surveys"),
        ("hero", "heros heroes"),
        ("analysis", "analysises analyses"),
        ("ai", "ais"),
        ("my", "mies"),
        ("x", ""),
        ("gpt4", ""),
        ("c++", ""),
        ("naïv", ""),
        ("β", ""),
        ("", ""),
    ],
)
def test_regular_plurals(word: str, expected: str) -> None:
    assert plurals(word) == set(expected.split())


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("models", "model"),
        ("boxes", "box boxe"),
        ("analyses", "analysis analyse analys"),
        ("queries", "query querie"),
        ("heroes", "hero heroe"),
        ("ties", "ty tie"),
        ("class", ""),
        ("corpus", ""),
        ("analysis", ""),
        ("as", ""),
        ("xs", ""),
        ("ais", ""),
        ("gans", "gan"),
        ("model", ""),
        ("ses", "se sis"),
    ],
)
def test_singulars_it_could_be_the_plural_of(word: str, expected: str) -> None:
    assert singulars(word) == set(expected.split())


def test_forms_are_the_word_its_plurals_and_its_singulars() -> None:
    assert forms("boxes") == {"boxes", "box", "boxe", "boxeses"}
    assert forms("gpt4") == {"gpt4"}


@given(st.text("aehiosxyz", min_size=1, max_size=6), st.text("aehiosxyz", min_size=1, max_size=8))
def test_singulars_undo_plurals(word: str, other: str) -> None:
    for each in plurals(word):
        assert word in singulars(each) or each.endswith(("ss", "us", "is"))
    for each in singulars(other):
        assert other in plurals(each)
