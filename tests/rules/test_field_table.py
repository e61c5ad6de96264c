"""The table of fields, by values: what each gives of a paper, what it is called, and what it is called elsewhere."""

from __future__ import annotations

from datetime import date

import pytest

from digestbot.model.papers import Paper
from digestbot.rules.fields import ELSEWHERE, FIELDS, NAMED, NUMBERS, TEXT_PARTS, Field, FieldKind, Number, ordinal

PAPER = Paper(
    title="A title",
    abstract="An abstract.",
    url="https://x.org",
    authors=("Ada Lovelace", "Bob"),
    organization="Royal Society",
    journal="Nature",
    categories=("cs.CL", "stat"),
    keywords=("asthma",),
    source="arxiv",
    ids={"arxiv": "2401.00001", "doi": "10.1/x"},
    upvotes=7,
    author_count=9,
    published=date(2024, 6, 1),
)
BARE = Paper(title="A title", abstract=None, url="https://x.org")


@pytest.mark.parametrize(
    ("field", "kind", "of", "of_bare"),
    [
        (Field.TEXT, FieldKind.TEXT, ("A title", "An abstract."), ("A title",)),
        (Field.TITLE, FieldKind.TEXT, ("A title",), ("A title",)),
        (Field.ABSTRACT, FieldKind.TEXT, ("An abstract.",), ()),
        (Field.AUTHOR, FieldKind.NAMES, ("Ada Lovelace", "Bob"), ()),
        (Field.ORG, FieldKind.TEXT, ("Royal Society",), ()),
        (Field.JOURNAL, FieldKind.TEXT, ("Nature",), ()),
        (Field.CATEGORY, FieldKind.LABELS, ("cs.CL", "stat"), ()),
        (Field.KEYWORD, FieldKind.TEXT, ("asthma",), ()),
        (Field.SOURCE, FieldKind.TEXT, ("arxiv",), ()),
        (Field.ID, FieldKind.IDS, ("2401.00001", "10.1/x"), ()),
    ],
)
def test_what_a_field_gives_of_a_paper(
    field: Field, kind: FieldKind, of: tuple[str, ...], of_bare: tuple[str, ...]
) -> None:
    assert (field.row.kind, tuple(field.row.of(PAPER)), tuple(field.row.of(BARE))) == (kind, of, of_bare)


@pytest.mark.parametrize(
    ("number", "kind", "of", "ago"),
    [
        (Number.UPVOTES, FieldKind.NUMBER, 7, False),
        (Number.AUTHORS, FieldKind.NUMBER, 9, False),
        (Number.PUBLISHED, FieldKind.DATE, date(2024, 6, 1), False),
        (Number.AGE, FieldKind.NUMBER, date(2024, 6, 1), True),
    ],
)
def test_what_is_compared_of_a_paper(number: Number, kind: FieldKind, of: object, ago: bool) -> None:
    assert (number.row.kind, number.row.of(PAPER), number.row.ago) == (kind, of, ago)


def test_the_schemes_of_ids_stand_beside_them() -> None:
    assert Field.ID.row.schemes is not None
    assert Field.ID.row.schemes(PAPER) == ("arxiv", "doi")
    assert [each for each in Field if each.row.schemes is not None] == [Field.ID]


def test_the_names_of_fields() -> None:
    assert TEXT_PARTS == (Field.TITLE, Field.ABSTRACT)
    assert Field.TEXT not in NAMED
    names = ["title", "abstract", "author", "org", "journal", "venue", "category", "keyword", "source", "id"]
    assert list(FIELDS) == names
    assert FIELDS["venue"] is Field.JOURNAL
    assert list(NUMBERS) == ["upvotes", "authors", "published", "age"]


def test_what_fields_are_called_elsewhere() -> None:
    named: dict[str, set[str]] = {}
    for other, name in ELSEWHERE.items():
        named.setdefault(name, set()).add(other)
    assert {name: " ".join(sorted(others)) for name, others in named.items()} == {
        "title": "allintitle intitle ti title-word tl",
        "abstract": "ab abs summary",
        "author": "au aut auth authfirst authlastname author-name authored by fau inauthor",
        "org": "ad affil affiliation institution og oo organisation organization",
        "journal": "booktitle conf conference confname jn jo jour jr jw proceedings publication so srctitle ta",
        "category": "cat primary su subjarea subject wc",
        "keyword": "ak authkey de descriptor hw indexterms key keywords kf kp kw kwd majr mesh mesh-terms mh ot sh",
        "id": "arxiv doi pmid",
        "upvotes": "likes stars votes",
        "published": "date date---publication dp edat lastupdateddate pdat publication-date pubyear py submitted "
        "submitteddate year yr",
        "age": "days",
    }


def test_a_day_is_its_place_in_the_calendar() -> None:
    assert (ordinal(7), ordinal(date(1, 1, 3))) == (7, 3)
