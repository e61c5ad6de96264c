"""What arXiv writes the same way wherever it writes: its lists of authors, its categories, its withdrawals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from digestbot.model.papers import ET_AL
from digestbot.readers.base import Layout
from digestbot.readers.text.fields import names
from digestbot.readers.text.markup import untex

SOURCE = "arxiv"

_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.(?:[A-Z]{2}|[a-z]+(?:-[a-z]+)*))?")
_BETWEEN = re.compile(r"[,;]|\s(?:and|&)\s")
_SUFFIX = re.compile(r"[JS]r\.?|I{2,3}|IV")
_PARENTHESES = re.compile(r"\([^()]*\)")
_NOT_SHOWN = re.compile(r"(\d{1,4}) (?:additional|more|other) authors?(?: not shown)?", re.IGNORECASE)
_WITHDRAWN = re.compile(
    r"\b(?:this|the|our) (?:paper|article|submission|manuscript|work|preprint|version|note)\b[^.]{0,40}?"
    r"\b(?:has been|is|was|have been) (?:now |temporarily |already )?(?:withdrawn|retracted)|\Awithdrawn\b"
    r"|\bwithdrawn by (?:the )?(?:author|arxiv|submitter)",
    re.IGNORECASE,
)
# a journal's name before its volume, pages and year, some of which may stand before it
_REFERENCE = re.compile(
    r"(?:(?:19|20)\d\d\s+)?(?P<name>[^\W\d]\D*?[^\W\d]\.?\)?)[\s,;:(]*(?:\b(?:vol(?:ume)?|no|issue|p)\b\.?\s*)?\d"
    r"(?:[\W\d_]|[^\W\d_]{1,4}(?![^\W\d_])"
    r"|(?:volume|issue|number|article|pages?|paper|january|february|march|april|august|september|october|november|december)\b)*",
    re.IGNORECASE,
)
_NAMED = 5  # withdrawn papers told one by one


def authors(text: str) -> tuple[str, ...]:
    """The names in arXiv's own list, which separates by commas and "and"; affiliations in brackets left out."""
    while "(" in text and (inner := _PARENTHESES.sub(" ", text)) != text:  # brackets may stand in brackets
        text = inner
    people: list[str] = []
    for part in map(str.strip, _BETWEEN.split(untex(text.split("(", 1)[0]) if text else "")):
        if people and _SUFFIX.fullmatch(part):
            people[-1] += f" {part}"
        elif part:
            people.append(part)
    return names(people)


def author_count(text: str, people: Sequence[str]) -> int | None:
    """How many authors there are, where the list that gave the names says how many it leaves out; else None."""
    found = _NOT_SHOWN.search(text)
    return sum(each != ET_AL for each in people) + int(found[1]) if found else None


def categories(terms: Iterable[str]) -> tuple[str, ...]:
    """Those of the terms that are arXiv categories, each once; MSC and ACM classes stand among them at times."""
    return tuple(dict.fromkeys(term for term in terms if _CATEGORY.fullmatch(term)))


def journal(reference: str | None) -> str | None:
    """The journal that a reference ("Phys.Rev.D76:013009,2007") begins with; all of one that is made otherwise."""
    text = " ".join(untex(reference).split()) if reference else ""
    found = _REFERENCE.fullmatch(text[:300])
    return found["name"].strip() if found else text or None


def is_withdrawn(comment: str | None) -> bool:
    """Whether a paper's comment says that its authors, or arXiv, took it back."""
    lowered = comment.lower() if comment else ""
    if "withdrawn" not in lowered and "retracted" not in lowered:
        return False
    return _WITHDRAWN.search(" ".join(lowered.split())) is not None


class Withdrawals:
    """The withdrawn papers of a dump: they stay papers, and are told in its notes."""

    def __init__(self) -> None:
        self._count = 0
        self._first: list[str] = []

    def add(self, reference: str) -> None:
        """Remember one by what readers know it as."""
        self._count += 1
        if len(self._first) < _NAMED:
            self._first.append(reference)

    def told(self) -> Iterator[Layout]:
        """A note where there are any."""
        if self._count:
            more = ", ..." if self._count > len(self._first) else ""
            plural = "s" if self._count > 1 else ""
            yield Layout(notes=(f"{self._count} withdrawn paper{plural}: {', '.join(self._first)}{more}",))
