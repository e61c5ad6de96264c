"""Reads tables of papers: CSV in any of its dialects, and tab-separated exports, by the names of their columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from digestbot.model.errors import DumpError, Problem
from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.columns import Columns
from digestbot.readers.text.fields import excerpt

_DELIMITERS = ",;\t|"
_SEVERAL = 1  # columns that are known, beside the title
_MANY = 4  # columns, of which one is the title
_LOOKED_AT = 20  # rows
_PROSE = re.compile(r"\s*(?:#{1,6}\s|[-*+]\s)")  # a heading or an item
_HEADER_WITHIN = 10  # lines: some exports say what they are first
_ESCAPED_QUOTE = re.compile(r'\\"')
# TeX's accents are no escapes of the table's; the quotation mark among them is both
_TEX = re.compile(r"\\(?=[^\"\\])|(?<=[A-Za-z])\\(?P<quote>\"(?=[aeiouyAEIOU{]))")
_DOUBLED_QUOTE = re.compile(r'[^,;\t|\n]""|""[^,;\t|\n]')
_MARKDOWN = re.compile(r"^[ \t]*+\|?[ \t]*+:?-++:?[ \t]*+\|[ |:\t-]*+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How the table is written: the header's line (from 1), the columns, and what parts and escapes cells."""

    line: int
    columns: Columns
    delimiter: str
    escape: str | None
    is_quoted: bool


@dataclass(frozen=True, slots=True)
class _Row:
    """One row with the line it begins on and its text as it stands."""

    line: int
    cells: Sequence[str]
    text: str
    is_last: bool

    def skipped(self, kind: Literal["incomplete", "unreadable"], reason: str) -> Skipped:
        """This row as a piece that became no paper."""
        return Skipped(self.line, kind, reason, excerpt(self.text[:400]))


class TableReader:
    """The reader of CSV and TSV files."""

    name = "csv"
    title = "table with a header line (CSV, TSV; comma, semicolon, tab or bar between cells)"

    def recognises(self, head: str) -> float:
        """By a header with a column for titles and others that are known."""
        dialect = _dialect(head)
        if dialect is None:
            return 0.0
        if dialect.columns.count == 1:
            return 0.35
        if dialect.columns.count >= _MANY and _tells_only_titles(head, dialect):
            return 0.0
        return 0.9 if dialect.columns.known > _SEVERAL else 0.85 if dialect.columns.known else 0.4

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """A paper a row, as the rows come; rows that do not fit the header are skipped."""
        dialect = _dialect(content.head)
        if dialect is None:
            way_out = "name its columns in the first line: title, abstract, authors, ..."
            raise DumpError(Problem("no header with a column for titles", content.name, 1, way_out=way_out))
        is_empty = True
        some_are_short = False  # then a last row that is short is no sign of a file cut off
        for row in _rows(content, dialect):
            is_empty = False
            is_short = len(row.cells) < dialect.columns.count
            if row.is_last and (_is_open(row.text, dialect) or (is_short and not some_are_short)):
                yield row.skipped("incomplete", "the file ends within this row")
            elif not row.cells:
                yield row.skipped("unreadable", "a quote in this row is never closed")
            else:
                yield _paper(row, dialect.columns)
            some_are_short = some_are_short or is_short
        if is_empty:
            yield Layout(notes=["the table holds no rows"], empty=True)


def _tells_only_titles(head: str, dialect: _Dialect) -> bool:
    """Whether the first rows, for all their columns, tell only titles: conferences have some, too."""
    lines = head.split("\n")[dialect.line : dialect.line + _LOOKED_AT]
    rows = (_cells(line, dialect.delimiter) for line in lines)
    papers = [paper for row in rows if (paper := dialect.columns.paper(row, TableReader.name))]
    told = (each.abstract or each.authors or each.ids or each.published or each.url or each.journal for each in papers)
    return len(papers) > _SEVERAL and not any(told)


