"""The opinion: what a reader of a subscription thinks of a paper that a digest has shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Liking(StrEnum):
    """``more``: more like this; ``less``: less like this; ``none``: taken back."""

    MORE = "more"
    LESS = "less"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Feedback:
    """The last word of a subscription's readers about the paper at a place of the log. ``at`` is aware."""

    subscription: str
    place: int
    liking: Liking
    at: datetime
