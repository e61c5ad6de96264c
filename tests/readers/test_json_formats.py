"""CSL-JSON, DataCite, bioRxiv and Europe PMC: each record's fields, and every way its answers come."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from digestbot.model.papers import Paper
from digestbot.model.partial_date import PartialDate
from tests.readers.kit import Listing, understand

CSL = {
    "type": "article-journal",
    "title": "A <i>title</i> &amp; more",
    "abstract": "<jats:p>We show.</jats:p>",
    "author": [
        {"family": "Beethoven", "given": "Ludwig", "non-dropping-particle": "van"},
        {"literal": "The Group"},
        {},
        None,
    ],
    "issued": {"date-parts": [["2020", 3, 5]]},
    "DOI": "10/fqd6hj",
    "URL": "https://doi.org/10.1177/X",
    "note": "PMID: 123\narXiv: 2003.10078",
    "PMCID": "PMC9",
}
DATACITE = {
    "id": "10.48550/arxiv.2301.00001",
    "type": "dois",
    "attributes": {
        "doi": "10.48550/arXiv.2301.00001",
        "titles": [{"title": "Sub", "titleType": "Subtitle"}, {"title": "A &amp; B"}],
        "creators": [
            {"name": "Doe, Jane", "nameType": "Personal", "givenName": "Jane", "familyName": "Doe"},
            {"name": "Müller, K."},
            {"name": "Institute, The", "nameType": "Organizational"},
            {"name": None},
        ],
        "descriptions": [
            {"description": "In: Series, 5", "descriptionType": "SeriesInformation"},
            {"description": "12 pages", "descriptionType": "Other"},
            {"description": "We show.<br>It.", "descriptionType": "Abstract"},
        ],
        "dates": [{"date": "2023-01-02T10:00:00Z", "dateType": "Submitted"}, {"date": "2023", "dateType": "Issued"}],
        "subjects": [{"subject": "Machine Learning (cs.LG)", "subjectScheme": "arXiv"}, {"subject": "Cats (pets)"}],
        "url": "https://arxiv.org/abs/2301.00001",
    },
}
BIORXIV = {
    "doi": "10.1101/2020.01.01.123456",
    "title": "A title",
    "authors": "Doe, J.; van Berg, K. L.",
    "author_corresponding_institution": "MPI",
    "date": "2020-01-05",
    "version": "2",
    "category": "neuroscience",
    "abstract": "We show.",
    "server": "medRxiv",
}
EUROPE_PMC = {
    "id": "123",
    "source": "MED",
    "doi": "10.1000/X",
    "pmcid": "PMC7",
    "title": "The <i>T</i> title.",
    "authorString": "Doe J, van Berg KL, The Group.",
    "abstractText": "<h4>Background</h4>We show.",
    "firstPublicationDate": "2020-02-03",
}


def read(value: Any) -> Listing:
    return understand(json.dumps(value).encode(), "answer.json")


def test_a_csl_item_becomes_a_paper_with_everything_it_says() -> None:
    assert read([CSL]).papers[0] == Paper(
        title="A title & more",
        abstract="We show.",
        authors=("Ludwig van Beethoven", "The Group"),
        published=date(2020, 3, 5),
        ids={"arxiv": "2003.10078", "doi": "10.1177/x", "pmid": "123", "pmcid": "PMC9"},
        url="https://doi.org/10.1177/X",
        source="csl-json",
    )


@pytest.mark.parametrize(
    ("issued", "published"),
    [
        ({"date-parts": [[2020]]}, PartialDate(2020)),
        ({"date-parts": [[2020, 13, 1]]}, PartialDate(2020)),
        ({"date-parts": [None]}, None),
        ({"raw": "2020-03-05"}, date(2020, 3, 5)),
        ({"literal": "spring"}, None),
        ("2020-03-05", date(2020, 3, 5)),
        (None, None),
    ],
)
def test_csl_dates_are_as_exact_as_their_parts(issued: Any, published: date | None) -> None:
    assert read([CSL, {**CSL, "issued": issued}]).papers[1].published == published


def test_a_datacite_record_becomes_a_paper_with_everything_it_says() -> None:
    assert read({"data": [DATACITE]}).papers[0] == Paper(
        title="A & B",
        abstract="We show. It.",
        authors=("Jane Doe", "K. Müller", "Institute, The"),
        published=date(2023, 1, 2),
        categories=("cs.LG",),
        ids={"arxiv": "2301.00001", "doi": "10.48550/arxiv.2301.00001"},
        url="https://arxiv.org/abs/2301.00001",
        source="datacite",
    )


def test_a_biorxiv_preprint_becomes_a_paper_with_everything_it_says() -> None:
    assert read({"messages": [{"status": "ok"}], "collection": [BIORXIV]}).papers[0] == Paper(
        title="A title",
        abstract="We show.",
        authors=("J. Doe", "K. L. van Berg"),
        organization="MPI",
        published=date(2020, 1, 5),
        categories=("neuroscience",),
        ids={"doi": "10.1101/2020.01.01.123456"},
        source="medrxiv",
        kind="replaced",
    )


def test_a_europe_pmc_result_becomes_a_paper_with_everything_it_says() -> None:
    assert read({"hitCount": 1, "resultList": {"result": [EUROPE_PMC]}}).papers[0] == Paper(
        title="The T title.",
        abstract="Background We show.",
        authors=("J Doe", "KL van Berg", "The Group"),
        published=date(2020, 2, 3),
        ids={"doi": "10.1000/x", "pmid": "123", "pmcid": "PMC7"},
        url="https://europepmc.org/article/MED/123",
        source="europe-pmc",
    )


def test_europe_pmc_answers_the_same_in_xml() -> None:
    text = (
        "<responseWrapper><hitCount>1</hitCount><resultList><result><id>123</id><source>MED</source><doi>10.1000/X</doi>"
        "<pmcid>PMC7</pmcid><title>The &lt;i>T&lt;/i> title.</title><authorString>Doe J.</authorString><authorList>"
        "<author><fullName>Doe J</fullName><firstName>Jane</firstName><lastName>Doe</lastName></author><author>"
        "<collectiveName>The Group</collectiveName></author></authorList>"
        "<abstractText>We show.</abstractText><firstPublicationDate>2020-02-03</firstPublicationDate></result>"
        "</resultList></responseWrapper>"
    )
    paper = understand(text.encode(), "answer.xml").papers[0]
    assert (paper.title, paper.abstract, paper.authors) == ("The T title.", "We show.", ("Jane Doe", "The Group"))
    assert paper.ids == {"doi": "10.1000/x", "pmid": "123", "pmcid": "PMC7"}
    assert paper.published == date(2020, 2, 3)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("csl-json", [CSL]),
        ("csl-json", {"items": [CSL]}),
        ("csl-json", CSL),
        ("datacite", {"data": [DATACITE]}),
        ("datacite", {"data": DATACITE}),
        ("datacite", DATACITE),
        ("datacite", DATACITE["attributes"]),
        ("biorxiv", {"collection": [BIORXIV]}),
        ("biorxiv", [BIORXIV]),
        ("europe-pmc", {"resultList": {"result": [EUROPE_PMC]}}),
        ("europe-pmc", [EUROPE_PMC]),
    ],
)
def test_every_wrapping_of_a_record_is_recognised(name: str, answer: Any) -> None:
    listing = read(answer)
    assert (listing.format, len(listing.papers), listing.incomplete) == (name, 1, False)


@pytest.mark.parametrize(
    ("name", "record"), [("csl-json", CSL), ("datacite", DATACITE), ("biorxiv", BIORXIV), ("europe-pmc", EUROPE_PMC)]
)
def test_json_lines_lose_only_the_line_that_is_broken(name: str, record: Any) -> None:
    line = json.dumps(record)
    listing = understand("\n".join((line, '{"broken": tru}', line, line[:-30])).encode(), "answers.jsonl")
    assert (listing.format, len(listing.papers)) == (name, 2)
    assert [(piece.line, piece.kind) for piece in listing.skipped] == [(2, "unreadable"), (4, "incomplete")]


@pytest.mark.parametrize(
    "answer",
    [
        {"data": [], "meta": {"total": 0}, "links": {"self": "https://api.datacite.org/dois"}, "type": "dois"},
        {"messages": [{"status": "no posts found"}], "collection": []},
        {"version": "6.9", "hitCount": 0, "resultList": {"result": []}},
    ],
)
def test_an_answer_without_papers_is_no_failure(answer: Any) -> None:
    listing = read(answer)
    assert (list(listing.papers), listing.incomplete) == ([], False)


@pytest.mark.parametrize(
    "odd", [None, 0, True, "x", [], {}, [None], [[]], [{}], {"x": None}, [1, "a"], 1e999, "\ud800"]
)
@pytest.mark.parametrize("record", [CSL, DATACITE["attributes"], BIORXIV, EUROPE_PMC], ids=["csl", "dc", "bio", "epmc"])
def test_a_value_of_any_kind_in_any_field_breaks_nothing(record: dict[str, Any], odd: Any) -> None:
    for key in record:
        listing = read([record, {**record, key: odd}])
        assert len(listing.papers) + len(listing.skipped) >= 2
