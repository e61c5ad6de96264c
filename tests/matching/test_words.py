"""The words of texts as the array paths cut and number them: those of `folding.words`, whatever the text."""

from __future__ import annotations

from importlib.util import find_spec
from itertools import groupby

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy")

from digestbot.matching.engine import Engine, Speed  # noqa: E402
from digestbot.model.papers import Paper  # noqa: E402  after numpy is known to be there
from digestbot.rules.ast import Field, Span, Words  # noqa: E402
from digestbot.rules.folding import words  # noqa: E402
from digestbot.rules.parser import parse_node  # noqa: E402
from tests.matching.drawn import TODAY  # noqa: E402

SPEEDS: list[Speed] = ["numpy", "numba"] if find_spec("numba") else ["numpy"]
ASCII = st.text(
    st.sampled_from(list("aaBbsSzZ09---''``+++##  \t\n_.,$~^\0\1\x7f")) | st.characters(max_codepoint=127), max_size=60
)
ODD = st.text(
    st.sampled_from(list("aBs0é深学한ßﬁα½①\u0301\u1112\u1161\u11ab\u200b\u00ad’–—−－-'+# \0\\{}$")) | st.characters(),
    max_size=40,
)
LONG = st.text(st.sampled_from(list("abcé-s'")), max_size=80)
MANY = ["state-of-the-art's", "abcdefgh abcdefghi abcdefghijklmnop abcdefghijklmnopq", "a\0b", "深's a-深 x-a-深"]


def read(speed: Speed, texts: list[str]) -> list[tuple[list[str], list[str]]]:
    """Each text's words in both readings, as the numbers of the array path tell them."""
    from digestbot.matching.batch import words

    names: dict[int, str] = {}
    if speed == "numpy":
        known = words.ArrayWords(Engine.build([])._atoms)._numbers
        split, joined, _ = known.readings(words.tokens(texts))
        names = {number: word.decode() for word, number in known.items()}
    else:
        from digestbot.matching.batch.compiled_words import FastWords

        fast = FastWords(Engine.build([])._atoms)
        put = fast._vocabulary.put

        def noted(new):  # type: ignore[no-untyped-def]  # as `put`
            numbers = put(new)
            names.update(zip(numbers, new, strict=True))
            return numbers

        fast._vocabulary.put = noted  # type: ignore[method-assign]  # to learn which number is whose
        split, joined, _ = fast.readings(texts)
    return list(zip(*([*_texts(each.tolist(), names)] for each in (split, joined)), strict=True))


def _texts(numbers: list[int], names: dict[int, str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for number in numbers:
        if number:
            found[-1].append(names[number])
        else:
            found.append([])
    return found[:-1]


@pytest.mark.parametrize("speed", SPEEDS)
@settings(deadline=None)  # the first example waits for the compiler
@given(texts=st.lists(ASCII | ODD | LONG, max_size=5))
@example(texts=["a's-b c++'s ++'s #'s 's", "C++-based f#-a a-b++ a--b -a-b-", "x's#", "it'sx o'Brien models' a's's"])
@example(texts=MANY)
def test_words_are_those_of_folding(speed: Speed, texts: list[str]) -> None:
    assert read(speed, texts) == [(each.split, each.joined) for each in map(words, texts)]


@pytest.mark.parametrize("speed", SPEEDS)
def test_more_words_than_a_small_table_holds_keep_their_numbers(speed: Speed) -> None:
    texts = [" ".join(f"word{at}of{at * 7919 % 1000}many" for at in range(part, 20_000, 5)) for part in range(5)]
    assert read(speed, texts + texts) == [(each.split, each.joined) for each in map(words, texts + texts)]


@pytest.mark.parametrize("speed", SPEEDS)
def test_a_phrase_with_many_ways_to_go_on_is_found(speed: Speed) -> None:
    """More steps wait at one word than there is room for at first."""
    letters = "a" * 90
    phrases = [tuple([letters] * count) for count in range(2, 120)]
    span = Span(0, 0)
    rules = [(f"p{len(each)}", Words(Field.TEXT, (each,), span)) for each in phrases]
    rules += [(f"s{size}", Words(Field.TEXT, ((letters, letters[:size]),), span, prefix=True)) for size in range(3, 90)]
    engine = Engine.build(rules)
    engine.speed = speed
    some = [Paper(title=" ".join([letters] * 6000)), Paper(title=f"{letters} {letters}", abstract="b")]
    found = {*engine.match(some, today=TODAY).pairs()}
    assert found == {(name, 0) for name, _ in rules} | {(name, 1) for name, _ in rules if name[0] == "s"} | {("p2", 1)}


@pytest.mark.skipif(not find_spec("numba"), reason="numba is not installed")
def test_texts_are_counted_anew_before_their_numbers_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from digestbot.matching.batch import compiled_words

    monkeypatch.setattr(compiled_words, "_LAST_NUMBER", 3)
    engine = Engine.build((each, parse_node(each)) for each in ("a", '"a b"', 'title:"a b"', "abstract:a"))
    engine.speed = "numba"
    some = [Paper(title="a b", abstract="a b")] * 3
    for _ in range(4):
        told = sorted(engine.match(some, today=TODAY).pairs())
        assert [(name, len([*those])) for name, those in groupby(told, lambda each: each[0])] == [
            ('"a b"', 3), ("a", 3), ("abstract:a", 3), ('title:"a b"', 3),
        ]  # fmt: skip
