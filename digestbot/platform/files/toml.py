"""A TOML file with the places of its keys, so that a problem in it can name its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import tomli

from digestbot.model.errors import Problem, UsageError

_TABLE = re.compile(r"\s*\[(\[?)\s*([^\]\[#]+?)\s*\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+|\"[^\"]+\"|'[^']+')\s*=\s*")
_STRING = re.compile(
    r'#[^\n]*|(?P<open>"""|\'\'\')(?:\r?\n)?(?P<long>.*?)(?P=open)|"(?P<basic>(?:\\.|[^"\\\n])*)"|\'(?P<literal>[^\'\n]*)\'',
    re.DOTALL,
)
_SYNTAX_LINE = re.compile(r"\(at line (\d+), column (\d+)\)")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the file: line and column from 1."""

    line: int
    column: int


class TomlFile:
    """The data of a TOML file and where each key of it stands."""

    def __init__(self, path: Path, shown: str, content: bytes | None = None) -> None:
        """Read `path`, called `shown` in problems; its `content` may be given where it was read already.

        Raises UsageError when it is unreadable or no TOML.
        """
        self.shown = shown
        try:
            read = path.read_bytes() if content is None else content
            self.text = read.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
            self.data: Mapping[str, Any] = tomli.loads(self.text)
        except tomli.TOMLDecodeError as error:
            at = _SYNTAX_LINE.search(str(error))
            line, column = (int(at[1]), int(at[2])) if at else (None, None)
            message = f"is no TOML: {_SYNTAX_LINE.sub('', str(error)).strip()}"
            hint = 'strings stand in quotes, lists in [ ]: keywords = ["low-resource"]'
            raise UsageError(Problem(message, shown, line, column, hint)) from None
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8"
            raise UsageError(Problem(f"cannot be read: {reason}", shown, way_out="save it as UTF-8")) from None

    @cached_property
    def _offsets(self) -> dict[tuple[str | int, ...], int]:
        """Offsets of every table and of every value; in arrays of tables the path holds the index."""
        offsets: dict[tuple[str | int, ...], int] = {}
        table: tuple[str | int, ...] = ()
        counts: dict[str, int] = {}
        position = 0
        for line in self.text.splitlines(keepends=True):
            if found := _TABLE.match(line):
                name = found[2]
                table = tuple(part.strip().strip("\"'") for part in name.split("."))
                if found[1]:
                    table = (*table, counts.get(name, 0))
                    counts[name] = counts.get(name, 0) + 1
                offsets.setdefault(table, position)
            elif found := _KEY.match(line):
                offsets.setdefault((*table, found[1].strip("\"'")), position + found.end())
            position += len(line)
        return offsets

    def spot(self, *path: str | int) -> Spot | None:
        """Where the value of a key starts; for a list item (`path` ends with its index), the item's text."""
        if path in self._offsets:
            return self._at(self._offsets[path])
        if path and isinstance(path[-1], int) and path[:-1] in self._offsets:
            strings = (m for m in _STRING.finditer(self.text, self._offsets[path[:-1]]) if m[0][0] != "#")
            for index, found in enumerate(strings):
                if index == path[-1]:
                    return self._at(_inner(found))
        return self.spot(*path[:-1]) if path else None

    def text_spot(self, *path: str | int) -> Spot | None:
        """Where the text of a string begins, inside its quotes."""
        if path in self._offsets and (found := _STRING.match(self.text, self._offsets[path])):
            return self._at(_inner(found))
        return self.spot(*path)

    def _at(self, offset: int) -> Spot:
        start = self.text.rfind("\n", 0, offset) + 1
        return Spot(self.text.count("\n", 0, offset) + 1, offset - start + 1)

    def problem(self, message: str, *path: str | int, way_out: str | None = None) -> Problem:
        """A problem with the value at `path`, with its line."""
        spot = self.spot(*path)
        return Problem(message, self.shown, spot.line if spot else None, way_out=way_out)

    def within(self, problem: Problem, *path: str | int) -> Problem:
        """A problem inside the string at `path`, a rule's with line and column, placed in the file."""
        spot = self.text_spot(*path)
        if spot is None:
            return problem.at(self.shown)
        line = spot.line + (problem.line or 1) - 1
        first = (problem.line or 1) == 1
        column = problem.column and (problem.column + spot.column - 1 if first else problem.column)
        return problem.at(self.shown, line, column)


def _inner(found: re.Match[str]) -> int:
    return next(found.start(g) for g in ("long", "basic", "literal") if found[g] is not None)
