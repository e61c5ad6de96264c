"""Names of people as people write them."""

from __future__ import annotations

from itertools import product

import pytest

from digestbot.rules.names import agree, whole_words, written_words
from tests.matching.oracle_names import agreeing

AGREE = [
    ("Smith JA", "John A. Smith"), ("J. A. Smith", "Smith JA"), ("J Smith", "John Adam Smith"),
    ("Smith", "J. A. Smith"),
    ("LeCun, Yann", "Yann LeCun"), ("LeCun Y", "Yann LeCun"), ("lecun y", "LeCun, Y."),
    ("SMITH JA", "John Adam Smith"),
    ("Yu-Lan Chen", "Yulan Chen"), ("Chen YL", "Yu-Lan Chen"), ("Chen Yulan", "Yulan Chen"),
    ("P.-E. Roche", "Paul-Émile Roche"),
    ("Müller K", "Klaus Mueller"), ("Mueller", "K. Müller"), ("Muller", "K. Müller"), ("Sørensen", "Soerensen, P."),
    ("van der Maaten L", "Laurens van der Maaten"), ("Maaten", "Laurens van der Maaten"),
    ("Vega, Inés de la", "Ines de la Vega"),
    ("M. Garza Leon", "Garza León, María"), ("Garza", "María Garza León"), ("Smith Jr., John", "John Smith"),
    ("O'Neil, Pat", "Pat O’Neil"), ("Иванов И.", "Иван Иванов"), ("李明", "李 明"), ("Al-Khatib", "Alkhatib, Omar"),
]  # fmt: skip
DIFFER = [
    ("John Smith", "Jane Smith"), ("Yu Chen", "Yolanda Chen"), ("Marsh", "Marshall"), ("Marsh IK", "Ilse B. Marsh"),
    ("Ilse Marsh", "J. Marsh"), ("van den Hoek", "Mirjam van den Broek"), ("Gruber", "Nora Grueber"),
    ("J", "John Smith"),
    ("Ilse Katrin Marsh", "Ilse Kora Marsh"), ("John Smith", "Smith"), ("de la Torre", "Inés de la Vega"),
    ("Ines", "I. Vega"),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "name"), AGREE)
def test_one_person_in_two_ways_to_write(wanted: str, name: str) -> None:
    assert agree(wanted, name)


@pytest.mark.parametrize(("wanted", "name"), DIFFER)
def test_two_people_are_never_one(wanted: str, name: str) -> None:
    assert not agree(wanted, name)


def test_every_pair_is_judged_as_the_slow_way_judges_it_and_found_by_its_words() -> None:
    names = sorted({name for pair in (*AGREE, *DIFFER) for name in pair})
    for wanted, name in product(names, names):
        found = agree(wanted, name)
        assert found == agreeing(wanted, name), (wanted, name)
        if found:  # by these the engine and the search come to look at it at all
            assert whole_words(wanted) & whole_words(name)
            assert any(word in whole_words(name) for word in written_words(wanted))


@pytest.mark.parametrize("comma", ["", ","])
def test_a_name_has_twelve_words_at_most(comma: str) -> None:
    twelve = f"Ada{comma} Bea Cleo Dora Edda Fay Gina Hedy Ina Jana Kaia Lea"
    assert agree(twelve, twelve)
    assert whole_words(twelve) >= {"ada", "lea"}
    assert not agree(f"{twelve} Mia", f"{twelve} Mia")
