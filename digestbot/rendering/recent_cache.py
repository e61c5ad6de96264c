"""Short memories: what was made of the last few digests, for their other readers, and of the papers in them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
_KEPT = 8


class Latest(Generic[T]):
    """Keeps what was made of the last few objects, each told by being the very same and by a key. For any thread."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._made: OrderedDict[tuple[int, Hashable], tuple[object, T]] = OrderedDict()

    def get(self, what: object, key: Hashable) -> T | None:
        """What was made of this very object under a key, or None."""
        found = self._made.get((id(what), key))  # nobody else gets this id while the object is kept here
        return None if found is None else found[1]

    def put(self, what: object, key: Hashable, made: T) -> None:
        """Keep what was made of it under that key."""
        self._made[id(what), key] = what, made
        while len(self._made) > self._kept:  # each step is one that no other thread can come between
            self._made.popitem(last=False)


class Recent(Generic[T]):
    """Keeps so many things by their keys; for a new one the oldest goes. For any thread."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._made: OrderedDict[Hashable, T] = OrderedDict()
        self.get = self._made.get
        """What is kept under a key, or None."""

    def put(self, key: Hashable, made: T) -> None:
        """Keep it under that key, the last one that was made for it."""
        self._made[key] = made
        while len(self._made) > self._kept:  # as above
            self._made.popitem(last=False)
