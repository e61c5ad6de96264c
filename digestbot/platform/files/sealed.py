"""JSON files with their own checksum: what is read is what was written, or it is told that it is not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

_CHECKSUM = "checksum"


def sealed(said: Mapping[str, Any]) -> bytes:
    """An object as a file, with its checksum beside its keys."""
    return json.dumps({**said, _CHECKSUM: _checksum(said)}, ensure_ascii=False, indent=1).encode()


def unsealed(data: bytes, older: Callable[[Any], bool] = lambda _: False) -> Any:
    """What is in such a file, or in an `older` one, which had no checksum. Raises ValueError for what is damaged."""
    said = json.loads(data)
    if older(said):
        return said
    if not isinstance(said, dict) or said.pop(_CHECKSUM, None) != _checksum(said):
        raise ValueError("its checksum is another")
    return said


def _checksum(said: Mapping[str, Any]) -> str:
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
