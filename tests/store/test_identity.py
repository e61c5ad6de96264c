"""What a work is known by: ids in one spelling, folded titles, and keys that last."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.model.papers import Paper
from digestbot.store.identity import clash, id_keys, new_key, reference_keys, same_by_title, tells_apart, title_keys


@pytest.mark.parametrize(
    ("scheme", "value", "key"),
    [
        ("arxiv", "2401.00001", "arxiv:2401.00001"),
        (" arXiv ", " arXiv:2401.00001v12 ", "arxiv:2401.00001"),
        ("arxiv", "https://arxiv.org/pdf/2401.00001v2.pdf", "arxiv:2401.00001"),
        ("arxiv", "http://export.arxiv.org/abs/hep-th/9901001v3", "arxiv:hep-th/9901001"),
        ("arxiv", "math.GT/0309136", "arxiv:math/0309136"),
        ("doi", "https://doi.org/10.1000/ABC.d", "doi:10.1000/abc.d"),
        ("doi", "doi:10.48550/arXiv.2401.00001v1", "arxiv:2401.00001"),
        ("openreview", "rJXMpikCZ", "openreview:rJXMpikCZ"),
    ],
)
def test_an_id_has_one_spelling(scheme: str, value: str, key: str) -> None:
    assert id_keys(Paper(title="x", ids={scheme: value})) == [key]


@pytest.mark.parametrize(("scheme", "value"), [("isbn", "978-3"), ("issn", "1234-5678"), ("doi", " "), ("arxiv", "")])
def test_what_names_no_work_is_no_key(scheme: str, value: str) -> None:
    assert id_keys(Paper(title="x", ids={scheme: value})) == []


def test_the_key_is_the_surest_id_or_else_the_title() -> None:
    assert new_key(Paper(title="x", ids={"acl": "P1", "doi": "10.1/a", "arxiv": "2401.1"})) == "arxiv:2401.1"
    assert new_key(Paper(title="x", ids={"acl": "P1", "doi": "10.1/a"})) == "doi:10.1/a"
    assert new_key(Paper(title="x", ids={"acl": "P1"})) == "acl:P1"
    # Written down here because it stands in people's ledgers.
    assert new_key(Paper(title="Attention Is All You Need")) == "title:4a1c934d3d98f3ce"


def test_a_hyphenated_title_is_known_in_both_readings() -> None:
    assert title_keys("Pre-Training models") == ["pre training models", "pretraining models"]
    assert title_keys("Plain title") == ["plain title"]


@pytest.mark.parametrize(
    ("title", "one_work"),
    [
        ("Preface", False),
        ("BERT", False),
        ("Table of Contents", False),
        ("Editorial: Volume 12", False),
        ("Erratum to: Deep learning", True),
        ("Attention is all you need", True),
        ("Low-resource", True),
    ],
)
def test_which_titles_name_one_work(title: str, one_work: bool) -> None:
    assert tells_apart(title_keys(title)[0]) is one_work


def test_ids_clash_within_a_scheme_only() -> None:
    assert clash({"doi:a", "arxiv:1"}, {"doi:b"})
    assert not clash({"doi:a", "doi:b"}, {"doi:b"})
    assert not clash({"doi:a"}, {"arxiv:1"})
    assert not clash({"dblp:conf/x"}, {"dblp:journals/corr/x"})


def test_several_ids_stand_in_one_order_whatever_their_schemes_are_written_like() -> None:
    ids = {"zbl": "1", "mag": "2", " DOI ": "10.1/A", "hal": "3", "ArXiv": "2401.00001", "acl": "P1", "pmid": "4"}
    told = ["arxiv:2401.00001", "doi:10.1/a", "acl:P1", "hal:3", "mag:2", "pmid:4", "zbl:1"]
    assert id_keys(Paper(title="x", ids=ids)) == told


def test_an_address_tells_ids_too_and_those_that_a_dump_names_stand_against_it() -> None:
    url = "https://arxiv.org/abs/2401.00001"
    assert id_keys(Paper(title="x", url=url)) == ["arxiv:2401.00001"]
    assert id_keys(Paper(title="x", url=url, ids={"doi": "10.1/a"})) == ["arxiv:2401.00001", "doi:10.1/a"]
    assert id_keys(Paper(title="x", url=url, ids={"arxiv": "2401.00002"})) == ["arxiv:2401.00002"]
    assert id_keys(Paper(title="x", url="https://example.org/")) == []


def test_a_number_like_one_of_arxiv_is_none_where_another_scheme_gives_it() -> None:
    assert id_keys(Paper(title="x", ids={"mag": "2401.00001"})) == ["mag:2401.00001"]


@pytest.mark.parametrize(
    ("reference", "keys"),
    [
        (" arXiv:2401.00001v2 ", ["arxiv:2401.00001", "arxiv:2401.00001", "acl:arXiv:2401.00001v2"]),
        ("2401.00001", ["arxiv:2401.00001", "acl:2401.00001"]),
        ("math.GT/0309136", ["arxiv:math/0309136", "acl:math.GT/0309136"]),
        ("10.1/ABC", ["doi:10.1/abc", "acl:10.1/ABC"]),
        ("https://doi.org/10.1/A", ["https://doi.org/10.1/A", "doi:10.1/a", "acl:https://doi.org/10.1/A"]),
        ("PMID:12", ["pmid:12", "acl:PMID:12"]),
        ("isbn:978", ["acl:isbn:978"]),
        ("P19-1001", ["acl:P19-1001"]),
        ("", []),
    ],
)
def test_what_a_person_may_mean_by_an_id(reference: str, keys: list[str]) -> None:
    assert reference_keys(reference, {"acl"}) == keys


def test_an_id_without_a_scheme_is_tried_under_all_that_are_known_in_order() -> None:
    assert reference_keys("7", {"pmid", "acl", "mag"}) == ["acl:7", "mag:7", "pmid:7"]


def test_a_title_without_a_word_is_known_as_it_stands() -> None:
    assert title_keys(" ??? ") == ["???"]
    assert title_keys("中文-测试") == ["中 文 测 试"]


SPEECH, ERRATA = "speech without words", "errata"
ADA, EVE = ("Ada Lovelace",), ("Eve Noether",)


@pytest.mark.parametrize(
    ("known", "seen", "one_work"),
    [
        ({"authors": ADA}, {"authors": EVE}, False),
        ({"authors": ADA}, {"authors": ("Augusta Lovelace",)}, True),
        ({"authors": ADA}, {}, True),
        ({"authors": ("A. Lovelace",)}, {"authors": ("A. Noether",)}, False),  # an initial is no name
        ({"authors": ("Li Wu",)}, {"authors": ("Bo Xu",)}, False),
        ({"authors": ("Анна Ли",)}, {"authors": ("Bo Xu",)}, True),  # who knows
        ({"authors": ("Li Wu", "Анна Ли")}, {"authors": ("Bo Xu",)}, True),
    ],
)
def test_papers_of_one_title_are_one_work_unless_their_authors_are_strangers(
    known: dict[str, Any], seen: dict[str, Any], one_work: bool
) -> None:
    assert same_by_title(Paper(title=SPEECH, **known), Paper(title=SPEECH, **seen), SPEECH) is one_work


@pytest.mark.parametrize("word", ["al", "and", "anonymous", "author", "authors", "et", "others", "unknown"])
def test_strangers_stay_strangers_where_both_lists_of_authors_have_a_word_that_is_no_name(word: str) -> None:
    one, other = (Paper(title=SPEECH, authors=(*names, word)) for names in (ADA, EVE))
    assert not same_by_title(one, other, SPEECH)


@pytest.mark.parametrize(
    ("known", "seen", "one_work"),
    [
        ({}, {}, True),
        ({"organization": "X", "url": "u"}, {"organization": "X"}, False),  # it takes more than where it is from
        ({"organization": "X"}, {"organization": "X"}, True),  # alike in all they say
        ({"abstract": "a"}, {}, False),
        ({"authors": ADA, "organization": "X"}, {"authors": ADA}, True),
        ({"abstract": "a", "organization": "X"}, {"abstract": "a"}, True),
        ({"url": "u", "organization": "X"}, {"url": "u"}, True),
        ({"url": "u"}, {"url": "u", "organization": "X"}, True),
        ({"url": "u", "organization": "X"}, {"url": "u", "organization": "Y"}, False),
        ({"url": "u", "published": date(2026, 1, 1)}, {"url": "u", "published": date(2026, 1, 2)}, False),
        ({"url": "u", "abstract": "a"}, {"url": "u", "abstract": "b"}, False),
        ({"abstract": "a", "url": "u"}, {"abstract": "a", "url": "v"}, False),
    ],
)
def test_papers_whose_title_names_no_work_must_agree_in_more(
    known: dict[str, Any], seen: dict[str, Any], one_work: bool
) -> None:
    assert same_by_title(Paper(title=ERRATA, **known), Paper(title=ERRATA, **seen), ERRATA) is one_work


@given(st.text())
def test_any_title_has_a_key(title: str) -> None:
    assert title_keys(title)
    assert new_key(Paper(title=title)).startswith("title:")
