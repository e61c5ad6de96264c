"""A store's contents taken to another: row by row, so that it may be interrupted and begun again, and proved.

While the other one is filled, and after this one has been left, they carry a mark that keeps everybody else from
writing to them: never do two copies of one ledger send.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from itertools import islice
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self, TypeAlias

import orjson

from digestbot.model.errors import Problem, StoreError

Row: TypeAlias = dict[str, Any]
BATCH = 500
"""Rows written as one change."""
BACKUP = "backup:"
"""How the place of a backup begins."""


class MovedTable(NamedTuple):
    """A table as both sides tell it: the field that names a row, and whether the rows lie in its order.

    Where they do not, their order is the one they came in. Rows of a table that is ``final`` never change.
    ``open`` ones may lose rows.
    """

    name: str
    key: str
    sorted: bool
    final: bool = False
    open: bool = False


TABLES = (
    MovedTable("log", "place", sorted=True, final=True),
    MovedTable("works", "key", sorted=True, open=True),
    MovedTable("standings", "subscription", sorted=True),
    MovedTable("digests", "key", sorted=False, final=True),
    MovedTable("deliveries", "id", sorted=False),
    MovedTable("subscribers", "id", sorted=True, open=True),
    MovedTable("suppressions", "address", sorted=True, open=True),
    MovedTable("audit", "id", sorted=False),
    MovedTable("opinions", "id", sorted=True, open=True),
    MovedTable("gists", "id", sorted=True),
)
"""In the order they are moved: rows point to rows of tables before theirs."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Why nobody may write to a store: it is being filled from `other`, or was left for it (``left``)."""

    other: str
    left: bool

    def problem(self, place: str) -> Problem:
        """What somebody is told who wants to write to it."""
        if self.other.startswith(BACKUP):
            file = self.other.removeprefix(BACKUP)
            return Problem(f"is only half restored from {file}", place, way_out=f"finish it: digestbot restore {file}")
        if self.left:
            hint = f"write DIGESTBOT_STORE={self.other}, or take all back: digestbot migrate {self.other} {place}"
            return Problem(f"was moved to {self.other}", place, way_out=hint)
        hint = f"finish it with: digestbot migrate {self.other} {place}"
        return Problem(f"is only half filled from {self.other}", place, way_out=hint)


class MoveSource(Protocol):
    """Where rows come from."""

    def rows(self, table: MovedTable) -> Iterator[Row]:
        """All rows in the table's order, in one spelling for every kind of store."""
        ...


