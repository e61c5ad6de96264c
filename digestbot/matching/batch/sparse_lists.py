"""Rows of numbers filed under keys: laid end to end by key, for hundreds of thousands at a time."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import TypeAlias

Filing: TypeAlias = Callable[[int], Sequence[Sequence[int]]]
"""The keys of all rows of the sources from one on, and each column of the rows."""

_LATE_SHARE = 8


class Lists:
    """Rows of ``width`` numbers under the keys 0, 1, 2, ..., made from sources 0, 1, 2, ... that only grow in number.

    The rows of key k are ``items[starts[k] : starts[k + 1]]``, and ``late[k]`` those of the
    sources from ``laid`` on, which came after all was laid end to end. Those from ``sources`` on are still out.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self.starts = array("i", [0])
        self.items = array("i")
        self.late: dict[int, list[int]] = {}
        self.sources = 0
        self.laid = 0

    def under(self, keys: Iterable[int]) -> Iterator[tuple[int, Sequence[int]]]:
        """Of each key that has any the rows, one after the other; those that came late by themselves.

        Keys that are added meanwhile are taken too.
        """
        starts, items, late, last = self.starts, self.items, self.late, len(self.starts) - 1
        for key in keys:
            if key < last:
                begin, end = starts[key], starts[key + 1]
                if begin < end:
                    yield key, items[begin:end]
            if late and key in late:
                yield key, late[key]

    def catch_up(self, sources: int, filing: Filing) -> None:
        """Take in the sources from the last time's to `sources`; all anew where they are many."""
        if sources > self.laid + self.laid // _LATE_SHARE:
            self._lay(*filing(0))
            self.laid = sources
        elif sources > self.sources:
            for key, *row in zip(*filing(self.sources), strict=True):
                self.late.setdefault(key, []).extend(row)
        self.sources = sources

    def _lay(self, keys: Sequence[int], *columns: Sequence[int]) -> None:
        counts = array("i", [0]) * (max(keys, default=-1) + 1)
        for key in keys:
            counts[key] += self.width
        self.starts = array("i", accumulate(counts, initial=0))
        place, order = self.starts[:], array("i", [0]) * len(keys)
        for row, key in enumerate(keys):
            at = place[key]
            order[at // self.width] = row
            place[key] = at + self.width
        self.items = array("i", [0]) * (self.width * len(keys))
        for at, column in enumerate(columns):
            self.items[at :: self.width] = array("i", map(column.__getitem__, order))
        self.late = {}
