"""CSV and TSV in the dialects and with the headers that programs and people write."""

from __future__ import annotations

from datetime import date

import pytest

from digestbot.model.errors import DumpError
from tests.readers.kit import Listing, understand


def read(text: str) -> Listing:
    listing = understand(text.encode(), "papers.csv")
    assert listing.format == "csv"
    return listing


def test_an_export_of_a_reference_manager_is_read() -> None:
    (paper,) = read(
        '"Key","Author","Title","Publication Title","DOI","Url","Abstract Note","Date"\n'
        '"A1","Doe, Jane; Roe, Al","A ""quoted"" title, here","J",'
        '"10.1000/XYZ","https://x.org/a","Some\nabstract; x","2021-03-04"\n'
    ).papers
    assert (paper.title, paper.abstract) == ('A "quoted" title, here', "Some abstract; x")
    assert (paper.authors, paper.published) == (("Jane Doe", "Al Roe"), date(2021, 3, 4))
    assert (dict(paper.ids), paper.url) == ({"doi": "10.1000/xyz"}, "https://x.org/a")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Title;Authors\nÜber, etwas;Jane Doe\n", ("Über, etwas", None, ("Jane Doe",))),
        ('sep=,\r\n"Title","Abstract"\r\n"A","x"\r\n', ("A", "x", ())),
        ('Title\tAbstract\tAuthors\nA 5" wafer\tAn "x\tDoe, J.; Roe, R.\n',
         ('A 5" wafer', 'An "x', ("J. Doe", "R. Roe"))),
        ("PT\tAU\tTI\tAB\nJ\tDoe, J\tA title\tAbs\n", ("A title", "Abs", ("J Doe",))),
        ("title|summary\nA|x, y; z\n", ("A", "x, y; z", ())),
        ('"title","abstract"\n"He said \\"hi\\", ok","x"\n', ('He said "hi", ok', "x", ())),
        ("About the data: exported, 2024\nTitle,Abstract\nA,x\n", ("A", "x", ())),
        ("index,Paper_Title,authors\n0,A,\"['Ann Bo', 'Carl Dee']\"\n", ("A", None, ("Ann Bo", "Carl Dee"))),
        ("title,authors,abstract\nA,\"[{'name': 'Ann'}, {'name': 'Carl Dee'}]\",nan\n",
         ("A", None, ("Ann", "Carl Dee"))),
    ],
)  # fmt: skip
def test_each_dialect_is_read(text: str, expected: tuple[object, ...]) -> None:
    (paper,) = read(text).papers
    assert (paper.title, paper.abstract, paper.authors) == expected


@pytest.mark.parametrize("cell", ["\"['cs.CL', 'cs.LG']\"", "cs.CL cs.LG", '"cs.CL, cs.LG"', "cs.CL;cs.LG"])
def test_categories_come_as_lists_or_parted_by_anything(cell: str) -> None:
    (paper,) = read(f"title,terms,id\nA,{cell},http://arxiv.org/abs/2401.00001v1\n").papers
    assert (paper.categories, dict(paper.ids)) == (("cs.CL", "cs.LG"), {"arxiv": "2401.00001"})


def test_rows_that_do_not_fit_are_skipped_and_the_others_read() -> None:
    listing = read('title,abstract\nA,"x\ny"\n,z\nB,x,y\n,\nC,z\n')
    assert [paper.title for paper in listing.papers] == ["A", "C"]
    assert [(piece.line, piece.kind) for piece in listing.skipped] == [(4, "unreadable"), (5, "unreadable")]


@pytest.mark.parametrize("end", ['B,"begun and', "B"])
def test_a_table_cut_off_says_so(end: str) -> None:
    listing = read(f"title,abstract\nA,x\n{end}")
    assert ([paper.title for paper in listing.papers], [p.kind for p in listing.skipped]) == (["A"], ["incomplete"])


def test_a_header_alone_is_no_failure_and_other_tables_are_refused() -> None:
    assert "the table holds no rows" in read("title,abstract\n").notes
    with pytest.raises(DumpError):
        understand(b"name,age\nBob,3\n", "people.csv")


def test_a_row_with_a_cell_too_many_is_read_up_to_the_first_that_is_another_columns() -> None:
    header = "Authors,Title,Year,DOI,Abstract,Funding,CODEN,PubMed ID,Source\n"
    row = "Ada Lovelace,Lamps at sea,2026,10.1000/l.1,We light them.,Lamp Fund,and Buoy Fund,LAMPA,123,Scopus\n"
    listing = read(header + row)
    (paper,) = listing.papers
    assert (paper.title, paper.abstract, dict(paper.ids)) == ("Lamps at sea", "We light them.", {"doi": "10.1000/l.1"})
    slipped = read(header + "Ada Lovelace,1,Lamps at sea,2026,10.1000/l.1,We light them.,,,,Scopus\n" + row)
    assert [paper.title for paper in slipped.papers] == ["Lamps at sea"]
    assert [(piece.line, piece.kind) for piece in slipped.skipped] == [(2, "unreadable")]


def test_an_address_names_the_doi_it_asks_for() -> None:
    (paper,) = read(
        "Title,Link\nA b,https://www.example.org/record.uri?eid=1&doi=10.1000%2flamp.1&partnerID=40\n"
    ).papers
    assert dict(paper.ids) == {"doi": "10.1000/lamp.1"}
