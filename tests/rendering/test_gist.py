"""The gist: a whole sentence of the abstract, verbatim, the one that tells the contribution."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.rendering.gist import gist, scores, sentences
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


def told(abstract: str, title: str = "") -> list[dict[str, float]]:
    """What holds of each sentence, and how much of it: what it scores where that alone weighs anything."""
    found, nothing = sentences(abstract), dict.fromkeys(WEIGHTS, 0.0)
    scored = {name: scores(found, title, nothing | {name: 1.0}) for name in WEIGHTS}
    return [{name: round(each[at], 4) for name, each in scored.items() if each[at]} for at in range(len(found))]


def test_the_features_in_numbers() -> None:
    abstract = "Glass melts. WE also propose molten glass. We introduce kiln glass. Kilns melt. We show 7 birds."
    assert told(abstract, "The GLASS Kiln") == [
        {"first": 1, "length": 1.0986, "short": 1, "of the title": 0.5, "of its words in the title": 0.5,
         "central": 0.25, "most central": 1},
        {"second": 1, "place": 0.25, "place squared": 0.0625, "length": 1.7918, "short": 1, "of the title": 0.5,
         "of its words in the title": 0.25, "central": 0.125, "like the first": 0.25, "we propose": 1,
         "we propose for the first time": 1, "we": 1},
        {"third": 1, "place": 0.5, "place squared": 0.25, "length": 1.6094, "short": 1, "of the title": 1,
         "of its words in the title": 0.6667, "central": 0.1667, "like the first": 0.3333, "we propose": 1, "we": 1},
        {"last but one": 1, "place": 0.75, "place squared": 0.5625, "length": 1.0986, "short": 1},
        {"last": 1, "place": 1, "place squared": 1, "length": 1.6094, "short": 1, "we show": 1, "we": 1, "number": 1},
    ]  # fmt: skip
    assert told("One.") == [{"first": 1, "last": 1, "length": 0.6931, "short": 1, "most central": 1}]
    assert told("The of.") == [{"first": 1, "last": 1, "length": 1.0986, "short": 1, "most central": 1}]


ALONE = {"first", "last", "length", "short", "most central"}


@pytest.mark.parametrize(
    ("sentence", "cues"),
    [
        ("We study glass", {"we", "we study"}),
        ("We evaluate glass", {"we", "we evaluate"}),
        ("Glass we also further show", {"we", "we show"}),  # three words behind it are looked at
        ("We also further here show glass", {"we"}),
        ("We glass show", {"we"}),
        ("Glass shows", set()),
        ("In this glass", {"this paper"}),
        ("Glass of one kiln in this", {"this paper"}),  # of the first six words
        ("Glass of one old kiln in this", set()),
        ("Glass of one old kiln aims", {"aim"}),
        ("Glass of one very old kiln aims", set()),
        ("A novel glass", {"new"}),
        ("One method", {"thing"}),
        ("Results come", {"result"}),
        ("Great accuracy", {"measure"}),
        ("Existing glass", {"others"}),
        ("Glass is limited", {"trouble"}),
        ("Our github", {"elsewhere"}),
        ("Also glass", {"further"}),
        ("Glass also", set()),
        ("These kilns", {"backward"}),
        ("Kilns as these", set()),
        ("Glass of 7", {"number"}),
        ("Glass?", {"asks"}),
    ],
)
def test_what_a_sentence_says_by_its_words(sentence: str, cues: set[str]) -> None:
    (row,) = told(sentence)
    assert row.keys() - ALONE == cues


@pytest.mark.parametrize(("words", "length"), [(11, {"short"}), (12, set()), (35, set()), (36, {"long"})])
def test_what_is_short_and_what_is_long(words: int, length: set[str]) -> None:
    (row,) = told("glass " * words)
    assert row.keys() & {"short", "long"} == length


@pytest.mark.parametrize(
    ("abstract", "title", "taken"),
    [
        ("Glass kiln now! The others went to town by bus.", "Glass kiln", "The others went to town by bus."),
        ("Glass kiln melts sand! The others went to town by bus.", "Glass kiln", "Glass kiln melts sand!"),
        ("We show it.", "", "We show it."),
    ],
)
def test_a_sentence_of_four_words_is_taken_before_any_shorter_one(abstract: str, title: str, taken: str) -> None:
    found = gist(abstract, title)
    assert found is not None
    assert (found.text, abstract[found.start : found.end]) == (taken, taken)


TOLD = [
    {"first", "we propose", "we propose for the first time", "we", "this paper", "new", "thing", "short"},
    {
        "second", "we propose", "we show", "we study", "we evaluate", "we", "result", "measure", "further", "others",
        "most central",
    },
    {"third", "trouble", "backward", "aim", "number", "elsewhere", "long"},
    {"last but one", "short"},
    {"last", "asks", "short"},
]  # fmt: skip
"""What holds of each sentence below besides what every one has."""
TELLING = (
    "In this paper we also propose a novel method for bells. "
    "Finally we present results, we show accuracy, we study previous bells and we test tuning on sixteen towers. "
    "It aims however at 16 old bells, which stand on github and in towers of tuning, the tallest that anybody built, "
    "all of them heard by whoever walks past the market on a cold morning with nothing else to do than wait for bells. "
    "Snow fell on every tower. Who rang them?"
)
EVERY = {"place", "place squared", "length", "of the title", "of its words in the title", "central", "like the first"}


def test_what_is_told_of_a_sentence_is_weighed_by_its_name_and_all_weights_are_of_something() -> None:
    found = sentences(TELLING)
    for name in sorted(WEIGHTS.keys() - EVERY):
        only = dict.fromkeys(WEIGHTS, 0.0) | {name: 1.0}
        assert scores(found, "Tuning bells", only) == [float(name in told) for told in TOLD], name
    assert set.union(*TOLD) | EVERY == set(WEIGHTS)
