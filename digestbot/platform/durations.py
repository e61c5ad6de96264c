"""Stretches of time as people write them in settings: ``3 days``, ``12 hours``."""

from __future__ import annotations

import re
from datetime import timedelta

_WRITTEN = re.compile(r"(\d{1,4}) (minute|hour|day|week)s?")


def duration(text: str) -> timedelta | None:
    """The stretch, None where it is written in another way."""
    found = _WRITTEN.fullmatch(text)
    return timedelta(**{f"{found[2]}s": int(found[1])}) if found else None
