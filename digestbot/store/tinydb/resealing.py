"""What can still be read of a damaged sealed log, sealed anew beside it: a lost paper leaves its place empty."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from digestbot.model.errors import StoreError
from digestbot.store.tinydb.sealed_log import LISTS, SealedLog
from digestbot.store.tinydb.segments import Segment, unlisted
from digestbot.store.tinydb.snapshot import Tables

_PLACES = re.compile(r"papers\.(\d+)-(\d+)\.segment")


class Resealed(NamedTuple):
    """The places whose papers are lost, and whether anything is."""

    lost_places: Set[int]
    lost: bool


class _Read(NamedTuple):
    """What can be read of a segment: its log entries by place, what is known of works besides, and if that is all."""

    entries: dict[int, dict[str, Any]]
    works: list[dict[str, Any]]
    whole: bool


def reseal(folder: Path, side: Path, tables: Tables) -> Resealed:
    """Seal in `side` what can be read of the segments that `tables` list and lie in `folder`, and list that instead."""
    sealed, lost_places, lost = SealedLog(side), set[int](), False
    for entry in _entries(folder, tables):
        first, last = int(entry["first"]), int(entry["last"])
        read = _read(folder, entry)
        sealed = sealed.grown([read.entries.get(place) for place in range(first, last + 1)], read.works)
        lost_places.update(place for place in range(first, last + 1) if place not in read.entries)
        lost = lost or not read.whole
    for name, entries in zip(LISTS, sealed.lists(), strict=True):
        tables[name] = {str(number): entry for number, entry in entries.items()}
    log = tables.setdefault("log", {})
    for place in [place for place in log if int(place) <= sealed.head]:
        del log[place]
    sealed.clear()
    return Resealed(lost_places, lost)


def _entries(folder: Path, tables: Tables) -> Iterator[dict[str, Any]]:
    """The segments that are listed, then those that are there all the same for places that are not in the tables."""
    head = 0
    for entry in sorted(tables.get(LISTS[0], {}).values(), key=lambda each: int(each["first"])):
        head = int(entry["last"])
        yield entry
    found = {int(match[1]): int(match[2]) for path in folder.iterdir() if (match := _PLACES.fullmatch(path.name))}
    while head + 1 in found:
        last = found[head + 1]
        if all(str(place) in tables.get("log", {}) for place in range(head + 1, last + 1)):
            return
        try:
            entry = unlisted(folder, head + 1, last)
            Segment(folder, entry).prove()
        except StoreError:
            return
        yield entry
        head = last


def _read(folder: Path, entry: dict[str, Any]) -> _Read:
    try:
        segment = Segment(folder, entry)
    except StoreError:
        return _Read({}, [], whole=False)
    entries = {segment.first + number: orjson.loads(line) for number, line in segment.readable("log")}
    works = [orjson.loads(line) for _, line in segment.readable("works")]
    try:
        segment.prove()
    except StoreError:
        whole = False
    else:
        whole = True
    return _Read({place: each for place, each in entries.items() if each is not None}, works, whole)
