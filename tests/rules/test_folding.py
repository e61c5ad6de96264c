"""Folding: what a text's words are, in both readings, and where they stand."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digestbot.rules.folding import located, words

ODD = st.text(
    st.sampled_from(
        list("aBzéßøİΣςβµ1²½ -–—−\u00ad\u200b'’`´s+#_.{}\\$~^\"\n中々カｶﾞー한\u1112\u1161\u11ab\u0301\u0327ﬁ①")
    )
    | st.characters()
)
LATEX = st.lists(
    st.sampled_from(
        [
            r"\'",
            r"\"",
            r"\c",
            r"\H",
            r"\i",
            r"\alpha",
            r"\textit",
            r"\foo",
            "{",
            "}",
            " ",
            "e",
            "o",
            "s",
            "-",
            "'s",
        ]
    )
).map("".join)


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("Large Language Models", "large language models"),
        ("C++ F# C+++ C+ c++11 a#b", "c++ f# c++ c c++ 11 a# b"),
        ("snake_case a.b a/b (x)", "snake case a b a b x"),
        ("BERT's BERT’s BERTʼs BERT`s C++'s F#'S", "bert bert bert bert c++ f#"),
        ("don't O'Brien models' 's it'sx", "don t o brien models s it sx"),
        ("naïve Müller Ångström İstanbul", "naive muller angstrom istanbul"),
        ("cafe\u0301 ø ł æ ß ﬁne Ⅷ x² ½ ①", "cafe o l ae ss fine viii x2 1 2 1"),
        ("ΣΊΣΥΦΟΣ σίσυφος", " ".join(["sigmaiotasigmaupsilonphiomicronsigma"] * 2)),
        ("ＢＥＲＴ－ｌａｒｇｅ", "bert large"),
        ("深層学習 BERT中文 人々 〇", "深 層 学 習 bert 中 文 人 々 〇"),
        ("トーカ ﾄｰｶ ガ が・か", "ト ー カ ト ー カ カ か か"),
        ("한국어BERT의", "한 국 어 bert 의"),
        (unicodedata.normalize("NFD", "한국어"), "한 국 어"),
        ("BERT's中", "bert 中"),
        ("soft\u00adhy\u200bphen a\ufeffb", "softhyphen ab"),
        ("हिन्दी", "हनद"),
        ("Москва Ёж", "москва еж"),
        ("", ""),
        (" \n\t…!?", ""),
    ],
)
def test_words_of_a_text(text: str, split: str) -> None:
    assert words(text).split == split.split()


@pytest.mark.parametrize(
    ("text", "split", "joined"),
    [
        ("pre-training", "pre training", "pretraining"),
        ("state-of-the-art models", "state of the art models", "stateoftheart models"),
        ("pre‑training pre–training pre−training pre－training", "pre training " * 4, "pretraining " * 4),
        ("a--b a - b -a b- a-\nb", "a b a b a b a b", "a b a b a b a b"),
        ("GPT-4.1", "gpt 4 1", "gpt4 1"),
        ("BERT's-large", "bert large", "bertlarge"),
        ("pre-C++ C++-like", "pre c++ c++ like", "prec++ c++ like"),
        ("BERT-中文-学", "bert 中 文 学", "bert 中 文 学"),
        ("β-VAE", "beta vae", "betavae"),
        ("{low}-{rank}", "low rank", "lowrank"),
        (r"low-\emph{rank} non\-sense", "low rank nonsense", "lowrank nonsense"),
        ("x-_y", "x y", "x y"),
    ],
)
def test_hyphenated_words_are_read_twice(text: str, split: str, joined: str) -> None:
    assert words(text) == (split.split(), joined.split())


def test_both_readings_are_one_list_without_a_hyphenated_word() -> None:
    for text in ("plain text", "a -- b", "naïve -x", "中文 β"):
        readings = words(text)
        assert readings.split is readings.joined
    assert words("pre-training").split is not words("pre-training").joined


@pytest.mark.parametrize(
    ("text", "split"),
    [
        (r"\'e \'{e} {\'e} \' x", "e e e x"),
        (r"M\"uller M\"{u}ller M{\"u}ller M{\"{u}}ller", "muller " * 4),
        (r"\`a \^o \~n \=a \.z \c{c} \c c \v{s} \H{o} \u{g} \k{a} \r{a} \d{a}", "a o n a z c c s o g a a a"),
        (r"na\"{\i}ve na\"\i ve na{\"\i}ve Ya\u{g}{\i}z", "naive naive naive yagiz"),
        (r"Vi\d{\^{e}}t \t{oo}", "viet oo"),
        (
            r"Stra\ss e Stra{\ss}e \O{}re \L{}ukasz {\L}ukasz \AA ngstr\"om",
            "strasse strasse ore lukasz lukasz angstrom",
        ),
        (r"{\ae}on \oe uvre", "aeon oeuvre"),
        (r"$\beta$-VAE \alpha particle \alpha-helix $\Omega(n)$", "beta vae alpha particle alpha helix omega n"),
        (r"\textit{deep} \textbf{B}ERT {\bf BERT} {\em x}y $\mathrm{CO}_2$", "deep bert bert xy co2"),
        (r"{BERT} {B}{E}{R}{T} a{}b", "bert bert ab"),
        (r"a~b 5\% R\&D \$5 a\_b C\#", "a b 5 r d 5 a b c#"),
        (r"a\foo b \foo{bar} a\\b a\,b \cite{key}", "a b bar a b a b key"),
        (r"\LaTeX users", "latex users"),
        (r"the \"big\" model", "the big model"),
        ("trailing \\", "trailing"),
        (r"x$^{2}$", "x2"),
    ],
)
def test_latex_becomes_the_text_it_stands_for(text: str, split: str) -> None:
    assert words(text).split == split.split()


def reference(text: str) -> list[str]:
    """The design's folding without LaTeX, step by step over the whole text."""
    text = re.sub("['`´‘’‚‛ʹʻʼʽʾʿ′‵᾽᾿՚׳＇｀]", "'", text)
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text))
    text = "".join(
        c for c in text if unicodedata.category(c)[0] != "M" and c not in "\xad\u200b\u200c\u200d\u2060\ufeff"
    )
    text = unicodedata.normalize("NFC", text).casefold()
    text = "".join("-" if unicodedata.category(c) == "Pd" or c == "−" else c for c in text)
    cjk = "[\u3005\u3007\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
    text = re.sub(rf"(?:(?<=[^\W_])|(?<=[^\W_]\+\+)|(?<=[^\W_]#))'s(?=[\W_]|$|{cjk})", "", text)
    names = {"σ": "sigma", "β": "beta", "ı": "i"}
    text = "".join(names.get(c, c) for c in text)
    found: list[str] = []
    for piece in re.findall(r"[^\W_]+(?:\+\+|#)?", text):
        found += re.findall(rf"{cjk}(?:\+\+|#)?|(?:(?!{cjk}).)+", piece)
    return [re.sub(rf"({cjk}).*", r"\1", word) for word in found]


