"""What a scripted SMTP server can be told to do at a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Drip:
    """An answer sent one byte after another, `pause` seconds between them; endless: again and again."""

    text: str
    pause: float
    endless: bool = False


class Word:
    """A thing to do instead of answering."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


CLOSE = Word("CLOSE")  # close the connection, no answer
STALL = Word("STALL")  # no answer, the connection stays open

Action = str | Drip | Word | None
Step = Action | Sequence[Action]
Script = Mapping[str, Step | Mapping[str, Step]]
