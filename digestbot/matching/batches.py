"""An archive in pieces of the size that matching likes, so that it is never whole in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")

# Enough for the engine to start its arrays where they pay, few enough for memory (some 3 KB a paper).
AT_ONCE = 8192


def batched(papers: Iterable[Item], *, first: int = AT_ONCE) -> Iterator[list[Item]]:
    """The papers in lists of `AT_ONCE`, the last one shorter; or of `first` and then more, for whoever waits for it."""
    papers, size = iter(papers), first
    while batch := list(islice(papers, size)):
        yield batch
        size = min(2 * size, AT_ONCE)
