"""A watched folder: each file once, when nobody writes to it any more."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from digestbot.ingest.sources.base import Dump, Memory, Refused
from digestbot.ingest.sources.files import files_in, read_dumps
from digestbot.model.errors import DigestbotError, Problem

_PIECE = 1024 * 1024


class FolderSource:
    """The files in `path` and its folders; archives are unpacked.

    A file is settled when it was last written `settled_for` ago, or, where its time cannot be trusted, looked
    the same at two looks that far apart. A file is known by its content: moved, copied or touched, it is not
    given again; written to, it is. One that holds no dump is told once, and again when it changes. With `whole` all
    files are given whenever one came, changed or went.

    Memory: ``files`` maps paths to [size, mtime in ns, sha256]; ``unsettled`` to [size, mtime in ns, first seen].
    """

    def __init__(
        self, name: str, path: Path, *, settled_for: timedelta = timedelta(seconds=30), whole: bool = False
    ) -> None:
        self.name = name
        self._path, self._settled_for, self._whole = path, settled_for.total_seconds(), whole

    def fetch(self, memory: Memory, now: datetime) -> Iterator[Dump]:
        """The new files, sorted. Raises Refused where there is no such folder."""
        if not self._path.is_dir():
            raise Refused(
                Problem("no such folder", str(self._path), way_out="make it, or name another in sources.toml")
            )
        known: dict[str, list[Any]] = memory.values.setdefault("files", {})
        if self._whole and not self._begun_anew(known, memory, now):
            return
        waiting: dict[str, list[Any]] = memory.values.get("unsettled", {})
        unsettled: dict[str, list[Any]] = {}
        memory.values["unsettled"] = unsettled
        present, digests = set(), {each[2] for each in known.values()}
        for path in files_in(self._path):
            key = str(path.relative_to(self._path))
            try:
                found = path.stat()
            except OSError:
                continue  # gone since it was listed
            present.add(key)
            look = [found.st_size, found.st_mtime_ns]
            if known.get(key, [])[:2] == look:
                continue
            if not self._is_settled(found, waiting.get(key), now):
                first = waiting.get(key, [])
                unsettled[key] = first if first[:2] == look else [*look, now.timestamp()]
                continue
            digest = _digest(path)
            if digest not in digests:
                yield from _told(path)
            if digest is not None:
                known[key] = [*look, digest]
                digests.add(digest)
        for gone in known.keys() - present:
            del known[gone]

    def _begun_anew(self, known: dict[str, list[Any]], memory: Memory, now: datetime) -> bool:
        """Whether all is to be given: files came, changed or went, and none of them is still being written."""
        waiting: dict[str, list[Any]] = memory.values.get("unsettled", {})
        found: dict[str, os.stat_result] = {}
        for path in files_in(self._path):
            with suppress(OSError):  # gone since it was listed
                found[str(path.relative_to(self._path))] = path.stat()
        looks = {key: [each.st_size, each.st_mtime_ns] for key, each in found.items()}
        changed = [key for key, look in looks.items() if known.get(key, [])[:2] != look]
        memory.values["unsettled"] = {
            key: waiting[key] if waiting.get(key, [])[:2] == looks[key] else [*looks[key], now.timestamp()]
            for key in changed
            if not self._is_settled(found[key], waiting.get(key), now)
        }
        if memory.values["unsettled"] or not (changed or known.keys() - looks.keys()):
            return False
        memory.whole = True
        known.clear()
        return True

    def _is_settled(self, found: os.stat_result, seen: list[Any] | None, now: datetime) -> bool:
        if now.timestamp() - found.st_mtime >= self._settled_for:
            return True
        same = seen is not None and seen[:2] == [found.st_size, found.st_mtime_ns]
        return same and seen is not None and now.timestamp() - seen[2] >= self._settled_for


def _told(path: Path) -> Iterator[Dump]:
    try:
        yield from read_dumps(str(path))
    except DigestbotError:
        return  # gone since it was listed


def _digest(path: Path) -> str | None:
    """The sha256 of a file; None where it cannot be read, which its dump says when it is opened."""
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                found.update(piece)
    except OSError:
        return None
    return found.hexdigest()
