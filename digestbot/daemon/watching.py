"""Which files of the working directory have changed since one last looked."""

from __future__ import annotations

from collections.abc import Iterator
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
        for path in self._paths():
            try:
                found = path.stat()
            except OSError:
                continue  # gone since it was listed
            yield str(path.relative_to(self._home)), (found.st_mtime_ns, found.st_size, found.st_ino)

    def _paths(self) -> Iterator[Path]:
        yield self._home / ".env"
        yield from (self._home / "subscriptions").glob("*.toml")
        yield from (path for path in (self._home / "templates").rglob("*") if path.is_file())
