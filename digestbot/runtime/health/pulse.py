"""The pulse: how the ticks go, and what of that, the store, the queue and the disk makes the bot not ready."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digestbot.model.errors import DigestbotError
from digestbot.store.base import Store

LOWEST_DISK = 256 * 1024 * 1024  # bytes; the embedded store needs room for a second copy of its largest file
LONGEST_WAIT = timedelta(hours=1)  # of a delivery that could leave; retries count from when they may
_MARK = Path("data") / "round"
_LATE = 4  # ticks; one more than after which the daemon starts its scheduler anew


@dataclass(slots=True)
class Pulse:
    """How the ticks of a daemon go. Times are of ``clock``, in seconds; ``lateness`` is the last tick's."""

    every: float
    clock: Callable[[], float] = time.monotonic
    lateness: float = 0.0
    alive_at: float = field(init=False)
    hindered: dict[str, str] = field(default_factory=dict, init=False)
    """What the daemon cannot do now: which part of it, and why, in words."""
    _began: float | None = None

    def __post_init__(self) -> None:
        self.alive_at = self.clock()

    def began(self) -> None:
        """A tick begins."""
        now = self.clock()
        self.lateness = max(now - self._began - self.every, 0.0) if self._began is not None else 0.0
        self._began = self.alive_at = now

    def beat(self) -> None:
        """A step of a tick is done: a long tick is no dead one."""
        self.alive_at = self.clock()

    def hinder(self, part: str, why: str | None, tell: Callable[[str], object] = lambda _: None) -> None:
        """This keeps a part of the daemon from its work, or nothing does any more; news of it is told."""
        before = self.hindered.pop(part, None)
        if why is not None:
            self.hindered[part] = why
            if why != before:
                tell(why)

    @contextmanager
    def survived(self, part: str, tell: Callable[[str], object]) -> Iterator[None]:
        """What fails within, by the file system, the network or the store, hinders that part and ends nothing."""
        why = None
        try:
            yield
        except (OSError, DigestbotError) as error:
            why = f"{part}: {error}"
        self.hinder(part, why, tell)

    @property
    def silence(self) -> float:
        """Seconds since the last sign of life."""
        return self.clock() - self.alive_at

    @property
    def late(self) -> bool:
        """Whether the last sign of life is too long ago."""
        return self.silence > _LATE * self.every + LONGEST_STEP


LONGEST_STEP = 30.0  # seconds that one send may take, a mail server's slow answer aside


def waiting(store: Store, now: datetime) -> tuple[int, timedelta]:
    """How many deliveries could leave now, and for how long the oldest of them could have."""
    number, since = store.pending(now=now)
    return number, now - (since or now)


def unready(pulse: Pulse, store: Callable[[], Store], data: Path, now: datetime) -> Iterator[str]:
    """Why the bot does not do its work now, each reason in words; nothing when it does."""
    if pulse.late:
        yield f"no sign of the ticks for {pulse.silence:.0f} seconds"
    yield from list(pulse.hindered.values())
    yield from held_up(store, data, now)


def held_up(store: Callable[[], Store], data: Path, now: datetime) -> Iterator[str]:
    """What of the store, the queue and the disk keeps deliveries from leaving, in words."""
    try:
        number, longest = waiting(store(), now)
    except DigestbotError as error:
        yield f"the store cannot be used: {error}"
    else:
        if longest > LONGEST_WAIT:
            yield f"{number} deliveries wait to leave, the oldest for {longest.total_seconds() / 3600:.1f} hours"
    free = free_space(data)
    if free < LOWEST_DISK:
        yield f"{free >> 20} MB left on the disk of {data}"


def leave_mark(home: Path, now: datetime, hindered: Iterable[str] = ()) -> None:
    """Leave a mark of a round that is over, and what hinders it, for those who look from outside."""
    mark = home / _MARK
    with suppress(OSError):  # on a full disk, too, a round goes on
        mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        mark.touch(mode=0o600)
        mark.write_text("".join(f"{each}\n" for each in hindered), encoding="utf-8")
        os.utime(mark, (now.timestamp(), now.timestamp()))


def last_hindered(home: Path) -> list[str]:
    """What hindered the last round, in words."""
    with suppress(OSError):
        return (home / _MARK).read_text(encoding="utf-8", errors="replace").splitlines()
    return []


def last_mark(home: Path) -> datetime | None:
    """When the last round was over; None before the first."""
    try:
        return datetime.fromtimestamp((home / _MARK).stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def free_space(path: Path) -> int:
    """Bytes free where `path` is, or will be."""
    there = next(each for each in (path, *path.parents) if each.exists())
    return shutil.disk_usage(there).free
