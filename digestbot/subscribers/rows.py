"""Subscribers as rows: a CSV or TOML file read one after another, each told right or wrong with line and column."""

from __future__ import annotations

import csv
import difflib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from digestbot.model.errors import Problem, UsageError
from digestbot.model.subscribers import folded_address
from digestbot.platform.files.toml import TomlFile
from digestbot.rules.topics import Topics
from digestbot.subscribers.files import combined
from digestbot.subscribers.schema import Checker

LISTS = ("topics", "keywords", "require", "exclude")
_RULES = ("topics", "keywords", "query", "require")
TEXTS = ("name", "timezone", "cadence", "query", "order", "when_empty", "first_run", "catch_up", "theme")
COLUMNS = ("address", "id", *TEXTS, *LISTS, "max_entries", "paused", "paused_until", "feedback")
IGNORED = ("state", "suppressed", "added")
"""Columns that an export writes for people to read."""
FORMULA = re.compile(r"[=+\-@\t\r]")
"""What a spreadsheet takes for the beginning of a formula: https://owasp.org/www-community/attacks/CSV_Injection"""
_GUARDED = re.compile(r"'(?=['=+\-@\t\r])")
_CALLED = {"email": "address", "e-mail": "address", "mail": "address", "zone": "timezone", "time zone": "timezone"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LONGEST = {"name": 200, "address": 254}
_MOST_KNOWN = 20_000
_LONGEST_LINE = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """One subscriber as written: ``wants`` are the keys of a subscription's file; ``to`` is there only if written."""

    address: str
    wants: Mapping[str, Any]
    id: str = ""
    line: int | None = None

    @property
    def asks(self) -> bool:
        """Whether it says what is to be found; one that does not can only change who is there already."""
        return any(self.wants.get(key) for key in _RULES)


class Rows:
    """Reads rows and judges them as subscription files are judged. ``problems`` are told as they are found."""

    def __init__(self, topics: Topics, shown: str, tell: Callable[[Problem], object]) -> None:
        self._topics = topics
        self._shown = shown
        self._tell = tell
        self._right: dict[str, None] = {}

    def of_csv(self, stream: BinaryIO, encoding: str = "") -> Iterator[Row]:
        """The right rows of a CSV file: its first line names the columns; lists are separated by semicolons.

        Raises UsageError where the first line does not.
        """
        start = stream.read(4)
        by_mark = "utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        stream.seek(0)
        text = io.TextIOWrapper(stream, encoding or by_mark, errors="replace", newline="")
        try:
            yield from self._of_lines(self._lines(text))
        finally:
            text.detach()  # the stream is its owner's to close

    def _of_lines(self, lines: Iterator[str]) -> Iterator[Row]:
        first = next(lines, "")
        separator = max(",;\t", key=first.count)
        names = self._columns(next(csv.reader([first], delimiter=separator), []))
        reader = csv.reader(lines, delimiter=separator, strict=True)
        while True:
            line = reader.line_num + 2
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._wrong(f"is no CSV: {error}", line)
                continue
            if any(cell.strip() for cell in cells):
                row = self._of_cells(names, cells, line)
                if row is not None:
                    yield row

    def _lines(self, text: io.TextIOWrapper) -> Iterator[str]:
        """The lines, none of them longer than any row may be."""
        number = 0
        while line := text.readline(_LONGEST_LINE):
            number += 1
            if len(line) == _LONGEST_LINE and line[-1] not in "\r\n":
                raise UsageError(Problem(f"is longer than {_LONGEST_LINE} characters", self._shown, number))
            yield line

    def _columns(self, cells: list[str]) -> list[str]:
        names = [_CALLED.get(cell.strip().lower(), cell.strip().lower()) for cell in cells]
        problems = []
        for number, name in enumerate(names, 1):
            if name not in (*COLUMNS, *IGNORED):
                near = difflib.get_close_matches(name, COLUMNS, 1, 0.6)
                hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(COLUMNS)}"
                problems.append(Problem(f"unknown column {name!r}", self._shown, 1, number, hint))
            elif name in names[: number - 1]:
                problems.append(Problem(f"the column {name!r} stands there twice", self._shown, 1, number))
        if "address" not in names:
            hint = "its first line names the columns: address,topics,cadence"
            problems.insert(0, Problem("has no column address", self._shown, 1, way_out=hint))
        if problems:
            raise UsageError(*problems)
        return names

    def _of_cells(self, names: list[str], cells: list[str], line: int) -> Row | None:
        if len(cells) != len(names):
            self._wrong(f"has {len(cells)} cells, and there are {len(names)} columns", line)
            return None
        said = {name: _GUARDED.sub("", cell.strip(" "), count=1) for name, cell in zip(names, cells, strict=True)}
        wrong = [f"{name}: {why}" for name, cell in said.items() if (why := _refused(name, cell))]
        wants: dict[str, Any] = {}
        for name, cell in said.items():
            if cell and name not in ("address", "id", *IGNORED):
                try:
                    wants[name] = _value(name, cell)
                except ValueError as error:
                    wrong.append(f"{name}: {error}")
        for each in wrong:
            self._wrong(each, line)
        row = Row(said["address"], wants, said.get("id", ""), line)
        return row if self._is_right(row, None) and not wrong else None

    def of_toml(self, path: Path) -> Iterator[Row]:
        """The right ones of a TOML file's ``[[subscriber]]`` tables. Raises UsageError for what is no such file."""
        file = TomlFile(path, self._shown)
        tables = file.data.get("subscriber", [])
        others = [key for key in file.data if key != "subscriber"]
        if others or not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
            hint = 'write [[subscriber]] and under it address = "ada@example.org" and what stands in subscription files'
            raise UsageError(file.problem("is no file of subscribers", *others[:1], way_out=hint))
        for index, table in enumerate(tables):
            row = self._of_table(file, index, table)
            if row is not None:
                yield row

    def _of_table(self, file: TomlFile, index: int, table: Mapping[str, Any]) -> Row | None:
        address, name = table.get("address", ""), table.get("id", "")
        wants = {key: _plain(value) for key, value in table.items() if key not in ("address", "id", *IGNORED)}
        if not address and isinstance(wants.get("to"), list):
            address = next((str(to["address"]) for to in wants["to"] if isinstance(to, dict) and "address" in to), "")
        texts = {"address": address, "id": name, "name": wants.get("name", "")}
        wrong = [
            f"{key}: {'must be a text in quotes' if not isinstance(text, str) else why}"
            for key, text in texts.items()
            if not isinstance(text, str) or (why := _refused(key, text))
        ]
        for each in wrong:
            self._tell(file.problem(each, "subscriber", index))
        row = Row(str(address), wants, str(name))
        return row if self._is_right(row, (file, index)) and not wrong else None

    def check(self, row: Row) -> bool:
        """Whether a row that nobody has written into a file is right; what is wrong is told."""
        wrong = [
            f"{key}: {why}"
            for key, text in {"address": row.address, "id": row.id, "name": row.wants.get("name", "")}.items()
            if (why := _refused(key, text))
        ]
        for each in wrong:
            self._tell(Problem(each, self._shown))
        return self._is_right(row, None) and not wrong

    def _is_right(self, row: Row, at: tuple[TomlFile, int] | None) -> bool:
        """Whether what it wants may stand in a subscription's file; the same wants are looked into once."""
        wants = {**row.wants, "to": row.wants.get("to") or [{"channel": "email", "address": "ada@example.org"}]}
        if not row.asks:
            wants["keywords"] = ["any"]  # the rest is judged all the same
        wants.pop("name", None)  # everybody has another, and it was judged by itself
        key = json.dumps(wants, sort_keys=True)
        if key in self._right:
            return True
        file = _Table(wants, self._shown, row.line, at)
        checker = Checker(file)
        checker.subscription("row")
        combined(file, checker.spec, self._topics, checker.problems)
        for each in checker.problems:
            self._tell(each if each.line else file.problem(each.message, way_out=each.way_out))
        if checker.problems:
            return False
        if len(self._right) >= _MOST_KNOWN:
            self._right.clear()
        self._right[key] = None
        return True

    def _wrong(self, message: str, line: int) -> None:
        self._tell(Problem(message, self._shown, line))


