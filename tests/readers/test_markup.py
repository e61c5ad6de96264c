"""Titles and abstracts as text: HTML, JATS, MathML and LaTeX made readable, in linear time."""

from __future__ import annotations

import time

import pytest

from digestbot.readers.text.markup import fold_spaces, plain, readable, untex


@pytest.mark.parametrize(
    ("marked_up", "text"),
    [
        ("TiO<sub>2</sub> and <i>E. coli</i>", "TiO2 and E. coli"),
        ("One.<br/>Two.<p>Three.</p>", "One. Two. Three."),
        ("R&amp;D, AT&amp;amp;T, R&D, caf&eacute; &#8212; &#x2014;", "R&D, AT&T, R&D, café — —"),
        ("&lt;p&gt;Escaped &lt;b&gt;twice&lt;/b&gt;&lt;/p&gt;", "Escaped twice"),
        ("Cut <Taxes> Hair, p < 0.05, q > 1, a<b", "Cut <Taxes> Hair, p < 0.05, q > 1, a<b"),
        ("<jats:title>Abstract</jats:title><jats:p>We show.</jats:p>", "We show."),
        ("<jats:sec><jats:title>Methods</jats:title><jats:p>None.</jats:p></jats:sec>", "Methods None."),
        ("<mml:math><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math>", "x^2"),
        ("<math><msubsup><mi>a</mi><mrow><mi>i</mi><mi>j</mi></mrow><mn>3</mn></msubsup></math>", "a_ij^3"),
        ("a<!-- said aside -->b<script>no()</script>c", "abc"),
        ("<![CDATA[Kept <b>text</b>]]>", "Kept text"),
        ("<!-- never closed", "<!-- never closed"),
        ("soft\u00adhyphen zero\u200bwidth\xa0space", "softhyphen zerowidth space"),
    ],
)
def test_markup_becomes_plain_text(marked_up: str, text: str) -> None:
    assert plain(marked_up) == text


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (
            r"Koll\'ar, Gr\"obner, {\'{\i}}, \v{C}ech, \c{c}, Fran{\c{c}}ois, \H{o}",
            "Kollár, Gröbner, í, Čech, ç, François, ő",
        ),
        (r"Stra\ss e, \O rsted, {\L}\'od\'z", "Straße, Ørsted, Łódź"),
        ("{P}i {C}alculus: {BERT}", "Pi Calculus: BERT"),
        (r"$\Lambda_{\alpha}$, VQA$^2$: a $p$-adic", "Λ_α, VQA^2: a p-adic"),
        (r"360$^{\circ} $ views, $1.3 \pm 0.2$", "360° views, 1.3 ± 0.2"),
        ("from $5 to $10, or $3", "from $5 to $10, or $3"),
        (r"\$5, 15\% R\&D, a\_b", "$5, 15% R&D, a_b"),
        ("GRB~221009A, about ~5, z~3, http://x.org/~ada", "GRB 221009A, about ~5, z 3, http://x.org/~ada"),
        (r"\textit{WIND} and \it{more}, \emph{so} {\bf bold}", "WIND and more, so bold"),
        (r"\frac{a}{b}, \sqrt{5}, \Q(x), \log n", "a/b, √5, Q(x), log n"),
        (r"as \cite{knuth84} said, \href{http://x.org}{here}", "as said, here"),
        ("D0 --> K- e+, Auslander--Iyama", "D0 --> K- e+, Auslander--Iyama"),
        (r"\(x\) and \[y\]", "x and y"),
    ],
)
def test_latex_becomes_the_text_it_stands_for(latex: str, text: str) -> None:
    assert untex(latex).replace(" ,", ",") == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '<inline-formula><tex-math notation="LaTeX">$\\mu$</tex-math><alternatives><mml:math><mml:mi>μ</mml:mi>'
            "</mml:math></alternatives></inline-formula>Bench",
            "μBench",
        ),
        ("{SPOK} at {TLS}", "SPOK at TLS"),
        ("(3e)-8,8-({[(2r)-4-methyl]oxy}methylene)", "(3e)-8,8-({[(2r)-4-methyl]oxy}methylene)"),
        ("sets {a, b}", "sets {a, b}"),
    ],
)
def test_a_field_of_unknown_make_loses_only_what_is_surely_markup(text: str, expected: str) -> None:
    assert readable(text) == expected


def test_spaces_of_every_kind_are_folded() -> None:
    assert fold_spaces(" a\u2003b\n\tc\u200b ") == "a b c"


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<a",
        "<!--",
        "--><!--",
        "</mi>",
        "<msup><mi>",
        "\\frac{",
        "$a_",
        "$",
        "&amp;",
        "{",
        "\\a[b",
        "\\",
        "\\'",
        "~a",
    ],
)
def test_hostile_repetition_takes_linear_time(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    start = time.process_time()
    for make in (plain, untex, readable):
        make(text)
    assert time.process_time() - start < 10
