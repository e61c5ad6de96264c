r"""Reads arXiv's mailings and the text listings behind them: new, cross-listed and replaced papers.

An entry lies between ``\\`` lines: id, date, labelled fields, and after another ``\\`` the abstract, up to
``\\ ( address , size)``. Lines of percent signs part new ones from cross-lists and those from replacements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.formats import arxiv
from digestbot.readers.frames.mail import readable_head, readable_lines
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date
from digestbot.readers.text.markup import readable

# "arXiv:2303.01398 (*cross-listing*)", and before 2007 "Paper (*cross-listing*): hep-th/9901001"
_ID = re.compile(r"(?:arXiv:|Paper(?:\s*\(\*?cross-listing\*?\))?:)\s*(?P<id>[a-zA-Z.-]*/?\d[\d.]*(?:v\d+)?).*")
_LABEL = re.compile(r"(?P<name>[A-Z][A-Za-z-]*(?: \([^)]*\))?):(?:\s+(?P<value>.*))?$")
_REPLACED = re.compile(r"replaced with (?:revised )?version\b|withdrawn\b", re.IGNORECASE)
_BOUND = re.compile(r"^\\\\\s*$", re.MULTILINE)
_BEGINS = re.compile(r"^(?:arXiv:|Paper.{0,20}:)\s*\S*\d", re.MULTILINE)
_END = re.compile(r"\\\\\s*\(\s*(?P<url>\S+?)\s*,.*")
_RULER = re.compile(r"-{20,}\s*$")
_SECTIONS = (
    (re.compile(r"(?:%-){10,}%?\s*$"), "cross"),
    (re.compile(r"(?:%%--){6,}%*\s*$"), "replaced"),
    (re.compile(r"(?:%%%---){4,}%*\s*$"), None),
)
_NEXT_MAIL = re.compile(
    r"\s*received from\s+\w{3}\s|Send any comments regarding submissions|Subject: |From .*\d\d:\d\d"
)
_DAY = re.compile(r"/\* (.*?) \*/\s*$")
_WITHDRAWN_SIZE = re.compile(r"\(0kb,\s*I\)|withdrawn\b")
_OF_MAILING = ("title/abstract", "received from", "Send any comments", "From: ", "Reply-To: ", "List-ID: ")
_MAILING = re.compile(
    r"title/abstract distribution|Send any comments regarding submissions directly to submitter"
    r"|^[ \t]*received from\s+\w{3}[ ,].*\bto\b|^(?:From|Reply-To|List-ID):.*\barxiv\.org",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(slots=True)
class _Entry:
    line: int
    kind: str | None
    id: str = ""
    said: dict[str, str] = field(default_factory=dict)
    label: str = ""
    abstract: list[str] | None = None
    url: str | None = None
    withdrawn: bool = False

    def title(self) -> str:
        return readable(self.said.get("Title", ""))


class ArxivMail:
    """The reader of arXiv's mailings."""

    name = "arxiv-mail"
    title = "arXiv mailing or text listing (plain, .eml, mbox)"

    def recognises(self, head: str) -> float:
        r"""By entries between ``\\`` lines, else by what stands around them."""
        head = readable_head(head)
        if _BOUND.search(head) and _BEGINS.search(head):
            return 0.95
        if head.lstrip()[:1] in ("<", "{", "[") or not any(sign in head for sign in _OF_MAILING):
            return 0.0
        return 0.7 if len(_MAILING.findall(head)) > 1 else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Papers in the mailing's order; withdrawn ones are told in a note."""
        yield from _Mailing(content).pieces()


