"""Letters: the mails that the pages have sent, each a file until it has left, so that no crash loses one."""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from digestbot.model.errors import Problem, StoreError
from digestbot.model.subscribers import folded_address
from digestbot.platform.files.atomic import replace_file

_CHECKSUM = 64  # hexadecimal digits, before the JSON


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
        """What has not left yet, of what can be read. Raises StoreError."""
        return [each for each in self._read() if isinstance(each, QueuedMail)]

    def damaged(self) -> list[Problem]:
        """The letters that cannot be read, which never leave. Raises StoreError."""
        return [each for each in self._read() if isinstance(each, Problem)]

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

    def _read(self) -> Iterator[QueuedMail | Problem]:
        try:
            for path in sorted(self._folder.glob("*.letter")):
                if (letter := _read(path)) is not None:
                    yield letter
        except OSError as error:
            raise self._failed(error) from error

    def _write(self, letter: QueuedMail) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            said = json.dumps(asdict(letter)).encode()
            replace_file(self._path(letter.name), sha256(said).hexdigest().encode() + b" " + said)
        except OSError as error:
            raise self._failed(error) from error

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.letter"

    def _failed(self, error: OSError) -> StoreError:
        return StoreError(Problem(f"a letter cannot be kept: {error.strerror}", str(self._folder)))


def _read(path: Path) -> QueuedMail | Problem | None:
    """The letter in a file, or what is wrong with it; None for one that is gone. Raises OSError."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    said = data if data.startswith(b"{") else data[_CHECKSUM + 1 :]  # an earlier version wrote no checksum
    try:
        if said is not data and data[: _CHECKSUM + 1] != sha256(said).hexdigest().encode() + b" ":
            raise ValueError
        letter = QueuedMail(**json.loads(said))
        if letter.name != path.stem:
            raise ValueError
        letter.may_leave(datetime.fromisoformat(letter.written_at))
        return letter
    except (ValueError, TypeError, AttributeError):
        hint = "remove it; whoever asked for it can ask again"
        return Problem("is damaged: this letter (a confirmation or a link) is not sent", str(path), way_out=hint)
