"""The records of a JSON dump, one by one: of a list, of a list within an answer, or of JSON Lines.

An ordinary parser wants the whole document and gives nothing when one bracket is missing. This one finds
where each record begins and ends, hands that piece to a parser, and goes on after one that is broken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from digestbot.model.errors import DumpError, Problem
from digestbot.model.papers import JsonObject, Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.text.fields import excerpt

_TOKEN = re.compile(r'"[^"\\\n]*(?:\\.[^"\\\n]*)*(")?|[\[\]{}]', re.DOTALL)
_CLOSES = {"}": "{", "]": "["}
DEEPEST = 500  # levels; no listing comes near
LONGEST_RECORD = 16 * 1024 * 1024  # characters

Path = tuple[str, ...]


@dataclass(slots=True)
class _Open:
    """A bracket not yet closed. ``is_list``: its objects are records. ``start`` is set for a record."""

    bracket: str
    key: str | None
    is_list: bool = False
    start: int | None = None


class _Records:
    """Finds the records in text that comes in blocks; `paths` are the keys that lead to lists of them."""

    def __init__(self, content: Content, paths: Collection[Path]) -> None:
        self._content = content
        self._paths = paths
        self._buffer = ""
        self._at = 0  # the place in the buffer up to which it was read
        self._line = 1  # at `_line_at`, a place in the buffer
        self._line_at = 0
        self._stack: list[_Open] = []
        self._last = (0, 0)  # the token before, its span in the buffer
        self.seen = 0

    def __iter__(self) -> Iterator[tuple[int, JsonObject] | Skipped]:
        for block in self._content.blocks():
            self._forget()
            self._buffer += block
            if len(self._buffer) > LONGEST_RECORD:
                raise self._error("a record without an end", "check that this is the right file")
            yield from self._scan(final=False)
        yield from self._scan(final=True)
        yield from self._end()

    def _forget(self) -> None:
        """Let go of the text before the first record that is still open, or before the last token."""
        start = next((each.start for each in self._stack if each.start is not None), None)
        cut = min(self._last[0], self._at) if start is None else start
        self._line_of(cut)
        self._buffer = self._buffer[cut:]
        self._line_at -= cut
        self._at -= cut
        self._last = (max(self._last[0] - cut, 0), max(self._last[1] - cut, 0))
        for each in self._stack:
            if each.start is not None:
                each.start -= cut

    def _line_of(self, at: int) -> int:
        """The line of a place in the buffer; counted from the place asked for before, for they come in order."""
        if at >= self._line_at:
            self._line += self._buffer.count("\n", self._line_at, at)
        else:
            self._line -= self._buffer.count("\n", at, self._line_at)
        self._line_at = at
        return self._line

    def _scan(self, *, final: bool) -> Iterator[tuple[int, JsonObject] | Skipped]:
        for token in _TOKEN.finditer(self._buffer, self._at):
            mark = token[0][0]
            if mark == '"':
                if token[1] is None and not final and self._buffer.find("\n", token.end()) < 0:
                    self._at = token.start()
                    return
            elif mark in "{[":
                yield from self._open(mark, token.start())
            else:
                yield from self._close(mark, token.end())
            self._at = token.end()
            self._last = token.span()
        self._at = len(self._buffer)

    def _open(self, bracket: str, at: int) -> Iterator[Skipped]:
        before = self._buffer[self._last[0] : at].rstrip()
        if bracket == "{" and self._stack and not self._may_follow(before[-1:]):
            yield from self._break_off(at)
        if len(self._stack) >= DEEPEST:
            raise self._error(f"brackets nested deeper than {DEEPEST} levels", "this is no listing")
        key = None
        if before.endswith(":"):
            key = self._buffer[self._last[0] + 1 : self._last[1] - 1]
        opened = _Open(bracket, key)
        if bracket == "[":
            opened.is_list = not self._stack or self._is_path(key)
        elif not self._stack or self._stack[-1].is_list:
            opened.start = at
        self._stack.append(opened)

    def _may_follow(self, before: str) -> bool:
        """Whether an object may begin here, after the sign `before`."""
        return before == ":" if self._stack[-1].bracket == "{" else before in ("[", ",")

    def _is_path(self, key: str | None) -> bool:
        """Whether the keys since the last record lead to a list of records; that one was its wrapping then."""
        keys = [key]
        for each in reversed(self._stack):
            if each.start is not None or each.is_list or each.bracket == "[":
                break
            keys.append(each.key)
        record = next((each for each in reversed(self._stack) if each.bracket == "[" or each.start is not None), None)
        if tuple(reversed(keys)) not in self._paths or record is None or record.bracket == "[":
            return False
        for each in self._stack:
            each.start = None
        return True

    def _close(self, mark: str, end: int) -> Iterator[tuple[int, JsonObject] | Skipped]:
        opener = _CLOSES[mark]
        if not any(each.bracket == opener for each in self._stack):
            return
        while self._stack[-1].bracket != opener:
            broken = self._stack.pop()
            if broken.start is not None:
                yield self._skip(broken.start, end, "unreadable", "its brackets do not match")
        closed = self._stack.pop()
        if closed.start is not None:
            yield self._parsed(closed.start, end)

    def _break_off(self, at: int) -> Iterator[Skipped]:
        """A record begins where none may: the one before it was never closed."""
        while self._stack and not self._stack[-1].is_list:
            broken = self._stack.pop()
            if broken.start is not None:
                yield self._skip(broken.start, at, "unreadable", "it is not closed before the next begins")

    def _parsed(self, start: int, end: int) -> tuple[int, JsonObject] | Skipped:
        text = self._buffer[start:end]
        self.seen += 1
        try:
            record = orjson.loads(text)
        except orjson.JSONDecodeError:
            try:  # the stricter parser knows no NaN and no line ends within strings
                record = json.loads(text, strict=False)
            except (ValueError, RecursionError) as error:
                return self._skip(start, end, "unreadable", f"no valid JSON: {getattr(error, 'msg', 'too deep')}")
        return self._line_of(start), record

    def _end(self) -> Iterator[Skipped]:
        start = next((each.start for each in self._stack if each.start is not None), None)
        if start is not None:
            yield self._skip(start, len(self._buffer), "incomplete", "the file ends within this record")
        elif self._stack:
            reason = "the file ends before its last bracket is closed"
            yield self._skip(min(self._last), len(self._buffer), "incomplete", reason)

    def _skip(self, start: int, end: int, kind: str, reason: str) -> Skipped:
        return Skipped(self._line_of(start), kind, reason, excerpt(self._buffer[start : min(end, start + 400)]))  # type: ignore[arg-type]  # one of its kinds

    def _error(self, message: str, way_out: str) -> DumpError:
        return DumpError(Problem(message, self._content.name, self._line, way_out=way_out))


def records(content: Content, *paths: str) -> Iterator[tuple[int, JsonObject] | Skipped]:
    """Each record with its line (from 1), or what could not be read of it, in the dump's order.

    A record is an object at the top level or in a list there; and, where one of `paths` ("results",
    "message.items") leads from such an object to a list, each object in that list instead.
    Raises DumpError for text nested or running on without end.
    """
    yield from _Records(content, {tuple(path.split(".")) for path in paths})


def papers(
    content: Content, paths: Collection[str], paper: Callable[[JsonObject], Paper | None]
) -> Iterator[Paper | Skipped | Layout]:
    """The papers that `paper` makes of the records; a record it returns None for has no title."""
    is_empty = True
    for piece in records(content, *paths):
        is_empty = False
        if isinstance(piece, Skipped):
            yield piece
            continue
        line, record = piece
        made = paper(record)
        yield made or Skipped(line, "unreadable", "a record without a title", excerpt(str(record)[:400]))
    if is_empty:
        yield Layout(notes=["the answer holds no papers"], empty=True)


def text(record: Any, *keys: str) -> str | None:
    """The text under the first of `keys` that has one, with a number made text; None for all else."""
    if not isinstance(record, dict):
        return None
    for key in keys:
        value = record.get(key)
        if isinstance(value, list) and value:  # Crossref and its like put single texts in lists
            value = value[0]
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return None


def whole(record: Any, key: str) -> int | None:
    """The whole number under `key`, or None."""
    value = record.get(key) if isinstance(record, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def part(record: Any, key: str) -> JsonObject:
    """The object under `key`; an empty one when there is none."""
    value = record.get(key) if isinstance(record, dict) else None
    return value if isinstance(value, dict) else {}


def parts(record: Any, key: str) -> list[Any]:
    """The list under `key`; an empty one when there is none."""
    value = record.get(key) if isinstance(record, dict) else None
    return value if isinstance(value, list) else []
