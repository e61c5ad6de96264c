"""What the columns of a table of papers are, by the names people and programs give them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from digestbot.model.papers import Paper
from digestbot.readers.text.dates import iso_date, most_exact
from digestbot.readers.text.fields import arxiv_id, ids, keywords, name, named, names
from digestbot.readers.text.markup import fold_spaces, readable, untex
from digestbot.readers.text.names import FIELDS, NAMES, RANKS, folded
from digestbot.readers.text.polishing import KINDS

_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_NAMED = re.compile(r"""["']name["']\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")""")
_ARXIV_CATEGORY = re.compile(r"[a-z-]{2,10}(?:\.[A-Za-z-]{2,20})?")
_ABSENT = frozenset({"", "nan", "none", "null", "na", "n/a", "-", "<na>", "[]"})
_DATES = frozenset(NAMES["date"])
_MONTHS = frozenset({"month", "publicationmonth", "pubmonth"})
# what tells a cell that slipped from one in its place
_FORMS = {
    "doi": re.compile(r"(?:https?://\S+/|doi:\s*)?10\.\d{4,9}/\S+", re.IGNORECASE),
    "date": re.compile(r".*\b(?:1[5-9]|20)\d\d\b.*"),
    "url": re.compile(r"(?:https?://\S+[\s;,]*)+"),
    "pmid": re.compile(r"\d{1,9}"),
}
_YEAR = re.compile(r"\d{4}")
_OF_ARXIVS_TABLE = frozenset({"id", "title", "authors", "categories", "abstract"})
_FLOATED = re.compile(r"(\d{3,4})\.(\d{1,5})")  # an arXiv id that a spreadsheet took for a number
_MONTH_OF_ID = re.compile(r"\d\d(?:0[1-9]|1[0-2])")


class Columns:
    """Which column of a table holds which field; `known` counts the fields found beside the title.

    A column "Paper" or "Name" is the title's when there is no better one (`is_loose`), and others that are known or,
    read `loosely`, even alone.
    """

    def __init__(self, header: Sequence[str], *, loosely: bool = False) -> None:
        self._at: dict[str, int] = {}
        ranks: dict[str, int] = {}
        self._dates: list[int] = []
        for index, heading in enumerate(header):
            key = folded(heading)
            field, rank = FIELDS.get(key), RANKS.get(key, 0)
            if key in _DATES:
                self._dates.append(index)
            if key in _MONTHS:
                self._at["month"] = index
            if field is not None and (field not in ranks or rank < ranks[field]):
                self._at[field], ranks[field] = index, rank
        loose = self._at.pop("loose title", None)
        self.is_loose = loose is not None and "title" not in self._at
        if loose is not None and self.is_loose and (self._at or loosely):
            self._at["title"] = loose
        self.has_title = "title" in self._at
        self.known = len(self._at.keys() - {"title", "month", "journal", "keywords"})
        self.count = len(header)
        self._is_arxivs = {folded(each) for each in header} >= _OF_ARXIVS_TABLE

    def standing_below(self, row: Sequence[str]) -> Sequence[str]:
        """The cells of a row with some too many that still stand below their headings; empty where none do for certain.

        They go up to the first that shows to be another column's (a PubMed id that is none). A title of words, and a
        DOI, a year or an address in its column, show that those before it are in their places.
        """
        known = sorted((self._at[field], field) for field in _FORMS if field in self._at and self.cell(row, field))
        foreign = next((at for at, field in known if not _FORMS[field].fullmatch(self.cell(row, field))), len(row))
        fits = " " in self.cell(row, "title").strip() and self._at["title"] < foreign
        return row[:foreign] if fits and any(at < foreign for at, _ in known) else ()

    def cell(self, row: Sequence[str], field: str) -> str:
        """The cell of `field`, empty when the table has no such column or the cell says there is nothing."""
        at = self._at.get(field)
        text = row[at].strip() if at is not None and at < len(row) else ""
        return "" if text.lower() in _ABSENT else text

    def paper(self, row: Sequence[str], source: str) -> Paper | None:
        """The paper in a row; None for one without a title."""
        title = readable(self.cell(row, "title"))
        if not title:
            return None
        url = next((each for each in self.cell(row, "url").split() if each.startswith(("http://", "https://"))), None)
        votes = self.cell(row, "upvotes")
        preprint = arxiv_id(self.cell(row, "arxiv")) or self._id_as_arxivs(row) or arxiv_id(url)
        return Paper(
            title=title,
            abstract=readable(self.cell(row, "abstract")) or None,
            authors=_people(self.cell(row, "authors")),
            organization=fold_spaces(self.cell(row, "organization")) or None,
            journal=readable(self.cell(row, "journal")) or None,
            upvotes=int(votes) if votes.isascii() and votes.isdigit() and len(votes) < 10 else None,
            published=self._published(row),
            categories=_categories(self.cell(row, "categories")),
            keywords=keywords(_listed(self.cell(row, "keywords")) or self.cell(row, "keywords")),
            ids=ids(
                arxiv=preprint[0] if preprint else None,
                doi=self.cell(row, "doi") or self.cell(row, "id"),
                pmid=_matching(r"\d{1,9}", self.cell(row, "pmid")),
                pmcid=_matching(r"PMC\d+", self.cell(row, "pmcid")),
                openalex=_matching(r"W\d+", self.cell(row, "openalex").rpartition("/")[2]),
                s2=_matching(r"[0-9a-f]{40}", self.cell(row, "s2")),
            ),
            url=url,
            source=source,
            kind=KINDS.get(self.cell(row, "kind").lower()),
        )

    def _id_as_arxivs(self, row: Sequence[str]) -> tuple[str, str | None] | None:
        """The id where it is arXiv's; one that lost its zeros as a number gets them back where it is known as such."""
        text = self.cell(row, "id")
        floated = _FLOATED.fullmatch(text)
        if floated is None or not self._is_arxivs:
            return arxiv_id(text)
        number = floated[1].zfill(4)
        digits = 4 if number < "1500" else 5  # since January 2015 there are five behind the point
        return arxiv_id(f"{number}.{floated[2].ljust(digits, '0')}") if _MONTH_OF_ID.fullmatch(number) else None

    def _published(self, row: Sequence[str]) -> date | None:
        """The most exact of its dates; a year and a month may have columns of their own."""
        cells = [row[at].strip() for at in self._dates if at < len(row)]
        dates = [iso_date(each.removesuffix(".0")) for each in cells]
        if "month" in self._at and (year := next(filter(_YEAR.fullmatch, cells), None)):
            dates.append(iso_date(year, self.cell(row, "month"), None))
        return most_exact(dates)


def _matching(form: str, text: str) -> str | None:
    return text if re.fullmatch(form, text) else None


def _listed(text: str) -> list[str] | None:
    """The entries of a list as Python or JSON write one, or None for text that is no such list."""
    if text[:1] not in "[({" or text[-1:] not in "])}":
        return None
    found = _NAMED.findall(text) if "name" in text and ":" in text else []
    found = found or _QUOTED.findall(text)
    if not found:
        return [piece.strip() for piece in text[1:-1].split(",") if piece.strip()]
    return [re.sub(r"\\(.)", r"\1", one or other).strip() for one, other in found]


def _people(text: str) -> tuple[str, ...]:
    listed = _listed(text)
    if listed is not None:
        return named(fold_spaces(name(each)) for each in listed)
    text = re.sub(r"\s?\(\d+\)", "", text)  # Scopus adds its number for each
    text = untex(text) if "\\" in text else text
    return tuple(fold_spaces(each) for each in names(text.rstrip(".") if text.count(".") == 1 else text))


def _categories(text: str) -> tuple[str, ...]:
    listed = _listed(text)
    if listed is None:
        words = text.split()
        if words and all(_ARXIV_CATEGORY.fullmatch(word) and "." in word for word in words):
            listed = words
        else:
            listed = re.split(r"\s*[;|,]\s*", text)
    return tuple(dict.fromkeys(filter(None, map(fold_spaces, listed))))
