"""Names as PubMed shortens them, "Takeuchi Y", put the way round that names are shown."""

from __future__ import annotations

import re

from digestbot.readers.text.markup import fold_spaces

_SHORT = re.compile(
    r"(?P<last>.+?) (?P<initials>[^\W\d_a-z]{1,4}(?:-[^\W\d_a-z]{1,2})?)(?P<suffix> (?:Jr|Sr|\d(?:st|nd|rd|th)))?"
)


def short_name(text: str) -> str:
    """ "Y Takeuchi" for "Takeuchi Y"; what has no initials at its end (a group's name) as it is."""
    name = fold_spaces(text)
    found = _SHORT.fullmatch(name)
    return f"{found['initials']} {found['last']}{found['suffix'] or ''}" if found else name
