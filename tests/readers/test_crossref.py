"""Crossref works: titles in lists, JATS abstracts, dates of which only a full one counts."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from tests.readers.kit import understand

WORK: dict[str, Any] = {
    "DOI": "10.1000/ABC",
    "URL": "http://dx.doi.org/10.1000/abc",
    "title": ["A &amp; <i>b</i>"],
    "abstract": "<jats:title>Abstract</jats:title><jats:p>It holds, p &lt; 5.</jats:p>",
    "author": [{"given": "Jane", "family": "Doe", "suffix": "Jr."}, {"name": "The Team"}, {}, None],
    "issued": {"date-parts": [[2020]]},
    "published-online": {"date-parts": [["2020", 2, 1]]},
    "subject": ["Multidisciplinary"],
    "reference-count": 3,
}


def answer(*works: object) -> bytes:
    return json.dumps({"status": "ok", "message-type": "work-list", "message": {"items": works}}).encode()


def test_a_work_is_read_with_all_its_fields() -> None:
    (paper,) = understand(answer(WORK), "works.json").papers
    assert (paper.title, paper.abstract) == ("A & b", "It holds, p < 5.")
    assert (paper.authors, paper.published) == (("Jane Doe Jr.", "The Team"), date(2020, 2, 1))
    assert (dict(paper.ids), paper.categories) == ({"doi": "10.1000/abc"}, ("Multidisciplinary",))


@pytest.mark.parametrize(
    ("given", "published"),
    [([[2020, 3]], "2020-03"), ([[2020, 13, 1]], "2020"), ([[None]], None), ([], None), (None, None), (5, None)],
)
def test_a_date_says_no_more_than_its_parts(given: object, published: str | None) -> None:
    work = {**WORK, "issued": {"date-parts": given}, "published-online": None}
    assert understand(answer(work), "works.json").papers[0].to_json()["published"] == published


def test_single_works_and_the_public_data_file_are_read() -> None:
    single = json.dumps({"message-type": "work", "message": WORK})
    assert [len(understand(t.encode(), "x").papers) for t in (single, json.dumps({"items": [WORK, WORK]}))] == [1, 2]


def test_an_untitled_work_is_skipped_and_an_empty_answer_is_no_failure() -> None:
    listing = understand(answer({**WORK, "title": []}, {**WORK, "title": [""]}, WORK), "works.json")
    assert ([piece.kind for piece in listing.skipped], len(listing.papers)) == (["unreadable"] * 2, 1)
    assert list(understand(answer(), "works.json").papers) == []
