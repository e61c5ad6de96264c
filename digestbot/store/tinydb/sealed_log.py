"""The sealed part of the paper log: places 1 to n in segments, and what finds works in them.

It never changes: what is sealed later makes another one, which shares what is there. What is known of a work besides
its log places is sealed with them, and counts until the same work is sealed so again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import orjson

from digestbot.store.identity import keys_of, title_keys
from digestbot.store.tinydb import segment_index, segments
from digestbot.store.tinydb.segment_index import SegmentIndex, hashed
from digestbot.store.tinydb.segments import Segment, SegmentRecords
from digestbot.store.tinydb.snapshot import Tables

_GROWTH = 4  # an index is written anew when so many times less was sealed after it: few to ask, and few times written
_BLOCKS_READ = 24  # some MB
_ENTRIES_READ = 1_024
_KEYS_READ = 8
# What is put under a hash: a place, or where something stands that is known of a work besides.
_BESIDE = 1 << 62
_NUMBERS = 20  # bits
MOST_WORKS = 1 << _NUMBERS
"""Of what is known of works besides, in a segment."""

BESIDE = ("into", "ids", "titles", "late")
"""What may be known of a work besides its log places."""
SEALED_FILES = "papers.*-*.*"
"""The names of its files."""
LISTS = ("segments", "indexes")
"""The tables that list a sealed log."""


Entry: TypeAlias = dict[str, Any]


class SealedStanding(NamedTuple):
    """Where a work stands in the sealed log: its places, in order, and the last that is known of it besides."""

    places: tuple[int, ...]
    beside: Entry | None


_NOWHERE = SealedStanding((), None)


class SealedLog:
    """Segments in `folder`, one after the other from place 1 on, and the indexes of them."""

    def __init__(self, folder: Path, known: Sequence[Segment] = (), indexes: Sequence[SegmentIndex] = ()) -> None:
        self._folder, self._segments, self._indexes = folder, list(known), list(indexes)
        self._firsts = [each.first for each in known]
        self.head = known[-1].last if known else 0
        """The last place that is sealed."""
        self._lines = lru_cache(_BLOCKS_READ)(Segment.lines)
        self._entry = lru_cache(_ENTRIES_READ)(self._read)
        self._keys = lru_cache(_KEYS_READ)(lambda segment: segment.whole("keys"))

    @classmethod
    def listed(cls, folder: Path, tables: Tables) -> SealedLog:
        """The one that these tables list. Raises StoreError unless all of it is there."""
        known, indexes = (
            sorted(tables.get(name, {}).values(), key=lambda entry: int(entry["first"])) for name in LISTS
        )
        return cls(
            folder, [Segment(folder, entry) for entry in known], [SegmentIndex(folder, entry) for entry in indexes]
        )

    # places

    def at(self, place: int) -> Entry | None:
        """What stands at a place; None where it is lost, or not sealed."""
        return self._entry(place) if 0 < place <= self.head else None

    def _read(self, place: int) -> Entry | None:
        segment = self._segment(place)
        return self._record(segment, "log", place - segment.first)

    def key(self, place: int) -> str | None:
        """What the work at a place was named; None where it is lost, or not sealed."""
        if not 0 < place <= self.head:
            return None
        segment = self._segment(place)
        key: str | None = self._keys(segment)[place - segment.first]
        return key

    def _segment(self, place: int) -> Segment:
        return self._segments[bisect_right(self._firsts, place) - 1]

    def _record(self, segment: Segment, section: str, record: int) -> Entry | None:
        number, at = segment.find(section, record)
        entry: Entry | None = orjson.loads(self._lines(segment, section, number)[at])
        return entry

    def repeated(self, after: int, upto: int) -> Iterator[tuple[int, int]]:
        """The places among these after which a work was logged again among them, each with the next."""
        for segment in self._segments[max(bisect_right(self._firsts, after) - 1, 0) :]:
            if segment.first > upto:
                return
            yield from (
                (before, place) for place, before in segment.whole("before") if after < before and place <= upto
            )

    def entries(self) -> Iterator[tuple[int, Entry]]:
        """All that stands in it, by place."""
        for segment in self._segments:
            for number in segment.blocks("log"):
                place = segment.first + segment.first_record("log", number)
                entries = enumerate(map(orjson.loads, segment.lines("log", number)), place)
                yield from ((place, entry) for place, entry in entries if entry is not None)

    def count(self) -> int:
        """How many entries those are."""
        return sum(key is not None for segment in self._segments for key in segment.whole("keys"))

    def prove(self) -> None:
        """Read all of its files. Raises StoreError for the first that is damaged."""
        for segment in self._segments:
            segment.prove()
        for index in self._indexes:
            index.columns()

    @cached_property
    def merged(self) -> dict[str, tuple[str, int]]:
        """The works that are others by now: the other's key, and the last place before."""
        return {
            key: (into, last)
            for each in self._segments
            if each.entry["merged"]
            for key, into, last in each.whole("merged")
        }

    # works

    def standing(self, key: str) -> SealedStanding:
        """Where the work with this key stands."""
        found = self._found("k", key)
        if not found:
            return _NOWHERE
        places = tuple(sorted(value for value in found if value < _BESIDE and self.key(value) == key))
        if len(places) == len(found):
            return SealedStanding(places, None)
        besides = (self._beside(value) for value in sorted(found, reverse=True) if value >= _BESIDE)
        return SealedStanding(places, next((each for each in besides if each["key"] == key), None))

    def by_id(self, id_key: str) -> str | None:
        """The key of the work that was first known by this id."""
        found = self._found("i", id_key)
        return next(self._named(found, _ids, id_key), None) if found else None

    def by_title(self, folded: str) -> Sequence[str]:
        """The keys of the works that were known by this title, the first known first."""
        found = self._found("t", folded)
        return list(dict.fromkeys(self._named(found, _titles, folded))) if found else ()

    def _named(self, found: Iterable[int], names: Callable[[Entry], Sequence[str]], name: str) -> Iterator[str]:
        """The keys of the works that do have a name, of those that its hash found."""
        for value in sorted(found):
            entry = self._beside(value) if value >= _BESIDE else self.at(value)
            if entry is not None and name in names(entry):
                yield entry["key"]

    def _found(self, kind: str, name: str) -> list[int]:
        if not self._indexes:
            return []
        hash_ = hashed(kind, name)
        found: list[int] = []
        for index in self._indexes:
            found += index.find(hash_)
        return found

    def _beside(self, value: int) -> Entry:
        number = value & ((1 << _NUMBERS) - 1)
        segment = self._segments[bisect_left(self._segments, (value - _BESIDE) >> _NUMBERS, key=lambda each: each.last)]
        entry = self._record(segment, "works", number)
        assert entry is not None  # the index points at what is there
        return entry

    def works(self) -> Iterator[Entry]:
        """What is known of works besides their places, each work's last, the last sealed first."""
        told = set[str]()
        for segment in reversed(self._segments):
            for number in segment.blocks("works"):
                for entry in map(orjson.loads, segment.lines("works", number)):
                    if entry["key"] not in told:
                        told.add(entry["key"])
                        yield entry

    @cached_property
    def schemes(self) -> frozenset[str]:
        """The schemes of all ids that works are known by."""
        return frozenset(scheme for each in self._segments for scheme in each.entry["schemes"])

    # sealing

    def grown(self, entries: Sequence[Entry | None], works: Sequence[Entry]) -> SealedLog:
        """With a segment more, of log entries (None for one that is lost) and of what is known of sealed works besides.

        It is on the disk, and is nothing until somebody keeps its lists. Raises StoreError.
        """
        first = self.head + 1
        own = defaultdict[str, list[int]](list)
        for place, each in enumerate(entries, first):
            if each is not None:
                own[each["key"]].append(place)
        before = {place: last for last, place in each_before(own, self)}
        into = ((each["key"], each["into"]) for each in works if each["into"])
        merged = [(key, other, max((*self.standing(key).places, *own.get(key, ())), default=0)) for key, other in into]
        segment = segments.write(self._folder, SegmentRecords(first, entries, works, before, merged))
        segment["merged"] = len(merged)
        segment["schemes"] = sorted(
            {name.partition(":")[0] for each in (*entries, *works) if each for name in _ids(each)}
        )
        pairs = list(_pairs(first, entries, works))
        older, count = list(self._indexes), len(pairs)
        grown: list[SegmentIndex] = []
        while older and older[-1].count < _GROWTH * count:
            grown.insert(0, older.pop())
            count += grown[0].count
        begins = grown[0].first if grown else first
        index = segment_index.write(self._folder, begins, segment["last"], pairs, grown)
        return SealedLog(
            self._folder, [*self._segments, Segment(self._folder, segment)], [*older, SegmentIndex(self._folder, index)]
        )

    def lists(self) -> tuple[dict[int, Entry], ...]:
        """The documents of the tables that list it, by their ids."""
        return tuple({each.first: each.entry for each in some} for some in (self._segments, self._indexes))

    def clear(self) -> None:
        """Remove the files of indexes that no list has any more."""
        known = {each.path for each in self._indexes}
        for path in self._folder.glob("papers.*-*.index"):
            if path not in known:
                with suppress(OSError):  # it is in nobody's way
                    path.unlink()


