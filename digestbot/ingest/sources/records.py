"""`data/sources.json`: what is remembered of each source, as of the last dumps that were merged."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from digestbot.ingest.sources.polling import SourceRecord, read, written
from digestbot.model.errors import DigestbotError, Problem
from digestbot.platform.files.atomic import replace_file
from digestbot.platform.files.sealed import sealed, unsealed

_VERSION = 2


def load_records(path: Path) -> dict[str, SourceRecord]:
    """The records by source, none where there is no file. Raises DigestbotError."""
    try:
        data = unsealed(path.read_bytes(), _is_version_1)
        if data["version"] not in (1, _VERSION):
            raise ValueError
        return {name: read(each) for name, each in data["sources"].items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DigestbotError(Problem(f"cannot be read: {reason}", str(path), way_out="check its permissions")) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        hint = "remove it: all sources are fetched anew then, and papers already known stay known"
        raise DigestbotError(Problem("is damaged", str(path), way_out=hint)) from None


def _is_version_1(said: Any) -> bool:
    """It had no checksum."""
    return isinstance(said, dict) and said.keys() == {"version", "sources"} and said["version"] == 1


def save_records(path: Path, records: Mapping[str, SourceRecord]) -> None:
    """Replace the file, all or nothing. Raises DigestbotError."""
    data = {"version": _VERSION, "sources": {name: written(each) for name, each in sorted(records.items())}}
    try:
        replace_file(path, sealed(data))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        hint = "make room, or make its folder writable: the papers are stored, and are fetched once more"
        raise DigestbotError(Problem(f"cannot be written: {reason}", str(path), way_out=hint)) from None
