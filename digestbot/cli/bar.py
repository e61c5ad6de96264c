"""A bar of bytes read, on a terminal only, that gives way to lines printed meanwhile."""

from __future__ import annotations

import sys
import time
from types import TracebackType

_EVERY = 0.1  # seconds between two drawings
_WIDTH = 30
_ERASE = "\r\x1b[K"


class ByteBar:
    """Call it with the number of bytes read anew; ``total`` is how many there will be, 0 when nobody knows."""

    def __init__(self, label: str, total: int) -> None:
        self._label, self._total, self._read = label, total, 0
        self._shown = sys.stderr.isatty()
        self._drawn_at = 0.0

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
        done = f"{self._read / 1e6:.1f} MB"
        if self._total:
            share = min(self._read / self._total, 1.0)
            full = int(share * _WIDTH)
            done = f"[{'#' * full}{'-' * (_WIDTH - full)}] {share:4.0%} of {self._total / 1e6:.1f} MB"
        sys.stderr.write(f"{_ERASE}{self._label}  {done}")
        sys.stderr.flush()

    def __enter__(self) -> ByteBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.give_way()
