"""The port of the pipeline: who is due comes in by it, and what was composed goes out by it into the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeVar

from digestbot.digests.composing import COMPARED
from digestbot.digests.due import covered
from digestbot.model.catching_up import Turn
from digestbot.model.digests import DigestRecord
from digestbot.model.errors import StoreError
from digestbot.store.base import Cursor, Opening
from digestbot.subscribers.compiled import CompiledSubscription

Result = TypeVar("Result")

BEFORE = COMPARED
"""So many of the last digests are looked at."""
LOT = 10_000
"""So many who are due are looked at together: their rules are matched at once, their cursors are in memory."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The moment that digests are made as of: its time, and how far the paper log went then."""

    now: datetime
    head: int


@dataclass(frozen=True, slots=True)
class Due:
    """One that is due: how far it has come, its last `BEFORE` digests, and its turns, the earliest first."""

    compiled: CompiledSubscription
    cursor: Cursor
    earlier: Sequence[DigestRecord]
    turns: Sequence[Turn]

    @property
    def id(self) -> str:
        """The subscription's."""
        return self.compiled.subscription.id

    @property
    def first_run(self) -> bool:
        """Whether its digest is a first one that looks back over some days."""
        return self.cursor.position is None and self.compiled.subscription.first_run_days is not None

    @property
    def covered(self) -> int:
        """The log place after which its window begins."""
        return covered(self.compiled.subscription, self.cursor)

    def past(self, record: DigestRecord | None) -> Due:
        """What is due after its first turn, which became this digest; None where it was opened before."""
        if record is None:
            return replace(self, turns=self.turns[1:])
        cursor = replace(self.cursor, position=record.window.upto, carry=record.carry)
        return replace(self, cursor=cursor, earlier=(*self.earlier, record)[-BEFORE:], turns=self.turns[1:])


@dataclass(frozen=True, slots=True)
class Composed:
    """The digest of one's first turn, with its deliveries; or why it could not be made."""

    due: Due
    opening: Opening | None
    error: Exception | None = None

    def opened(self, taken: bool | Exception) -> Opened:
        """What came of it, by the answer of its queue."""
        error = taken if isinstance(taken, Exception) else self.error
        record = self.opening.record if self.opening is not None and taken is True else None
        return Opened(self.due.compiled, record, error)


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of one turn: its digest, None where it was opened before, or why it could not be made."""

    compiled: CompiledSubscription
    record: DigestRecord | None
    error: Exception | None = None

    def result(self) -> DigestRecord | None:
        """The digest. Raises what kept it from being made."""
        if self.error is not None:
            raise self.error
        return self.record


class DueQueue(Protocol):
    """Who is due, and how much at once."""

    @property
    def at_once(self) -> int:
        """So many are composed and written together."""
        ...

    def due(self) -> Iterator[Sequence[Due]]:
        """Those who are due, by lots whose rules are matched together. Raises StoreError."""
        ...

    def open(self, composed: Sequence[Composed]) -> Sequence[bool | Exception]:
        """Write the digests with their deliveries; of each whether it was opened, or what kept it from that.

        One that could not be composed is not opened. Raises StoreError, with nothing written that was not there.
        """
        ...


def tried(work: Callable[[], Result]) -> Result | Exception:
    """What the work for one subscription brings, or how it failed. Raises StoreError: that is everybody's."""
    try:
        return work()
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001  # a fault in one digest keeps no other from being made
        return error
