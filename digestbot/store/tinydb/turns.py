"""Turns: the threads of a process use the embedded store one after another, and nobody one that is closed or gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digestbot.model.errors import Problem, StoreError
from digestbot.store.tinydb.lock import WriterLock


class ThreadTurns:
    """What every method of the store in `folder` begins with."""

    def __init__(self, folder: Path, *, read_only: bool) -> None:
        self._folder = folder
        self._turn = threading.RLock()
        self._read_only = read_only
        self._closed = False
        self._lock: WriterLock | None = None

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._turn:
            if self._closed:
                raise StoreError(Problem("is closed", place=str(self._folder)))
            if self._lock is not None:
                self._lock.prove()
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._reading():
            if self._read_only:
                raise StoreError(Problem("was opened for reading only", place=str(self._folder)))
            yield
