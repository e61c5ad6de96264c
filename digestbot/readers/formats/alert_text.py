"""Reads alerts as plain text: title, byline and a line with the DOI, one paper after the other (bioRxiv, AHA, ...)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date
from digestbot.readers.text.markup import readable
from digestbot.readers.text.people import byline

_DOI = re.compile(r"(?:\bdoi:?\s*|doi\.org/)10\.\d{4,9}/\S+", re.IGNORECASE)
_ALERT = re.compile(
    r"\b(?:alerts?|online|posted|published|table of contents|new (?:articles|issue|papers)|first release|early view"
    r"|ahead of print)\b",
    re.IGNORECASE,
)
_DATE = re.compile(r"\b(\d{1,2} [A-Z][a-z]{2,8}\.? \d{4}|[A-Z][a-z]{2,8}\.? \d{1,2}, \d{4}|\d{4}-\d\d-\d\d)\b")
_AROUND = re.compile(
    r"\s*(?:\[[^\[\]]{2,40}\]\s*)+\Z|\s*[-=_*~]{3,}\s*\Z|\s*(?:abstract|full text|pdf|read more)\W*\Z", re.I
)
_JOURNAL = re.compile(
    r"\s*([A-Z][A-Za-z&: -]{2,80}?|(?:bio|med)Rxiv)[.,;:]?\s+(?:posted|(?:first )?published|\d{1,2} |\(?(?:19|20)\d\d)",
    re.IGNORECASE,
)
_LONGEST = 200  # characters of a line with a DOI: longer ones are references
_LOOKED_AT = 20  # lines with a DOI, to recognise it
_MOST_LINES = 40  # of one entry
_FEWEST_WORDS = 2
_MOST_BETWEEN = 2  # lines between a byline and the one with the DOI
_LEAST_LEFT = 3


class AlertText:
    """The reader of alerts as text."""

    name = "alert-text"
    title = "text of a publisher's alert, by bylines and DOIs (bioRxiv, medRxiv, AHA journals)"

    def recognises(self, head: str) -> float:
        """By lines with a DOI, each below a byline."""
        if (
            "10." not in head
            or head.lstrip()[:1] in ("<", "{", "[", "@")
            or "TY  - " in head
            or not _ALERT.search(head)
        ):
            return 0.0
        lines = [line.strip() for line in head.split("\n")]
        cited = [at for at, line in enumerate(lines) if len(line) <= _LONGEST and "10." in line and _DOI.search(line)]
        above = (line for at in cited[:_LOOKED_AT] for line in lines[max(at - 3, 0) : at])
        return 0.55 if any(map(byline, above)) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Entry by entry; a DOI without a byline before it is skipped."""
        paragraphs: list[list[str]] = [[]]
        for number, line in content.lines():
            if not line.strip() or _AROUND.match(line):
                if paragraphs[-1]:
                    paragraphs.append([])
                if _AROUND.match(line):
                    paragraphs = [[]]
            elif len(line) <= _LONGEST and _DOI.search(line):
                yield _made(paragraphs, line, number)
                paragraphs = [[]]
            else:
                paragraphs[-1].append(line.strip())
                del paragraphs[-1][:-_MOST_LINES]
                del paragraphs[:-_MOST_LINES]


def _made(paragraphs: Sequence[Sequence[str]], cited: str, number: int) -> Paper | Skipped:
    """The paper above the line that cites it."""
    before = [list(each) for each in paragraphs if each]
    people = _taken_byline(before)
    for _ in range(_MOST_BETWEEN):  # the journal, or what it is, may stand between
        if people is not None or not before or len(before) + len(before[-1]) < _LEAST_LEFT:
            break
        before[-1].pop()
        before = [each for each in before if each]
        people = _taken_byline(before)
    title = readable(" ".join(before[-1])) if before else ""
    if people is None or len(title.split()) < _FEWEST_WORDS:
        return Skipped(number, "unreadable", "a DOI without title and authors above it", fields.excerpt(cited))
    dated, doi = _DATE.search(cited), fields.doi(cited)
    return Paper(
        title=title,
        authors=fields.names(people),
        journal=_journal(cited),
        published=iso_date(dated[1]) if dated else None,
        ids=fields.ids(doi=doi),
        url=f"https://doi.org/{doi}" if doi else None,
        source=AlertText.name,
    )


def _taken_byline(before: list[list[str]]) -> str | None:
    """The last paragraph, or the last lines of it, where they are names; what is left is the title."""
    if not before:
        return None
    last = before[-1]
    if len(before) > 1 and (people := byline(" ".join(last))):
        before.pop()
        return people
    for count in range(min(len(last) - 1, 6), 0, -1):
        if people := byline(" ".join(last[-count:])):
            del last[-count:]
            return people
    return None


def _journal(cited: str) -> str | None:
    """What stands before "posted", "published" or a date: a name, not a sentence."""
    found = _JOURNAL.match(cited)
    return found[1].strip(" .,;:") if found else None
