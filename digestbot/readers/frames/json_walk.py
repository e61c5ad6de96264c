"""The papers in a JSON record, wherever they are nested: in wrappers, lists within lists, objects keyed by an id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from digestbot.model.papers import JsonObject, Paper
from digestbot.readers.base import Skipped

_DEEPEST = 12  # levels between a record and the papers in it
# where a record keeps what is the paper's, beside what is its own
_WRAPPINGS = ("data", "metadata", "attributes", "bibjson", "info", "_source", "paper", "document")

Made = Paper | Skipped | None
Make = Callable[[JsonObject], Made]


def works(record: Any, make: Make, depth: int = 0) -> Iterator[Paper | Skipped]:
    """What `make` makes of the record, else of what is in it: a paper, a piece skipped, or None for no work at all.

    Beside papers, what is no work is skipped for certain; in a record without any it says nothing.
    """
    if isinstance(record, dict):
        made = make(_taken_off(record))
        if isinstance(made, Paper) or depth == _DEEPEST:
            yield from () if made is None else (made,)
            return
        within = list(_within(record.values(), make, depth))
        if any(isinstance(each, Paper) for each in within):
            yield from within
        elif made is not None:
            yield made
    elif isinstance(record, list) and depth < _DEEPEST:
        yield from _within(record, make, depth)


def _within(values: Iterable[Any], make: Make, depth: int) -> Iterator[Paper | Skipped]:
    for each in values:
        if isinstance(each, dict | list):
            yield from works(each, make, depth + 1)


def _taken_off(record: JsonObject) -> JsonObject:
    """The record with what it is wrapped in taken off, two layers at most."""
    inner = record
    for _ in range(2):
        for key in _WRAPPINGS:
            if isinstance(inner.get(key), dict):
                inner = {**inner, **inner[key]}
    return inner
