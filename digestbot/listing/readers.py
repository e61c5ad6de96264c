"""The kinds of dumps that can be read: one line for each."""

from __future__ import annotations

from collections.abc import Sequence

from digestbot.listing.base import Reader
from digestbot.listing.daily_papers import DailyPapers

READERS: Sequence[Reader] = (DailyPapers(),)