@given(st.text(st.sampled_from(list("aBéßİΣςβ1²½ -–−\u00ad’`´s+#&.中々カｶﾞー한\u1112\u1161\u11ab\u0301ﬁ"))))
def test_words_are_what_the_design_says_step_by_step(text: str) -> None:
    assert words(text).split == reference(text)


@given(ODD | LATEX)
@example("BERT's")
@example("\U0001b123")  # stands among the kana, and is no letter yet
@example("\u1112\u1161\u11ab가\u11a8")
@settings(max_examples=400)
def test_located_words_are_the_words(text: str) -> None:
    readings, places = words(text), located(text)
    assert places.split.words == readings.split
    assert places.joined.words == readings.joined
    for words_, starts, ends in places:
        assert len(words_) == len(starts) == len(ends)
        assert all(0 <= a < b <= len(text) for a, b in zip(starts, ends, strict=True))
        assert starts == sorted(starts)
        assert ends == sorted(ends)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        (
            r"the Caf\'{e}'s M{\"u}ller cafe" + "\u0301 x",
            ["the", r"Caf\'{e}", r"M{\"u}ller", "cafe\u0301", "x"],
        ),
        ("State-of-the-art, yes", ["State-of-the-art", "yes"]),
        (
            "深層 " + unicodedata.normalize("NFD", "한국"),
            ["深", "層", *(unicodedata.normalize("NFD", s) for s in "한국")],
        ),
        ("ﬁne ½", ["ﬁne", "½", "½"]),
        ("\u0301été", ["été"]),  # an accent with no letter before it
        ("e\u0301\u0302te", ["e\u0301\u0302te"]),
        ("caf\u200be\u0301 x", ["caf\u200be\u0301", "x"]),
        ("x \u0301y", ["x", "y"]),
    ],
)
def test_places_are_offsets_into_the_raw_text(text: str, pieces: list[str]) -> None:
    joined = located(text).joined
    assert [text[a:b] for a, b in zip(joined.starts, joined.ends, strict=True)] == pieces


def test_every_character_folds_alike_alone_and_among_others() -> None:
    assigned = (chr(code) for code in range(sys.maxunicode + 1))
    everything = [each for each in assigned if unicodedata.category(each) not in ("Cn", "Co")]
    for at in range(0, len(everything), 5000):
        text = " ".join(everything[at : at + 5000])
        alone = [word for each in text.split(" ") for word in words(each).split]
        assert words(text).split == alone
