"""Identifiers, dates and names in the forms that dumps write them in."""

from __future__ import annotations

from datetime import date

import pytest

from digestbot.model.partial_date import PartialDate
from digestbot.readers.formats.arxiv import journal
from digestbot.readers.text.dates import iso_date, most_exact
from digestbot.readers.text.fields import arxiv_id, doi, excerpt, ids, keywords, name, names
from tests.readers.kit import understand


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2401.01234v2", ("2401.01234", "2")),
        ("arXiv:0704.0001 [hep-ph]", ("0704.0001", None)),
        ("oai:arXiv.org:hep-th/9901001", ("hep-th/9901001", None)),
        ("http://arxiv.org/abs/math.GT/0309136v1", ("math/0309136", "1")),
        ("https://arxiv.org/pdf/2401.01234v1.pdf", ("2401.01234", "1")),
        ("https://doi.org/10.48550/arXiv.2401.01234", ("2401.01234", None)),
        ("J. Doe, arXiv preprint arXiv:2401.01234, 2024", ("2401.01234", None)),
        ("https://huggingface.co/papers/2401.01234", ("2401.01234", None)),
        ("1234.5678", None),
        ("2413.01234", None),
        ("a rate of 1212.1234 per second", None),
        ("10.1000/2401.01234", None),
        (None, None),
        (2401.01234, None),
    ],
)
def test_an_arxiv_id_is_told_only_where_it_is_certain(text: object, found: object) -> None:
    assert arxiv_id(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://doi.org/10.1000/ABC.", "10.1000/abc"),
        ("doi:10.1002/(SICI)1097(98)17:15<16::AID-S>3.0.CO;2-2", "10.1002/(sici)1097(98)17:15<16::aid-s>3.0.co;2-2"),
        ("(10.1234/foo(bar)).", "10.1234/foo(bar)"),
        ("http://dx.doi.org/10.1016%2Fj.x.2001", "10.1016/j.x.2001"),
        ("https://link.springer.com/content/pdf/10.1007/s11-1.pdf?x=1", "10.1007/s11-1"),
        ("https://www.biorxiv.org/content/10.1101/2024.01.02.573943v1.full.pdf", "10.1101/2024.01.02.573943"),
        ("10.5/x", None),
        (None, None),
    ],
)  # fmt: skip
def test_a_doi_loses_its_resolver_and_what_stands_around_it(text: object, found: str | None) -> None:
    assert doi(text) == found


def test_ids_take_any_form_and_leave_out_what_is_absent() -> None:
    assert ids(doi="https://doi.org/10.48550/arXiv.2401.01234", pmid=None, s2="x") == {
        "arxiv": "2401.01234",
        "doi": "10.48550/arxiv.2401.01234",
        "s2": "x",
    }


@pytest.mark.parametrize(
    ("parts", "day"),
    [
        (("2024-02-26T23:59:00-08:00",), date(2024, 2, 26)),
        (("Mon, 26 Feb 2024 00:00:00 GMT",), date(2024, 2, 26)),
        (("February 26th, 2024",), date(2024, 2, 26)),
        (("2024 Feb 26",), date(2024, 2, 26)),
        (("20240226",), date(2024, 2, 26)),
        (("26.02.2024",), date(2024, 2, 26)),
        (("Wed, 1 Mar 95 19:00:01 GMT",), date(1995, 3, 1)),
        ((2024, "feb", "26"), date(2024, 2, 26)),
        (("13/4/2024",), date(2024, 4, 13)),
        (("3/4/2024",), PartialDate(2024)),
        (("2024",), PartialDate(2024)),
        (("2024-02",), PartialDate(2024, 2)),
        ((2024, 2, None), PartialDate(2024, 2)),
        ((2024, None, 5), PartialDate(2024)),
        (("2024/02//",), PartialDate(2024, 2)),
        (("May 2024",), PartialDate(2024, 5)),
        (("2024 Jan-Feb",), PartialDate(2024)),
        (("Spring 2024",), PartialDate(2024)),
        (("2024-13",), None),
        (("12345",), None),
        (("2024-02-30",), None),
        ((None,), None),
    ],
)
def test_a_date_is_as_exact_as_what_is_written(parts: tuple[object, ...], day: date | None) -> None:
    assert iso_date(*parts) == day


def test_the_most_exact_of_several_dates_counts_and_of_equals_the_first() -> None:
    days = (None, PartialDate(2024), date(2023, 1, 2), date(2024, 1, 2), PartialDate(2024, 2))
    assert most_exact(days) == date(2023, 1, 2)
    assert most_exact((None,)) is None


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Smith, John and Doe, Jane", ("John Smith", "Jane Doe")),
        ("Smith, J.; King, Martin Luther, Jr.", ("J. Smith", "Martin Luther King Jr.")),
        ("Smith, J., Doe, A.-B.", ("J. Smith", "A.-B. Doe")),
        ("Ann Bo, Carl Dee, Jr., and Eve Fay", ("Ann Bo", "Carl Dee Jr.", "Eve Fay")),
        ("Jane Doe, Al Roe, et al.", ("Jane Doe", "Al Roe", "et al.")),
        ("Doe J, Roe R", ("Doe J", "Roe R")),
        ("Li, Xi", ("Xi Li",)),
        ("van der Berg, Jan Peter", ("Jan Peter van der Berg",)),
        ("World Health Organization", ("World Health Organization",)),
        ("", ()),
    ],
)
def test_a_text_of_names_becomes_first_last(text: str, people: tuple[str, ...]) -> None:
    assert names(text) == people


