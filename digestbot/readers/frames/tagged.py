"""The frame of formats with a tag before each value: RIS, PubMed's text, EndNote's and Web of Science's.

Read line by line: exports hold hundreds of thousands of records and break their lines where they like.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

from digestbot.model.errors import DumpError, Problem
from digestbot.readers.content import Content
from digestbot.readers.text.fields import excerpt

_MOST_LINES = 500_000  # of one record; PubMed's of a paper with five thousand authors have some 50 000


class TaggedRecord:
    """One record: ``line`` is where it begins, ``begins`` that line; its values by tag, lines that go on joined."""

    def __init__(self, line: int, begins: str) -> None:
        self.line, self.begins = line, begins
        self.lines = 0
        self._values: list[tuple[str, list[str]]] = []
        self.tags: set[str] = set()

    def add(self, tag: str, value: str) -> None:
        """A value, which lines that go on may follow."""
        self._values.append((tag, [value.strip()]))
        self.tags.add(tag)
        self.lines += 1

    def go_on(self, text: str) -> None:
        """A line without a tag belongs to the value before it."""
        self.lines += 1
        if self._values and (more := text.strip()):
            self._values[-1][1].append(more)

    @property
    def last(self) -> str:
        """The tag of the last value; "" where there is none."""
        return self._values[-1][0] if self._values else ""

    def tagged(self, *tags: str) -> Iterator[tuple[str, str]]:
        """Tag and value of those with one of the tags, in the record's order; a line end between their lines."""
        return ((tag, "\n".join(lines).strip()) for tag, lines in self._values if tag in tags)

    def all(self, *tags: str) -> list[str]:
        """The values that are not empty, those of the first tag before those of the next."""
        return [value for tag in tags if tag in self.tags for _, value in self.tagged(tag) if value]

    def first(self, *tags: str) -> str:
        """The first value of the first of the tags that has one, on one line; "" for none."""
        return next((" ".join(value.split()) for tag in tags for value in self.all(tag)), "")


def tagged_records(
    content: Content,
    line_with_tag: re.Pattern[str],
    begins: Callable[[TaggedRecord, str, bool], bool],
    ends: Collection[str] = (),
) -> Iterator[tuple[TaggedRecord, bool]]:
    """Each record, and whether its end is there: another begins behind it, or a line of `ends` closes it.

    `line_with_tag` gives tag and value; `begins` tells whether a tag begins a record behind the one given, from
    that record, the tag, and whether a blank line stands before it. Raises DumpError for a record without an end.
    """
    record: TaggedRecord | None = None
    blank = False
    for number, line in content.lines():
        found = line_with_tag.match(line)
        if found is None:
            blank = blank or not line.strip()
            if record is not None:
                record.go_on(line)
                _check(record, content.name)
            continue
        tag = found[1]
        if record is not None and (tag in ends or begins(record, tag, blank)):
            yield record, True
            record = None
        blank = False
        if tag in ends:
            continue
        if record is None:
            record = TaggedRecord(number, excerpt(line))
        record.add(tag, found[2] or "")
        _check(record, content.name)
    if record is not None:
        yield record, False


def _check(record: TaggedRecord, name: str) -> None:
    if record.lines > _MOST_LINES:
        raise DumpError(
            Problem("a record without an end", name, record.line, way_out="check that this is the right file")
        )
