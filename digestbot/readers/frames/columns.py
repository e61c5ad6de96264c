"""What the columns of a table of papers are, by the names people and programs give them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from digestbot.model.papers import Paper
from digestbot.readers.text.fields import arxiv_id, ids, iso_date, name, named, names
from digestbot.readers.text.markup import fold_spaces, readable

# per field the names of its columns, letters and digits only; where several stand in one table, the first counts
_NAMES: Mapping[str, str] = {
    "title": "title titles papertitle articletitle documenttitle itemtitle primarytitle originaltitle ti t1 papername"
    " nameofpaper displayname titel titre titulo",
    "loose title": "paper papers name article publication",
    "abstract": "abstract abstracts abstractnote abstracttext paperabstract summary summaries ab n2 zusammenfassung"
    " resume resumen description tldr",
    "authors": "authorfullnames authorsfullnames authorshipsauthordisplayname"
    " authors author authornames authorsnames authorlist authorslist af au"
    " firstauthors creators creator autoren auteurs autores byline",
    "date": "published publisheddate datepublished publicationdate publishdate pubdate date publishedat submitteddate"
    " submissiondate datum onlinedate",
    "doi": "doi dois itemdoi di doilink doiurl",
    "arxiv": "arxivid arxiv arxivnumber arxivlink arxivurl eprint arxividentifier",
    "url": "url urls link links paperurl paperlink articleurl abstracturl absurl entryid href ur pdf pdfurl pdflink"
    " fulltexturl",
    "pmid": "pmid pubmedid pm",
    "pmcid": "pmcid pmc",
    "openalex": "openalexid openalex",
    "s2": "semanticscholarid s2id s2paperid paperid",
    "id": "id ids identifier key",
    "categories": "categories category terms term subjects subject arxivcategories primarycategory fieldsofstudy"
    " subjectareas researchareas topics",
    "organization": "organization organisation institution institutions affiliation",
    "upvotes": "upvotes votes likes",
    "kind": "announcetype kind",
}
_FIELDS = {each: field for field, names_ in _NAMES.items() for each in names_.split()}
_RANKS = {each: rank for names_ in _NAMES.values() for rank, each in enumerate(names_.split())}
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_NAMED = re.compile(r"""["']name["']\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")""")
_ARXIV_CATEGORY = re.compile(r"[a-z-]{2,10}(?:\.[A-Za-z-]{2,20})?")
_ABSENT = frozenset({"", "nan", "none", "null", "na", "n/a", "-", "<na>", "[]"})
_KINDS = {"new": "new", "cross": "cross", "replace": "replaced", "replaced": "replaced", "replace-cross": "replaced"}


class Columns:
    """Which column of a table holds which field; `known` counts the fields found beside the title.

    A column "Paper" or "Name" is the title's when there is no better one, and others that are known or, read
    `loosely`, even alone.
    """

    def __init__(self, header: Sequence[str], *, loosely: bool = False) -> None:
        self._at: dict[str, int] = {}
        ranks: dict[str, int] = {}
        for index, heading in enumerate(header):
            key = re.sub(r"[\W_]", "", heading).lower()
            field, rank = _FIELDS.get(key), _RANKS.get(key, 0)
            if field is not None and (field not in ranks or rank < ranks[field]):
                self._at[field], ranks[field] = index, rank
        loose = self._at.pop("loose title", None)
        if loose is not None and "title" not in self._at and (self._at or loosely):
            self._at["title"] = loose
        self.has_title = "title" in self._at
        self.known = len(self._at) - self.has_title
        self.count = len(header)

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
        preprint = arxiv_id(self.cell(row, "arxiv")) or arxiv_id(self.cell(row, "id")) or arxiv_id(url)
        return Paper(
            title=title,
            abstract=readable(self.cell(row, "abstract")) or None,
            authors=_people(self.cell(row, "authors")),
            organization=fold_spaces(self.cell(row, "organization")) or None,
            upvotes=int(votes) if votes.isascii() and votes.isdigit() and len(votes) < 10 else None,
            published=iso_date(self.cell(row, "date")),
            categories=_categories(self.cell(row, "categories")),
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
            kind=_KINDS.get(self.cell(row, "kind").lower()),
        )


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
