"""SQL by name: each `.sql` file beside a module holds statements, each under a line ``-- name: ...``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def load(file: str, beside: str = __file__) -> Mapping[str, bytes]:
    """The statements of `file` (``ledger.sql``), which lies beside a module, by their names."""
    text = Path(beside).with_name(file).read_text(encoding="utf-8")
    pieces = _NAME.split(text)[1:]
    return MappingProxyType(
        {name: sql.strip().encode() for name, sql in zip(pieces[::2], pieces[1::2], strict=True)},
    )


def columns(rows: Iterable[tuple[Any, ...]]) -> tuple[list[Any], ...]:
    """Rows as the lists that ``unnest`` takes, one for each column. There has to be a row."""
    return tuple(map(list, zip(*rows, strict=True)))