def log_head(tables: Tables) -> int:
    """The last place of the log that these tables hold and list."""
    return len(tables.get("log", {})) + max(
        (int(each["last"]) for each in tables.get(LISTS[0], {}).values()), default=0
    )


NOTHING_SEALED = SealedLog(Path())


def each_before(places: Mapping[str, Sequence[int]], sealed: SealedLog) -> Iterator[tuple[int, int]]:
    """Of works with their places, in order, after the sealed ones: each place before another one, with that."""
    for key, own in places.items():
        yield from pairwise((*sealed.standing(key).places[-1:], *own))


def _ids(entry: Entry) -> Sequence[str]:
    """The ids that a log entry, or what is known of a work besides, tells of it."""
    if "paper" in entry:
        return keys_of(entry["paper"]["ids"], entry["paper"]["url"])
    return () if entry["into"] else entry["ids"]


def _titles(entry: Entry) -> Sequence[str]:
    """The titles, folded."""
    if "paper" in entry:
        return title_keys(entry["paper"]["title"])
    return () if entry["into"] else [folded for title in entry["titles"] for folded in title_keys(title)]


def _pairs(first: int, entries: Sequence[Entry | None], works: Sequence[Entry]) -> Iterator[tuple[int, int]]:
    """What the index of a segment has of it."""
    last = first + len(entries) - 1
    named = ((place, each) for place, each in enumerate(entries, first) if each is not None)
    beside = ((_BESIDE + (last << _NUMBERS) + number, each) for number, each in enumerate(works))
    titled = set[str]()
    for value, entry in (*named, *beside):
        key = entry["key"]
        yield hashed("k", key), value
        for each in _ids(entry):
            yield hashed("i", each), value
        if value >= _BESIDE or key not in titled:  # in the log a work keeps its title
            for each in _titles(entry):
                yield hashed("t", each), value
            titled.add(key)
