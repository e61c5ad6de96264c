"""An archive in pieces of the size that matching likes, so that it is never whole in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")

# Enough for the engine to start its arrays where they pay, few enough for memory (some 3 KB a paper).
AT_ONCE = 8192


def batched(papers: Iterable[Item]) -> Iterator[list[Item]]:
    """The papers in lists of `AT_ONCE`, the last one shorter."""
    papers = iter(papers)
    while batch := list(islice(papers, AT_ONCE)):
        yield batch
