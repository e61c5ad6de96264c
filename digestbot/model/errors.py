"""What can go wrong in words a person can act on: where it is, what it is, and the way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `place` is a file or what else was read; lines and columns count from 1."""

    message: str
    place: str | None = None
    line: int | None = None
    column: int | None = None
    way_out: str | None = None

    def at(self, place: str, line: int | None = None, column: int | None = None) -> Problem:
        """The same problem, found in `place`; a line or column it already has is kept unless given."""
        return replace(self, place=place, line=line or self.line, column=column if column is not None else self.column)

    def __str__(self) -> str:
        spot = ":".join(str(part) for part in (self.place, self.line, self.column) if part is not None)
        text = f"{spot}: {self.message}" if spot else self.message
        return f"{text} ({self.way_out})" if self.way_out else text


class DigestbotError(Exception):
    """The root of every error digestbot raises on purpose. `exit_code` is what the command line ends with."""

    exit_code = 1

    def __init__(self, *problems: Problem | str) -> None:
        self.problems: Sequence[Problem] = tuple(p if isinstance(p, Problem) else Problem(p) for p in problems)
        super().__init__("\n".join(str(p) for p in self.problems))


class UsageError(DigestbotError):
    """Bad usage or bad configuration: the mend is in a file or on the command line."""

    exit_code = 2


class RuleError(UsageError):
    """A rule that cannot be understood; `problems` hold its line and column within the rule's text."""


class DumpError(DigestbotError):
    """A dump that cannot be read, or holds no papers where some were promised."""


class StoreError(DigestbotError):
    """The store cannot be used: damaged, locked, of a newer version, or the disk is full."""


class NewerStore(StoreError):
    """A newer digestbot wrote it: an older one never touches it."""


class StoreLocked(StoreError):
    """Another process has the store open for writing."""