class _Table(TomlFile):
    """What one row wants, whose problems name its line and the column."""

    def __init__(self, data: Mapping[str, Any], shown: str, line: int | None, at: tuple[TomlFile, int] | None) -> None:
        self.shown, self.text, self.data = shown, "", data
        self._offsets, self._line, self._at_table = {}, line, at

    def problem(self, message: str, *path: str | int, way_out: str | None = None) -> Problem:
        """With the column's name before it."""
        text = f"{path[0]}: {message}" if path and not message.startswith(str(path[0])) else message
        if self._at_table is None:
            return Problem(text, self.shown, self._line, way_out=way_out)
        file, index = self._at_table
        return file.problem(text, "subscriber", index, *path, way_out=way_out)

    def within(self, problem: Problem, *path: str | int) -> Problem:
        """A rule's problem, with the place within the cell."""
        place = f" (at character {problem.column})" if problem.column else ""
        return self.problem(f"{problem.message}{place}", *path, way_out=problem.way_out)


def _refused(name: str, cell: str) -> str:
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
    local, at, domain = cell.rpartition("@")
    odd = re.compile(r"[\s<>,;:()\[\]\\\"@]")
    plain = bool(local and domain and at) and not odd.search(local) and not odd.search(domain) and cell.isprintable()
    dots = ".." in cell or cell.startswith(".") or local.endswith(".") or domain[:1] in ".-" or domain[-1:] in ".-"
    return plain and not dots and len(local.encode()) <= 64


def _value(name: str, cell: str) -> Any:
    """A cell as a subscription's file would have it. Raises ValueError."""
    if name in LISTS:
        found = next(csv.reader([cell], delimiter=";", skipinitialspace=True), [])
        return [each.strip() for each in found if each.strip()]
    if name == "max_entries":
        if not re.fullmatch(r"\d{1,6}", cell):
            raise ValueError(f"{cell!r} is no number")
        return int(cell)
    if name in ("paused", "feedback"):
        known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if cell.lower() not in known:
            raise ValueError(f"write true or false, not {cell!r}")
        return known[cell.lower()]
    return cell


def _plain(value: Any) -> Any:
    """A TOML value as JSON has it."""
    return value.isoformat() if isinstance(value, date) else value


def record_wants(row: Row, before: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a row wants, put over what its subscriber wanted before: cells left empty change nothing.

    A new address takes the place of the mail destinations there were.
    """
    kept = dict(before or {})
    to = [each for each in kept.get("to", ()) if isinstance(each, Mapping)]
    address = folded_address(row.address)
    if all(folded_address(str(each.get("address", ""))) != address for each in to):
        # Folded it may be another domain's: ß is there as ss.
        mail = {"channel": "email", "address": row.address.strip().lower()}
        to = [mail, *(each for each in to if each.get("channel") != "email")]
    return {**kept, **row.wants, "to": row.wants.get("to") or to}


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; reading it back gives what it was."""
    return f"'{cell}" if FORMULA.match(cell) or _GUARDED.match(cell) else cell


def joined(texts: Iterable[str]) -> str:
    """A list in one cell, as it is read back."""
    line = io.StringIO()
    csv.writer(line, delimiter=";", lineterminator="").writerow(list(texts))
    return line.getvalue()
