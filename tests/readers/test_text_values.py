"""What stands in single fields, by values: names, bylines, dates on their bounds, keywords, and what is polished."""

from __future__ import annotations

from datetime import date

import pytest

from digestbot.model.papers import ET_AL, Paper
from digestbot.model.partial_date import PartialDate
from digestbot.readers.text.dates import iso_date
from digestbot.readers.text.fields import arxiv_id, doi, excerpt, ids, keywords, name, named, names
from digestbot.readers.text.names import FIELDS, RANKS, folded
from digestbot.readers.text.people import byline
from digestbot.readers.text.polishing import polished
from digestbot.readers.text.short_names import short_name


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Takeuchi Y", "Y Takeuchi"),
        ("van der Berg  JC", "JC van der Berg"),
        ("Smith J-P Jr", "J-P Smith Jr"),
        ("Smith ABCD 3rd", "ABCD Smith 3rd"),
        ("Smith ABCDE", "Smith ABCDE"),
        ("The Study Group", "The Study Group"),
        ("Y", "Y"),
    ],
)
def test_a_name_as_pubmed_shortens_it(text: str, found: str) -> None:
    assert short_name(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("By Ada Lovelace, Bob de la Cruz and Eve O'Hara.", "Ada Lovelace, Bob de la Cruz and Eve O'Hara"),
        ("Authors: Ada Lovelace; Bob Roe1", "Ada Lovelace; Bob Roe1"),
        ("Ada Lovelace et al.", "Ada Lovelace et al"),
        ("Lovelace et al.", None),
        ("Ada Lovelace, Bob", None),
        ("Ada Lovelace, Bob Roe, Eve", "Ada Lovelace, Bob Roe, Eve"),
        ("Ada", None),
        ("We study mosses", None),
        ("", None),
        (f"{'A' * 30} {'B' * 29}", f"{'A' * 30} {'B' * 29}"),
        (f"{'A' * 30} {'B' * 30}", None),
    ],
)
def test_a_line_of_nothing_but_names(text: str, found: str | None) -> None:
    assert byline(text) == found


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        (("13/4/2024",), date(2024, 4, 13)),
        (("4/13/2024",), date(2024, 4, 13)),
        (("4/4/2024",), date(2024, 4, 4)),
        (("12/11/2024",), PartialDate(2024)),
        (("12/12/2024",), date(2024, 12, 12)),
        (("2024-13-01",), None),
        (("2024-12-31",), date(2024, 12, 31)),
        (("2024-01-32",), None),
        (("1400-01-01",), date(1400, 1, 1)),
        (("1399-01-01",), None),
        (("1399",), None),
        (("1400",), PartialDate(1400)),
        (("2199",), PartialDate(2199)),
        (("2200",), None),
        (("2024-12",), PartialDate(2024, 12)),
        (("2024-13",), None),
        (("2024-0",), None),
        (("2024/1/",), PartialDate(2024, 1)),
        (("Mon, 26 Feb 70 08:00",), date(1970, 2, 26)),
        (("Mon, 26 Feb 69 08:00",), date(2069, 2, 26)),
        (("Spring 2024",), PartialDate(2024)),
        (("2024 Jan-Feb",), PartialDate(2024)),
        ((2024, "sept.", "5"), date(2024, 9, 5)),
        ((2024, 9), PartialDate(2024, 9)),
        ((2024, "", "5"), PartialDate(2024)),
        ((2024, 9, 31), PartialDate(2024, 9)),
        ((2024, 13, 1), PartialDate(2024)),
        ((None, 9, 1), None),
        (("",), None),
        ((), None),
    ],
)
def test_dates_on_their_bounds(parts: tuple[object, ...], found: date | None) -> None:
    day = iso_date(*parts)
    assert (type(day), day) == (type(found), found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Doe, Jane", "Jane Doe"),
        ("Doe, Jane, Jr.", "Jane Doe Jr."),
        ("Doe, III, Jane", "Jane Doe III"),
        ("Doe, Jr", "Doe Jr"),
        ("Acme, Inc.", "Acme, Inc."),
        ("A, B, C", "A, B, C"),
        ("  Jane   Doe ", "Jane Doe"),
        ("Doe,, Jane", "Jane Doe"),
    ],
)
def test_one_name(text: str, found: str) -> None:
    assert name(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Jane Doe, John Roe", ("Jane Doe", "John Roe")),
        ("Doe, J., Roe, R.", ("J. Doe", "R. Roe")),
        ("Doe, Jane and Roe, John", ("Jane Doe", "John Roe")),
        ("Doe, Jane; and Roe, John", ("Jane Doe", "John Roe")),
        ("Jane Doe | John Roe", ("Jane Doe", "John Roe")),
        ("Jane Doe, Jr., John Roe", ("Jane Doe Jr.", "John Roe")),
        ("Doe, Jane, Jr.", ("Jane Doe Jr.",)),
        ("de Groot, Jan", ("Jan de Groot",)),
        ("Ada Lovelace, Bob", ("Ada Lovelace", "Bob")),
        ("Jane Doe et al.", ("Jane Doe", ET_AL)),
        ("Jane Doe, John Roe, ...", ("Jane Doe", "John Roe", ET_AL)),
        ("et al.", ()),
    ],
)
def test_a_text_of_names(text: str, found: tuple[str, ...]) -> None:
    assert names(text) == found


