"""BibTeX entry by entry: files of any size, and files that no strict parser takes.

Written by hand because the parsers there are want the whole file in memory, know no ``@article(...)`` and
lose what follows an unbalanced brace. Here a line that begins an entry always ends the one before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from digestbot.readers.content import Content

_BEGINS = re.compile(r"^[ \t]*@[ \t]*[A-Za-z][\w-]*[ \t]*[{(]")
_LONE_TYPE = re.compile(r"^[ \t]*@[ \t]*[A-Za-z][\w-]*[ \t]*$")  # the brace comes on the next line
_ENTRY = re.compile(r"@\s*([A-Za-z][\w-]*)\s*([{(])")
_KEY = re.compile(r"([^,={}\"]*+)(?:,|(?=}))")
_FIELD = re.compile(r"[\s,]*([^\W\d][\w:.+/-]*)\s*=\s*")
_END = re.compile(r"[\s,]*[})]")
_BRACE = re.compile(r"[{}]")
_QUOTE_OR_BRACE = re.compile(r'["{}]')
_WORD = re.compile(r"[^\s,#{}()\"=]+")
_JOIN = re.compile(r"\s*#\s*")
# where a value must have ended if its braces do not tell: before a line that begins the next field or ends the entry
_LOST_END = re.compile(r"\n(?=[ \t]*+(?:[^\W\d][\w:+-]*+[ \t]*+=[ \t]*+[{\"\d]|[})][ \t]*+(?:\n|\Z)))")
_FOLLOWING = re.compile(r"\s*[,})#]")
_NEXT_FIELD = re.compile(r",\s*(?=[^\W\d][\w:+-]*\s*=)")
_LONGEST = 1024 * 1024  # characters of one entry
_LONGEST_STRING = 2000  # characters; beyond it is no journal's name, but strings made of strings made of strings
_MOST_MENDS = 3  # values of one entry whose end is guessed

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(slots=True)
class BibtexEntry:
    """One entry: its type in lower case, key, and fields as written, by lower-case name; the first of each counts.

    ``line`` is where it begins. ``closed`` is whether its last brace is there. ``last`` is whether the file
    ends with it. ``text`` is its beginning.
    """

    line: int
    type: str
    key: str
    fields: dict[str, str]
    closed: bool
    text: str
    last: bool = False


def entries(content: Content) -> Iterator[BibtexEntry]:
    """Every entry but comments, preambles and strings (these are put in where they are named)."""
    strings = {month: month for month in _MONTHS}
    held: BibtexEntry | None = None
    for line, text in _chunks(content):
        for entry in _in_chunk(line, text, strings):
            if held is not None:
                yield held
            held = entry
    if held is not None:
        held.last = True
        yield held


def _chunks(content: Content) -> Iterator[tuple[int, str]]:
    """The text cut before each line that begins an entry; what is longer than any entry loses its end."""
    begins, lines, length = 0, list[str](), 0
    for number, line in content.lines():
        if "@" in line and (_BEGINS.match(line) or _LONE_TYPE.match(line)):
            if lines:
                yield begins, "\n".join(lines)
            begins, lines, length = number, [], 0
        if begins and length < _LONGEST:
            lines.append(line[:_LONGEST])
            length += len(line) + 1
    if lines:
        yield begins, "\n".join(lines)


def _in_chunk(line: int, text: str, strings: dict[str, str]) -> Iterator[BibtexEntry]:
    at = 0
    while (start := _ENTRY.search(text, at)) is not None:
        kind = start[1].lower()
        begins = line + text.count("\n", 0, start.start())
        if kind in ("comment", "preamble"):
            at = _balanced(text, start.end()) or start.end()
            continue
        entry = _Entry(text, start.end(), ")" if start[2] == "(" else "}", strings)
        if kind == "string":
            entry.read(with_key=False)
            strings.update((name, value[:_LONGEST_STRING]) for name, value in entry.fields.items())
        else:
            entry.read(with_key=True)
            excerpt = " ".join(text[start.start() : start.start() + 200].split())[:80]
            yield BibtexEntry(begins, kind, entry.key, entry.fields, entry.closed, excerpt)
        at = entry.at


def _balanced(text: str, at: int) -> int | None:
    """Behind the brace that closes the one opened before `at`, if there is one."""
    depth = 1
    for found in _BRACE.finditer(text, at):
        depth += 1 if found[0] == "{" else -1
        if depth == 0:
            return found.end()
    return None


class _Entry:
    """The reading of one entry's inside, from `at`."""

    def __init__(self, text: str, at: int, closer: str, strings: dict[str, str]) -> None:
        self.at = at
        self.key = ""
        self.fields: dict[str, str] = {}
        self.closed = False
        self._text, self._closer, self._strings = text, closer, strings
        self._mends = 0
        self._room = _LONGEST  # for what strings put in

    def read(self, *, with_key: bool) -> None:
        key = _KEY.match(self._text, self.at) if with_key else None
        if key is not None:
            self.key, self.at = key[1].strip(), key.end()
        while not self.closed:
            field = _FIELD.match(self._text, self.at)
            if field is not None:
                self.at = field.end()
                value = self._value()
                if value is None:
                    return
                self.fields.setdefault(field[1].lower(), value)
            elif (end := _END.match(self._text, self.at)) is not None:
                self.at, self.closed = end.end(), True
            elif (following := _NEXT_FIELD.search(self._text, self.at)) is not None:
                self.at = following.end()  # over what is no field
            else:
                self.at = _balanced(self._text, self.at) or len(self._text)
                return

    def _value(self) -> str | None:
        """The value at `at`, its parts joined; None when the text ends within it."""
        parts = []
        while True:
            part = self._part()
            if part is None:
                return None
            parts.append(part)
            joined = _JOIN.match(self._text, self.at)
            if joined is None:
                return "".join(parts)
            self.at = joined.end()

    def _part(self) -> str | None:
        start = self.at
        opener = self._text[start : start + 1]
        if opener in ("{", '"'):
            end = _balanced(self._text, start + 1) if opener == "{" else self._quoted(start + 1)
            if end is None or (not _FOLLOWING.match(self._text, end) and _LOST_END.search(self._text, start, end)):
                return self._lost(start + 1)
            self.at = end
            return self._text[start + 1 : end - 1]
        word = _WORD.match(self._text, start)
        if word is None:
            return ""
        self.at = word.end()
        put_in = self._strings.get(word[0].lower(), word[0])
        self._room -= len(put_in)
        return put_in if self._room > 0 else ""

    def _quoted(self, at: int) -> int | None:
        depth = 0
        for found in _QUOTE_OR_BRACE.finditer(self._text, at):
            if found[0] == '"':
                if depth <= 0:
                    return found.end()
            else:
                depth += 1 if found[0] == "{" else -1
        return None

    def _lost(self, start: int) -> str | None:
        """The value whose closing brace is missing, up to where the next field begins."""
        self._mends += 1
        end = _LOST_END.search(self._text, start) if self._mends <= _MOST_MENDS else None
        if end is None:
            self.at = len(self._text)
            return None
        self.at = end.end()
        value = self._text[start : end.start()].rstrip(" \t,")
        return value.removesuffix("}").removesuffix('"')