class MovableStore(MoveSource, Protocol):
    """A store opened for being moved, and nothing else at the same time. Every method may raise StoreError."""

    @property
    def place(self) -> str:
        """What people call it, without any password."""
        ...

    def mark(self) -> Mark | None:
        """The mark it carries."""
        ...

    def put_mark(self, mark: Mark | None) -> None:
        """Give it a mark, or take it off. Whoever still writes to a store with a mark gets a StoreError.

        Raises StoreError, with nothing changed, when it is to be left while deliveries are on their way.
        """
        ...

    def count(self, table: MovedTable) -> int:
        """The number of rows."""
        ...

    def take_in(self, table: MovedTable, rows: Sequence[Row]) -> None:
        """Write rows, as one change; those that are there already take these contents."""
        ...

    def take_out(self, table: MovedTable, rows: Sequence[Row]) -> None:
        """Remove rows of an open table, as one change."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Moved(NamedTuple):
    """One table that was moved: its rows, how many of them were written now, and the sum of them on both sides."""

    table: str
    rows: int
    written: int
    checksum: str


class Way(StrEnum):
    """What there is to be done: all, nothing because it was done before, or nothing because it was taken back."""

    MOVE = "move"
    DONE = "done"
    TAKEN_BACK = "taken back"


def begin(source: MovableStore, target: MovableStore) -> Way:
    """Mark both sides, so that nobody else writes to either.

    Moved back from a store that was only half filled, the other one is free again as it was. Raises StoreError
    when the two cannot go together.
    """
    leaves, filled = source.mark(), target.mark()
    to_leave, to_fill = Mark(target.place, left=True), Mark(source.place, left=False)
    if source.place == target.place:
        raise StoreError(Problem("is the same store on both sides", source.place))
    if leaves == Mark(target.place, left=False) and filled in (None, Mark(source.place, left=True)):
        target.put_mark(None)
        return Way.TAKEN_BACK
    if leaves not in (None, to_leave):
        raise StoreError(leaves.problem(source.place))
    if filled is None and leaves is not None:
        return Way.DONE
    if filled is None and any(target.count(table) for table in TABLES):
        hint = "name an empty folder or database; what is there is not mixed with what comes"
        raise StoreError(Problem("holds something already", target.place, way_out=hint))
    if filled is not None and not filled.left and filled != to_fill:
        raise StoreError(filled.problem(target.place))
    # Never is one of them free to be used while the other has more. Whoever still writes to the source is
    # stopped before the first row is read: what changed behind our back would be lost.
    target.put_mark(to_fill)
    source.put_mark(to_leave)
    return Way.MOVE


def move(source: MoveSource, target: MovableStore, tell: Callable[[int], None] = lambda rows: None) -> list[Moved]:
    """Make `target` hold what `source` holds, table by table, after `begin` said so; then it is free to be used.

    `tell` hears of rows as they are done. Raises StoreError when the target holds what the source does not, or
    reads otherwise than what was written; begun again, it goes on where it stopped.
    """
    moved = [_moved(source, target, table, tell) for table in TABLES]
    target.put_mark(None)
    return moved


def _moved(source: MoveSource, target: MovableStore, table: MovedTable, tell: Callable[[int], None]) -> Moved:
    written = 0
    steps = _differences(table, source.rows(table), islice(target.rows(table), target.count(table)), target.place)
    while batch := list(islice(steps, BATCH)):
        new = [row for row, comes in batch if comes is True]
        if new:
            target.take_in(table, new)
        gone = [row for row, comes in batch if comes is False]
        if gone:
            target.take_out(table, gone)
        written += len(new)
        tell(len(batch) - len(gone))
    rows, checksum = summed(source, table)
    if (rows, checksum) != summed(target, table):
        raise StoreError(
            Problem(f"does not read as what was written: {table.name}", target.place, way_out="run it again")
        )
    return Moved(table.name, rows, written, checksum)


def _differences(
    table: MovedTable, source: Iterator[Row], target: Iterator[Row], place: str
) -> Iterator[tuple[Row, bool | None]]:
    """Each row with whether it is to be written; None where it stands so already, False where it has to go."""
    there = next(target, None)
    for row in source:
        while there is not None and table.sorted and there[table.key] < row[table.key]:
            yield _gone(table, there, place)
            there = next(target, None)
        if there is None or (table.sorted and there[table.key] > row[table.key]):
            yield row, True
            continue
        same = there == row
        if not same and (table.final or there[table.key] != row[table.key]):
            raise _another(place)
        yield row, None if same else True
        there = next(target, None)
    while there is not None:
        yield _gone(table, there, place)
        there = next(target, None)


def _gone(table: MovedTable, row: Row, place: str) -> tuple[Row, bool]:
    if not table.open:
        raise _another(place)
    return row, False


def _another(place: str) -> StoreError:
    hint = "it went on by itself, or is of another newsletter: name an empty folder or database"
    return StoreError(Problem("holds what the other one does not", place, way_out=hint))


def summed(movable: MoveSource, table: MovedTable) -> tuple[int, str]:
    """The number of rows, and the sha256 of all of them in order."""
    rows, digest = 0, sha256()
    for row in movable.rows(table):
        rows += 1
        digest.update(orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE))
    return rows, digest.hexdigest()
