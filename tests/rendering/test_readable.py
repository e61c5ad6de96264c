"""LaTeX made readable: what it says, what stays as it is, and highlights that still fit."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.model.digests import Section
from digestbot.model.papers import Paper
from digestbot.rendering import wording
from digestbot.rendering.readable import readable, readable_text
from digestbot.rendering.view import view
from tests.rendering.making import ENVELOPE, FORMULAS, digest, entry

SNIPPETS = (
    "$", "$$", "\\alpha", "\\frac{a}{b}", "{", "}", "^", "_", "x^2", "^{2n}", "\\'e", "\\\"", "\\emph{", "{BERT}", " ",
    "word", "\\(", "\\)", "\\", "5", "\\hat{x}", "\\sqrt", "\\mathbb{R}", "é", "👍", "\\ss ",
)  # fmt: skip
raws = st.lists(st.sampled_from(SNIPPETS) | st.text(max_size=3), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (r"$\alpha$-divergence", "α-divergence"),
        (r"x^2 and $x^2$", "x² and x²"),
        (r"$\mathcal{O}(n \log n)$ time", "O(n log n) time"),
        (r"Erd\H{o}s, R\'enyi, {\'e}tude, na\"ive, \'\i, Stra\ss e", "Erdős, Rényi, étude, naïve, í, Straße"),
        (r"$\hat{\theta}_{t+1} \leq \frac{a+b}{2}$", "θ̂ₜ₊₁ ≤ (a+b)/2"),
        (r"\emph{very {BERT} nice} \& \textbf{a \textit{b}}", "very BERT nice & a b"),
        (r"$L_p$ on $\mathbb{R}^d$, $x_i^{(t)}$, $A^\top$, $30^\circ$", "Lₚ on ℝᵈ, xᵢ⁽ᵗ⁾, A⊤, 30°"),
        (r"$x^{foo,bar}$ and $y_q$", "x^(foo,bar) and y_q"),
        (r"\(a^2\) $$E=mc^2$$ 10^{-3}", "a² E=mc² 10⁻³"),
        (r"$x<y$, $k$-NN, \alpha particle", "x<y, k-NN, α particle"),
    ],
)
def test_latex_is_read_as_people_say_it(raw: str, shown: str) -> None:
    assert readable_text(raw) == shown


@pytest.mark.parametrize(
    "raw",
    [
        "costs $5 and $10", "$5-$10", "US$ 3", "{{ braces }} {x: 1}", "file_name and __init__", "a ^ b", r"C:\temp\foo",
        r'\"Attention\" is all', r"\unknowncommand{x}", "$", "$$", r"\$5", "100% & more #1", "^_^", "{",
    ],
)  # fmt: skip
def test_what_is_no_latex_stays(raw: str) -> None:
    assert readable_text(raw) == raw.replace(r"\$", "$")


@given(raws)
def test_highlights_stay_in_order_and_within_the_text(raw: str) -> None:
    spans = [(a, b) for a in range(len(raw)) for b in range(a + 1, len(raw) + 1)][:200]
    text, moved = readable(raw, [*spans, (0, len(raw))])
    assert text == readable_text(raw)
    assert moved[-1] == (0, len(text))
    assert all(0 <= a <= b <= len(text) for a, b in moved)


@given(raws, st.text("abc", min_size=1, max_size=5))
def test_a_highlighted_word_beside_latex_is_still_that_word(raw: str, word: str) -> None:
    before = f"{raw} "
    text, ((start, end),) = readable(f"{before}|{word}|", [(len(before) + 1, len(before) + 1 + len(word))])
    assert text[start:end] == word


def test_titles_abstracts_and_names_are_shown_readable() -> None:
    found = entry(1, FORMULAS, ("a",), "multilingual", r"\alpha")
    (shown,) = view(digest(Section("a", "A", (found,))), ENVELOPE).entries
    assert shown.title.text == "α-divergence bounds for multilingual O(n² log n) models by Erdős and Rényi"
    assert shown.abstract is not None
    assert shown.abstract.text == "We bound θ̂ₜ₊₁ ≤ (a+b)/2 for $5 and not for $10. It is BERT."
    assert shown.authors == "Pál Erdős and José Ñandu"
    assert shown.words == "“multilingual” and “α”"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("$S_1^{-alpha}$", "S₁^(-alpha)"),
        ("S_1^{-alpha}", "S_1^{-alpha}"),
        ("x^{n-1}", "xⁿ⁻¹"),
        ("$x_{max}$", "x_max"),
        ("10^{-3}", "10⁻³"),
    ],
)
def test_only_what_is_short_and_no_word_is_raised_or_lowered(raw: str, said: str) -> None:
    assert readable_text(raw) == said


@pytest.mark.parametrize(
    "bad", ["$", "{", "\\frac{", "$\\", "\\textbf{", "^{", "$x ", "\\'{", "\\(", "${", "{}", "x^", "\\emph{{}"]
)
def test_f52_a_flood_of_signs_is_read_once(bad: str) -> None:
    flood = Paper(title=bad * 20_000, abstract=bad * 20_000, organization=bad * 20_000)
    of = digest(Section("a", "A", (entry(1, flood, ("a",)),)))
    # It takes 0.05 s, where nothing else does: of ten times one is likely to be undisturbed.
    assert min(processor_time(lambda: view(of, ENVELOPE)) for _ in range(10)) < 0.1


def processor_time(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def test_a_list_of_authors_that_breaks_off_is_shown_as_such() -> None:
    assert wording.authors(Paper(title="T", authors=("Jane Doe", "R. Roe", "et al."))) == "Jane Doe, R. Roe et al."
