"""The tables of spellings and plurals: they make one what is one word, and change nothing else."""

from __future__ import annotations

import pytest

from digestbot.rules import plural_table, spelling_table
from digestbot.rules.word_forms import finders, forms, stem

SPELLINGS, PLURALS = list(spelling_table.pairs()), list(plural_table.pairs())
OTHERS = {"لغة", "اللغة", "ספר", "model", "co2", "深"}
WORDS = sorted(OTHERS.union(*SPELLINGS, *PLURALS))


def one(first: str, second: str) -> bool:
    found = second in forms(first), first in forms(second)
    assert found[0] == found[1], (first, second)
    return found[0]


@pytest.mark.parametrize(
    "pair",
    [
        "behaviour behavior", "behaviours behavior", "behavioural behavioral", "modelling modeling",
        "labelled labeled",
        "tumours tumor", "analyse analyze", "analysed analyzed", "optimisers optimizer", "tokenisation tokenization",
        "anaemia anemia", "oestrogen estrogen", "haemoglobin hemoglobin", "centre center", "fibres fiber",
        "grey gray",
        "catalogue catalog", "ageing aging", "defence defense", "sulphur sulfur", "aluminium aluminum",
        "travellers traveler",
        "colourised colorized", "fulfil fulfill", "paediatric pediatric", "programme program", "discs disk",
        "matrix matrices", "matrix matrixes", "index indices", "vertex vertices", "criterion criteria",
        "child children",
        "mouse mice", "hypothesis hypotheses", "analysis analyses", "corpus corpora", "genus genera", "woman women",
        "leaf leaves", "spectrum spectra", "bacterium bacteria", "formula formulae", "nucleus nuclei", "foot feet",
        "لغة باللغة", "نموذج والنموذج", "كتاب للكتاب", "ספר הספר", "ספר שבספר",
    ],
)  # fmt: skip
def test_one_word_is_found_in_all_its_forms(pair: str) -> None:
    first, second = pair.split()
    assert second in forms(first)


@pytest.mark.parametrize(
    "pair",
    [
        "colour colon", "four for", "wise wize", "size sise", "filling filing", "hour hor", "our or", "datum data",
        "media medium",
        "person people", "dice die", "quantum quanta", "cheque check", "tonne ton", "storey story", "metre matter",
        "here hre",
        "promise promize", "precise precize", "exercise exercize", "advertise advertize", "surprise surprize",
        "rise rize",
        "poem pem", "does des", "shoe she", "aerial erial", "phoenix phenix", "pour por", "tour tor", "flour flor",
        "bus bi",
        "virus viri", "plus pli", "status stati", "bonus boni", "campus campi", "sofa sofae", "data datae",
        "human humen",
        "roman romen", "german germen", "belief believes", "chief chieves", "roof rooves", "لغة بلاغة",
        "لغة البلاغة", "ל של",
    ],
)  # fmt: skip
def test_what_is_not_one_word_stays_two(pair: str) -> None:
    first, second = pair.split()
    assert not one(first, second)


def test_no_two_words_of_the_tables_are_made_one_by_way_of_a_third() -> None:
    """A word has a few forms; many would mean that two groups ran together."""
    assert max(len(forms(word)) for word in WORDS if word.isascii()) <= 14
    for british, american in SPELLINGS:
        assert british != american
        assert abs(len(british) - len(american)) <= 3
        assert (british + american).isalpha()
    assert not {*map(frozenset, SPELLINGS)} & {*map(frozenset, PLURALS)}


def test_who_looks_the_other_way_round_finds_the_same() -> None:
    """The engine goes from a text's word to the rules' words, and knows both by a stem."""
    for word in WORDS:
        for form in forms(word):
            assert word in finders(form)
            assert stem(form) == stem(word)
