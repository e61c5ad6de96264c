"""One writer at a time: a lock on the data folder that dies with its process, and a note of who has it."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import orjson
from filelock import FileLock, Timeout

from digestbot.model.errors import Problem, StoreError, StoreLocked
from digestbot.store.tinydb import files


class WriterLock:
    """The folder's lock, held from here to `release`.

    Raises StoreLocked naming the lock file and who holds it where another process, or another store in
    this one, has the folder open for writing.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / "lock"
        self._holder = folder / "lock.holder"
        # Whichever thread asks first opens the store, and another one closes it.
        self._lock = FileLock(path, timeout=0, mode=0o600, thread_local=False)
        with files.naming(path):
            try:
                self._lock.acquire()
            except Timeout:
                raise StoreLocked(
                    Problem(
                        f"is held by {self._told_by_holder()}",
                        place=str(path),
                        way_out="stop that one first, or wait for it to end; the lock goes with its process",
                    )
                ) from None
        self._path, self._inode = str(path), os.stat(path).st_ino
        note = {"pid": os.getpid(), "host": socket.gethostname(), "since": datetime.now(UTC).isoformat()}
        try:
            with files.naming(self._holder):
                files.write_aside(self._holder, [orjson.dumps(note)])
                os.replace(files.aside(self._holder), self._holder)
        except BaseException:
            self._lock.release()
            raise

    def prove(self) -> None:
        """Raises StoreError where the folder, or the lock in it, was taken away or replaced since.

        What is written to the open files then is in no folder: nobody would find it again.
        """
        try:
            there = os.stat(self._path).st_ino == self._inode
        except OSError:
            there = False
        if not there:
            raise StoreError(
                Problem(
                    "was taken away while it was in use",
                    place=os.path.dirname(self._path),
                    way_out="stop digestbot; put the folder back as it was, or digestbot restore BACKUP",
                )
            )

    def release(self) -> None:
        """Let others have it. Releasing twice is fine."""
        if self._lock.is_locked:
            with suppress(OSError):
                self._holder.unlink()
            self._lock.release()

    def _told_by_holder(self) -> str:
        try:
            note = orjson.loads(self._holder.read_bytes())
            return f"process {note['pid']} on {note['host']}, since {note['since']}"
        except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
            return "another process"
