"""Reads PubMed's lists for people: "Summary" and "Abstract" text, saved from its site or sent as an alert."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from digestbot.model.errors import DumpError, Problem
from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.mail import readable_head, readable_lines
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date
from digestbot.readers.text.markup import fold_spaces, readable
from digestbot.readers.text.short_names import short_name

_ENTRY = re.compile(r"(\d{1,6})[.:] +(\S.*)")
_PMID = re.compile(r"\s*PMID: *(\d{1,9})")
_IN_HEAD = re.compile(r"^\d{1,6}[.:] +\S(?:.*\n){1,400}?[ \t]*PMID: *\d", re.MULTILINE)
_CITATION = re.compile(r"\S.{0,200}\. (?:1[89]|20)\d\d\b.{0,100}[;:.]")
_DATE = re.compile(r"\. ((?:1[89]|20)\d\d(?: [A-Z][a-z]{2}(?: \d{1,2})?)?)\b(?=[;.])")
_NAMES = re.compile(
    r"(?:[^\d.,;:]+ [A-Z]{1,4}(?: (?:Jr|Sr|\d\w\w))?(?:\(\d[\d)(]*\))?(?:, |[.;]|$))+|\[No authors listed\]"
)
_AFFILIATIONS = re.compile(r"\((?:\d{1,3})\)|\(#\)")
_NO_ABSTRACT = re.compile(
    r"(?:Author information|Comment in|Comment on|Erratum in|Update of|Update in|Conflict of interest|Copyright|©|DOI:"
    r"|PMCID:|PMID:|Collaborators|Free (?:PMC )?[Aa]rticle|Similar articles|No abstract available|\[Indexed|Publisher:)"
)
_MOST_LINES = 20_000  # of one entry


class PubMedText:
    """The reader of PubMed's numbered lists."""

    name = "pubmed-text"
    title = "PubMed list as text (summary or abstract view, or its alert mail)"

    def recognises(self, head: str) -> float:
        """By an entry's number with a PMID behind it."""
        text = readable_head(head)
        return 0.8 if "PMID:" in text and _IN_HEAD.search(text) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Entry by entry, each from its number to its PMID."""
        entry: list[str] = []
        start = 0
        for number, line in readable_lines(content):
            begins = _ENTRY.match(line)
            if begins and not (entry and entry[-1].strip() and not _is_whole(entry)):
                if entry:
                    yield _made(entry, start)
                entry, start = [begins[2]], number
            elif entry:
                entry.append(line.rstrip())
                if len(entry) > _MOST_LINES:
                    raise DumpError(Problem("an entry without an end", content.name, start, way_out="check the file"))
        if entry:
            made = _made(entry, start)
            if isinstance(made, Skipped):
                made = Skipped(start, "incomplete", "the file ends within this entry", made.excerpt)
            yield made


def _is_whole(entry: Sequence[str]) -> bool:
    return any(_PMID.match(line) for line in entry)


def _made(entry: Sequence[str], line: int) -> Paper | Skipped:
    pmid = next((found[1] for each in entry if (found := _PMID.match(each))), None)
    paragraphs = _paragraphs(entry)
    # the abstract view has the journal first, the summary the title
    views = paragraphs[1:] if len(paragraphs) > 1 and _CITATION.match(paragraphs[0]) else paragraphs
    if pmid is None or not views:
        return Skipped(line, "unreadable", "an entry without a PMID", fields.excerpt(" ".join(entry)))
    is_summary = views is paragraphs
    title, rest = _summary(entry) if is_summary else (views[0], views[1:])
    people = next((each for each in rest[:2] if _NAMES.fullmatch(_AFFILIATIONS.sub("", each).rstrip(".") + ".")), "")
    whole = " ".join(each for each in entry if each.strip())
    dated = _DATE.search(f". {paragraphs[0]}" if not is_summary else " ".join(rest))
    return Paper(
        title=readable(title),
        abstract=None if is_summary else _abstract(rest, people),
        authors=_authors(people),
        published=iso_date(dated[1]) if dated else None,
        ids=fields.ids(
            doi=fields.doi(whole[whole.lower().find("doi:") :]) if "doi:" in whole.lower() else None, pmid=pmid
        ),
        url=f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/",
        source="pubmed",
    )


def _paragraphs(entry: Sequence[str]) -> list[str]:
    return [fold_spaces(each) for each in re.split(r"\n\s*\n", "\n".join(entry)) if each.strip()]


def _summary(entry: Sequence[str]) -> tuple[str, list[str]]:
    """Title and the lines behind it: a title goes on until the line that names people or the journal."""
    lines = [line.strip() for line in entry if line.strip()]
    at = next(
        (
            i
            for i, line in enumerate(lines)
            if i and (_NAMES.fullmatch(line) or _CITATION.match(line) or _PMID.match(line))
        ),
        len(lines),
    )
    return " ".join(lines[:at]), lines[at:]


def _authors(people: str) -> tuple[str, ...]:
    if not people or people.startswith("["):
        return ()
    listed = _AFFILIATIONS.sub("", people).rstrip(".; ").split(", ")
    return fields.named(each if each.strip() == "et al" else short_name(each) for each in listed)


def _abstract(paragraphs: Sequence[str], people: str) -> str | None:
    told = [each for each in paragraphs if each != people and not _NO_ABSTRACT.match(each)]
    return readable(" ".join(told)) or None
