"""A row of the table of settings, and how a field of a dataclass is one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from digestbot.platform.settings.kinds import Kind

NAME = "<NAME>"

_D = TypeVar("_D")


@dataclass(frozen=True, slots=True)
class Setting:
    """A row of the table: `words` say what it is, under the heading of the nearest row above that has one.

    One with NAME in its name is many: the field maps what stands there, in lower case, to its value. In the example
    it is ``called``.
    """

    name: str
    kind: Kind[Any]
    words: str
    example: str
    heading: str = ""
    called: str = "LAB"

    @property
    def line(self) -> str:
        """How it may stand in `.env`."""
        return f"{self.name.replace(NAME, self.called)}={self.example}"


def setting(name: str, kind: Kind[Any], default: _D, words: str, example: str = "...", **more: str) -> _D:
    """A field of the table."""
    row = Setting(name, kind, words, example, **more)
    return field(default_factory=lambda: default, metadata={"setting": row})