def _dialect(head: str) -> _Dialect | None:
    """The first line that is a header, read with the delimiter that makes the most of it."""
    if head.lstrip()[:1] in ("{", "[", "<", "@", "%"):
        return None
    if _MARKDOWN.search(head):
        return None
    is_whole = head.endswith("\n")
    for number, line in enumerate(head.split("\n")[:_HEADER_WITHIN], start=1):
        readings = [(Columns(cells), mark) for mark in _DELIMITERS if (cells := _cells(line, mark))]
        fitting = [each for each in readings if each[0].has_title and (each[0].count > 1 or number == 1)]
        if not fitting or _PROSE.match(line):
            continue
        columns, delimiter = max(fitting, key=lambda each: (each[0].known, each[0].count))
        if columns.count == 1 and not is_whole and "\n" not in head:
            return None
        escapes = _ESCAPED_QUOTE.search(head) and not _DOUBLED_QUOTE.search(head)
        # exports with tabs often do without quotes, and then have them in their texts
        is_quoted = delimiter != "\t" or re.search(r'(?:^|\t)"', head, re.MULTILINE) is not None
        return _Dialect(number, columns, delimiter, "\\" if escapes else None, is_quoted)
    return None


def _cells(line: str, delimiter: str) -> list[str]:
    if line.count(delimiter) > 500:
        return []
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return []


class _Lines:
    """Hands on the lines below the header, and keeps those of the row that is being read."""

    def __init__(self, content: Content, dialect: _Dialect) -> None:
        header = dialect.line
        self._escape = dialect.escape
        self._lines = ((number, line) for number, line in content.lines() if number > header)
        self._next = next(self._lines, None)
        self.first = header
        self.taken: list[str] = []

    @property
    def is_over(self) -> bool:
        """Whether all lines were handed on."""
        return self._next is None

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self._next is None:
            raise StopIteration
        number, line = self._next
        if not self.taken:
            self.first = number
        self.taken.append(line)
        self._next = next(self._lines, None)
        return (_TEX.sub(_as_escape, line) if self._escape and "\\" in line else line) + "\n"


def _as_escape(found: re.Match[str]) -> str:
    return '\\\\\\"' if found["quote"] else "\\\\"


def _rows(content: Content, dialect: _Dialect) -> Iterator[_Row]:
    """The rows below the header that are not blank; one that cannot be told from the next has no cells."""
    lines = _Lines(content, dialect)
    reader = csv.reader(
        lines,
        delimiter=dialect.delimiter,
        escapechar=dialect.escape,
        quoting=csv.QUOTE_MINIMAL if dialect.is_quoted else csv.QUOTE_NONE,
        skipinitialspace=True,
    )
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:  # a cell beyond the parser's 128 Ki characters
            cells = []
        if cells is None:
            return
        row = _Row(lines.first, cells, "\n".join(lines.taken), lines.is_over)
        lines.taken.clear()
        if row.text.strip(" \t\r\n,;|") and (any(map(str.strip, cells)) or not cells):
            yield row


def _is_open(text: str, dialect: _Dialect) -> bool:
    """Whether the file ended within quotes: rows before that only end outside of them."""
    if not dialect.is_quoted:
        return False
    last = text.rfind(dialect.delimiter + '"')
    start = last + 2 if last >= 0 else 1 if text.startswith('"') else None
    if start is None:
        return False
    if dialect.escape:
        text = text.replace("\\" + '"', "")
    return text.count('"') % 2 == 1 and not text.rstrip().endswith('"')


def _paper(row: _Row, columns: Columns) -> Paper | Skipped:
    """The paper of a row; of one with cells too many, as far as its cells still stand below their headings."""
    cells: Sequence[str] = row.cells
    while len(cells) > columns.count and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) > columns.count and not (cells := columns.standing_below(cells)):
        return row.skipped("unreadable", f"{len(row.cells)} cells where the header has {columns.count}")
    return columns.paper(cells, TableReader.name) or row.skipped("unreadable", "a row without a title")
