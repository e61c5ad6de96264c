"""RIS: as the format says, and as exporters bend it."""

from __future__ import annotations

from datetime import date

import pytest

from digestbot.model.errors import DumpError
from tests.readers.kit import Listing, understand


def read(text: str) -> Listing:
    return understand(text.encode(), "export.ris")


def test_a_record_becomes_a_paper_with_everything_it_says() -> None:
    paper = read(
        "\ufeffTY  - JOUR\r\nAU  - Doe, Jane\r\nA1  - Müller, Karl\r\nTI  - A <i>title</i> &amp;\r\n"
        "AB  - First line\r\ngoes on\r\nDA  - 2012/07/03/\r\nPY  - 2012\r\nDO  - https://doi.org/10.1007/S11307\r\n"
        "UR  - https://pubmed.ncbi.nlm.nih.gov/22752652/\r\nC2  - PMC3553406\r\nER  - \r\n"
    ).papers[0]
    assert paper.title == "A title &"
    assert paper.abstract == "First line goes on"
    assert paper.authors == ("Jane Doe", "Karl Müller")
    assert paper.published == date(2012, 7, 3)
    assert paper.ids == {"doi": "10.1007/s11307", "pmid": "22752652", "pmcid": "PMC3553406"}
    assert paper.url == "https://pubmed.ncbi.nlm.nih.gov/22752652/"


@pytest.mark.parametrize(
    "text",
    [
        "TY  - JOUR\nT1  - One\nER  -",
        "TY - JOUR\nTI - One\nER - \n",
        "\n\r  TY  - JOUR\n  TI  - One\n  ER  - \n",
        "TY  - JOUR\nTI  - O\nN2  - x\nTI  - not this\nER  -\n".replace("TI  - O\n", "TI  - One\n"),
        "TY  - CHAP\nCT  - One\nER  -\n",
        "TY  - BOOK\nBT  - One\nER  -\n",
        "Exported by nobody\n\nTY  - JOUR\nTI  - One\nER  -\n",
        "TY  - JOUR\nTI  - One\nKW  - a\nb\nER  - x\n",
    ],
)
def test_the_titles_of_odd_but_whole_records(text: str) -> None:
    assert [paper.title for paper in read(text).papers] == ["One"]


def test_an_abstract_line_that_looks_like_a_tag_only_from_afar_stays() -> None:
    paper = read("TY  - JOUR\nTI  - T\nAB  - Before\nAND-gates - all of them\nafter\nER  -\n").papers[0]
    assert paper.abstract == "Before AND-gates - all of them after"


def test_a_record_that_another_follows_without_an_end_stands() -> None:
    assert [paper.title for paper in read("TY  - JOUR\nTI  - A\nTY  - JOUR\nTI  - B\nER  -\n").papers] == ["A", "B"]


def test_a_record_that_the_files_end_cuts_off_is_incomplete() -> None:
    listing = read("TY  - JOUR\nTI  - A\nER  -\n\nTY  - JOUR\nTI  - B\nAB  - It goes")
    assert [paper.title for paper in listing.papers] == ["A"]
    assert [(piece.line, piece.kind) for piece in listing.skipped] == [(5, "incomplete")]


def test_records_without_a_title_or_a_type_are_told_with_their_line() -> None:
    listing = read("TY  - JOUR\nTI  - A\nER  -\nTY  - JOUR\nPY  - 2020\nER  -\nTI  - No type\nER  -\n")
    assert [(piece.line, piece.kind) for piece in listing.skipped] == [(4, "unreadable"), (7, "unreadable")]


def test_a_file_without_a_whole_record_says_where_it_breaks() -> None:
    with pytest.raises(DumpError, match="line 1: a record without its first line"):
        read("JF  - A Journal\nT1  - Editorial\nAU  - Harrison, Warren\nER  -\n")


def test_a_record_without_an_end_is_given_up_with_its_place_and_what_came_before_stands() -> None:
    listing = read("TY  - JOUR\nTI  - A\nER  -\nTY  - JOUR\nTI  - B\n" + "x\n" * 500_001)
    assert [paper.title for paper in listing.papers] == ["A"]
    assert [(piece.line, piece.reason) for piece in listing.skipped] == [(4, "a record without an end")]
