"""arXiv's metadata as JSON Lines."""

from __future__ import annotations

import json

from tests.readers.kit import understand

RECORD = {
    "id": "0704.0001",
    "submitter": "Pavel",
    "authors": "C. Bal\\'azs, E. L. Berger",
    "title": "Diphoton production at\n  the $\\Lambda$ scale",
    "comments": "This paper has been withdrawn",
    "doi": "10.1103/PhysRevD.76.013009",
    "categories": "hep-ph math.CO",
    "abstract": "  A calculation.\n",
    "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}, {"version": "v2", "created": "x"}],
    "update_date": "2008-11-26",
    "authors_parsed": [["Balázs", "C.", ""], ["Berger", "E. L.", "Jr."]],
}


def lines(*records: object) -> bytes:
    return "\n".join(each if isinstance(each, str) else json.dumps(each) for each in records).encode()


def test_every_field() -> None:
    listing = understand(lines(RECORD), "x")
    (paper,) = listing.papers
    assert (paper.title, paper.abstract) == ("Diphoton production at the Λ scale", "A calculation.")
    assert paper.authors == ("C. Balázs", "E. L. Berger Jr.")
    assert (str(paper.published), paper.categories) == ("2007-04-02", ("hep-ph", "math.CO"))
    assert paper.ids == {"arxiv": "0704.0001", "doi": "10.1103/physrevd.76.013009"}
    assert listing.notes == ["1 withdrawn paper: 0704.0001"]


def test_the_shorter_forms() -> None:
    short = {
        "id": "hep-th/9901001",
        "title": "T",
        "abstract": None,
        "categories": ["cs.CL cs.AI"],
        "authors": "A and B",
    }
    (paper,) = understand(lines(short), "x").papers
    assert (paper.abstract, paper.categories, paper.authors) == (None, ("cs.CL", "cs.AI"), ("A", "B"))


def test_broken_lines_are_skipped_and_a_cut_one_is_told() -> None:
    odd = {**RECORD, "title": 5, "versions": "x", "authors_parsed": [[1], []], "categories": {"a": 1}}
    listing = understand(lines(RECORD, "{no json", "[" * 5000, odd, RECORD, '{"id": "0704'), "x")
    assert len(listing.papers) == 2
    assert [(piece.line, piece.kind) for piece in listing.skipped] == [
        (2, "unreadable"),
        (3, "unreadable"),
        (4, "unreadable"),
        (6, "incomplete"),
    ]
