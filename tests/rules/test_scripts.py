"""What is below or above the line belongs to its word; what is no index stays as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.rules.folding import located, words


@pytest.mark.parametrize(
    ("text", "split", "joined"),
    [
        ("CO$_2$ CO$_{2}$ CO_2 CO₂ CO<sub>2</sub> CO<SUB>2</SUB>", "co2 " * 6, "co2 " * 6),
        (r"$\mathrm{CO}_2$ $\text{H}_2\text{O}$ {CO}$_2$", "co2 h2o co2", "co2 h2o co2"),
        ("H$_2$O H<sub>2</sub>O H_2O Fe$_3$O$_4$", "h2o h2o h2o fe3o4", "h2o h2o h2o fe3o4"),
        ("$L_2$ L$_2$ R$^2$ R² $x^2$", "l2 l2 r2 r2 x2", "l2 l2 r2 r2 x2"),
        ("NO$_x$ PM$_{2.5}$ $^{13}$C SO$_4^{2-}$", "nox pm2 5 13c so42", "nox pm2 5 13c so42"),
        (r"$\ell_2$ π$^0$ H$_\alpha$", "l 2 pi 0 h alpha", "l2 pi0 halpha"),
        (r"BERT$_{base}$ BERT$_\text{large}$ T$_{max}$", "bert base bert large t max", "bertbase bert large tmax"),
        (r"a $k$-means $\beta$-VAE", "a k means beta vae", "a kmeans betavae"),
        # no index: two words, as before
        ("snake_case max_len __init__ a _b c_", "snake case max len init a b c", None),
        ("$x_i$ p_i $a_j$", "x i p i a j", None),
        ("the models$^1$ of Abel$^{2}$", "the models 1 of abel 2", None),
        ("10$^{-3}$ m, costs $5 and $6, a<b>c, 5^ and ^5", "10 3 m costs 5 and 6 a b c 5 and 5", None),
        (r"five\_two \^e a\$_2", "five two e a 2", None),
    ],
)
def test_scripts_join_their_word(text: str, split: str, joined: str | None) -> None:
    readings = words(text)
    assert readings.split == split.split()
    assert readings.joined == (joined or split).split()


def test_a_place_is_that_of_the_raw_text() -> None:
    raw = "Uptake of CO$_{2}$ and H$_2$O"
    [split, _] = located(raw)
    assert [raw[start:end] for start, end in zip(split.starts, split.ends, strict=True)] == [
        "Uptake", "of", "CO$_{2", "and", "H$_2$O",
    ]  # fmt: skip


PIECES = (
    "$", "_", "^", "{", "}", "\\", "\\alpha", "\\mathrm{C}", "<sub>", "</sub>", "a", "B", "2", "13", " ", "-", "β",
    "é", "CO",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_both_ways_to_cut_a_text_see_the_same_words_in_order(text: str) -> None:
    plain, placed = words(text), located(text)
    assert (plain.split, plain.joined) == (placed.split.words, placed.joined.words)
    for reading in placed:
        assert reading.starts == sorted(reading.starts)
        assert all(0 <= start < end <= len(text) for start, end in zip(reading.starts, reading.ends, strict=True))
