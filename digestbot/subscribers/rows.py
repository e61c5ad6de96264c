"""Subscribers as rows: a CSV or TOML file read one after another, each told right or wrong with line and column."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from digestbot.model.errors import Problem, UsageError
from digestbot.model.subscribers import folded_address
from digestbot.platform.files.toml import TomlFile
from digestbot.rules.topics import Topics
from digestbot.subscribers.cells import LISTS, Table, decoded, refused, unguarded, value
from digestbot.subscribers.compiled import compiled_rules
from digestbot.subscribers.list_tools import TOOLS, ListTool, Standing, address, column, kept, recognised
from digestbot.subscribers.schema import Checker

RULES = ("topics", "keywords", "query", "query_name", "require", "exclude", "like")
"""The keys of what is to be found; none of the defaults' is taken where a row has one of its own."""
_FINDING = ("topics", "keywords", "query", "require", "like")
TEXTS = ("name", "timezone", "cadence", "query", "order", "when_empty", "first_run", "catch_up", "theme", "language")
COLUMNS = ("address", "id", *TEXTS, *LISTS, "max_entries", "paused", "paused_until", "feedback", "gist")
TOLD = ("state", "suppressed", "added")
"""Columns that an export writes beside them: whoever left there, or is suppressed, is here as well."""
_CALLED = {"email": "address", "e-mail": "address", "mail": "address", "zone": "timezone", "time zone": "timezone"}
_NAMED = re.compile(r"[^<>]*<([^<>]*)>")
_BETWEEN = re.compile(r'[,;\n](?=(?:[^"]*"[^"]*")*[^"]*$)')
"""Between two addresses of a line; not within the quotes of a name."""
_TOOLS = ", ".join(each.name for each in TOOLS)
_MOST_KNOWN = 20_000

_Place: TypeAlias = tuple[TomlFile, tuple[str | int, ...]]
"""A file, and the table in it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One subscriber as written: ``wants`` are the keys of a subscription's file; ``to`` is there only if written."""

    address: str
    wants: Mapping[str, Any]
    id: str = ""
    line: int | None = None
    standing: Standing | None = None
    """Why it is not subscribed, where the list says so."""
    consent: str = ""
    """What the list says of its consent."""

    @property
    def asks(self) -> bool:
        """Whether it says what is to be found; one that does not can only change who is there already."""
        return asks(self.wants)


def asks(wants: Mapping[str, Any]) -> bool:
    """Whether wants say what is to be found."""
    return any(wants.get(key) for key in _FINDING)


