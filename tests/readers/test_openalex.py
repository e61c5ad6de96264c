"""OpenAlex works: the inverted index put in order, ids from everywhere, and each shape they come in."""

from __future__ import annotations

import json
from datetime import date

from tests.readers.kit import understand

WORK = {
    "id": "https://openalex.org/W1",
    "doi": "https://doi.org/10.1000/ABC",
    "title": None,
    "display_name": "A <i>shown</i> title",
    "publication_year": 2020,
    "publication_date": "2020-03-04",
    "ids": {"pmid": "https://pubmed.ncbi.nlm.nih.gov/123", "pmcid": "https://www.ncbi.nlm.nih.gov/pmc/articles/456"},
    "authorships": [
        {"author": {"display_name": "Jane Doe"}},
        {"author": None, "raw_author_name": "Roe, Al"},
        None,
    ],
    "locations": [{"landing_page_url": "http://arxiv.org/abs/2001.00001v2"}],
    "primary_topic": {"subfield": {"display_name": "Geometry"}, "field": {"display_name": "Mathematics"}},
    "abstract_inverted_index": {
        "We": [0],
        "study": [1, 3],
        "x.": [99_999_999],
        "how": [2],
        "odd": "no",
        "odder": ["1"],
    },
}


def test_a_work_is_read_with_all_its_fields() -> None:
    (paper,) = understand(json.dumps({"meta": {"count": 1}, "results": [WORK]}).encode(), "works.json").papers
    assert (paper.title, paper.abstract) == ("A shown title", "We study how study x.")
    assert (paper.authors, paper.published) == (("Jane Doe", "Al Roe"), date(2020, 3, 4))
    assert paper.categories == ("Mathematics", "Geometry")
    assert dict(paper.ids) == {
        "arxiv": "2001.00001", "doi": "10.1000/abc", "pmid": "123", "pmcid": "PMC456", "openalex": "W1",
    }  # fmt: skip


def test_single_works_json_lines_and_lists_of_pages_are_read() -> None:
    one = json.dumps(WORK)
    pages = json.dumps([{"results": [WORK]}, {"results": [WORK]}])
    assert [len(understand(text.encode(), "x").papers) for text in (one, f"{one}\n{one}\n", pages)] == [1, 2, 2]


def test_a_work_without_title_is_skipped_and_an_empty_answer_is_no_failure() -> None:
    untitled = {**WORK, "display_name": None}
    listing = understand(json.dumps({"results": [untitled, WORK]}, indent=1).encode(), "works.json")
    assert ([piece.kind for piece in listing.skipped], len(listing.papers)) == (["unreadable"], 1)
    empty = understand(b'{"meta": {"count": 0, "db_response_time_ms": 9}, "results": []}', "works.json")
    assert "the answer holds no papers" in empty.notes


def test_an_abstract_index_of_another_kind_gives_no_abstract() -> None:
    others: list[object] = [None, [], "x", '{"InvertedIndex": 5}', 7]
    for index in others:
        listing = understand(json.dumps({**WORK, "abstract_inverted_index": index}).encode(), "x")
        assert listing.papers[0].abstract is None