def test_a_list_of_names() -> None:
    assert names(["Doe, Jane", None, "", "others"]) == ("Jane Doe", ET_AL)
    assert named(["A", "", "et al."]) == ("A", ET_AL)
    assert named(["et al."]) == ()
    assert named(["A", "B"]) == ("A", "B")


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("a b, cd,ef", ("a b", "cd", "ef")),
        ("a, b; cd", ("a, b", "cd")),
        ("*graphs/methods\nx\nab.", ("graphs/methods", "ab")),
        (["ab", None, "ab", ""], ("ab",)),
        (None, ()),
        ("x" * 100, ("x" * 100,)),
        ("x" * 101, ()),
    ],
)
def test_keywords(written: str | list[str | None] | None, found: tuple[str, ...]) -> None:
    assert keywords(written) == found
    assert len(keywords([f"word {number}" for number in range(81)])) == 80


def test_the_beginning_of_a_piece() -> None:
    assert excerpt(" a\n b ") == "a b"
    assert excerpt("x" * 80) == "x" * 80
    assert excerpt("x" * 81) == "x" * 79 + "…"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see doi:10.1000/XY(1).", "10.1000/xy(1)"),
        ("(10.1000/xy)", "10.1000/xy"),
        ("https://x.org/10.1000/xy.pdf?a=b", "10.1000/xy"),
        ("10.1000/xy.pdf", "10.1000/xy.pdf"),
        ("https://www.biorxiv.org/content/10.1101/2024.01.02.573v2.full", "10.1101/2024.01.02.573"),
        ("https://doi.org/10.1000%2Fxy", "10.1000/xy"),
        ("10.1000/xy</a>", "10.1000/xy"),
        ("11.1000/xy", None),
        ("", None),
        (3, None),
    ],
)
def test_a_doi(text: object, found: str | None) -> None:
    assert doi(text) == found


def test_ids_of_any_form() -> None:
    assert ids(arxiv="arXiv:2401.00001v2", doi="https://doi.org/10.1/x", pmid="7", s2="") == {
        "arxiv": "2401.00001",
        "pmid": "7",
    }
    assert ids(doi="10.48550/arXiv.2401.00001") == {"arxiv": "2401.00001", "doi": "10.48550/arxiv.2401.00001"}
    assert arxiv_id("math.GT/0309136v1") == ("math/0309136", "1")
    assert arxiv_id("2413.00001") is None
    assert arxiv_id(None) is None


def test_names_of_fields_are_told_by_letters_and_digits_alone() -> None:
    assert folded("Author(s)_ID 2") == "authorsid2"
    assert (FIELDS["paper"], FIELDS["key"], FIELDS["entryid"]) == ("loose title", "id", "arxiv")
    assert (RANKS["title"], RANKS["titles"], RANKS["doi"]) == (0, 1, 0)


def given(**said: object) -> Paper:
    return Paper(**{"title": "T", "abstract": None, "url": "", **said})  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("paper", "expected"),
    [
        (given(abstract="Abstract: We study."), given(abstract="We study.")),
        (given(abstract="ABSTRACT\nWe study."), given(abstract="We study.")),
        (given(abstract="Abstract art is old."), given(abstract="Abstract art is old.")),
        (
            given(abstract="arXiv:2401.00001v1 Announce Type: new\nAbstract: We study."),
            given(abstract="We study.", kind="new", ids={"arxiv": "2401.00001"}),
        ),
        (
            given(abstract="Announce Type: replace-cross Abstract: We.", kind="new", ids={"arxiv": "1"}),
            given(abstract="We.", kind="new", ids={"arxiv": "1"}),
        ),
        (given(abstract="Announce Type: odd\nWe."), given(abstract="We.", kind=None)),
        (given(abstract="Announce Type: cross\n"), given(abstract=None, kind="cross")),
        (
            given(url="https://journal.example/doi/full/10.1000/xy"),
            given(url="https://journal.example/doi/full/10.1000/xy", ids={"doi": "10.1000/xy"}),
        ),
        (
            given(url="https://journal.example/a?doi=10.1000/xy"),
            given(url="https://journal.example/a?doi=10.1000/xy", ids={"doi": "10.1000/xy"}),
        ),
        (
            given(url="https://journal.example/doi/10.1000/xy", ids={"doi": "10.1000/ab"}),
            given(url="https://journal.example/doi/10.1000/xy", ids={"doi": "10.1000/ab"}),
        ),
    ],
)
def test_what_is_made_right_in_every_paper(paper: Paper, expected: Paper) -> None:
    assert polished(paper) == expected
