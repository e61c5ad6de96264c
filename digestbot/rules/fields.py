"""The one table of the fields of a paper that a rule can name: whoever asks what a field is reads it here.

A field is one row: its name, how what stands in it is compared, where a paper has it, what people call it. Rows of
`Field` are looked at by words (``title:graph``), rows of `Number` are compared (``upvotes>=5``). How to add one is in
``digestbot/rules/README.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum
from typing import TypeAlias

from digestbot.model.papers import Paper

Value: TypeAlias = int | date | None
"""What is compared; None where a paper does not tell it, which answers no comparison."""


class FieldKind(Enum):
    """How the values of a field are compared with what a rule writes."""

    TEXT = "text"
    """Words, phrases and prefixes, folded."""
    NAMES = "names"
    """A list of names, of which one has to hold all the words."""
    LABELS = "labels"
    """A list of labels, compared whole and without case; what is under one (``cs.CL`` under ``cs``) counts for it."""
    IDS = "ids"
    """Identifiers, each of a scheme (``doi:...``), compared whole and without case."""
    NUMBER = "number"
    """A whole number."""
    DATE = "date"
    """A day; what a rule writes may be a month or a year."""


@dataclass(frozen=True, slots=True)
class TextRow:
    """What there is to know of a field that words look at.

    ``of`` gives the texts of a paper. ``about`` ends the sentence "it looks at ...", ``example`` is a value as one
    would write it after the colon. ``aliases`` are taken for the name; ``elsewhere`` are names that other search
    engines, or people, have for it: they are errors here that suggest the name. IDS have ``schemes``, one for each
    text of a paper.
    """

    kind: FieldKind
    of: Callable[[Paper], Sequence[str]]
    about: str
    example: str
    aliases: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    schemes: Callable[[Paper], Sequence[str]] | None = None


@dataclass(frozen=True, slots=True)
class NumberRow:
    """What there is to know of a field that is compared, as of a `TextRow`.

    With ``ago`` its value is how many days before today the date is that ``of`` gives.
    """

    kind: FieldKind
    of: Callable[[Paper], Value]
    about: str
    example: str
    aliases: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    ago: bool = False


def _one(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


class Field(StrEnum):
    """A field that words look at. TEXT, which cannot be named, is what a bare word looks at."""

    row: TextRow

    def __new__(cls, name: str, row: TextRow) -> Field:
        """The field of a name and its row."""
        field = str.__new__(cls, name)
        field._value_ = name
        field.row = row
        return field

    # fmt: off
    TEXT = "text", TextRow(
        FieldKind.TEXT, lambda paper: (paper.title, *_one(paper.abstract)), "title and abstract", "graph",
    )
    TITLE = "title", TextRow(
        FieldKind.TEXT, lambda paper: (paper.title,), "the title", "survey",
        elsewhere=("ti", "tl", "intitle", "allintitle", "title-word"),
    )
    ABSTRACT = "abstract", TextRow(
        FieldKind.TEXT, lambda paper: _one(paper.abstract), "the abstract", "survey",
        elsewhere=("abs", "ab", "summary"),
    )
    AUTHOR = "author", TextRow(
        FieldKind.NAMES, lambda paper: paper.authors, "the names of the authors", "Lovelace",
        elsewhere=(
            "au", "aut", "auth", "authored", "by", "inauthor", "author-name", "authlastname", "authfirst", "fau",
        ),
    )
    ORG = "org", TextRow(
        FieldKind.TEXT, lambda paper: _one(paper.organization), "the organization", "university",
        elsewhere=("organization", "organisation", "affiliation", "affil", "ad", "institution", "og", "oo"),
    )
    JOURNAL = "journal", TextRow(
        FieldKind.TEXT, lambda paper: _one(paper.journal), "the journal, series or proceedings", "nature",
        aliases=("venue",), elsewhere=(
            "jo", "jour", "ta", "so", "srctitle", "booktitle", "conference", "proceedings", "conf", "confname", "jr",
            "jn", "jw", "publication",
        ),
    )
    CATEGORY = "category", TextRow(
        FieldKind.LABELS, lambda paper: paper.categories, "the categories", "cs.CL",
        elsewhere=("cat", "primary", "subject", "wc", "su", "subjarea"),
    )
    KEYWORD = "keyword", TextRow(
        FieldKind.TEXT, lambda paper: paper.keywords, "the keywords and the subject headings (MeSH)", "asthma",
        elsewhere=(
            "keywords", "kw", "kwd", "mesh", "mh", "mesh-terms", "majr", "key", "authkey", "indexterms", "de", "ak",
            "kp", "ot", "sh", "hw", "kf", "descriptor",
        ),
    )
    SOURCE = "source", TextRow(
        FieldKind.TEXT, lambda paper: _one(paper.source), "the name of the source it came from", "arxiv",
    )
    ID = "id", TextRow(
        FieldKind.IDS, lambda paper: tuple(paper.ids.values()), "the identifiers", "2401.00001",
        elsewhere=("doi", "arxiv", "pmid"), schemes=lambda paper: tuple(paper.ids),
    )
    # fmt: on


class Number(StrEnum):
    """A field that is compared."""

    row: NumberRow

    def __new__(cls, name: str, row: NumberRow) -> Number:
        """The field of a name and its row."""
        number = str.__new__(cls, name)
        number._value_ = name
        number.row = row
        return number

    # fmt: off
    UPVOTES = "upvotes", NumberRow(
        FieldKind.NUMBER, lambda paper: paper.upvotes, "the upvotes", "5",
        elsewhere=("votes", "likes", "stars"),
    )
    AUTHORS = "authors", NumberRow(
        FieldKind.NUMBER, lambda paper: paper.author_count, "the number of authors", "5",
    )
    PUBLISHED = "published", NumberRow(
        FieldKind.DATE, lambda paper: paper.published, "the day it was published", "2024-06-01",
        elsewhere=(
            "date", "year", "submitted", "py", "pubyear", "dp", "pdat", "edat", "yr", "submitteddate",
            "lastupdateddate", "publication-date", "date---publication",
        ),
    )
    AGE = "age", NumberRow(
        FieldKind.NUMBER, lambda paper: paper.published, "the days since it was published", "7",
        elsewhere=("days",), ago=True,
    )
    # fmt: on


TEXT_PARTS = (Field.TITLE, Field.ABSTRACT)
"""The fields that `Field.TEXT` stands for."""

NAMED = tuple(each for each in Field if each is not Field.TEXT)
"""The fields that a rule can write before a colon."""

FIELDS: Mapping[str, Field] = {name: field for field in NAMED for name in (field.value, *field.row.aliases)}
"""The fields by name and alias."""

NUMBERS: Mapping[str, Number] = {name: number for number in Number for name in (number.value, *number.row.aliases)}
"""The numbers by name and alias."""

ELSEWHERE: Mapping[str, str] = {
    **{other: field.value for field in NAMED for other in field.row.elsewhere},
    **{other: number.value for number in Number for other in number.row.elsewhere},
}
"""What other search engines call a field, and its name here."""


def ordinal(value: int | date) -> int:
    """A value as a whole number: a date by its place in the calendar."""
    return value.toordinal() if isinstance(value, date) else value
