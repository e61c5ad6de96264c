"""Letters: the mails that the pages have sent, each a file until it has left, so that no crash loses one."""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from digestbot.model.errors import Problem, StoreError
from digestbot.model.subscribers import folded_address
from digestbot.platform.files.atomic import replace_file


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
        self._folder = folder
        self.waiting = threading.Event()
        """Set when there may be a letter to send."""
        self.waiting.set()

    def put(self, kind: str, address: str, now: datetime, **values: str) -> None:
        """Have a mail sent: on the disk when this returns. Raises StoreError."""
        name = f"{time.time_ns():020d}-{os.getpid()}-{secrets.token_hex(4)}"
        self._write(QueuedMail(kind, address, now.isoformat(), values, name))
        self.waiting.set()

    def all(self) -> list[QueuedMail]:
        """What has not left yet. Raises StoreError."""
        try:
            paths = sorted(self._folder.glob("*.letter"))
            return [letter for path in paths if (letter := _read(path)) is not None]
        except OSError as error:
            raise self._failed(error) from error

    def later(self, letter: QueuedMail, not_before: datetime) -> None:
        """Try it again from then on. Raises StoreError."""
        self._write(replace(letter, attempts=letter.attempts + 1, not_before=not_before.isoformat()))

    def done(self, letter: QueuedMail) -> None:
        """It has left, or never will. Raises StoreError."""
        try:
            self._path(letter.name).unlink(missing_ok=True)
        except OSError as error:
            raise self._failed(error) from error

    def forget(self, address: str) -> None:
        """Take away what waits for an address. Raises StoreError."""
        for letter in self.all():
            if folded_address(letter.address) == folded_address(address):
                self.done(letter)

    def _write(self, letter: QueuedMail) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(self._path(letter.name), json.dumps(asdict(letter)).encode())
        except OSError as error:
            raise self._failed(error) from error

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.letter"

    def _failed(self, error: OSError) -> StoreError:
        return StoreError(Problem(f"a letter cannot be kept: {error.strerror}", str(self._folder)))


def _read(path: Path) -> QueuedMail | None:
    """The letter in a file; None for one that is gone, or none of ours."""
    try:
        return QueuedMail(**json.loads(path.read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
