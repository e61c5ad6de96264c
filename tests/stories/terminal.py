"""A person at a terminal: a program on a pseudo-terminal, its questions read and answered."""

from __future__ import annotations

import os
import re
import select
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 60.0  # seconds
_CODES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@dataclass
class Terminal:
    """What a program wrote to it, without colours (``raw``: with them), and the way to answer."""

    process: int
    descriptor: int
    seen: str = ""
    raw: str = ""
    _read: int = field(default=0)

    def until(self, text: str) -> str:
        """Read on until `text` was written; what stood before it."""
        end = time.monotonic() + PATIENCE
        while (at := self.seen.find(text, self._read)) < 0:
            assert time.monotonic() < end, f"{text!r} was not written; seen: {self.seen[self._read :]!r}"
            if not self._more(1.0):
                raise AssertionError(f"ended before {text!r}: {self.seen[self._read :]!r}")
        before, self._read = self.seen[self._read : at], at + len(text)
        return before

    def type(self, line: str) -> None:
        """Type a line."""
        os.write(self.descriptor, f"{line}\n".encode())

    def end(self) -> int:
        """Read to the end; the exit code."""
        while self._more(PATIENCE):
            pass
        _, status = os.waitpid(self.process, 0)
        return os.waitstatus_to_exitcode(status)

    def _more(self, patience: float) -> bool:
        """Read what is there; False at the end of it."""
        if select.select([self.descriptor], [], [], patience)[0]:
            try:
                got = os.read(self.descriptor, 65536)
            except OSError:  # Linux's way to say that the other side is closed
                return False
            self.raw += got.decode(errors="replace")
            self.seen += _CODES.sub("", got.decode(errors="replace")).replace("\r\n", "\n")
            return bool(got)
        return True


@contextmanager
def at_terminal(*arguments: str, home: Path, environ: Mapping[str, str] = os.environ) -> Iterator[Terminal]:
    """`digestbot` with these arguments, on a terminal of 80 columns."""
    import pty

    root = str(Path(__file__).parents[2])
    told = {**environ, "PYTHONPATH": root, "COLUMNS": "80", "LINES": "24", "TERM": "xterm"}
    process, descriptor = pty.fork()
    if process == 0:  # pragma: no cover - the other process
        os.chdir(home)
        os.execve(sys.executable, [sys.executable, "-m", "digestbot", *arguments], told)
    try:
        yield Terminal(process, descriptor)
    finally:
        os.close(descriptor)
