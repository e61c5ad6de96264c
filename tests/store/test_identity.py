"""What a work is known by: ids in one spelling, folded titles, and keys that last."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.model.papers import Paper
from digestbot.store.identity import clash, id_keys, new_key, tells_apart, title_keys


@pytest.mark.parametrize(
    ("scheme", "value", "key"),
    [
        ("arxiv", "2401.00001", "arxiv:2401.00001"),
        ("arXiv", " arXiv:2401.00001v12 ", "arxiv:2401.00001"),
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


@given(st.text())
def test_any_title_has_a_key(title: str) -> None:
    assert title_keys(title)
    assert new_key(Paper(title=title)).startswith("title:")
