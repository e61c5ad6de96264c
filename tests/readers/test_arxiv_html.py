"""arXiv's listing pages: of today, as they looked before 2024, empty, and cut off."""

from __future__ import annotations

import pytest

from tests.readers.kit import understand

ENTRY = """<dt><a name='item1'>[1]</a> <a href ="/abs/{id}" title="Abstract" id="{id}">arXiv:{id}</a> {mark}
[<a href="/pdf/{id}">pdf</a>]</dt>
<dd><div class='meta'><div class='list-title mathjax'><span class='descriptor'>Title:</span> {title}</div>
<div class='list-authors'><a href="/s">Jane D&ouml;e</a>, <a href="/s">Al Roe</a> (for the X Team)</div>
<div class='list-comments mathjax'><span class='descriptor'>Comments:</span> {comments}</div>
<div class='list-subjects'><span class='descriptor'>Subjects:</span>
<span class="primary-subject">Computation and Language (cs.CL)</span>; Physics and Society (physics.soc-ph)</div>
{abstract}</div></dd>"""
HEAD = "<!DOCTYPE html><html><head><title>Language</title></head><body><a href='/list/cs.CL/recent'>arXiv</a>"


def entry(id: str, title: str = "A Title", mark: str = "", abstract: str = "", comments: str = "9 pages") -> str:
    return ENTRY.format(id=id, title=title, mark=mark, abstract=abstract, comments=comments)


def section(heading: str, *entries: str) -> str:
    return f"<dl id='articles'><h3>{heading} (showing 1 of 1 entries)</h3>{''.join(entries)}</dl>"


PAGE = "".join(
    (
        f"{HEAD}<h3>Showing new listings for Friday, 17 March 2023</h3>",
        "<div class='paging'>Total of 9 entries : 1-4</div>",
        section(
            "New submissions",
            entry("2303.00001", "Old &amp; <b>Gold</b>", abstract="<p class=mathjax>p &lt; 0.05\nin all.</p>"),
        ),
        section("Cross submissions", entry("hep-th/9901001", mark="(cross-list from hep-th)")),
        section(
            "Replacement submissions",
            entry("2103.00003", comments="This paper has been withdrawn", abstract="<p class=mathjax> </p>"),
            entry("2103.00004", ""),
        ),
        "</body></html>",
    )
)


def test_every_field_of_an_entry_is_read() -> None:
    paper = understand(PAGE.encode(), "new.html").papers[0]
    assert paper.to_json() == {
        "title": "Old & Gold",
        "abstract": "p < 0.05 in all.",
        "authors": ["Jane Döe", "Al Roe"],
        "author_count": 2,
        "organization": None,
        "upvotes": None,
        "published": None,
        "categories": ["cs.CL", "physics.soc-ph"],
        "ids": {"arxiv": "2303.00001"},
        "url": "https://arxiv.org/abs/2303.00001",
        "source": "arxiv",
        "journal": None,
        "kind": "new",
    }


def test_the_section_tells_the_kind_and_an_empty_abstract_is_none() -> None:
    listing = understand(PAGE.encode(), "new.html")
    assert [(paper.ids["arxiv"], paper.kind) for paper in listing.papers] == [
        ("2303.00001", "new"), ("hep-th/9901001", "cross"), ("2103.00003", "replaced"),
    ]  # fmt: skip
    assert listing.papers[2].abstract is None


def test_an_entry_without_title_a_withdrawn_paper_and_a_part_of_a_listing_are_told() -> None:
    listing = understand(PAGE.encode(), "new.html")
    assert [(piece.kind, piece.reason) for piece in listing.skipped] == [("unreadable", "an entry without a title")]
    assert listing.listed_on == "Friday, 17 March 2023"
    assert "1 withdrawn paper: 2103.00003" in listing.notes
    assert "the page shows entries 1 to 4 of 9" in listing.notes


def test_an_older_page_is_read() -> None:
    page = (
        f"{HEAD}<h3>Cross-lists for Tue, 2 Mar 21</h3><dl><dt><span class='list-identifier'>"
        "<a href='/abs/2103.00001'>arXiv:2103.00001</a> (cross-list from cs.LG)</span></dt><dd><div class='meta'>"
        "<div class='list-title mathjax'>\n<span class='descriptor'>Title:</span> Older\n</div>"
        "<div class='list-authors'>"
        "<span class='descriptor'>Authors:</span> <a href='/s'>Jane Doe</a></div></div></dd></dl></html>"
    )
    (paper,) = understand(page.encode(), "new.html").papers
    assert (paper.title, paper.authors, paper.kind) == ("Older", ("Jane Doe",), "cross")


def test_the_last_entry_of_a_page_cut_off_is_incomplete() -> None:
    page = PAGE[: PAGE.index("withdrawn")]
    listing = understand(page.encode(), "new.html")
    assert [paper.ids["arxiv"] for paper in listing.papers] == ["2303.00001", "hep-th/9901001"]
    assert [piece.kind for piece in listing.skipped] == ["incomplete"]


@pytest.mark.parametrize("says", ["No updates today.", "No updates for this time period.", "Total of 0 entries"])
def test_a_day_without_papers_is_no_failure(says: str) -> None:
    listing = understand(f"{HEAD}<h1>hep-ph</h1><p>{says}</p></body></html>".encode(), "new.html")
    assert list(listing.papers) == []
    assert "the listing holds no papers" in listing.notes
