"""Which files of the working directory have changed since one last looked, and what in them."""

from __future__ import annotations

import difflib
import io
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from dotenv import dotenv_values

_SETTINGS = ".env"
_LONGEST = 65_536  # bytes of a file whose text is kept to compare it
_ADDRESS = re.compile(r"://\S+")  # one put into the wrong file may be a password


class Watched:
    """`.env`, `subscriptions/` and `templates/` of a working directory."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._seen = dict(self._look())
        self._texts = {name: self._text(name) for name in self._seen}

    def changed(self) -> list[str]:
        """The files that came, went or changed since the last call, by their names below the directory.

        Raises OSError where they cannot be listed, which is not to say that they are gone.
        """
        before, self._seen = self._seen, dict(self._look())
        return sorted(name for name in before | self._seen if before.get(name) != self._seen.get(name))

    def differences(self, names: Sequence[str]) -> Iterator[str]:
        """What changed in these files since this was last asked of them, line by line; of `.env` names only."""
        for name in names:
            before, after = self._texts.pop(name, ""), self._text(name)
            if name in self._seen:
                self._texts[name] = after
            told = _settings if name == _SETTINGS else _lines
            yield from (f"{name}: {line}" for line in told(before, after))

    def _text(self, name: str) -> str:
        """The file's text; empty where it is gone, unreadable or long."""
        try:
            with open(os.path.join(self._home, name), "rb") as file:
                data = file.read(_LONGEST + 1)
        except OSError:
            return ""
        return data.decode("utf-8", "replace") if len(data) <= _LONGEST else ""

    def _look(self) -> Iterator[tuple[str, tuple[int, int, int]]]:
        for name in self._names():
            try:
                found = os.stat(os.path.join(self._home, name))
            except OSError:
                continue  # gone since it was listed
            yield name, (found.st_mtime_ns, found.st_size, found.st_ino)

    def _names(self) -> Iterator[str]:
        yield _SETTINGS
        with suppress(
            FileNotFoundError, NotADirectoryError
        ):  # as plain names: there may be ten thousand, at every tick
            yield from (
                f"subscriptions/{name}" for name in os.listdir(self._home / "subscriptions") if name.endswith(".toml")
            )
        templates = (path for path in (self._home / "templates").rglob("*") if path.is_file())
        yield from (str(path.relative_to(self._home)) for path in templates)


def _lines(before: str, after: str) -> Iterator[str]:
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    for line in islice(found, 2, None):  # the names of the two come first
        if not line.startswith("@@"):
            yield _ADDRESS.sub("://...", line)


def _settings(before: str, after: str) -> Iterator[str]:
    """The names whose values are others now, never the values."""
    old, new = (dotenv_values(stream=io.StringIO(text), interpolate=False) for text in (before, after))
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name) and name.startswith("DIGESTBOT_"):  # else it may be a value cut in two
            yield f"{name} {'is gone' if name not in new else 'has another value' if name in old else 'is new'}"
