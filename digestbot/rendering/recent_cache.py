"""Short memories: what was made of the last few digests, for their other readers, and of the papers in them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
_KEPT = 8


class Latest(Generic[T]):
    """Keeps what was made of the last few objects, each told by being the very same and by a key. For any thread."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._made: OrderedDict[tuple[int, Hashable], tuple[object, T]] = OrderedDict()

    def of(self, what: object, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives; the same again for the same object and key while it is remembered.

        It may be made twice by two threads at once. Raises what `make` raises, which is not remembered.
        """
        place = id(what), key  # nobody else gets this id while the object is kept here
        found = self._made.get(place)
        if found is not None:
            return found[1]
        made = make()
        self._made[place] = what, made
        while len(self._made) > self._kept:  # each step is one that no other thread can come between
            self._made.popitem(last=False)
        return made


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
