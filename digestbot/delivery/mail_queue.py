"""Letters: the mails that the pages have sent, each a file until it has left, so that no crash loses one."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from digestbot.model.errors import Problem, StoreError
from digestbot.model.subscribers import folded_address
from digestbot.platform.files.file_queue import FileQueue


@dataclass(frozen=True, slots=True)
class QueuedMail:
    """One mail to be sent: ``kind`` is its template in `pages/mail/`, ``values`` what stands in it.

    ``name`` is its file's, and its Message-ID's for ever. ``not_before`` (ISO, UTC) is the next attempt.
    """

    kind: str
    address: str
    written_at: str
    values: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    attempts: int = 0
    not_before: str = ""

    def may_leave(self, now: datetime) -> bool:
        """Whether it is time for the next attempt."""
        return not self.not_before or datetime.fromisoformat(self.not_before) <= now


class MailQueue:
    """The letters of a working directory, first written first. Several machines have each their own."""

    def __init__(self, folder: Path) -> None:
        self._files = FileQueue(folder, ".letter", _read)
        self._folder = folder
        self.waiting = threading.Event()
        """Set when there may be a letter to send."""
        self.waiting.set()

    def put(self, kind: str, address: str, now: datetime, **values: str) -> None:
        """Have a mail sent: on the disk when this returns. Raises StoreError."""
        with self._kept():
            self._files.put(asdict(QueuedMail(kind, address, now.isoformat(), values)))
        self.waiting.set()

    def all(self) -> list[QueuedMail]:
        """What has not left yet, of what can be read. Raises StoreError."""
        with self._kept():
            return [replace(letter, name=name) for name, letter in self._files.all()]

    def damaged(self) -> list[Problem]:
        """The letters that cannot be read, which never leave. Raises StoreError."""
        what = "is damaged: this letter (a confirmation or a link) is not sent"
        hint = "remove it; whoever asked for it can ask again"
        with self._kept():
            return [Problem(what, str(self._files.path(name)), way_out=hint) for name in self._files.damaged()]

    def later(self, letter: QueuedMail, not_before: datetime) -> None:
        """Try it again from then on. Raises StoreError."""
        later = replace(letter, attempts=letter.attempts + 1, not_before=not_before.isoformat())
        with self._kept():
            self._files.put(asdict(later), letter.name)

    def done(self, letter: QueuedMail) -> None:
        """It has left, or never will. Raises StoreError."""
        with self._kept():
            self._files.remove(letter.name)

    def forget(self, address: str) -> None:
        """Take away what waits for an address. Raises StoreError."""
        for letter in self.all():
            if folded_address(letter.address) == folded_address(address):
                self.done(letter)

    @contextmanager
    def _kept(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(Problem(f"a letter cannot be kept: {error.strerror}", str(self._folder))) from error


def _read(said: Any) -> QueuedMail:
    """The letter that was put. Raises ValueError or TypeError where it is none."""
    letter = QueuedMail(**said)
    letter.may_leave(datetime.fromisoformat(letter.written_at))
    return letter
