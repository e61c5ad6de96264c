"""The version that every file of the store carries, and the refusal of files that are not ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from digestbot.model.errors import NewerStore, Problem, StoreError

SCHEMA = 4


def refuse_unless_ours(path: Path, head: bytes, name: str) -> dict[str, Any]:
    """A file's head, ``{"digestbot": {...}}``, as it stands in JSON.

    Raises NewerStore for one of a newer version, StoreError where it is no such head, or of another file than `name`.
    """
    try:
        said = orjson.loads(head)["digestbot"]
        schema, kind = int(said["schema"]), said["name"]
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        way_out = "put it back from a backup of the whole folder"
        raise StoreError(
            Problem("does not begin as digestbot writes it", place=str(path), line=1, way_out=way_out)
        ) from error
    if schema > SCHEMA:
        raise NewerStore(
            Problem(
                f"was written by a newer digestbot (version {schema} of the files; this one knows {SCHEMA})",
                place=str(path),
                way_out="upgrade digestbot; an older one never touches it",
            )
        )
    if kind != name:
        raise StoreError(Problem(f"holds {kind!r}, not {name!r}", place=str(path), way_out=f"put the {name} file back"))
    return dict(said)
