"""Semantic Scholar: one kind of paper in all the shapes that its answers have."""

from __future__ import annotations

import json
from datetime import date

import pytest

from tests.readers.kit import understand

PAPER = {
    "paperId": "a" * 40,
    "externalIds": {"ArXiv": "2001.00001", "DOI": "10.1000/X", "PubMed": 12, "PubMedCentral": "34", "ACL": None},
    "url": "https://www.semanticscholar.org/paper/a",
    "title": "A {BERT} title",
    "abstract": "Text.",
    "authors": [{"authorId": "1", "name": "Jane Doe"}, {"name": None}],
    "publicationDate": "2020-01-02",
    "s2FieldsOfStudy": [{"category": "Physics", "source": "x"}, {"category": "Physics", "source": "y"}],
}


@pytest.mark.parametrize(
    "shape",
    [
        {"total": 1, "offset": 0, "data": [PAPER]},
        {"total": 1, "token": "X", "data": [PAPER]},
        {"recommendedPapers": [PAPER]},
        [None, PAPER],
        PAPER,
        {"offset": 0, "data": [{"contexts": ["x"], "citingPaper": PAPER}]},
        {"offset": 0, "data": [{"isInfluential": True, "citedPaper": PAPER}]},
        [{"authorId": "1", "papers": [PAPER]}, {"authorId": "2", "papers": []}],
    ],
)
def test_every_shape_of_answer_is_read(shape: object) -> None:
    listing = understand(json.dumps(shape).encode(), "s2.json")
    (paper,) = listing.papers
    assert (listing.format, paper.title, paper.abstract) == ("semantic-scholar", "A BERT title", "Text.")
    assert (paper.authors, paper.published, paper.categories) == (("Jane Doe",), date(2020, 1, 2), ("Physics",))
    assert dict(paper.ids) == {
        "arxiv": "2001.00001", "doi": "10.1000/x", "pmid": "12", "pmcid": "PMC34", "s2": "a" * 40,
    }  # fmt: skip


def test_the_data_sets_lines_are_read() -> None:
    lines = '{"corpusid": 1, "externalids": {"ACL": "N19-1"}, "title": "One", "authors": []}\n' * 2
    papers = understand(lines.encode(), "papers.jsonl").papers
    assert [dict(paper.ids) for paper in papers] == [{"acl": "N19-1", "s2": "CorpusID:1"}] * 2


@pytest.mark.parametrize("answer", [b'{"total": 0, "offset": 0, "data": []}', b'{"recommendedPapers": []}'])
def test_an_empty_answer_is_no_failure(answer: bytes) -> None:
    assert "the answer holds no papers" in understand(answer, "s2.json").notes
