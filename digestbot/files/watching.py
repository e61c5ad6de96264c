"""Which files of the working directory have changed since one last looked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


class Watched:
    """`.env`, `subscriptions/` and `templates/` of a working directory."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._seen = dict(self._look())

    def changed(self) -> list[str]:
        """The files that came, went or changed since the last call, by their names below the directory."""
        before, self._seen = self._seen, dict(self._look())
        return sorted(name for name in before | self._seen if before.get(name) != self._seen.get(name))

    def _look(self) -> Iterator[tuple[str, tuple[int, int, int]]]:
        for name in self._names():
            try:
                found = os.stat(os.path.join(self._home, name))
            except OSError:
                continue  # gone since it was listed
            yield name, (found.st_mtime_ns, found.st_size, found.st_ino)

    def _names(self) -> Iterator[str]:
        yield ".env"
        with suppress(OSError):  # as plain names: there may be ten thousand, at every tick
            yield from (
                f"subscriptions/{name}" for name in os.listdir(self._home / "subscriptions") if name.endswith(".toml")
            )
        templates = (path for path in (self._home / "templates").rglob("*") if path.is_file())
        yield from (str(path.relative_to(self._home)) for path in templates)
