"""Cells: a CSV file's lines taken apart, and what one cell may hold, there and back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from digestbot.model.errors import Problem, UsageError

LISTS = ("topics", "keywords", "require", "exclude")
FORMULA = re.compile(r"[=+\-@\t\r]")
"""What a spreadsheet takes for the beginning of a formula: https://owasp.org/www-community/attacks/CSV_Injection"""
_GUARDED = re.compile(r"'(?=['=+\-@\t\r])")
_SEPARATOR = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LONGEST = {"name": 200, "address": 254}
_LONGEST_LINE = 100_000


def decoded(stream: BinaryIO, encoding: str = "") -> io.TextIOWrapper:
    """The stream as text, in the encoding that its first bytes tell; it is the caller's to detach."""
    by_mark = "utf-16" if stream.read(2) in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    stream.seek(0)
    return io.TextIOWrapper(stream, encoding or by_mark, errors="replace", newline="")


class Table:
    """The first line's cells as ``head``, and the rows below it by number; ``first`` is that line as it stands.

    Excel's ``sep=;`` before it is heeded. Raises UsageError for a line that is longer than any row may be.
    """

    def __init__(self, text: io.TextIOWrapper, shown: str) -> None:
        self._text = text
        self._shown = shown
        self._read = 0
        self._lines = self._bounded()
        self.first = next(self._lines, "")
        told = _SEPARATOR.fullmatch(self.first)
        if told:
            self.first = next(self._lines, "")
        self._separator = told[1] if told else max(",;\t", key=self.first.count)
        self.head = [each.strip() for each in next(csv.reader([self.first], delimiter=self._separator), [])]

    def _bounded(self) -> Iterator[str]:
        while line := self._text.readline(_LONGEST_LINE):
            self._read += 1
            if len(line) == _LONGEST_LINE and line[-1] not in "\r\n":
                raise UsageError(Problem(f"is longer than {_LONGEST_LINE} characters", self._shown, self._read))
            yield line

    def lines(self) -> Iterator[tuple[int, str]]:
        """All lines as they stand, the first one too, for a file that is no table; each by its number."""
        yield self._read, self.first
        for line in self._lines:
            yield self._read, line

    def rows(self) -> Iterator[tuple[int, list[str] | str]]:
        """The rows that hold anything: the number of the line each begins in, and its cells or why it has none."""
        reader = csv.reader(self._lines, delimiter=self._separator, strict=True)
        while True:
            line = self._read + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield line, f"is no CSV: {error}"
                continue
            if any(cell.strip() for cell in cells):
                yield line, cells


def refused(name: str, cell: str) -> str:
    """Why a cell is not taken, empty where it is."""
    if "\ufffd" in cell:
        return "is not in the file's encoding: save it as UTF-8, or say --encoding windows-1252"
    if _CONTROL.search(cell):
        return "holds a line break or another control character"
    if name in ("name", "address", "id") and FORMULA.match(cell):
        return f"begins with {cell[0]!r}, as formulas do"
    if len(cell) > _LONGEST.get(name, 4_000):
        return f"is longer than {_LONGEST.get(name, 4_000)} characters"
    if name == "address":
        return "" if _is_address(cell) else f"{cell!r} is no address: write ada@example.org"
    return "an id is letters, digits, dots, _ and -" if name == "id" and cell and not _ID.fullmatch(cell) else ""


def _is_address(cell: str) -> bool:
    local, _, domain = cell.rpartition("@")
    odd = re.compile(r"[\s<>,;:()\[\]\\\"@]")
    plain = local and not odd.search(local) and not odd.search(domain) and cell.isprintable()
    dots = ".." in cell or cell.startswith(".") or local.endswith(".") or domain[:1] in ".-" or domain[-1:] in ".-"
    return bool(plain) and not dots and len(local.encode()) <= 64


def value(name: str, cell: str) -> Any:
    """A cell as a subscription's file would have it. Raises ValueError."""
    if name in LISTS:
        found = next(csv.reader([cell], delimiter=";", skipinitialspace=True), [])
        return [each for each in map(str.strip, found) if each]
    if name == "max_entries":
        if not re.fullmatch(r"\d{1,6}", cell):
            raise ValueError(f"{cell!r} is no number")
        return int(cell)
    if name == "gist" and cell.lower() == "model":
        return "model"
    if name in ("paused", "feedback", "gist"):
        known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if cell.lower() not in known:
            raise ValueError(f"write true{', false or model' if name == 'gist' else ' or false'}, not {cell!r}")
        return known[cell.lower()]
    return cell


def unguarded(cell: str) -> str:
    """A cell without the quote that kept a spreadsheet from running it."""
    return _GUARDED.sub("", cell.strip(" "), count=1)


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; reading it back gives what it was."""
    return f"'{cell}" if FORMULA.match(cell) or _GUARDED.match(cell) else cell


def joined(texts: Iterable[str]) -> str:
    """A list in one cell, as it is read back."""
    line = io.StringIO()
    csv.writer(line, delimiter=";", lineterminator="").writerow(list(texts))
    return line.getvalue()
