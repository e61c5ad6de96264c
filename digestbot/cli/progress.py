"""A bar of what was read, its rate and the time left, on a terminal only, that gives way to lines printed meanwhile."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self, TypeVar

from digestbot.cli.terminal import paging

Item = TypeVar("Item")

_EVERY = 0.1  # seconds between two drawings
_SETTLED = 1.0  # seconds after which a rate means something
_WIDTH = 30
_ERASE = "\r\x1b[K"


class ByteBar:
    """Call it with the number of bytes read anew; ``total`` is how many there will be, 0 when nobody knows."""

    def __init__(self, label: str, total: int) -> None:
        self._label, self._total, self._read = label, total, 0
        self._shown = sys.stderr.isatty() and not paging()
        self._drawn_at = self._began = time.monotonic()

    def __call__(self, count: int) -> None:
        """So many bytes more."""
        self._read += count
        if self._shown and time.monotonic() - self._drawn_at >= _EVERY:
            self._drawn_at = time.monotonic()
            self._draw()

    def give_way(self) -> None:
        """Erase the bar, so that a line can be printed where it stood."""
        if self._shown:
            sys.stderr.write(_ERASE)
            sys.stderr.flush()

    def _draw(self) -> None:
        import shutil

        done = self._amount(self._read)
        if self._total:
            share = min(self._read / self._total, 1.0)
            full = int(share * _WIDTH)
            done = f"[{'#' * full}{'-' * (_WIDTH - full)}] {share:4.0%} of {self._amount(self._total)}"
        line = f"{self._label}  {done}{self._pace()}"
        sys.stderr.write(f"{_ERASE}{line[: shutil.get_terminal_size().columns - 1]}")
        sys.stderr.flush()

    def _pace(self) -> str:
        """How fast it goes and, where the end is known, how long it will take; nothing before that can be said."""
        taken = time.monotonic() - self._began
        if taken < _SETTLED or not self._read:
            return ""
        rate = self._read / taken
        left = f", {_time(max(self._total - self._read, 0) / rate)} left" if self._total else ""
        return f", {self._amount(int(rate))}/s{left}"

    def _amount(self, count: int) -> str:
        return f"{count / 1e6:.1f} MB"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.give_way()


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


class PaperBar(ByteBar):
    """The same for papers of the log; ``total`` is the log's head, which is as many or a few more."""

    def over(self, papers: Iterable[Item]) -> Iterator[Item]:
        """The papers again, counted."""
        for each in papers:
            yield each
            self(1)

    def _amount(self, count: int) -> str:
        return f"{count:,} papers"