class _Mailing:
    """The mailing as far as it is read."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._section: str | None = "new"
        self._entry: _Entry | None = None
        self._date: str | None = None
        self._day: str | None = None
        self._stray: tuple[int, str] | None = None
        self._had_abstract = False
        self._papers = 0
        self._broken = False
        self._withdrawn = arxiv.Withdrawals()

    def pieces(self) -> Iterator[Paper | Skipped | Layout]:
        for number, line in readable_lines(self._content):
            entry = self._entry
            if entry is None:
                self._around(number, line)
            elif entry.abstract is None:
                yield from self._within_head(entry, number, line)
            else:
                yield from self._within_abstract(entry, entry.abstract, number, line)
            if self._stray and self._entry:
                at, text = self._stray
                self._stray = None
                yield Skipped(at, "furniture", "the mail around the papers", text[:80])
        yield from self._at_the_end()
        yield from self._withdrawn.told()
        empty = not self._papers and not self._broken
        notes = ("the mailing lists no papers",) if empty else ()
        yield Layout("past week" if self._day else "mailing", self._day or self._date, notes, empty=empty)

    def _around(self, number: int, line: str) -> None:
        if line.rstrip() == "\\\\":
            self._entry = _Entry(number, self._section)
            return
        if _ID.match(line):
            self._entry = _Entry(number, self._section)
            self._head_line(self._entry, line)
            return
        section = next((kind for pattern, kind in _SECTIONS if pattern.match(line)), "")
        if section != "":
            self._section = section or "new"
        elif _NEXT_MAIL.match(line):
            self._section = "new"
        if line.startswith("Date: ") and self._date is None:
            self._date = line[6:].strip()
        if self._stray is None and line.strip() and not _RULER.match(line) and section == "":
            self._stray = number, line.strip()

    def _within_head(self, entry: _Entry, number: int, line: str) -> Iterator[Paper | Skipped]:
        end = _END.match(line)
        if end:
            entry.url = end["url"]
            yield from self._done(entry)
        elif line.rstrip() == "\\\\":
            if entry.id or entry.said:
                entry.abstract = []
            else:
                self._entry = None  # the heading of a day
        elif day := _DAY.match(line):
            self._day = self._day or day[1]
        elif _is_ruler(line):
            yield from self._done(entry)
            self._around(number, line)
        else:
            self._head_line(entry, line)

    def _head_line(self, entry: _Entry, line: str) -> None:
        label = _LABEL.match(line)
        if not entry.id and (found := _ID.match(line)):
            entry.id = found["id"]
            entry.kind = "cross" if "cross-listing" in line else entry.kind
        elif _REPLACED.match(line):
            entry.kind = "replaced"
            entry.withdrawn = entry.withdrawn or bool(_WITHDRAWN_SIZE.search(line))
        elif line[:1] in (" ", "\t") and entry.label:
            entry.said[entry.label] += " " + line.strip()
        elif label:
            entry.label = label["name"]
            value = label["value"] or ""
            entry.withdrawn = entry.withdrawn or (entry.label.startswith("Date") and "(0kb,I)" in value)
            entry.said[entry.label] = f"{entry.said[entry.label]} {value}" if entry.label in entry.said else value

    def _within_abstract(self, entry: _Entry, abstract: list[str], number: int, line: str) -> Iterator[Paper | Skipped]:
        end = _END.match(line)
        if end or line.rstrip() == "\\\\":
            entry.url = end["url"] if end else None
            yield from self._done(entry)
        elif _is_ruler(line) or (_ID.fullmatch(line) and fields.arxiv_id(line.split(" ")[0])):
            yield from self._done(entry)
            self._around(number, line)
        else:
            abstract.append(line)

    def _done(self, entry: _Entry) -> Iterator[Paper | Skipped]:
        self._entry = None
        if not entry.title():
            self._broken = True
            excerpt = entry.id or " ".join(entry.said.values())
            yield Skipped(entry.line, "unreadable", "an entry without a title", excerpt[:80])
            return
        paper = _paper(entry)
        self._had_abstract = self._had_abstract or paper.abstract is not None
        self._papers += 1
        if entry.withdrawn or arxiv.is_withdrawn(entry.said.get("Comments")) or arxiv.is_withdrawn(paper.abstract):
            self._withdrawn.add(paper.ids.get("arxiv", paper.title))
        yield paper

    def _at_the_end(self) -> Iterator[Paper | Skipped]:
        """What the end cut off: an entry before its second ``\\\\``, within its abstract, or before one."""
        entry = self._entry
        if entry is None or not (entry.id or entry.said):
            return
        begun = entry.abstract is None or any(line.strip() for line in entry.abstract)
        if begun or (self._had_abstract and entry.kind != "replaced"):
            self._broken = True
            excerpt = (entry.title() or entry.id)[:80]
            yield Skipped(entry.line, "incomplete", "the dump ends within this entry", excerpt)
        else:
            yield from self._done(entry)


def _is_ruler(line: str) -> bool:
    return line[:1] in ("-", "%") and bool(_RULER.match(line) or any(pattern.match(line) for pattern, _ in _SECTIONS))


def _paper(entry: _Entry) -> Paper:
    said = entry.said
    dated = said.get("Date") or said.get("Date (v1)") or said.get("Date (original)") or ""
    listed = said.get("Authors") or said.get("Author") or ""
    people = arxiv.authors(listed)
    return Paper(
        title=entry.title(),
        abstract=readable(" ".join(entry.abstract or ())) or None,
        authors=people,
        author_count=arxiv.author_count(listed, people),
        journal=arxiv.journal(said.get("Journal-ref")),
        published=iso_date(dated.split("(")[0]) if dated else None,
        categories=arxiv.categories(said.get("Categories", "").split()),
        ids=fields.ids(arxiv=entry.id, doi=said.get("DOI")),
        url=entry.url if entry.url and entry.url.startswith("http") else None,
        source=arxiv.SOURCE,
        kind=entry.kind,
    )