def test_a_name_may_have_a_suffix_in_either_place() -> None:
    assert name("King, Jr., Martin Luther") == name("King, Martin Luther, Jr.") == "Martin Luther King Jr."
    assert name("Google, Inc.") == "Google, Inc."


def test_an_excerpt_is_one_line_of_80_characters() -> None:
    assert excerpt("a\n b") == "a b"
    assert len(excerpt("x" * 200)) == 80


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("a.bib", "@article{a, title = {T of it}, author = {Doe, Jane and others}}"),
        ("a.ris", "TY  - JOUR\nTI  - T of it\nAU  - Doe, Jane\nAU  - et al.\nER  - \n"),
        ("a.nbib", "PMID- 1\nTI  - T of it\nFAU - Doe, Jane\nFAU - et al\nSO  - x\n"),
        ("a.csv", "title,authors\nT of it,Jane Doe et al.\n"),
        ("a.json", '[{"title": "T of it", "doi": "10.1000/a", "authors": ["Jane Doe", "et al."]}]'),
        ("c.json", '[{"type": "book", "title": "T of it", "author": [{"family": "Doe", "given": "Jane"},'
         ' {"literal": "others"}], "issued": {"date-parts": [[2020]]}}]'),
    ],
)  # fmt: skip
def test_a_list_of_authors_that_breaks_off_has_no_number_whatever_the_format(file: str, data: str) -> None:
    (paper,) = understand(data.encode(), file).papers
    assert (paper.authors, paper.author_count, paper.more_authors) == (("Jane Doe",), None, True)


def test_arxiv_says_how_many_authors_it_leaves_out() -> None:
    page = (
        '<html><h1>arxiv</h1><dl><dt><a href="/abs/2401.00001" title="Abstract">arXiv:2401.00001</a></dt><dd>'
        '<div class="list-title"><span class="descriptor">Title:</span> T</div><div class="list-authors">'
        "<a>Jane Doe</a>, <a>R. Roe</a>, et al. (115 additional authors not shown)</div></dd></dl></html>"
    )
    (paper,) = understand(page.encode(), "list.html").papers
    assert (paper.authors, paper.author_count) == (("Jane Doe", "R. Roe"), 117)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("deep learning; graphs;Deep  nets", ("deep learning", "graphs", "Deep nets")),
        ("deep learning, graphs", ("deep learning", "graphs")),
        ("Cells, Cultured\nNeurons", ("Cells, Cultured", "Neurons")),
        ("Action Potentials, physiology; Rats; Rats", ("Action Potentials, physiology", "Rats")),
        (["*Neoplasms", None, "", "Brain, Human."], ("Neoplasms", "Brain, Human")),
        (None, ()),
    ],
)
def test_keywords_are_taken_apart_as_they_are_written(written: str | list[str | None], found: tuple[str, ...]) -> None:
    assert keywords(written) == found


KEYWORDS = [
    ("k.ris", "TY  - JOUR\nTI  - One\nKW  - graphs\nKW  - Rats\nER  - \n"),
    ("k.bib", "@article{a, title={One}, year={2020}, keywords={graphs; Rats}}"),
    ("k.nbib", "PMID- 1\nTI  - One\nMH  - *graphs/methods\nOT  - Rats\nSO  - A. 2016.\n"),
    ("k.csv", "title,authors,year,Author Keywords\nOne,Roe,2020,graphs; Rats\n"),
    ("k.json", '[{"title": "One", "authors": ["A Roe"], "year": 2020, "keywords": ["graphs", "Rats"]}]'),
    (
        "k.json",
        '[{"type": "article-journal", "title": "One", "author": [{"family": "Roe"}], "keyword": "graphs, Rats"}]',
    ),
]


@pytest.mark.parametrize(("name", "dump"), KEYWORDS, ids=[f"{name} {at}" for at, (name, _) in enumerate(KEYWORDS)])
def test_a_reader_brings_the_keywords(name: str, dump: str) -> None:
    [paper] = understand(dump.encode(), name).papers
    assert paper.keywords == ("graphs", "Rats")


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("Phys.Rev.D76:013009,2007", "Phys.Rev.D"),
        ("Commun. Math. Phys. 275 (2007), no. 1, 113-128", "Commun. Math. Phys."),
        ("2007 J. Phys.: Conf. Ser. 78 012052", "J. Phys.: Conf. Ser."),
        ("LMCS, Volume 16, Issue 1 (March 2, 2020)", "LMCS"),
        ("Proceedings of the 2019 Conference on Lamps", "Proceedings of the 2019 Conference on Lamps"),
        ("In press", "In press"),
        ("", None),
        (None, None),
    ],
)
def test_the_journal_of_arxivs_reference(reference: str | None, said: str | None) -> None:
    assert journal(reference) == said
