"""A durable queue: records as files of a folder, each there, and whole, until it is taken away."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic, TypeVar

from digestbot.platform.files.atomic import replace_file

_CHECKSUM = 64  # hexadecimal digits, before the JSON

Record = TypeVar("Record")


class Damaged(Exception):
    """A file of the queue that holds no record."""


class FileQueue(Generic[Record]):
    """The files of a folder with one ending; any process may put and take. Every method may raise OSError.

    ``read`` makes a record of what was put, and raises ValueError, TypeError or KeyError where it is none.
    """

    def __init__(self, folder: Path, ending: str, read: Callable[[Any], Record]) -> None:
        self._folder = folder
        self._ending = ending
        self._read = read

    def put(self, record: Mapping[str, Any], name: str = "") -> str:
        """Keep a record, on the disk when this returns; its name. The one that has this name is replaced."""
        name = name or f"{time.time_ns():020d}-{os.getpid()}-{secrets.token_hex(4)}"
        said = json.dumps(record).encode()
        replace_file(self.path(name), _checksum(said) + said)
        return name

    def all(self) -> list[tuple[str, Record]]:
        """The records by name, first put first, of what can be read."""
        return [(name, record) for name, record in self._entries() if record is not None]

    def damaged(self) -> list[str]:
        """The names of what cannot be read."""
        return [name for name, record in self._entries() if record is None]

    def get(self, name: str) -> Record | None:
        """The record of this name; None where there is none. Raises Damaged."""
        try:
            data = self.path(name).read_bytes()
        except FileNotFoundError:
            return None
        said = data if data.startswith(b"{") else data[_CHECKSUM + 1 :]  # an earlier version wrote no checksum
        try:
            if said is data or data[: _CHECKSUM + 1] == _checksum(said):
                return self._read(json.loads(said))
        except (ValueError, TypeError, KeyError):
            pass
        raise Damaged(str(self.path(name)))

    def remove(self, name: str) -> bool:
        """It is done with; False when it was not there."""
        try:
            self.path(name).unlink()
        except FileNotFoundError:
            return False
        return True

    def path(self, name: str) -> Path:
        """The file of a record."""
        return self._folder / f"{name}{self._ending}"

    def _entries(self) -> Iterator[tuple[str, Record | None]]:
        """Every name with its record, None for one that is damaged; what goes meanwhile is left out."""
        try:
            with os.scandir(self._folder) as entries:
                names = sorted(each.name for each in entries if each.name.endswith(self._ending))
        except FileNotFoundError:
            return
        for name in (each.removesuffix(self._ending) for each in names):
            try:
                record = self.get(name)
            except Damaged:
                yield name, None
            else:
                if record is not None:
                    yield name, record


def _checksum(said: bytes) -> bytes:
    return sha256(said).hexdigest().encode() + b" "
