"""Reads papers out of Markdown: lists (as the daily-arXiv bots and "awesome" pages have them), tables, headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.formats.markdown.entries import SOURCE, Entries
from digestbot.readers.formats.markdown.inline import links, simplified, text_of
from digestbot.readers.frames.columns import Columns
from digestbot.readers.text.fields import arxiv_id, excerpt, ids

_PAGE = re.compile(r"\s*(?:<!doctype|<html\b|<\?xml|[{\[]\s*[\"{]|@\w+\s*\{|<rss|<feed)", re.IGNORECASE)
_RULER = re.compile(r"\s*+\|?\s*+:?-++:?\s*+(?:\|\s*+:?-++:?\s*+)*+\|?\s*+$")
_ITEM = re.compile(r"^\s{0,8}(?:[-*+]|\d{1,4}[.)])\s+\S", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}\s+\S", re.MULTILINE)
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
_CELL_END = re.compile(r"(?<!\\)\|")
_TEMPLATE = re.compile(r"\]\(\{\{?\s*\w+\s*\}")
_UPDATED = re.compile(
    r"\W*(?:last\s+)?updated?(?:\s+on|\s+at)?\W{1,4}(\d{4}[-./]\d\d?[-./]\d\d?|\w+ \d\d?,? \d{4})", re.I
)
_LONGEST_FRONT = 8_000  # characters
_WANTED = 3  # entries that make it sure
_TELLING = re.compile(
    r"^\W*(?:authors?|abstract|summary|tl;?dr|arxiv(?: id)?|doi)\b\W{0,4}[:：]", re.IGNORECASE | re.MULTILINE
)
_FEW = 5  # items and headings
_LEAST_OF_PAPERS = 0.12  # of a page's items and headings; a manual or a README names a few


class Markdown:
    """The reader of Markdown pages."""

    name = "markdown"
    title = "Markdown list, table or headings of papers"

    def recognises(self, head: str) -> float:
        """By list items and headings that link to papers, or a table with a column for titles."""
        if _PAGE.match(head) or _TEMPLATE.search(head):
            return 0.0
        lines = head.split("\n")
        for before, line in pairwise(lines):
            if "|" in before and "-" in line and _RULER.match(line) and _columns(before).has_title:
                return 0.85
        if not _ITEM.search(head) and not _HEADING.search(head):
            return 0.0
        marked = [line for line in lines if _ITEM.match(line) or _HEADING.match(line)]
        leading = sum(any(each.leads_to_paper for each in links(simplified(line))) for line in marked)
        if len(marked) > _FEW and leading + len(_TELLING.findall(head)) < _LEAST_OF_PAPERS * len(marked):
            return 0.0
        if leading:
            return 0.8 if leading >= _WANTED else 0.5
        if any("](" in line and any(each.leads_to_paper for each in links(simplified(line))) for line in lines):
            return 0.35
        return 0.4 if _HEADING.search(head) and re.search(r"^\W*(?:authors?|abstract)\W*:", head, re.I | re.M) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Papers in the page's order; text around them is passed over."""
        entries = Entries()
        columns: Columns | None = None
        before, in_code, is_empty = "", False, True
        for number, line in _body(content):
            if _FENCE.match(line):
                in_code = not in_code
            if in_code:
                continue
            pieces: Iterator[Paper | Skipped]
            if "|" in before and "-" in line and _RULER.match(line) and columns is None:
                columns = _columns(before)
                pieces = entries.end()
            elif columns is not None and "|" in line:
                pieces = _row(number, line, columns)
            else:
                columns = None
                pieces = entries.line(number, line)
            for piece in pieces:
                is_empty = False
                yield piece
            if (updated := _UPDATED.match(line)) is not None:
                yield Layout(listed_on=updated[1])
            before = line
        for piece in entries.end():
            is_empty = False
            yield piece
        if is_empty:
            yield Layout(notes=["the page lists no papers"])


def _body(content: Content) -> Iterator[tuple[int, str]]:
    """The lines behind the front matter, in which a page tells of itself."""
    in_front = content.head.startswith("---\n") and "\n---" in content.head[3:_LONGEST_FRONT]
    for number, line in content.lines():
        if not in_front:
            yield number, line
        elif number > 1 and line.startswith("---"):
            in_front = False


def _cells(line: str) -> list[str]:
    cells = _CELL_END.split(line.strip()[:100_000])
    if cells and not cells[0].strip():
        cells = cells[1:]
    if cells and not cells[-1].strip():
        cells = cells[:-1]
    return [cell.replace("\\|", "|").strip() for cell in cells]


def _columns(line: str) -> Columns:
    return Columns([text_of(cell) for cell in _cells(line)], loosely=True)


def _row(number: int, line: str, columns: Columns) -> Iterator[Paper | Skipped]:
    if not columns.has_title:
        return
    raw = [simplified(cell) for cell in _cells(line)]
    paper = columns.paper([_told(cell) for cell in raw], SOURCE)
    if paper is None:
        if any(raw):
            yield Skipped(number, "unreadable", "a row without a title", excerpt(line[:400]))
        return
    addresses = [each.address for cell in raw for each in links(cell) if each.leads_to_paper]
    if not addresses and (not columns.known or (columns.is_loose and not (paper.authors or paper.ids or paper.url))):
        return  # "Name" heads tables of other things as well
    found = next((known for each in addresses if (known := arxiv_id(each))), None)
    all_ids = {**ids(arxiv=found[0] if found else None), **paper.ids}
    yield replace(paper, url=paper.url or next(iter(addresses), None), ids=all_ids)


def _told(cell: str) -> str:
    """A cell's text, or the address it links to where its text is only a label."""
    found = links(cell)
    return found[0].address if found and all(each.is_label for each in found) else text_of(cell)
