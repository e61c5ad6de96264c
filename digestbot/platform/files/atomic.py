"""A small file replaced as a whole: written aside, synced, renamed, so that a crash leaves the old or the new."""

from __future__ import annotations

import os
from pathlib import Path

from digestbot.platform import system


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` where `path` is, readable by its owner only; its folder is made so too. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    descriptor = system.open_file(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        system.sync(file.fileno())
    os.replace(new, path)
    system.sync_folder(path.parent)
