"""What the doctor finds, and what a check is given to look at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeAlias

from digestbot.bootstrap import App


class FindingState(StrEnum):
    """How one thing stands."""

    FINE = "fine"
    QUIET = "quiet"  # nothing came of it, and that is as it should be
    SKIPPED = "skipped"  # not looked at, and why
    WARNING = "warning"  # it works, and will not for long, or not for everybody
    STALE = "stale"  # it works, and has brought nothing new for too long
    BROKEN = "broken"  # it does not work
    MISCONFIGURED = "misconfigured"  # it cannot work as it is written


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: ``check`` names it, ``what`` says how it stands, ``mend`` what to do about it."""

    check: str
    state: FindingState
    what: str
    mend: str = ""


class NoAnswer(Exception):
    """The name servers did not answer, or cannot be asked; in words."""


Lookup: TypeAlias = Callable[[str, str], Sequence[str]]
"""The records of a name and kind ("TXT") in DNS; none where there are none. Raises NoAnswer."""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at: the parts of a working directory (its store read-only), and what is around it.

    ``wall`` is the time as this machine has it. ``timeout`` is for each far side, in seconds.
    """

    app: App
    lookup: Lookup
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    wall: Callable[[], datetime] = lambda: datetime.now(UTC)
    timeout: float = 10.0


Check: TypeAlias = Callable[[Patient], Iterator[Finding]]