class Rows:
    """Reads rows and judges them as subscription files are judged. ``problems`` are told as they are found."""

    def __init__(self, topics: Topics, shown: str, tell: Callable[[Problem], object]) -> None:
        self._topics = topics
        self._shown = shown
        self._tell = tell
        self._right: dict[str, None] = {}

    def of_csv(self, stream: BinaryIO, encoding: str = "") -> Iterator[Row]:
        """The right rows of a CSV file: its first line names the columns; lists are separated by semicolons.

        It may also be a list as another tool exports it, or addresses and nothing else. Raises UsageError where the
        first line is none of these.
        """
        text = decoded(stream, encoding)
        try:
            table = Table(text, self._shown)
            columns = list(map(column, table.head))
            tool = recognised(columns)
            if tool is not None:
                yield from self._of_table_rows(table, columns, partial(self._of_tool, tool))
            elif "@" in table.first:
                yield from self._of_addresses(table)
            else:
                yield from self._of_table_rows(table, self._columns(table.head), self._of_cells)
        finally:
            text.detach()  # the stream is its owner's to close

    def _of_table_rows(
        self, table: Table, names: list[str], row_of: Callable[[Mapping[str, str], int], Row | None]
    ) -> Iterator[Row]:
        for line, cells in table.rows():
            if isinstance(cells, str):
                self._wrong(cells, line)
            elif len(cells) != len(names):
                self._wrong(f"has {len(cells)} cells, and there are {len(names)} columns", line)
            elif row := row_of(dict(zip(names, map(unguarded, cells), strict=True)), line):
                yield row

    def _columns(self, cells: list[str]) -> list[str]:
        names = [_CALLED.get(cell.lower(), cell.lower()) for cell in cells]
        problems = []
        for number, name in enumerate(names, 1):
            if name not in (*COLUMNS, *TOLD):
                near = difflib.get_close_matches(name, COLUMNS)
                hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(COLUMNS)}"
                problems.append(Problem(f"unknown column {name!r}", self._shown, 1, number, hint))
            elif name in names[: number - 1]:
                problems.append(Problem(f"the column {name!r} stands there twice", self._shown, 1, number))
        if "address" not in names:
            hint = f"its first line names the columns: address,topics,cadence; or it is a list of {_TOOLS}"
            problems.insert(0, Problem("has no column address", self._shown, 1, way_out=hint))
        if problems:
            raise UsageError(*problems)
        return names

    def _of_cells(self, said: Mapping[str, str], line: int) -> Row | None:
        wrong = [f"{name}: {why}" for name, cell in said.items() if (why := refused(name, cell))]
        wants: dict[str, Any] = {}
        for name, cell in said.items():
            if cell and name not in ("address", "id", *TOLD):
                try:
                    wants[name] = value(name, cell)
                except ValueError as error:
                    wrong.append(f"{name}: {error}")
        standing = self._standing(kept, said, wrong)
        for each in wrong:
            self._wrong(each, line)
        row = Row(said["address"], wants, said.get("id", ""), line, standing)
        return row if self._is_right(row, None) and not wrong else None

    def _of_tool(self, tool: ListTool, said: Mapping[str, str], line: int) -> Row | None:
        wrong: list[str] = []
        standing = self._standing(tool.standing, said, wrong)
        why = refused("address", address(said))
        if why and standing is None and not wrong:
            wrong.append(f"address: {why}")
        for each in wrong:
            self._wrong(each, line)
        # An address that is none, and is not mailed there, can be kept from nothing: no reason to refuse the file.
        row = Row(address(said), {}, "", line, standing, tool.consent(said))
        return None if wrong or why else row

    def _standing(
        self, judge: Callable[[Mapping[str, str]], Standing | None], said: Mapping[str, str], wrong: list[str]
    ) -> Standing | None:
        try:
            return judge(said)
        except ValueError as error:
            wrong.append(str(error))
            return None

    def _of_addresses(self, table: Table) -> Iterator[Row]:
        """Of a file that holds addresses and nothing else: ``ada@example.org`` or ``Ada <ada@example.org>``."""
        for line, text in table.lines():
            for each in filter(None, map(str.strip, _BETWEEN.split(text))):
                found = _NAMED.fullmatch(each)
                row = Row(found[1] if found else each, {}, "", line)
                if why := refused("address", row.address):
                    hint = "write an address a line, or name the columns in the first: address,keywords"
                    self._tell(Problem(f"address: {why}", self._shown, line, way_out=hint))
                else:
                    yield row

    def defaults(self, path: Path, shown: str) -> Mapping[str, Any]:
        """What new rows want that do not say it: a subscription's file, whose destinations do not count."""
        file = TomlFile(path, shown)
        wants = {key: _plain(each) for key, each in file.data.items() if key != "to"}
        return wants if self._is_right(Row("", wants), (file, ())) else {}

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
        wants = {key: _plain(value) for key, value in table.items() if key not in ("address", "id", *TOLD)}
        if not address and isinstance(wants.get("to"), list):
            address = next((str(to["address"]) for to in wants["to"] if isinstance(to, dict) and "address" in to), "")
        texts = {"address": address, "id": name, "name": wants.get("name", "")}
        wrong = [
            f"{key}: {'must be a text in quotes' if not isinstance(text, str) else why}"
            for key, text in texts.items()
            if not isinstance(text, str) or (why := refused(key, text))
        ]
        standing = self._standing(kept, {name: str(table.get(name, "")) for name in TOLD}, wrong)
        for each in wrong:
            self._tell(file.problem(each, "subscriber", index))
        row = Row(str(address), wants, str(name), standing=standing)
        return row if self._is_right(row, (file, ("subscriber", index))) and not wrong else None

    def check(self, row: Row) -> bool:
        """Whether a row that nobody has written into a file is right; what is wrong is told."""
        wrong = [
            f"{key}: {why}"
            for key, text in {"address": row.address, "id": row.id, "name": row.wants.get("name", "")}.items()
            if (why := refused(key, text))
        ]
        for each in wrong:
            self._tell(Problem(each, self._shown))
        return self._is_right(row, None) and not wrong

    def _is_right(self, row: Row, at: _Place | None) -> bool:
        """Whether what it wants may stand in a subscription's file; the same wants are looked into once."""
        wants = {**row.wants, "to": row.wants.get("to") or [{"channel": "email", "address": "ada@example.org"}]}
        if not row.asks:
            wants["keywords"] = ["any"]  # the rest is judged all the same
        wants.pop("name", None)  # everybody has another, and it was judged by itself
        key = json.dumps(wants)
        if key in self._right:
            return True
        file = _Table(wants, self._shown, row.line, at)
        checker = Checker(file)
        checker.subscription("row")
        compiled_rules(file, checker, self._topics)
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

    def __init__(self, data: Mapping[str, Any], shown: str, line: int | None, at: _Place | None) -> None:
        self.shown, self.text, self.data = shown, "", data
        self._offsets, self._line, self._at_table = {}, line, at

    def problem(self, message: str, *path: str | int, way_out: str | None = None) -> Problem:
        """With the column's name before it."""
        text = f"{path[0]}: {message}" if path and not message.startswith(str(path[0])) else message
        if self._at_table is None:
            return Problem(text, self.shown, self._line, way_out=way_out)
        file, table = self._at_table
        return file.problem(text, *table, *path, way_out=way_out)

    def within(self, problem: Problem, *path: str | int) -> Problem:
        """A rule's problem, with the place within the cell."""
        place = f" (at character {problem.column})" if problem.column else ""
        return self.problem(f"{problem.message}{place}", *path, way_out=problem.way_out)


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
